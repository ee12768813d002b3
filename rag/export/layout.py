"""A transcript as blocks: headings, paragraphs and list items whose text is broken up by footnotes.

The three files and the clipboard are written from these blocks, so that they all say the same. The text in them is
already clean: what XML forbids is gone, line ends are "\\n".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Literal

from rag.export.transcript import Exchange, Note, Transcript
from rag.export.wording import NEAREST, UNANSWERED, UNTITLED, date_words, doubt, whose_words
from rag.types import Answer, Citation, Claim, Hit
from rag.wording import left_out_words, page_name, verdict_words

MAX_NEAREST = 3  # passages that are shown when nothing answers
MAX_EXTRACT = 300  # characters of each

_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_GAPS = re.compile("[\x0b\x0c]")
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")

Style = Literal["plain", "strong", "aside"]
Kind = Literal["title", "date", "question", "label", "document", "page", "own", "paragraph", "item", "remark"]


@dataclass(frozen=True, slots=True)
class Text:
    """Characters in one style. An aside is ours: no document, user or model said it."""

    text: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote, where its mark stands in the text."""

    number: int  # from 1, through the whole transcript
    document: str
    where: str  # the page, in words
    quote: str  # verbatim; empty where the page as a whole is meant
    says: str  # the verdict, in words


