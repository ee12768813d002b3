"""The report of an exam as HTML: verdict, facts, kinds, misses, pages. Pure; every text of a document is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from html import escape

from rag.exam.items import KINDS, Item, Outcome, Result
from rag.exam.score import (
    MARKS,
    DocumentResult,
    PageMark,
    Score,
    Share,
    by_kind,
    look_words,
    marks_words,
    misses,
    score_of,
)
from rag.types import Box
from ui.cites import Cite, chip_html
from ui.words import count_words, shortened

MAX_DOCUMENTS = 60  # in the list of pages
_MAX_SAID = 220  # characters
_MOST_RUNS = 120
_TELLING: tuple[PageMark, ...] = ("wrong", "unread", "right", "unasked", "empty")  # of several pages in one slot
BoxesOf = Callable[[Item], Sequence[Box]]


def verdict_html(said: str, right: Share) -> str:
    """Return the verdict; it is doubtful where the library is not to be trusted."""
    style = "" if right.value >= 0.85 and right.of >= 10 else " doubtful"
    whole = said.replace(" %", "\u00a0%")  # no line ends within a share
    return f'<p class="fn-exam-verdict{style}">{escape(whole)}</p>'


def facts_html(results: Sequence[Result], *, is_alone: bool) -> str:
    """Return the score and what else was counted. `is_alone`: the library has one document."""
    facts = "".join(
        f"<div{' class=fn-most' if i == 0 else ''}><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for i, (name, value) in enumerate(_facts(score_of(results), is_alone=is_alone))
    )
    return f'<dl class="fn-facts">{facts}</dl>'


def _facts(score: Score, *, is_alone: bool) -> Iterator[tuple[str, str]]:
    low, high = score.right.interval
    yield f"{score.right.n} of {count_words(score.right.of, 'question')}", f"{_percent(score.right.value)} right"
    yield "95 % interval", f"{_percent(low)} to {_percent(high)}"
    yield "right page found first", _percent(score.at_1.value)
    yield "right page among five", _percent(score.at_5.value)
    yield "expected words in the answer", _percent(score.found.value)
    yield "said that it does not know", f"{score.abstained.n}"
    if not is_alone:
        yield "right when asked of its own document", _percent(score.own_right.value)


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def kinds_html(results: Sequence[Result]) -> str:
    """Return a row a kind of question, with a bar."""
    rows = "".join(
        f'<tr><th scope="row">{escape(KINDS[kind])}</th><td class="fn-exam-bar" aria-hidden="true">'
        f'<i style="--fn-share:{score.right.value:.1%}"></i></td>'
        f'<td class="fn-n">{score.right.n} of {score.right.of}</td>'
        f'<td class="fn-n">{score.at_5.n} of {score.at_5.of}</td></tr>'
        for kind, score in by_kind(results).items()
    )
    return (
        '<div class="fn-exam"><h2>By kind of question</h2><table><thead><tr><th scope="col">asked for</th><td></td>'
        '<th scope="col" class="fn-n">right</th><th scope="col" class="fn-n">among five</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def misses_html(
    results: Sequence[Result], boxes_of: BoxesOf, documents: Collection[str]
) -> tuple[str, dict[str, Cite]]:
    """Return the questions that went wrong, with links to both pages, and those links as the viewer needs them.

    Args:
        boxes_of: where on its page the source of a question stands.
        documents: ids of those that are still there.
    """
    missed = misses(results)
    if not missed:
        return (
            '<div class="fn-exam"><h2>Misses</h2><p>None: every question was answered from the right page.</p></div>',
            {},
        )
    cites: dict[str, Cite] = {}
    items = []
    for n, result in enumerate(missed, 1):
        item, said = result.item, result.whole
        cites[f"exam-e{n}"] = _expected(item, boxes_of(item))
        expected = chip_html(f"exam-e{n}", cites[f"exam-e{n}"], names_document=True)
        line = f"<p>expected: {escape(shortened(item.answer, _MAX_SAID))} {expected}</p>"
        items.append(f"<li><b>{escape(item.asked)}</b>{line}{_answered(n, said, cites, documents)}</li>")
    head = f"<h2>Misses ({len(missed)})</h2>"
    return f'<div class="fn-exam">{head}<ul class="fn-exam-misses">{"".join(items)}</ul></div>', cites


def _answered(n: int, said: Outcome, cites: dict[str, Cite], documents: Collection[str]) -> str:
    """Return what was answered instead, and where; it lights nothing there, for only its page is kept."""
    chip = ""
    if said.document_id in documents:
        cites[f"exam-a{n}"] = _cite(said.document_id, said.document, said.page, said.said, "this was answered from")
        chip = chip_html(f"exam-a{n}", cites[f"exam-a{n}"], names_document=True)
    what = "it does not know; nearest" if said.is_abstained else "answered"
    text = escape(shortened(said.said, _MAX_SAID)) or "nothing, or from a document that is gone"
    return f'<p>{what}: <span class="fn-said">{text}</span> {chip}</p>'


def _expected(item: Item, boxes: Sequence[Box]) -> Cite:
    cite = _cite(item.document_id, item.document, item.page, item.answer, "the answer stands here")
    sides = [[box.page, *(round(side, 5) for side in (box.x0, box.y0, box.x1, box.y1))] for box in boxes]
    return cite | {"boxes": sides, "verdict": "verbatim"}


def _cite(document_id: str, document: str, page: int, quote: str, says: str) -> Cite:
    return {
        "n": 0,
        "doc": document_id,
        "document": document,
        "page": page,
        "label": None,
        "source": "text",
        "quote": shortened(quote, _MAX_SAID),
        "verdict": "found",
        "boxes": [],
        "focus": [],
        "figure": None,
        "says": says,
        "gone": False,
        "lost": "",
    }


# ----------------------------------------------------------------------------------------------------- pages


def pages_html(documents: Sequence[DocumentResult]) -> str:
    """Return a strip a document, those to look at first; of many documents only the first."""
    ordered = sorted(documents, key=lambda d: (not d.needs_a_look, not d.right.of))
    legend = "".join(
        f'<li><span class="fn-strip"><i class="{mark}"></i></span>{escape(said)}</li>' for mark, said in MARKS.items()
    )
    rows = "".join(_document_html(document) for document in ordered[:MAX_DOCUMENTS])
    hidden = len(ordered) - MAX_DOCUMENTS
    more = f"<p>and {count_words(hidden, 'more document')}</p>" if hidden > 0 else ""
    return (
        f'<div class="fn-exam"><h2>Pages</h2><ul class="fn-exam-legend">{legend}</ul>'
        f'<ul class="fn-exam-pages">{rows}</ul>{more}</div>'
    )


def _document_html(document: DocumentResult) -> str:
    look = look_words(document)
    said = f'<div class="fn-look">look at it: {escape(look)}</div>' if look else ""
    return (
        f"<li>{escape(document.document.name)}{strip_html(document.marks)}"
        f"<div>{escape(marks_words(document))}</div>{said}</li>"
    )


def strip_html(marks: Sequence[PageMark]) -> str:
    """Return the pages of a document as a strip with a name; of a long one a slot stands for several pages."""
    counts = Counter(marks)
    named = "; ".join(f"{count_words(counts[mark], 'page')}: {said}" for mark, said in MARKS.items() if counts[mark])
    n = min(len(marks), _MOST_RUNS)
    slots = [set(marks[len(marks) * i // n : len(marks) * (i + 1) // n]) for i in range(n)]
    runs = "".join(f'<i class="{next(m for m in _TELLING if m in slot)}" style="flex:1"></i>' for slot in slots)
    return f'<div class="fn-strip" role="img" aria-label="{named}" title="{named}">{runs}</div>'
