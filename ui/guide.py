"""A guide to a document, as HTML: what it is, what it says in short, its key terms, its outline; every line a footnote.

Like answers, it is HTML of its own: what the document says is escaped, and clicks on the footnotes are the viewer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rag import wording
from rag.guide.guide import Entry, Guide, Line, Term
from rag.types import Citation, Document
from ui import words
from ui.cites import Cite, cite_of

_JOINER = "\u2060"  # keeps a footnote on the line of the word before it
_DEFINED = "defined here"
_USED_MOST = "used most here"


def guide_html(guide: Guide, document: Document) -> tuple[str, dict[str, Cite]]:
    """Lay out a guide; return it with the footnotes that the viewer opens, by their names: `g<document's key>-<n>`."""
    desk = _Desk(document)
    parts = [
        _heading(guide, desk),
        _part("In short", _sentences(guide.telling, desk)),
        _part("Key terms", _terms(guide.terms, desk)),
        _outline(guide.outline, desk),
    ]
    return f'<article class="fn-answer fn-guide">{"".join(parts)}</article>', desk.cites


class _Desk:
    """Numbers the footnotes of one guide."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.cites: dict[str, Cite] = {}

    def chip(self, citation: Citation | None, says: str = wording.VERDICT["verbatim"]) -> str:
        """Return the footnote of a citation; nothing where there is none."""
        if citation is None:
            return ""
        key = f"g{self._document.key}-{len(self.cites) + 1}"
        where = wording.page_name(citation.page, citation.label, citation.source)
        here = {"n": 0, "doc": self._document.id, "document": self._document.name}
        self.cites[key] = cite_of(citation, "verbatim", says) | here
        said = escape(f"Footnote: {self._document.name}, {where}: {says}")
        return (
            f'{_JOINER}<a class="fn-chip verbatim" href="#cite-{key}" aria-label="{said}">'
            f"<span>{escape(where)}</span></a>"
        )


def _heading(guide: Guide, desk: _Desk) -> str:
    """Return title, authors, date, length and language."""
    title = f"{escape(guide.title.text)}{desk.chip(guide.title.citation)}"
    facts = [f"{escape(line.text)}{desk.chip(line.citation)}" for line in (guide.by, guide.date) if line is not None]
    facts.append(escape(words.count_words(guide.n_pages, "page")))
    if guide.language is not None:
        facts.append(escape(guide.language))
    return f'<h3 class="fn-question">{title}</h3><p class="fn-note">{" · ".join(facts)}</p>'


def _part(label: str, body: str) -> str:
    return f'<p class="fn-label">{label}</p>{body}' if body else ""


def _sentences(lines: Iterable[Line], desk: _Desk) -> str:
    items = "".join(f"<li>{escape(line.text)}{desk.chip(line.citation)}</li>" for line in lines)
    return f'<ul class="fn-telling">{items}</ul>' if items else ""


def _terms(terms: Sequence[Term], desk: _Desk) -> str:
    items = [
        f"<span>{escape(term.text)}{desk.chip(term.citation, _DEFINED if term.is_defined else _USED_MOST)}</span>"
        for term in terms
    ]
    return f'<p class="fn-terms">{" · ".join(items)}</p>' if items else ""


def _outline(entries: Sequence[Entry], desk: _Desk) -> str:
    if not entries:
        return ""
    items = "".join(
        f'<li style="margin-left:{1.1 * (entry.level - 1):.1f}em">{escape(entry.title)}{desk.chip(entry.citation)}</li>'
        for entry in entries
    )
    return (
        f'<details class="fn-contents"><summary>Outline ({words.count_words(len(entries), "line")})</summary>'
        f'<ul class="fn-outline">{items}</ul></details>'
    )
