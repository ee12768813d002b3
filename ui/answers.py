"""An answer as HTML, and its footnotes as the viewer needs them.

Answers are HTML rather than markdown: every character that a document or a model wrote is escaped by one function, and
a quote stays verbatim. A footnote is a link `#cite-<message>-<n>`; the viewer hears clicks on those itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from types import MappingProxyType

from rag import wording
from rag.types import Answer, Claim, Hit
from ui import words
from ui.cites import MAX_HIT_QUOTE, Cite, Crops, PaperAt, cite_of, cite_of_hit

_MARK = re.compile(r"\s*\[\d*(?:,\s*\d*)*\]?$|\s*\[\d+(?:,\s*\d+)*\]")
MAX_NAME = 22  # characters of a document in a footnote: a long one drags the word before it to the next line
MAX_NEAREST = 3  # passages that are shown when nothing answers
_NOTHING: Mapping[str, str] = MappingProxyType({})
_JOINER = "\u2060"  # keeps the first footnote on the line of the word before it


@dataclass(frozen=True, slots=True)
class Footnotes:
    """What one message has to say: HTML of the answer, HTML of what was found but not used, the viewer's footnotes."""

    answer: str
    unused: str
    n_unused: int
    cites: dict[str, Cite]


def footnotes(
    answer: Answer,
    key: int | str,
    *,
    documents: Collection[str],
    older: Mapping[str, str] = _NOTHING,
    paper_at: PaperAt | None = None,
) -> Footnotes:
    """Lay out an answer. Footnotes name their documents where there are several of them.

    Args:
        key: what sets this answer's footnotes apart from all others on the page; without a hyphen.
        documents: ids of the documents that are still in the library.
        older: ids of documents that gave way to a newer version, with the name of that.
        paper_at: where pages are served; None: pictures of cited figures are left out.
    """
    there = _Shelf(documents, older)
    crops = Crops(paper_at)
    names_cited = len({citation.document_id for claim in answer.claims for citation in claim.citations}) > 1
    cites: dict[str, Cite] = {}
    chips: list[list[str]] = []
    pictures: list[str] = []  # of the figures that each claim cites
    for claim in answer.claims:
        row, picture = [], ""
        for citation in claim.citations:
            name = f"{key}-{len(cites) + 1}"
            loss = there.loss(citation.document_id, citation.document)
            cites[name] = cite_of(citation, claim.verdict, wording.VERDICT[claim.verdict], loss)
            row.append(_chip(name, cites[name], names_cited and answer.kind != "list"))
            picture += crops.of(name, cites[name])
        chips.append(row)
        pictures.append(picture)
    unused = list(answer.hits[:MAX_NEAREST]) if answer.abstained else _unused(answer)
    names_found = len({hit.passage.document_id for hit in answer.hits}) > 1
    items = []
    for hit in unused:
        name = f"{key}-h{hit.rank}"
        cites[name] = cite_of_hit(hit, there.loss(hit.passage.document_id, hit.document))
        items.append(_hit(name, cites[name], hit, names_found, crops.of(name, cites[name])))
    listed = f'<ul class="fn-hits">{"".join(items)}</ul>' if items else ""
    if answer.abstained:
        nearest = f'<p class="fn-label">Nearest passages</p>{listed}' if items else ""
        body = f'<p class="fn-abstained">{escape(answer.text)}</p>{note_html(answer)}{nearest}'
        return Footnotes(_article(body), "", 0, cites)
    body = _claims(answer, chips, pictures) if answer.claims else f"<p>{escape(answer.text)}</p>"
    return Footnotes(_article(body + note_html(answer)), listed, len(items), cites)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Which documents are still there, and which gave way to a newer version."""

    documents: Collection[str]
    older: Mapping[str, str]

    def loss(self, document_id: str, name: str) -> tuple[str, str] | None:
        """Return why a document cannot be opened, short and as a sentence; None when it can."""
        if document_id in self.documents:
            return None
        if document_id in self.older:
            newer = self.older[document_id]
            called = "" if newer == name else f", {newer}"
            return "older version", f"an older version of {name} said so; the library holds a newer one{called}"
        return "removed", f"{name} was removed from the library"


def summary(answer: Answer) -> str:
    """Return the line under an answer: how much was read, how long it took. Plain text."""
    if answer.kind != "answer" and not answer.hits:
        return f"Read the whole · {words.seconds_words(answer.timings.get('total', 0.0))}"
    pages = {(hit.document, page) for hit in answer.hits for page in hit.passage.pages}
    parts = [words.count_words(len(answer.hits), "passage"), words.count_words(len(pages), "page")]
    if "total" in answer.timings:
        parts.append(words.seconds_words(answer.timings["total"]))
    return "Read " + " · ".join(parts)


def question_html(text: str, *, query: str | None = None) -> str:
    """Return a question as the heading of its answer, with what was looked for where that differs."""
    heading = f'<h3 class="fn-question">{escape(" ".join(text.split()))}</h3>'
    return heading if query is None else f'{heading}<p class="fn-query">Looked for: {escape(query)}</p>'


def label_html(text: str) -> str:
    """Return the small line above an answer that says whose it is."""
    return f'<p class="fn-label">{escape(text)}</p>'


def verdict_html(text: str) -> str:
    """Return the line below a comparison."""
    return f'<p class="fn-verdict" role="note">{escape(text)}</p>'


def error_html(text: str) -> str:
    """Return what is said instead of an answer."""
    return _article(f'<p class="fn-error" role="alert">{escape(text)}</p>')


def _article(body: str) -> str:
    return f'<article class="fn-answer">{body}</article>'


def note_html(answer: Answer) -> str:
    """Return what the user should know of an answer: that it was stopped, or cut short; nothing when there is none."""
    return f'<p class="fn-note">{escape(answer.note)}</p>' if answer.note else ""


def draft_html(text: str) -> str:
    """Return what a model has written so far, as it will stand when it is done; its marks are left for later."""
    shown = " ".join(_MARK.sub("", text).split())
    return _article(f'<p>{escape(shown)}<span class="fn-caret"></span></p>')


def ungrounded_html(answer: Answer, unknown: Sequence[tuple[int, int]]) -> str:
    """Return what the model says without the documents.

    Args:
        unknown: parts of its text, start and end, that no passage holds; they are underlined.
    """
    pieces, at = [], 0
    for start, end in unknown:
        pieces += [escape(answer.text[at:start]), f'<span class="fn-unknown">{escape(answer.text[start:end])}</span>']
        at = end
    pieces.append(escape(answer.text[at:]))
    return _article(f"<p>{''.join(pieces)}</p>{note_html(answer)}")


def _claims(answer: Answer, chips: list[list[str]], pictures: list[str]) -> str:
    """An extractive answer stands sentence by sentence; a written one flows; a list is grouped by page.

    The figures that are cited stand below their sentence, or below all where sentences flow.
    """
    if answer.kind == "list":
        return f"<p>{escape(answer.text)}</p>{''.join(_grouped(answer.claims, chips))}{''.join(pictures)}"
    sentences = [_sentence(claim, row) for claim, row in zip(answer.claims, chips, strict=True)]
    if answer.kind == "outline":
        return f'<ul class="fn-outline">{"".join(f"<li>{sentence}</li>" for sentence in sentences)}</ul>'
    if answer.reader == "extractive":
        return "".join(f"<p>{said}</p>{picture}" for said, picture in zip(sentences, pictures, strict=True))
    return f"<p>{' '.join(sentences)}</p>{''.join(pictures)}"


def _sentence(claim: Claim, row: Sequence[str]) -> str:
    mark = "" if row or claim.verdict != "unsupported" else f'<span class="fn-mark">{wording.UNSUPPORTED}</span>'
    joiner = _JOINER if row or mark else ""
    return f'<span class="fn-claim {claim.verdict}">{_emphasised(claim)}</span>{joiner}{" ".join(row)}{mark}'


def _grouped(claims: Sequence[Claim], chips: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the claims of a list by document, then by page, in their order."""
    pairs = list(zip(claims, chips, strict=True))
    n_documents = len({claim.citations[0].document_id for claim in claims if claim.citations})
    for (_, name), of_document in groupby(pairs, key=_document_of):
        if n_documents > 1:
            yield f'<p class="fn-label">{escape(name)}</p>'
        for where, on_page in groupby(of_document, key=_page_of):
            items = "".join(f"<li>{_sentence(claim, row)}</li>" for claim, row in on_page)
            yield f'<section class="fn-page"><h4>{escape(where)}</h4><ul>{items}</ul></section>'


