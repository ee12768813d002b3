"""Articles with what was asked of them: sentences, questions, answers, and the sentence that each answer stands in.

Read from SQuAD in the layout of its authors. Source: Rajpurkar et al., SQuAD, 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.networks.checker import corrupt
from rag.networks.checker.verbs import Verbs
from rag.networks.labels import Names, answer_type
from rag.networks.reader.squad import parsed
from rag.text import content_words, sentence_spans, stem
from rag.types import AnswerType


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its answer, and the sentence that holds it."""

    question: str
    answer: str
    kind: AnswerType
    paragraph: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Article:
    """An article as sentences, with what was asked of it."""

    title: str
    paragraphs: tuple[tuple[str, ...], ...]
    asked: tuple[Asked, ...]

    def others(self, asked: Asked) -> list[str]:
        """Return answers of the article that are of the same kind and say something else."""
        mine = stems_of(asked.answer)
        return [
            other.answer
            for other in self.asked
            if other.kind == asked.kind and _alike(asked.answer, other.answer) and not mine & stems_of(other.answer)
        ]

    def names(self) -> list[str]:
        """Return the names in its sentences, each as often as it stands there."""
        return [text[a:b] for paragraph in self.paragraphs for text in paragraph for a, b in corrupt.names(text)]


def read_squad(path: Path) -> list[Article]:
    """Return the articles of a gzipped file in SQuAD's layout.

    Raises:
        InputError: it is missing, or unreadable.
    """
    return parsed(path, articles_of)


def articles_of(data: Sequence[Any]) -> list[Article]:
    """Return the articles of a set in SQuAD's layout, which raises a LookupError or TypeError where it is another."""
    answered = [
        (qa["question"], qa["answers"][0]["text"])
        for article in data
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
        if qa["answers"]
    ]
    known = Names.of(answered)
    return [_article(article, known) for article in data]


def verbs_of(articles: Sequence[Article]) -> Verbs:
    """Return the verbs that the articles use."""
    return Verbs.of(" ".join(paragraph) for article in articles for paragraph in article.paragraphs)


def _article(article: Any, known: Names) -> Article:
    paragraphs, asked = [], []
    for number, paragraph in enumerate(article["paragraphs"]):
        context = paragraph["context"]
        spans = sentence_spans(context)
        paragraphs.append(tuple(" ".join(context[start:end].split()) for start, end in spans))
        for qa in paragraph["qas"]:
            if not qa["answers"]:
                continue
            answer, start = qa["answers"][0]["text"], qa["answers"][0]["answer_start"]
            at = next((i for i, (a, b) in enumerate(spans) if a <= start < b), None)
            if at is not None and start + len(answer) <= spans[at][1]:
                question = " ".join(qa["question"].split())
                asked.append(Asked(question, answer, answer_type(question, answer, known), number, at))
    return Article(article["title"], tuple(paragraphs), tuple(asked))


def _alike(one: str, other: str) -> bool:
    """Tell whether two answers could stand in the same sentence: as long, both names or none, both figures or none."""
    if (
        not one[:1].strip()
        or not other[:1].strip()
        or abs(one.count(" ") - other.count(" ")) > 2
        or other.count(" ") > 7
    ):
        return False
    return one[0].isupper() == other[0].isupper() and any(map(str.isdigit, one)) == any(map(str.isdigit, other))


@lru_cache(maxsize=1 << 16)
def stems_of(text: str) -> frozenset[str]:
    """Return the stems of the telling words of a text."""
    return frozenset(stem(word) for word in content_words(text))
