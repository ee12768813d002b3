"""A language model over numbered excerpts of the hits; each sentence that it says is then looked up in them.

The model never writes a page. What it says is split into sentences; each is aligned to the sentence of a passage that
supports it, and page, span and boxes follow from where that stands. A sentence that nothing supports stays, and says
so: that is the point of showing it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answer.cite import PageOf, Source, cite, supporting
from rag.answer.excerpts import Excerpt, Rank, excerpts
from rag.answer.language import prompt_room
from rag.answer.prompts import NO_ANSWER, grounded_turns
from rag.answer.spoken import (
    ELLIPSIS,
    NOTHING,
    REPEATED,
    UNFINISHED,
    Said,
    declines,
    is_unfinished,
    sentences_said,
    spoken,
    until_repeated,
)
from rag.answer.telling import telling_part
from rag.types import Answer, Claim, Hit, IsCancelled, LanguageModel, Length, Turn, Verdict

MAX_TOKENS: dict[Length, int] = {"succinct": 60, "normal": 160, "detailed": 400, "close": 200}
STOPPED = "Stopped before it was finished."
_MARGIN = 16  # tokens by which a tokenizer may count parts differently from the whole


def never() -> bool:
    """Tell that nobody cancels."""
    return False


@dataclass(frozen=True, slots=True)
class GenerativeReader:
    """Answers with what a language model makes of the hits. The caller holds the model's turn.

    `rank` orders the sentences of the hits, best first (`ExtractiveReader.rank` does); None: by words alone.
    `max_prompt` is how many tokens are read; None: what the model reads in about two seconds. `style` is how the answer
    should sound, in the user's words.
    """

    model: LanguageModel
    page_of: PageOf
    length: Length = "normal"
    rank: Rank | None = None
    max_prompt: int | None = None
    style: str = ""

    def stream(self, question: str, hits: Sequence[Hit], *, is_cancelled: IsCancelled = never) -> Iterator[str]:
        """Yield the text piece by piece, with the markers that the model writes.

        Raises:
            ModelError: the model cannot be reached or broke off; what was yielded before is kept.
        """
        turns, _ = self.prompt(question, hits)
        yield from spoken(self.model.stream(turns, max_tokens=MAX_TOKENS[self.length], is_cancelled=is_cancelled))

    def cited(self, question: str, hits: Sequence[Hit], text: str, *, note: str | None = None) -> Answer:
        """Return what the model said as an answer: each sentence with the span that supports it, and a verdict.

        `note` says why the text is not whole, if it is not; the end of a text that is cut short is marked by "…".
        """
        text, notes = whole(text, n_tokens=self.model.count(text), length=self.length, note=note)
        said = sentences_said(text)
        has_named = any(one.named is not None for one in said)  # else the excerpts need not be chosen once more
        read = [excerpt.hit for excerpt in self.read_of(question, hits)] if has_named else []
        claims = self._claims(question, [one for one in said if not declines(one.text)], read, hits)
        is_refusal = bool(said) and declines(said[0].text) and not any(claim.citations for claim in claims)
        answer = Answer(
            question, "grounded", NO_ANSWER, (), tuple(hits), abstained=True, model=self.model.name, note=notes
        )
        if is_refusal or not claims:
            return answer if said else replace(answer, note=notes or NOTHING)
        first = next((claim for claim in claims if claim.telling), None)
        short = first.text[slice(*first.telling)] if first and first.telling else None
        return replace(answer, text=with_markers(claims), claims=tuple(claims), abstained=False, short_answer=short)

    # ------------------------------------------------------------------------------------------ prompt

    def prompt(self, question: str, hits: Sequence[Hit]) -> tuple[list[Turn], list[Excerpt]]:
        """Return what the model is told, and the excerpts that it reads, in the order of their numbers."""
        read = self.read_of(question, hits)
        return self._turns(question, read), read

    def read_of(self, question: str, hits: Sequence[Hit]) -> list[Excerpt]:
        """Return the excerpts that the model reads: as many and as long as its prompt has room for."""
        least = sum(self.model.count(turn.text) + _MARGIN for turn in self._turns(question, []))
        most = prompt_room(self.model) if self.max_prompt is None else self.max_prompt
        room = min(most, self.model.n_context - MAX_TOKENS[self.length]) - least
        return excerpts(question, hits, max_tokens=max(room, 0), count=self.model.count, rank=self.rank)

    def _turns(self, question: str, read: Sequence[Excerpt]) -> list[Turn]:
        return grounded_turns(question, [excerpt.text for excerpt in read], self.length, style=self.style)

    # ------------------------------------------------------------------------------------------ claims

    def _claims(self, question: str, said: Sequence[Said], read: Sequence[Hit], hits: Sequence[Hit]) -> list[Claim]:
        """Return a claim a sentence. A span that is cited twice keeps its marker."""
        claims, markers = [], dict[tuple[int, int, int], int]()
        for one in said:
            hint = read[one.named - 1] if one.named is not None and 0 < one.named <= len(read) else None
            sources = _sources(one.text, question, hits, hint)
            citations = []
            for source in sources:
                place = (source.hit.rank, source.start, source.end)
                citations.append(cite(markers.setdefault(place, len(markers) + 1), source, self.page_of))
            is_verbatim = all(source.verbatim for source in sources)
            verdict: Verdict = "unsupported" if not sources else "verbatim" if is_verbatim else "unchecked"
            telling = telling_part(question, one.text) if sources else None
            claims.append(Claim(one.text, tuple(citations), verdict, telling=telling))
        return claims


def _sources(text: str, question: str, hits: Sequence[Hit], hint: Hit | None) -> list[Source]:
    """Return what a sentence rests on: one source, or one for each of its parts between semicolons; [] if one lacks."""
    whole_source = supporting(text, hits, question=question, hint=hint)
    if whole_source is not None:
        return [whole_source]
    parts = [part.strip() for part in text.split(";") if part.strip()]
    found = [supporting(part, hits, question=question, hint=hint) for part in parts] if len(parts) > 1 else []
    return [source for source in found if source is not None] if all(found) else []


def with_markers(claims: Sequence[Claim]) -> str:
    """Return the claims as one text, each with its markers."""
    return " ".join(claim.text + "".join(f" [{citation.marker}]" for citation in claim.citations) for claim in claims)


def whole(text: str, *, n_tokens: int, length: Length, note: str | None) -> tuple[str, str | None]:
    """Return a text without its repetitions, its broken end marked by "…", and what the user should know of it."""
    text, is_repeating = until_repeated(text.strip())
    is_full = n_tokens >= MAX_TOKENS[length] - 1
    if is_unfinished(text) and (note or is_full or is_repeating):
        text += ELLIPSIS
        note = note or (REPEATED if is_repeating else UNFINISHED)
    return text, note or (REPEATED if is_repeating else None)
