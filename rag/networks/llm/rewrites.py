"""Follow-up questions as lessons: what was said before, the question, and the question that stands alone.

A rewrite that holds words which nobody said is left out: it would teach to invent. Questions that stand alone are
learnt as well; they stay as they are. Source: Elgohary et al., Can You Unpack That? Learning to Rewrite
Questions-in-Context (CANARD), 2019.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answer.prompts import MODEL_NO_ANSWER, rewrite_turns
from rag.errors import InputError
from rag.networks.examples import part
from rag.networks.llm.examples import Lesson, json_lines
from rag.text import content_words, stems
from rag.types import Turn

CANARD = "rewrite/canard_dev.jsonl.gz"
SOURCE = "CANARD"
_ASIDE = (0, 1)  # parts of ten, of the dialogues
_TOPIC = 0.3  # share in which what the talk is about is named beforehand
_ALONE = 0.12  # share, of the follow-ups, of questions that stay as they are
_SILENCE = "I don't know."
_NAMES = re.compile(r"[a-z] [A-Z][a-z]+")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question within a dialogue, and how a person rewrote it."""

    topic: str
    history: tuple[Turn, ...]
    question: str
    rewrite: str
    group: str  # its dialogue

    @property
    def is_aside(self) -> bool:
        """Tell whether its dialogue is kept for measuring."""
        return part(self.group) in _ASIDE


def read_follow_ups(path: Path) -> list[FollowUp]:
    """Return the follow-ups of a file in the layout of `rewrite/`.

    Raises:
        InputError: there is no such file, or it is none.
    """
    try:
        return [_follow_up(row["history"], row["question"], row["rewrite"]) for row in json_lines(path)]
    except (KeyError, TypeError, ValueError) as exc:
        raise InputError(f"{path} has not the layout of CANARD as it is given ({exc!r}). Take that file.") from exc


def rewrite_lessons(follow_ups: Sequence[FollowUp], alone: Sequence[str], n: int, rng: random.Random) -> list[Lesson]:
    """Return up to n lessons of the dialogues that are learnt.

    Args:
        alone: questions that stand alone; some are learnt after dialogues about other things.
    """
    learnt = [one for one in follow_ups if not one.is_aside]
    rng.shuffle(learnt)
    lessons = [lesson for one in learnt if (lesson := _lesson(one, rng)) is not None]
    named = [question for question in alone if _NAMES.search(question)]
    n_alone = min(round(n * _ALONE), len(named))
    for one, question in zip(learnt, rng.sample(named, n_alone), strict=False):
        turns = tuple(rewrite_turns(one.history or (Turn("system", one.topic),), question))
        lessons.insert(rng.randrange(n), Lesson("rewrite", turns, question, SOURCE, one.group))
    return lessons[:n]


def _lesson(one: FollowUp, rng: random.Random) -> Lesson | None:
    """Return the lesson, with the topic where it is needed; None when even so the rewrite says what nobody did."""
    topic = Turn("system", one.topic)
    for history in [(topic, *one.history)] if rng.random() < _TOPIC else [one.history, (topic, *one.history)]:
        turns = rewrite_turns(history, one.question)
        said = set(stems(turns[-1].text))
        if history and set(stems(" ".join(content_words(one.rewrite)))) <= said:
            return Lesson("rewrite", tuple(turns), one.rewrite, SOURCE, one.group)
    return None


def _follow_up(said: Sequence[str], question: str, rewrite: str) -> FollowUp:
    title, section, *exchanges = (" ".join(text.split()) for text in said)
    turns = []
    for asked, answered in zip(exchanges[::2], exchanges[1::2], strict=True):
        answer = MODEL_NO_ANSWER if answered == _SILENCE else answered
        turns += [Turn("user", asked), Turn("assistant", answer)]
    rewrite = " ".join(rewrite.split())
    return FollowUp(
        f"{title}, {section}",
        tuple(turns),
        " ".join(question.split()),
        rewrite[:1].upper() + rewrite[1:],
        f"{title}|{section}",
    )