def _document_of(pair: tuple[Claim, Sequence[str]]) -> tuple[str, str]:
    citations = pair[0].citations
    return (citations[0].document_id, citations[0].document) if citations else ("", "")


def _page_of(pair: tuple[Claim, Sequence[str]]) -> str:
    citations = pair[0].citations
    return wording.page_name(citations[0].page, citations[0].label, citations[0].source) if citations else ""


def _emphasised(claim: Claim) -> str:
    if claim.telling is None:
        return escape(claim.text)
    start, end = claim.telling
    return f"{escape(claim.text[:start])}<strong>{escape(claim.text[start:end])}</strong>{escape(claim.text[end:])}"


def _chip(key: str, cite: Cite, names_document: bool) -> str:
    where = cite["lost"] if cite["gone"] else wording.page_name(cite["page"], cite["label"], cite["source"])
    name = (
        f'<span class="fn-doc">{escape(words.shortened(cite["document"], MAX_NAME))}</span>' if names_document else ""
    )
    kind, n = ("Footnote " + str(cite["n"]) if cite["n"] else "Passage"), cite["n"]
    number = f"<b>{n}</b>" if n else ""
    said = escape(f"{kind}: {cite['document']}, {where}: {cite['says']}")
    style = "gone" if cite["gone"] else cite["verdict"]
    return (
        f'<a class="fn-chip {style}" href="#cite-{key}" aria-label="{said}">'
        f"{number}{name}<span>{escape(where)}</span></a>"
    )


def _hit(key: str, cite: Cite, hit: Hit, names_document: bool, picture: str) -> str:
    quote = escape(words.shortened(hit.passage.text, MAX_HIT_QUOTE))
    return f"<li>{_chip(key, cite, names_document)} <q>{quote}</q>{picture}</li>"


def _unused(answer: Answer) -> list[Hit]:
    """Return the hits that no claim rests on."""
    used = {
        (citation.document_id, span.page, position)
        for claim in answer.claims
        for citation in claim.citations
        for span in citation.spans
        for position in (span.start,)
    }
    return [hit for hit in answer.hits if not any(_holds(hit, *place) for place in used)]


def _holds(hit: Hit, document_id: str, page: int, position: int) -> bool:
    return hit.passage.document_id == document_id and any(
        span.page == page and span.start <= position < span.end for span in hit.passage.spans
    )