Piece = Text | Footnote


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or an item of a list."""

    kind: Kind
    pieces: tuple[Piece, ...]


def blocks(transcript: Transcript) -> list[Block]:
    """Return the blocks of a transcript, its title and date first."""
    numbers = count(1)
    laid = [_said("title", one_line(transcript.title) or UNTITLED), _said("date", date_words(transcript.date))]
    for item in transcript.items:
        laid += _exchange(item, numbers) if isinstance(item, Exchange) else _note(item, numbers)
    return [block for block in laid if block.pieces]


def answer_blocks(answer: Answer) -> list[Block]:
    """Return the blocks of one answer, without its question; its footnotes are counted from 1."""
    return [block for block in _answer(answer, count(1)) if block.pieces]


def footnotes(laid: Iterable[Block]) -> list[Footnote]:
    """Return the footnotes in their order."""
    return [piece for block in laid for piece in block.pieces if isinstance(piece, Footnote)]


def clean(text: str) -> str:
    """Return the text without characters that XML forbids or nobody can see; every line ends in one newline."""
    return _FORBIDDEN.sub("", _GAPS.sub(" ", _ENDS.sub("\n", text)))


def one_line(text: str) -> str:
    """Return clean text on one line."""
    return " ".join(clean(text).split())


def _said(kind: Kind, text: str) -> Block:
    return Block(kind, (Text(text),))


def _paragraphs(kind: Kind, text: str) -> Iterator[Block]:
    """Yield the paragraphs of a text: what empty lines set apart."""
    yield from (_said(kind, part.strip()) for part in _PARAGRAPHS.split(clean(text)) if part.strip())


def _exchange(exchange: Exchange, numbers: Iterator[int]) -> Iterator[Block]:
    yield _said("question", one_line(exchange.question) or UNTITLED)
    for answer in exchange.answers:
        label = whose_words(answer, is_alone=len(exchange.answers) == 1)
        if label is not None:
            yield _said("label", one_line(label))
        yield from _answer(answer, numbers)
    if exchange.error:
        yield from _paragraphs("remark", exchange.error)
    elif not exchange.answers:
        yield _said("remark", UNANSWERED)


def _note(note: Note, numbers: Iterator[int]) -> Iterator[Block]:
    """A note begins with the question of its answer; one of own words alone with its first line."""
    if note.answer is None:
        first, _, rest = clean(note.text).strip().partition("\n")
        yield _said("question", one_line(first) or UNTITLED)
        yield from _paragraphs("own", rest)
        return
    yield from _exchange(Exchange(note.answer.question, (note.answer,)), numbers)
    if note.text.strip():
        yield _said("label", "Note")
        yield from _paragraphs("own", note.text)


def _answer(answer: Answer, numbers: Iterator[int]) -> Iterator[Block]:
    if answer.abstained:
        yield from _paragraphs("paragraph", answer.text)
        yield from _nearest(answer.hits[:MAX_NEAREST])
    elif answer.kind == "list":
        yield from _paragraphs("paragraph", answer.text)
        yield from _grouped(answer.claims, numbers)
    elif not answer.claims:
        yield from _paragraphs("paragraph", answer.text)
    elif answer.kind == "outline":
        yield from (Block("item", _sentence(claim, numbers)) for claim in answer.claims)
    elif answer.reader == "extractive":
        yield from (Block("paragraph", _sentence(claim, numbers)) for claim in answer.claims)
    else:
        yield Block("paragraph", _flowing(answer.claims, numbers))
    if answer.note:
        yield from _paragraphs("remark", answer.note)
    for claim in answer.left_out:
        yield from _paragraphs("remark", left_out_words(claim))


def _nearest(hits: Sequence[Hit]) -> Iterator[Block]:
    """Yield the passages that came nearest: each begins with where it stands; a long one is cut."""
    if hits:
        yield _said("label", NEAREST)
    for hit in hits:
        where = f"{one_line(hit.document)}, {page_name(hit.page, hit.label, hit.source)}"
        yield _said("item", f"{one_line(where)}: “{_extract(hit.passage.text)}”")


def _extract(text: str) -> str:
    flat = one_line(text)
    if len(flat) <= MAX_EXTRACT:
        return flat
    return flat[:MAX_EXTRACT].rpartition(" ")[0].rstrip() + " …" if " " in flat[:MAX_EXTRACT] else flat[:MAX_EXTRACT]


def _grouped(claims: Sequence[Claim], numbers: Iterator[int]) -> Iterator[Block]:
    """Yield the claims of a list in their order, under their document where there are several, and their page."""
    n_documents = len({claim.citations[0].document_id for claim in claims if claim.citations})
    for (_, name), of_document in groupby(claims, key=_document_of):
        if n_documents > 1 and name:
            yield _said("document", one_line(name))
        for where, on_page in groupby(of_document, key=_page_of):
            if where:
                yield _said("page", one_line(where))
            yield from (Block("item", _sentence(claim, numbers)) for claim in on_page)


def _document_of(claim: Claim) -> tuple[str, str]:
    return (claim.citations[0].document_id, claim.citations[0].document) if claim.citations else ("", "")


def _page_of(claim: Claim) -> str:
    if not claim.citations:
        return ""
    citation = claim.citations[0]
    return page_name(citation.page, citation.label, citation.source)


def _flowing(claims: Sequence[Claim], numbers: Iterator[int]) -> tuple[Piece, ...]:
    """Return the pieces of sentences that make one paragraph."""
    pieces: list[Piece] = []
    for claim in claims:
        pieces += [*([Text(" ")] if pieces else []), *_sentence(claim, numbers)]
    return tuple(pieces)


def _sentence(claim: Claim, numbers: Iterator[int]) -> tuple[Piece, ...]:
    """Return a sentence, what answers in it strong, with its footnotes and what is to be said against it."""
    start, end = claim.telling or (0, 0)
    parts: list[tuple[str, Style]] = [(claim.text[:start], "plain"), (claim.text[start:end], "strong")]
    parts.append((claim.text[end:], "plain"))
    pieces: list[Piece] = [Text(clean(text), style) for text, style in _trimmed(parts)]
    pieces += [_footnote(citation, claim, next(numbers)) for citation in claim.citations]
    against = doubt(claim)
    return (*pieces, *((Text(" "), Text(against, "aside")) if against else ()))


def _trimmed(parts: Sequence[tuple[str, Style]]) -> list[tuple[str, Style]]:
    """Return the parts that hold anything, without white space at the very beginning and end."""
    kept = [(text, style) for text, style in parts if text]
    if kept:
        kept[0] = (kept[0][0].lstrip(), kept[0][1])
        kept[-1] = (kept[-1][0].rstrip(), kept[-1][1])
    return [(text, style) for text, style in kept if text]


def _footnote(citation: Citation, claim: Claim, number: int) -> Footnote:
    where = one_line(page_name(citation.page, citation.label, citation.source))
    if citation.figure is not None:
        where += ", caption of a figure"
    return Footnote(
        number,
        one_line(citation.document),
        where,
        clean(citation.quote).strip(),
        verdict_words(claim, citation.support),
    )
