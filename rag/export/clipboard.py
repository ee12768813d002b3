"""One answer with its sources, for the clipboard: as plain text, and as HTML for programs that take rich text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from rag.export.layout import Block, Footnote, Piece, answer_blocks, footnotes
from rag.types import Answer


def one_answer(answer: Answer) -> str:
    """Return an answer as plain text: its sentences with [1], then the numbered sources."""
    laid = answer_blocks(answer)
    parts: list[str] = []
    for is_item, group in groupby(laid, key=lambda block: block.kind == "item"):
        lines = ["".join(_text(piece) for piece in block.pieces) for block in group]
        parts.append("\n".join(f"- {line}" for line in lines) if is_item else "\n\n".join(lines))
    parts.append("\n".join(_source(note) for note in footnotes(laid)))
    return "\n\n".join(part for part in parts if part)


def one_answer_html(answer: Answer) -> str:
    """Return the same as HTML: no style, link or name, so that it takes on the looks of where it is pasted."""
    laid = answer_blocks(answer)
    notes = "".join(f"<p>{_lines(_source(note))}</p>" for note in footnotes(laid))
    return "".join(_body(laid)) + notes


def _body(laid: Iterable[Block]) -> Iterable[str]:
    for is_item, group in groupby(laid, key=lambda block: block.kind == "item"):
        tag = "li" if is_item else "p"
        said = "".join(f"<{tag}>{''.join(_rich(piece) for piece in block.pieces)}</{tag}>" for block in group)
        yield f"<ul>{said}</ul>" if is_item else said


def _text(piece: Piece) -> str:
    return f" [{piece.number}]" if isinstance(piece, Footnote) else piece.text


def _rich(piece: Piece) -> str:
    if isinstance(piece, Footnote):
        return f"<sup>[{piece.number}]</sup>"
    tag = {"strong": "strong", "aside": "em", "plain": ""}[piece.style]
    said = _lines(piece.text)
    return f"<{tag}>{said}</{tag}>" if tag else said


def _source(note: Footnote) -> str:
    quote = f": “{note.quote}”" if note.quote else ""
    return f"[{note.number}] {note.document}, {note.where}{quote} ({note.says})"


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
