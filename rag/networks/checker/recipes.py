"""The recipes that pairs are built by: what a good answer says, and the ways in which a wrong one is wrong.

A recipe takes a question with its answer and makes a claim, evidence and label of it, or None where it does not fit.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.networks.checker import corrupt
from rag.networks.checker.articles import Article, Asked, stems_of
from rag.networks.checker.claims import beside, declarative
from rag.networks.checker.pairs import NOT_SUPPORTED, Label
from rag.networks.checker.verbs import Verbs

_MAX_WORDS = 75  # of evidence
_AS_SENTENCE = 0.7  # share of the claims; the others are a question with its answer beside it
_BARE = 0.92  # share of those sentences that nothing is put before
_INTRODUCED = (
    "According to the document, ",
    "The document says that ",
    "The text states that ",
    "Based on the passage, ",
)

Made = tuple[str, str, Label]  # claim, evidence, what it is


@dataclass(frozen=True, slots=True)
class Case:
    """What a recipe works on."""

    article: Article
    asked: Asked
    names: Sequence[str]
    verbs: Verbs
    rng: random.Random

    @property
    def sentence(self) -> str:
        return self.article.paragraphs[self.asked.paragraph][self.asked.sentence]

    def claim(self, answer: str | None = None) -> str:
        """Return a claim that says `answer`, by default the true one."""
        said = self.asked.answer if answer is None else answer
        if self.rng.random() < _AS_SENTENCE and (whole := declarative(self.asked.question, said, self.verbs)):
            return whole if self.rng.random() < _BARE else _introduced(whole, self.rng)
        return beside(self.asked.question, said)

    def window(self) -> str:
        """Return the sentence with the answer, alone or with its neighbours: what stands before matters more."""
        sentences, at = self.article.paragraphs[self.asked.paragraph], self.asked.sentence
        first = max(0, at - self.rng.choice((0, 0, 1, 1, 2)))
        end = min(len(sentences), at + 1 + (self.rng.random() < 0.2))
        while len(" ".join(sentences[first:end]).split()) > _MAX_WORDS and first < at:
            first += 1
        return " ".join(sentences[first:end])


Recipe = Callable[[Case], Made | None]


# ------------------------------------------------------------------------------------------------ supported


def answer(case: Case) -> Made | None:
    return case.claim(), case.window(), "supported"


def own_sentence(case: Case) -> Made | None:
    """As it stands, shorter, or in another order."""
    sentence = case.sentence
    changed = corrupt.shortened(sentence, case.rng) if case.rng.random() < 0.6 else corrupt.reordered(sentence)
    if changed is None and case.rng.random() < 0.7:
        return None
    return (changed or sentence), case.window(), "supported"


def two_sentences(case: Case) -> Made | None:
    """What the evidence says, and its next sentence too."""
    sentences, at = case.article.paragraphs[case.asked.paragraph], case.asked.sentence
    near = [i for i in (at - 1, at + 1) if 0 <= i < len(sentences) and 4 <= len(sentences[i].split()) <= 25]
    if not near:
        return None
    other = case.rng.choice(near)
    claims = [_whole(case), sentences[other]]
    evidence = " ".join(sentences[i] for i in sorted((at, other)))
    return " ".join(claims if case.rng.random() < 0.5 else claims[::-1]), evidence, "supported"


def other_answer_in_both(case: Case) -> Made | None:
    other = _other(case)
    evidence = other and corrupt.exchanged(case.window(), case.asked.answer, other)
    return (case.claim(other), evidence, "supported") if evidence else None


def other_figure_in_both(case: Case) -> Made | None:
    changed = _falsified(case)
    return (changed, case.window().replace(case.sentence, changed), "supported") if changed else None


def denied_in_both(case: Case) -> Made | None:
    changed = corrupt.negated(case.sentence)
    return (changed, case.window().replace(case.sentence, changed), "supported") if changed else None


# --------------------------------------------------------------------------------------------- contradicted


def other_answer(case: Case) -> Made | None:
    """Half of the time one that the evidence holds too, if there is one: only reading tells them apart."""
    other = _other(case)
    return (case.claim(other), case.window(), "contradicted") if other else None


def other_answer_in_evidence(case: Case) -> Made | None:
    other = _other(case)
    evidence = other and corrupt.exchanged(case.window(), case.asked.answer, other)
    return (case.claim(), evidence, "contradicted") if evidence else None


def other_figure(case: Case) -> Made | None:
    changed = _falsified(case)
    return (changed, case.window(), "contradicted") if changed else None


def other_figure_in_evidence(case: Case) -> Made | None:
    changed = _falsified(case)
    return (case.sentence, case.window().replace(case.sentence, changed), "contradicted") if changed else None


def changed_answer(case: Case) -> Made | None:
    """The right answer with another number: 1928 for 1982."""
    other = corrupt.other_number(case.asked.answer, case.rng, known=case.sentence)
    return (case.claim(other), case.window(), "contradicted") if other else None


def denied(case: Case) -> Made | None:
    claim = corrupt.negated(_whole(case))
    return (claim, case.window(), "contradicted") if claim else None


def denied_in_evidence(case: Case) -> Made | None:
    changed = corrupt.negated(case.sentence)
    if changed is None:
        return None
    claim = case.claim() if case.rng.random() < 0.5 and not corrupt.denies(case.sentence) else case.sentence
    return claim, case.window().replace(case.sentence, changed), "contradicted"


# ---------------------------------------------------------------------------------------------- unsupported


def neighbour(case: Case) -> Made | None:
    """Another sentence or two of the same paragraph, without the answer."""
    sentences = case.article.paragraphs[case.asked.paragraph]
    return _beside(case, [s for i, s in enumerate(sentences) if i != case.asked.sentence])


def elsewhere(case: Case) -> Made | None:
    """The sentence of another paragraph that speaks most of what was asked for, and does not hold the answer."""
    asked = stems_of(case.asked.question)
    found = sorted(
        (s for i, p in enumerate(case.article.paragraphs) if i != case.asked.paragraph for s in p),
        key=lambda s: -len(asked & stems_of(s)),
    )
    return _beside(case, found[:4])


def answer_elsewhere(case: Case) -> Made | None:
    """A sentence of another paragraph that holds the answer, and speaks of something else."""
    asked, answer = stems_of(case.asked.question) - stems_of(case.article.title), case.asked.answer.lower()
    found = [
        sentence
        for i, paragraph in enumerate(case.article.paragraphs)
        if i != case.asked.paragraph
        for sentence in paragraph
        if answer in sentence.lower() and len(asked & stems_of(sentence)) <= 0.34 * len(asked)
    ]
    return (case.claim(), case.rng.choice(found), "unsupported") if found and len(answer) > 3 else None


def more_than_is_there(case: Case) -> Made | None:
    """A true sentence, and a second one that the evidence does not hold."""
    other = case.rng.choice(case.rng.choice(case.article.paragraphs))
    window = case.window()
    if (
        other in window
        or len(other.split()) > 25
        or len(stems_of(other) & stems_of(window)) > 0.4 * len(stems_of(other))
    ):
        return None
    said = _whole(case)
    return f"{said} {other}" if case.rng.random() < 0.5 else f"{other} {said}", window, "unsupported"


def wrong_elsewhere(case: Case) -> Made | None:
    """A false or denied claim that the evidence does not speak of: it is not contradicted."""
    other = _other(case)
    claim = case.claim(other) if other and case.rng.random() < 0.6 else corrupt.negated(_whole(case))
    made = neighbour(case)
    return (claim, made[1], "unsupported") if claim and made and not (other and other in made[1]) else None


def other_subject(case: Case) -> Made | None:
    """The question's name is another: whether the evidence contradicts that or is silent cannot be told."""
    window = case.window()
    if any(name in window for name in _names(case.asked.question)):
        claim = corrupt.other_name(case.asked.question, case.names, case.rng, known=window)
        return (beside(claim, case.asked.answer), window, NOT_SUPPORTED) if claim else None
    return None


