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
from rag.types import Answer, Claim, Verdict
from rag.writing import STOPPED
from ui import words
from ui.cites import MAX_HIT_QUOTE, Cite, Crops, PaperAt, Presence, chip_html, cite_of, cite_of_hit
from ui.why import why

_MARK = re.compile(r"\s*\[\d*(?:,\s*\d*)*\]?$|\s*\[\d+(?:,\s*\d+)*\]")
MAX_NEAREST = 3  # passages that are shown when nothing answers
_NOTHING: Mapping[str, str] = MappingProxyType({})
_STANDS: dict[Verdict, tuple[str, str]] = {  # how a claim stands to the documents: a sign and words
    "verbatim": ("✓", "say so word for word"),
    "supported": ("✓", "support it"),
    "contradicted": ("✗", "say otherwise"),
    "unsupported": ("–", "do not say it"),
    "unchecked": ("?", "not checked"),
}
_JOINER = "\u2060"  # keeps the first footnote on the line of the word before it


@dataclass(frozen=True, slots=True)
class Footnotes:
    """What one message has to say: HTML of the answer, of why these passages were found, and the viewer's footnotes."""

    answer: str
    why: str
    n_unused: int  # passages that were found and not used
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
    there = Presence(documents, older)
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
            cites[name] = cite_of(citation, claim.verdict, wording.verdict_words(claim, citation.support), loss)
            row.append(chip_html(name, cites[name], names_document=names_cited and answer.kind != "list"))
            picture += crops.of(name, cites[name])
        chips.append(row)
        pictures.append(picture)
    hits = {
        hit.rank: (f"{key}-h{hit.rank}", cite_of_hit(hit, there.loss(hit.passage.document_id, hit.document)))
        for hit in answer.hits
    }
    cites |= hits.values()
    nearest = _nearest(answer, hits, crops) if answer.abstained else ""
    found = why(answer, hits, crops)
    if answer.abstained:
        body = f'<p class="fn-abstained">{escape(answer.text)}</p>{note_html(answer)}{left_out_html(answer)}{nearest}'
        return Footnotes(_article(body), found.html, found.n_unused, cites)
    body = _claims(answer, chips, pictures) if answer.claims else f"<p>{escape(answer.text)}</p>"
    body += note_html(answer) + left_out_html(answer)
    return Footnotes(_article(body), found.html, found.n_unused, cites)


def _nearest(answer: Answer, cites: Mapping[int, tuple[str, Cite]], crops: Crops) -> str:
    """Return the first of what was found, where nothing of it answers."""
    names_document = len({hit.passage.document_id for hit in answer.hits}) > 1
    items = []
    for hit in answer.hits[:MAX_NEAREST]:
        name, cite = cites[hit.rank]
        chip = chip_html(name, cite, names_document=names_document)
        quote = escape(words.shortened(hit.passage.text, MAX_HIT_QUOTE))
        items.append(f"<li>{chip} <q>{quote}</q>{crops.of(name, cite)}</li>")
    return f'<p class="fn-label">Nearest passages</p><ul class="fn-hits">{"".join(items)}</ul>' if items else ""


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


def left_out_html(answer: Answer, *, is_open: bool = False) -> str:
    """Return what a model wrote and the documents do not bear out, struck and folded away; nothing when all stayed."""
    if not answer.left_out:
        return ""
    items = "".join(
        f"<li><del>{escape(claim.text)}</del> <small>{escape(wording.why_left_out(claim))}</small></li>"
        for claim in answer.left_out
    )
    label = f"{words.count_words(len(answer.left_out), 'sentence')} left out: not supported by your documents"
    return f'<details class="fn-left"{" open" if is_open else ""}><summary>{label}</summary><ul>{items}</ul></details>'


def unsupported_html(answer: Answer) -> str:
    """Return what is said where the documents' own words, shown above, stand in for what a model wrote."""
    n, model = len(answer.left_out), answer.model or "the model"
    if not n:
        said = f"{model} found no answer in the passages that it read; the documents' own answer is above."
    elif n == 1:
        said = f"The sentence of {model} was not supported; the documents' own answer is above."
    else:
        said = f"None of the {n} sentences of {model} was supported; the documents' own answer is above."
    stopped = f"{STOPPED} " if STOPPED in (answer.note or "") else ""
    return _article(f'<p class="fn-note">{escape(stopped + said)}</p>{left_out_html(answer, is_open=bool(stopped))}')


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


def claim_table(
    answer: Answer,
    key: str,
    *,
    documents: Collection[str],
    older: Mapping[str, str] = _NOTHING,
) -> tuple[str, dict[str, Cite]]:
    """Return the claims of an answer that was written without the documents, each held against them; its footnotes.

    Nothing where nothing was checked. Arguments as for `footnotes`.
    """
    if all(claim.verdict == "unchecked" and not claim.citations for claim in answer.claims):
        return "", {}
    there = Presence(documents, older)
    names_cited = len({citation.document_id for claim in answer.claims for citation in claim.citations}) > 1
    cites: dict[str, Cite] = {}
    rows = []
    for claim in answer.claims:
        chips = []
        for citation in claim.citations:
            name = f"{key}-{len(cites) + 1}"
            loss = there.loss(citation.document_id, citation.document)
            cites[name] = cite_of(citation, claim.verdict, wording.verdict_words(claim, citation.support), loss)
            chips.append(chip_html(name, cites[name], names_document=names_cited))
        sign, stands = _STANDS[claim.verdict]
        why = f"<small>{escape(wording.unsupported_words(claim))}</small>" if claim.lacks and not chips else ""
        stand = f'<span class="fn-stand"><span aria-hidden="true">{sign}</span> {stands}</span>'
        rows.append(
            f'<tr class="{claim.verdict}"><td>{escape(claim.text)}</td><td>{stand}{"".join(chips)}{why}</td></tr>'
        )
    head = '<thead><tr><th scope="col">What the model says alone</th><th scope="col">Your documents</th></tr></thead>'
    return f'<table class="fn-claims">{head}<tbody>{"".join(rows)}</tbody></table>', cites


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
    against = _against(claim)
    mark = f'<span class="fn-mark">{escape(against)}</span>' if against else ""
    joiner = _JOINER if row or mark else ""
    return f'<span class="fn-claim {claim.verdict}">{_emphasised(claim)}</span>{joiner}{" ".join(row)}{mark}'


def _against(claim: Claim) -> str:
    """Return what is said against a sentence, in the open: colours and lines alone do not reach everybody."""
    if claim.verdict == "contradicted":
        return wording.OTHERWISE
    return wording.unsupported_words(claim) if claim.verdict == "unsupported" and not claim.citations else ""


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
