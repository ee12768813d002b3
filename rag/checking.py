"""The claims of an answer, judged: by the support checker where it is there, else by rules alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from rag.answer.support import Judge
from rag.errors import ModelError, ModelMissing
from rag.parts import Parts
from rag.types import Answer, Hit

log = logging.getLogger(__name__)


def judged(parts: Parts, answer: Answer, hits: Sequence[Hit]) -> Answer:
    """Return an answer whose claims have their verdicts, and what is cited for those that had no citation.

    A network that cannot be used is said in the answer's note, and rules judge in its place. An answer in the
    documents' own words needs none, and loads none.
    """
    if answer.abstained or all(claim.verdict == "verbatim" for claim in answer.claims):
        return answer
    started = time.perf_counter()
    known = _short_forms(parts, answer)
    try:
        done = Judge(parts.page_of, parts.checker, known).judged(answer, hits)
    except (ModelMissing, ModelError) as exc:
        log.warning("claims are judged by rules alone: %s", exc)
        done = Judge(parts.page_of, None, known).judged(answer, hits)
        note = f"Its claims were judged by rules alone: {exc}"
        done = replace(done, note=note if done.note is None else f"{done.note} {note}")
    return replace(done, timings=done.timings | {"check": time.perf_counter() - started})


def _short_forms(parts: Parts, answer: Answer) -> str:
    """Return the other forms, short and long, of what question and claims say, as the documents explain them."""
    texts = (answer.question, *(claim.text for claim in answer.claims))
    return "\n".join(other for text in texts for found in parts.acronyms().expansions(text) for other in found.also)