RECIPES: dict[Recipe, float] = {
    answer: 17,
    own_sentence: 9,
    two_sentences: 4,
    other_answer_in_both: 6,
    other_figure_in_both: 3,
    denied_in_both: 3,
    other_answer: 10,
    other_answer_in_evidence: 5,
    other_figure: 6,
    other_figure_in_evidence: 3,
    changed_answer: 5,
    denied: 5,
    denied_in_evidence: 3,
    neighbour: 9,
    elsewhere: 6,
    answer_elsewhere: 6,
    more_than_is_there: 4,
    wrong_elsewhere: 5,
    other_subject: 3,
}


# -------------------------------------------------------------------------------------------------- helpers


def _introduced(claim: str, rng: random.Random) -> str:
    """Return a claim as language models like to begin theirs."""
    first = claim[0].lower() if claim.startswith(("The ", "A ", "In ")) else claim[0]
    return f"{rng.choice(_INTRODUCED)}{first}{claim[1:]}"


def _other(case: Case) -> str | None:
    """Return a wrong answer of the same kind; one from the evidence if there is one and luck has it."""
    others = case.article.others(case.asked)
    near = [other for other in others if other in case.sentence]
    return case.rng.choice(near if near and case.rng.random() < 0.5 else others) if others else None


def _falsified(case: Case) -> str | None:
    """Return the sentence with another number or another name."""
    window = case.window()
    by_number = corrupt.other_number(case.sentence, case.rng, known=window)
    if by_number and case.rng.random() < 0.6:
        return by_number
    return corrupt.other_name(case.sentence, case.names, case.rng, known=window) or by_number


def _whole(case: Case) -> str:
    """Return a claim that is a sentence."""
    if case.rng.random() < 0.6 and (whole := declarative(case.asked.question, case.asked.answer, case.verbs)):
        return whole
    return case.sentence


def _beside(case: Case, sentences: Sequence[str]) -> Made | None:
    answer = case.asked.answer.lower()
    fitting = [s for s in sentences if answer not in s.lower() and 4 <= len(s.split()) <= _MAX_WORDS]
    if not fitting:
        return None
    n = min(len(fitting), case.rng.choice((1, 1, 2)))
    return case.claim(), " ".join(case.rng.sample(fitting, n)), "unsupported"


def _names(text: str) -> list[str]:
    return [text[start:end] for start, end in corrupt.names(text)]
