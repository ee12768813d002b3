"""SQuAD's questions as lessons: excerpts like those of use, some of them beside the point, and a sentence with [n].

Three in ten questions get excerpts that do not answer: of other articles, of the same one, or of the very paragraph
without the sentence that answers. Sources: Rajpurkar et al., SQuAD, 2016; Demszky et al., Transforming Question
Answering Datasets Into Natural Language Inference Datasets, 2018 (the sentences that people wrote).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rag.answer.excerpts import by_words, excerpts
from rag.answer.prompts import MODEL_NO_ANSWER, grounded_turns
from rag.errors import InputError
from rag.networks.llm.examples import Count, Lesson, json_lines
from rag.networks.llm.sentences import plain, restored, says, stated
from rag.networks.reader.squad import Article, Question, occurrences
from rag.networks.vectors import VectorCache
from rag.text import fold, sentence_spans
from rag.types import Hit, Length, PageSpan, Passage

QA2D = "qa2d/squad_mturk.jsonl"
SQUAD, PEOPLE = "SQuAD", "QA2D"
_ABSTAINS = 0.3  # share of the questions
_WAYS_TO_ABSTAIN = ("elsewhere", "elsewhere", "article", "article", "paragraph")
_OF_TWENTY: dict[Length, int] = {"normal": 13, "succinct": 3, "close": 2, "detailed": 2}
_LENGTHS = [length for length, n in _OF_TWENTY.items() for _ in range(n)]
_ROOMS = (150, 150, 150, 200, 250, 320)  # tokens of all excerpts together: what use has, and more
_N_EXCERPTS = (2, 3, 3, 3, 4, 5, 6)
_LEAST = 28  # tokens of an excerpt
_FIRST = 0.5  # share in which the right excerpt stands first, as it often does in use; else anywhere
_ELSEWHERE = 0.25  # share in which what is beside the point is of other articles
_LONGEST = {"normal": 45, "succinct": 24, "close": 60, "detailed": 45}  # words of a sentence that is repeated
_NEAREST = 8  # paragraphs of other articles
_END = re.compile(r"[.!?][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, where it was asked, and the sentence that people made of it; empty where they made none."""

    article: int
    question: Question
    said: str = ""


