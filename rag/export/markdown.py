"""A transcript as Markdown with `[^1]` footnotes (GitHub, Obsidian, pandoc and others set them).

No character of a document, a user or a model acts as mark-up, nor as what GitHub adds to CommonMark: bare addresses,
@mentions, :emoji: and #numbers. Line ends inside a paragraph or a quote are kept as hard line breaks. Emphasis is left
out where CommonMark could not tell its stars from characters of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.export.layout import Block, Footnote, Kind, Piece, Text, blocks, footnotes
from rag.export.transcript import Transcript

_ANYWHERE = re.compile(r"[\\`*_\[\]<>|~$^]|&(?=#?\w+;)|:(?=//)|(?i:(?<=\bwww)\.)")
# GitHub looks for these after the backslashes are gone, so that only something between helps: an empty comment, which
# no reader sees and which is not copied with the text. Source: github/cmark-gfm, issue 181.
_LATE = re.compile(r"@(?=[\w.-])|#(?=\d)|:(?=(?!\d+:)[\w+-]+:|100:|1234:)")
_NOTHING = "<!-- -->"
_AT_LINE_START = re.compile(r"(?m)^(?:([#+\-=:])|(\d{1,9})([.)]))")
_INDENTS = re.compile(r"(?m)^[ \t]+|[ \t]+$")
_LAST_HASHES = re.compile(r"(?<!\\)#(?=#*$)")  # a heading's would be taken for its end
_HEADINGS: dict[Kind, str] = {"title": "# ", "question": "## ", "label": "### ", "document": "#### ", "page": "##### "}
_STARS = {"strong": "**", "aside": "*"}
# Our own mark-up while the text is escaped. Clean text holds none of these characters.
_OPEN, _CLOSE, _MARK, _BREAK = "\x01", "\x02", "\x03", "\x04"
_OURS = re.compile(f"{_OPEN}(\\*+){_CLOSE}|{_MARK}(\\d+){_MARK}")


def to_markdown(transcript: Transcript) -> str:
    """Return a transcript as Markdown."""
    laid = blocks(transcript)
    parts: list[str] = []
    before: Kind | None = None
    for block in laid:
        if parts:
            parts.append("\n" if block.kind == "item" == before else "\n\n")
        parts.append(_block(block))
        before = block.kind
    notes = "\n\n".join(_definition(footnote) for footnote in footnotes(laid))
    return "".join(parts) + "\n" + (f"\n{notes}\n" if notes else "")


def _block(block: Block) -> str:
    if block.kind == "own":
        return "> " + _inline(block.pieces).replace("\n", "\n> ")
    if block.kind == "item":
        return "- " + _inline(block.pieces).replace("\n", "\n  ")
    if block.kind in {"date", "remark"}:
        return _inline([Text(piece.text, "aside") for piece in block.pieces if isinstance(piece, Text)])
    said = _inline(block.pieces)
    return _HEADINGS[block.kind] + _LAST_HASHES.sub(r"\\#", said) if block.kind in _HEADINGS else said


def _definition(footnote: Footnote) -> str:
    quote = f": “{footnote.quote}”" if footnote.quote else ""
    pieces = (
        Text(footnote.document, "strong"),
        Text(f", {footnote.where}{quote} "),
        Text(f"({footnote.says})", "aside"),
    )
    return f"[^{footnote.number}]: " + _inline(pieces).replace("\n", "\n    ")


def _inline(pieces: Sequence[Piece]) -> str:
    """Return pieces, which begin a line, as Markdown."""
    bare = ["[]" if isinstance(piece, Footnote) else piece.text for piece in pieces]
    said: list[str] = []
    for i, piece in enumerate(pieces):
        if isinstance(piece, Footnote):
            said.append(f"{_MARK}{piece.number}{_MARK}")
            continue
        is_set_off = _can_be_set_off("".join(bare[:i])[-1:], piece.text, "".join(bare[i + 1 :])[:1])
        stars = _STARS.get(piece.style) if is_set_off else None
        said.append(f"{_OPEN}{stars}{_CLOSE}{piece.text}{_OPEN}{stars}{_CLOSE}" if stars else piece.text)
    return _escaped("".join(said))


def _escaped(text: str) -> str:
    """Return Markdown that shows exactly this text, which begins a line, with our own mark-up in it."""
    ours: list[str] = []

    def set_aside(match: re.Match[str]) -> str:
        ours.append(match[1] or f"[^{match[2]}]")
        return _MARK if match[2] else _OPEN

    flush = _INDENTS.sub("", _OURS.sub(set_aside, text))
    flush = _LATE.sub(rf"\g<0>{_BREAK}", flush)
    flush = _ANYWHERE.sub(lambda match: f"\\{match.group()}", flush)
    flush = _AT_LINE_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", flush)
    flush = flush.replace(f"!{_MARK}", f"\\!{_MARK}").replace("\n", "\\\n")  # "![" would begin an image
    flush = flush.replace(_BREAK, _NOTHING)
    waiting = iter(ours)
    return re.sub(f"[{_OPEN}{_MARK}]", lambda _: next(waiting), flush)


def _can_be_set_off(before: str, text: str, after: str) -> bool:
    """Tell whether CommonMark takes stars around `text` for emphasis, between these two characters.

    Source: CommonMark 0.31, 6.2 (left- and right-flanking delimiter runs).
    """
    first, last = text[:1], text[-1:]
    if not text or first.isspace() or last.isspace():
        return False
    return (not _is_punctuation(first) or _sets_apart(before)) and (not _is_punctuation(last) or _sets_apart(after))


def _sets_apart(character: str) -> bool:
    return not character or character.isspace() or _is_punctuation(character)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"
