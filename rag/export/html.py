"""A transcript as one HTML file that needs nothing else: inline style for light and dark, no script, nothing fetched.

A footnote's mark leads to its footnote at the end, and that leads back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from rag.export.layout import Block, Footnote, Kind, Piece, blocks, footnotes
from rag.export.transcript import Transcript

_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1d5c63, #8ccfca); --faint: light-dark(#6b665c, #a8a296); --rule: light-dark(#e4dfd4, #3a3732); }
body { margin: 0; background: light-dark(#fdfcf9, #1a1917); color: light-dark(#23211d, #ece7dc); font: 400 1.08rem/1.6 "Source Serif 4", Georgia, "Times New Roman", serif; }
main { max-width: 42rem; margin: 0 auto; padding: 2.5rem 1.2rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; text-wrap: balance; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.2rem 0 .8rem; padding-top: 1.4rem; border-top: 1px solid var(--rule); }
h3, h4, h5 { font: 600 .85rem/1.4 system-ui, sans-serif; color: var(--faint); margin: 1.4rem 0 .4rem; }
h4 { color: inherit; }
p, li, blockquote { margin: 0 0 .8rem; white-space: pre-line; }
ul, ol { padding-inline-start: 1.4rem; }
blockquote { padding-inline-start: .9rem; border-inline-start: 3px solid var(--rule); }
.date, .remark, .aside { color: var(--faint); }
.remark, .aside { font-style: italic; }
a { color: var(--ink); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
sup { line-height: 0; }
sup a { padding: 0 .15em; font: 600 .9em system-ui, sans-serif; }
:target { background: light-dark(#ffedb0, #544715); border-radius: .2em; }
.footnotes { font-size: .92rem; }
.says { color: var(--faint); }
@media print { main { max-width: none; padding: 0; } h2 { break-after: avoid; } li { break-inside: avoid; } }
"""  # noqa: E501  (style, a rule a line)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # even if something slipped through, it could do nothing
_TAGS: dict[Kind, tuple[str, str]] = {
    "title": ("h1", ""),
    "date": ("p", "date"),
    "question": ("h2", ""),
    "label": ("h3", ""),
    "document": ("h4", ""),
    "page": ("h5", ""),
    "own": ("blockquote", ""),
    "paragraph": ("p", ""),
    "item": ("li", ""),
    "remark": ("p", "remark"),
}


def to_html(transcript: Transcript) -> str:
    """Return a transcript as an HTML file."""
    laid = blocks(transcript)
    title = "".join(_plain(piece) for piece in laid[0].pieces)
    body = "\n".join(_body(laid))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{body}\n{_notes(footnotes(laid))}</main>\n</body>\n</html>\n"
    )


def _body(laid: Iterable[Block]) -> Iterator[str]:
    for is_item, group in groupby(laid, key=lambda block: block.kind == "item"):
        said = "\n".join(_block(block) for block in group)
        yield f"<ul>\n{said}\n</ul>" if is_item else said


def _block(block: Block) -> str:
    tag, style = _TAGS[block.kind]
    named = f' class="{style}"' if style else ""
    return f'<{tag}{named} dir="auto">{"".join(_piece(piece) for piece in block.pieces)}</{tag}>'


def _piece(piece: Piece) -> str:
    if isinstance(piece, Footnote):
        n = piece.number
        return f'<sup><a id="mark-{n}" href="#note-{n}" aria-label="Footnote {n}">{n}</a></sup>'
    if piece.style == "strong":
        return f"<strong>{escape(piece.text)}</strong>"
    return f'<span class="aside">{escape(piece.text)}</span>' if piece.style == "aside" else escape(piece.text)


def _plain(piece: Piece) -> str:
    return "" if isinstance(piece, Footnote) else escape(piece.text)


def _notes(notes: list[Footnote]) -> str:
    if not notes:
        return ""
    items = "\n".join(_note(note) for note in notes)
    return f'<section class="footnotes">\n<h2>Footnotes</h2>\n<ol>\n{items}\n</ol>\n</section>\n'


def _note(note: Footnote) -> str:
    n = note.number
    quote = f": “<bdi>{escape(note.quote)}</bdi>”" if note.quote else ""
    return (
        f'<li id="note-{n}"><b><bdi>{escape(note.document)}</bdi></b>, {escape(note.where)}{quote} '
        f'<span class="says">({escape(note.says)})</span> <a href="#mark-{n}" aria-label="Back to the text">↩</a></li>'
    )