@dataclass(slots=True)
class Answers:
    """Makes lessons of questions.

    Args:
        negatives: question's id -> paragraphs of its article that look like an answer and hold none.
        cache: vectors of questions and paragraphs; what is near in other articles is found by them.
    """

    articles: Sequence[Article]
    negatives: dict[str, list[int]]
    cache: VectorCache
    count: Count
    rng: random.Random
    _near: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def lessons(self, asked: Sequence[Asked]) -> list[Lesson]:
        """Return a lesson for every question of which one can be made."""
        self._find_elsewhere(asked)
        return [lesson for one in asked if (lesson := self._lesson(one)) is not None]

    def _lesson(self, asked: Asked) -> Lesson | None:
        if self.rng.random() < _ABSTAINS:
            return self._abstaining(asked)
        return self._answering(asked, self.rng.choice(_LENGTHS))

    def _answering(self, asked: Asked, length: Length) -> Lesson | None:
        article, question = self.articles[asked.article], asked.question
        paragraph = article.paragraphs[question.paragraph]
        at = _sentence_at(paragraph, question)
        if at is None:
            return None
        is_elsewhere = self.rng.random() < _ELSEWHERE
        n, share = self._sizes()
        beside = self._beside(asked, n - 1, is_elsewhere)
        right = self._excerpt(question.text, paragraph, max(share, self.count(paragraph[slice(*at)]) + 2), at[0])
        if not says(right, question.answers[0]):
            return None
        texts = [self._excerpt(question.text, text, share) for text in beside]
        texts = [text for text in texts if text and not any(says(text, answer) for answer in question.answers)]
        place = 0 if self.rng.random() < _FIRST else self.rng.randrange(len(texts) + 1)
        texts.insert(place, right)
        reply = self._reply(asked, paragraph, at, right, length, place + 1)
        if not reply:
            return None
        source = PEOPLE if asked.said else SQUAD
        turns = tuple(grounded_turns(question.text, texts, length))
        return Lesson("answer", turns, reply, source, article.group, place + 1, question.answers)

    def _abstaining(self, asked: Asked) -> Lesson | None:
        article, question = self.articles[asked.article], asked.question
        n, share = self._sizes()
        way = self.rng.choice(_WAYS_TO_ABSTAIN)
        texts = [
            self._excerpt(question.text, text, share)
            for text in self._beside(asked, n, is_elsewhere=way == "elsewhere")
        ]
        if way == "paragraph":
            texts[:1] = [
                self._excerpt(question.text, _without(article.paragraphs[question.paragraph], question), share)
            ]
            self.rng.shuffle(texts)
        texts = [text for text in texts if text and not any(says(text, answer) for answer in question.answers)]
        if not texts:
            return None
        turns = tuple(grounded_turns(question.text, texts, self.rng.choice(_LENGTHS)))
        return Lesson("abstain", turns, MODEL_NO_ANSWER, SQUAD, article.group)

    # ------------------------------------------------------------------------------------------ excerpts

    def _sizes(self) -> tuple[int, int]:
        """Return how many excerpts there are, and how many tokens each may have."""
        room, n = self.rng.choice(_ROOMS), self.rng.choice(_N_EXCERPTS)
        return n, max(_LEAST, room // n)

    def _excerpt(self, question: str, paragraph: str, max_tokens: int, at: int | None = None) -> str:
        """Return what a model reads of a paragraph: around the sentence that begins at `at`, or looks best."""
        if not paragraph:
            return ""
        hit = _hit(paragraph)
        rank = by_words if at is None else lambda _, hits: [_Place(hits[0], at)]
        found = excerpts(question, [hit], max_tokens=max_tokens, count=self.count, rank=rank)
        return found[0].text if found else ""

    def _beside(self, asked: Asked, n: int, is_elsewhere: bool) -> list[str]:
        """Return n paragraphs that look like an answer and are none, the likeliest among them."""
        if is_elsewhere:
            near = self._near[asked.question.id]
            return [self.articles[a].paragraphs[p] for a, p in self.rng.sample(near, min(n, len(near)))]
        paragraphs = self.articles[asked.article].paragraphs
        hard = self.negatives.get(asked.question.id, [])
        return [paragraphs[p] for p in self.rng.sample(hard, min(n, len(hard)))]

    def _find_elsewhere(self, asked: Sequence[Asked]) -> None:
        """Find the paragraphs of other articles whose meaning is nearest to each question, and that hold no answer."""
        places = [(a, p) for a, article in enumerate(self.articles) for p in range(len(article.paragraphs))]
        of_article = np.array([a for a, _ in places])
        paragraphs = self.cache.vectors([self.articles[a].paragraphs[p] for a, p in places])
        for first in range(0, len(asked), 512):
            some = asked[first : first + 512]
            near = self.cache.vectors([one.question.text for one in some]) @ paragraphs.T  # (n_asked, n_paragraphs)
            for one, scores in zip(some, near, strict=True):
                scores[of_article == one.article] = -1
                best = np.argsort(-scores)[: 4 * _NEAREST]
                answers = [fold(answer) for answer in one.question.answers]
                self._near[one.question.id] = [
                    places[i]
                    for i in best.tolist()
                    if not any(answer in fold(self._paragraph(places[i])) for answer in answers)
                ][:_NEAREST]

    def _paragraph(self, place: tuple[int, int]) -> str:
        return self.articles[place[0]].paragraphs[place[1]]

    # ------------------------------------------------------------------------------------------ replies

    def _reply(self, asked: Asked, paragraph: str, at: tuple[int, int], right: str, length: Length, number: int) -> str:
        """Return what is to be said: direct where it can be, else the sentence that answers; empty: nothing short."""
        question, answer = asked.question, asked.question.answers[0]
        sentence = plain(paragraph[slice(*at)])
        own = sentence if len(sentence.split()) <= _LONGEST[length] else ""
        direct = asked.said or stated(question.text, answer)
        if length == "close":
            return _marked([own], number) if own else ""
        if length == "detailed":
            return _marked([own, *_next(paragraph, at, right)], number) if own else ""
        said = direct or own
        return _marked([said], number) if said else ""


@dataclass(frozen=True, slots=True)
class _Place:
    hit: Hit
    start: int


def read_asked(data: Path, articles: Sequence[Article], n: int, rng: random.Random) -> list[Asked]:
    """Return n questions in random order: first those that people made sentences of, then others, evenly by article.

    Raises:
        InputError: the sentences cannot be read.
    """
    said = _sentences(data / QA2D)
    everyone = [(a, question) for a, article in enumerate(articles) for question in article.questions]
    by_people = []
    for a, question in everyone:
        if question.text in said and question.answers:
            paragraph = articles[a].paragraphs[question.paragraph]
            if text := restored(question.text, question.answers[0], paragraph, said[question.text]):
                by_people.append(Asked(a, question, text))
    rng.shuffle(by_people)
    taken = by_people[: n // 2]
    known = {one.question.id for one in taken}
    others = [Asked(a, question) for a, question in everyone if question.id not in known and question.answers]
    rng.shuffle(others)
    direct = [one for one in others if stated(one.question.text, one.question.answers[0])]
    wanted = n - len(taken)
    asked = [*taken, *direct[: wanted // 4], *others[: wanted - min(len(direct), wanted // 4)]]
    rng.shuffle(asked)
    return asked


def _sentences(path: Path) -> dict[str, list[tuple[int, str]]]:
    """Return the sentences that people made of a question and its answer, with their votes, by question."""
    rows: list[dict[str, Any]] = json_lines(path)
    try:
        return {
            " ".join(row["question"].split()): [(int(votes), str(text)) for votes, text in row["sentences"]]
            for row in rows
        }
    except (KeyError, TypeError, ValueError) as exc:
        raise InputError(f"{path} has not the layout of QA2D ({exc!r}). Take the file as it is given.") from exc


def _hit(paragraph: str) -> Hit:
    passage = Passage(0, paragraph, paragraph, (PageSpan(1, 0, len(paragraph)),))
    return Hit(1, 1.0, passage, "", 1, None)


def _sentence_at(paragraph: str, question: Question) -> tuple[int, int] | None:
    """Return the sentence of a paragraph that holds the answer; None when it holds none, or stands in several."""
    places = occurrences(question.answers[:1], paragraph)
    found = {span for span in sentence_spans(paragraph) for start, end in places if span[0] <= start and end <= span[1]}
    return next(iter(found)) if len(found) == 1 else None


def _without(paragraph: str, question: Question) -> str:
    """Return a paragraph without the sentences that hold an answer."""
    kept = [paragraph[start:end] for start, end in sentence_spans(paragraph)]
    return " ".join(text for text in kept if not any(says(text, answer) for answer in question.answers))


def _next(paragraph: str, at: tuple[int, int], right: str) -> list[str]:
    """Return up to two sentences that follow the one at `at` and were read."""
    after = [" ".join(paragraph[start:end].split()) for start, end in sentence_spans(paragraph) if start >= at[1]]
    return [plain(text) for text in after[:2] if text in right and len(text.split()) <= _LONGEST["detailed"]]


def _marked(sentences: Sequence[str], number: int) -> str:
    """Return sentences with the number of their excerpt before their full stops."""
    return " ".join(_END.sub(lambda end: f" [{number}]{end.group()}", text, count=1) for text in sentences)
