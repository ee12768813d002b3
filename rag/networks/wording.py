"""Questions of our own, for what the sets lack: money, percentages, yes or no, lists, and what stands in figures.

wording.toml holds templates with slots, filled here at random. `around` puts a question of a set into other clothes,
so that the kind is learnt and not the style of the set that it comes from.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from rag.types import AnswerType, EvidenceKind

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Worded:
    """A question of our own; `template` tells those apart that were made the same way."""

    question: str
    answer_type: AnswerType
    evidence: EvidenceKind
    template: str


def worded(n_each: int, seed: int) -> Iterator[Worded]:
    """Yield about `n_each` different questions of each template, drawn with the seed."""
    rng = random.Random(seed)
    for made in _file()["questions"]:
        for template in made["templates"]:
            for question in dict.fromkeys(_fill(template, rng) for _ in range(n_each)):
                yield Worded(question, made["answer"], made["evidence"], template)


def around(question: str, rng: random.Random) -> str:
    """Return the question in other clothes: with a company or a period, asked politely, or without what it ends in.

    Neither what is asked for nor where it stands changes.
    """
    bare = question.strip().rstrip("?. ")
    said = bare[:1].lower() + bare[1:] if bare.split(" ")[0].istitle() else bare
    period, company = rng.choice(_file()["slots"]["period"]), rng.choice(_file()["slots"]["company"])
    source = rng.choice((company, "the report", "the document", "the annual report", "this paper", "the text"))
    begin = rng.choice(("Please tell me:", "Question:", "I would like to know:"))
    end = rng.choice(("Answer briefly.", "Give the source.", "Use only the document.", "Explain your answer."))
    return rng.choice(
        (
            f"{bare} {period}?",
            f"{bare} at {company}?",
            f"{bare} according to {source}?",
            f"{period[:1].upper()}{period[1:]}, {said}?",
            f"For {company}, {said}?",
            f"According to {source}, {said}?",
            f"{said}",
            f"{bare.lower()}?",
            f"{begin} {said}?",
            f"{bare}? {end}",
        )
    )


def without_period(question: str) -> str:
    """Return the question without the years and fiscal periods that it names."""
    bare = re.sub(
        r"\b(?:in|for|as of|as at|at|during|from|between|to|of)?\s*(?:the )?(?:years? ended |fiscal (?:years? )?|FY ?)?"
        r"(?:\w+ \d{1,2},? )?(?:19|20)\d\d(?: (?:and|to) (?:19|20)\d\d)*",
        "",
        question,
    )
    return re.sub(r"\s+([?.,])", r"\1", " ".join(bare.split()))


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return tomllib.loads(resources.files("rag.networks").joinpath("wording.toml").read_text(encoding="utf-8"))


def _fill(template: str, rng: random.Random) -> str:
    slots = _file()["slots"]
    while found := _CHOICE.search(template):
        template = template[: found.start()] + rng.choice(found.group(1).split("|")) + template[found.end() :]
    filled = " ".join(_SLOT.sub(lambda slot: rng.choice(slots[slot.group(1)]), template).split())
    return filled[:1].upper() + filled[1:]
