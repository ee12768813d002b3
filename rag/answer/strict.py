"""Strict mode: of what a model wrote, only what the documents bear out stays. Pure.

In: a model's answer with a verdict for each of its sentences, and the answer in the documents' own words. Out: the
model's answer without the sentences that nothing supports; where none is left, or the model found nothing although the
documents answer, the documents' own words stand in its place. What was left out is kept, so that it can be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.answer.generative import with_markers
from rag.answer.prompts import NO_ANSWER
from rag.types import Answer, Claim

DECLINED = "The model found no answer in the passages that it read; this is the documents' own."
_NOTHING_BORNE_OUT = {
    1: "The model's sentence was not supported; this is the documents' own.",
    2: "None of the model's sentences was supported; this is the documents' own.",
}


def strictly(written: Answer, own: Answer | None) -> Answer:
    """Return what a model wrote without what the documents do not bear out.

    Args:
        written: by a reader that reads passages, judged.
        own: the answer in the documents' own words to the same question; None: there is none to stand in.
    """
    kept = [claim for claim in written.claims if is_borne_out(claim)]
    left_out = tuple(claim for claim in written.claims if not is_borne_out(claim))
    if kept and not left_out:
        return written
    if kept:
        return _shortened(written, kept, left_out)
    if own is None or own.abstained:
        text = written.text if written.abstained else NO_ANSWER
        return replace(written, text=text, claims=(), abstained=True, short_answer=None, left_out=left_out)
    said = _NOTHING_BORNE_OUT[min(2, len(left_out))] if left_out else DECLINED
    note = said if written.note is None else f"{written.note} {said}"
    return replace(
        written,
        text=own.text,
        claims=own.claims,
        abstained=False,
        short_answer=own.short_answer,
        note=note,
        left_out=left_out,
        stands_in=True,
    )


def is_borne_out(claim: Claim) -> bool:
    """Tell whether the documents bear a claim out: by the checker's verdict, or by the rules where none has judged.

    Rules leave a claim unchecked; it has a citation where every number, date and name of it stands.
    """
    return claim.verdict in {"verbatim", "supported"} or (claim.verdict == "unchecked" and bool(claim.citations))


def _shortened(written: Answer, kept: Sequence[Claim], left_out: tuple[Claim, ...]) -> Answer:
    """Return the answer with these claims alone, its footnotes counted anew from 1."""
    markers: dict[int, int] = {}
    claims = [
        replace(
            claim,
            citations=tuple(
                replace(citation, marker=markers.setdefault(citation.marker, len(markers) + 1))
                for citation in claim.citations
            ),
        )
        for claim in kept
    ]
    told = next((claim for claim in claims if claim.telling), None)
    short = told.text[slice(*told.telling)] if told and told.telling else None
    return replace(written, text=with_markers(claims), claims=tuple(claims), short_answer=short, left_out=left_out)
