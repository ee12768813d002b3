"""A follow-up question made to stand alone: by the language model where it is taught to and sure, else by rules.

The model is asked only when it is free and loaded, and only for a moment: the search must not wait for it. What it says
is checked word by word, see `rag.retrieve.trusted`; the user sees what is looked for, and can change it.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from rag.answer.language import SharedModel
from rag.answer.prompts import rewrite_turns
from rag.errors import Cancelled, ModelError, ModelMissing
from rag.retrieve import leaning
from rag.retrieve.mentions import names
from rag.retrieve.rewrite import Exchange, Rewritten, standalone
from rag.retrieve.trusted import can_be_trusted, tidied
from rag.types import IsCancelled, LanguageModel, Turn

log = logging.getLogger(__name__)

MAX_TOKENS = 60
MAX_S = 4.0  # that a search waits for a model; then the rules' question is looked for
LEAST_SURE = 0.6  # geometric mean of the probabilities of its tokens
_LARGE = 1_000_000_000  # weights from which a model rewrites well without having been taught
_LONG = 40  # words: a longer question leans on nothing
_LEAST_ROOM = 200  # tokens for what was said before


@runtime_checkable
class Sure(Protocol):
    """A language model that tells how sure it is of what it says."""

    def sure_reply(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> tuple[str, float]:
        """Return the reply, and the mean logarithm of the probabilities of its tokens."""
        ...


def rewritten(
    question: str, history: Sequence[Exchange], shared: SharedModel | None, *, is_cancelled: IsCancelled
) -> Rewritten:
    """Return the question as one that stands alone.

    Args:
        history: the exchanges before it, the oldest first, their questions as they were looked for.
        shared: the language model; None: rules alone.
    """
    by_rules = standalone(question, history)
    leans = by_rules.query != question or may_lean(question)
    if shared is None or not history or not leans or not shared.is_free():
        return by_rules
    deadline = time.monotonic() + MAX_S

    def is_late() -> bool:
        return is_cancelled() or time.monotonic() > deadline

    try:
        with shared.turn(is_late) as model:
            by_model = _asked(model, question, history, is_late) if can_rewrite(model) else None
    except (Cancelled, ModelError, ModelMissing) as exc:
        log.info("rules completed %r: %s", question, exc)
        return by_rules
    if by_model is None or (by_model == question and by_rules.query != question):
        return by_rules  # it left alone what the rules see leaning on something
    return Rewritten(by_model, by="model")


def may_lean(question: str) -> bool:
    """Tell whether a question may leave unsaid what it is about: it names nothing, or says "it" or "that"."""
    if len(question.split()) > _LONG:
        return False
    return not names(question) or leaning.open_pronoun(question) is not None or leaning.points_back(question)


def can_rewrite(model: LanguageModel) -> bool:
    """Tell whether a model is good at this: taught to, or large; of one on a server nothing else is known."""
    n_parameters = getattr(model, "n_parameters", None)
    return bool(getattr(model, "is_tuned", False)) or n_parameters is None or n_parameters >= _LARGE


def _asked(model: LanguageModel, question: str, history: Sequence[Exchange], is_late: IsCancelled) -> str | None:
    """Return what a model makes of a question; None when it is not sure, not to be trusted, or late."""
    turns = rewrite_turns(_said(history, model), question)
    sure = 0.0
    if isinstance(model, Sure):
        text, sure = model.sure_reply(turns, max_tokens=MAX_TOKENS, is_cancelled=is_late)
    else:
        text = "".join(model.stream(turns, max_tokens=MAX_TOKENS, is_cancelled=is_late))
    rewrite = tidied(text)
    if is_late() or sure < math.log(LEAST_SURE) or not can_be_trusted(rewrite, question, history):
        log.debug("not taken: %r for %r (%.2f)", rewrite, question, math.exp(sure))
        return None
    return rewrite


def _said(history: Sequence[Exchange], model: LanguageModel) -> list[Turn]:
    """Return the last exchanges as turns, as many as the model has room for."""
    room = max(_LEAST_ROOM, model.n_context // 4)
    turns: list[Turn] = []
    for exchange in reversed(history):
        pair = [Turn("user", exchange.question)]
        if exchange.answer_text:
            pair.append(Turn("assistant", exchange.answer_text))
        room -= sum(model.count(turn.text) for turn in pair)
        if room < 0 and turns:
            break
        turns = pair + turns
    return turns
