"""Why these passages: all that was found for a question, as HTML, with what spoke for each and whether it was used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from rag.explain import (
    Above,
    above_next,
    also_words,
    cited,
    expected,
    largest,
    pieces,
    shares,
    signed,
    telling_part,
)
from rag.types import Answer, Hit, Understood
from ui.cites import Cite, Crops, chip_html

MOST = 10  # signals that get a bar of their own
SHOWN = 360  # characters of a passage
SCORES = (
    "A bar is what one signal adds to the score of a passage, or takes from it; 0 is the middle of all that was found."
)


@dataclass(frozen=True, slots=True)
class Why:
    """The panel as HTML, and how many passages no sentence rests on."""

    html: str
    n_unused: int


def why(answer: Answer, cites: Mapping[int, tuple[str, Cite]], crops: Crops) -> Why:
    """Lay out the hits of an answer: those that it cites first, the others apart, each group in order of rank.

    Args:
        cites: the viewer's footnotes to the hits by rank, with their names.
    """
    used = set() if answer.abstained else cited(answer)
    names_document = len({hit.passage.document_id for hit in answer.hits}) > 1
    items: dict[int, str] = {}
    scale = largest(answer.hits)
    for hit, above in zip(answer.hits, above_next(answer.hits), strict=True):
        name, cite = cites[hit.rank]
        chip = chip_html(name, cite, names_document=names_document)
        picture = "" if hit.rank in used else crops.of(name, cite)
        items[hit.rank] = _item(hit, chip, picture, above, answer.understood, scale)
    groups = [
        ("Cited", [items[rank] for rank in items if rank in used]),
        ("Retrieved, not used", [items[rank] for rank in items if rank not in used]),
    ]
    html = "".join(_group(title, listed) for title, listed in groups if listed)
    if not html:
        return Why("", 0)
    return Why(f'<div class="fn-why">{_foreword(answer)}{html}</div>', len(items) - len(used))


def _foreword(answer: Answer) -> str:
    looked_for = "" if answer.understood is None else expected(answer.understood)
    said = [f"Looked for {looked_for}."] if looked_for else []
    if any(hit.signals for hit in answer.hits):
        said.append(SCORES)
    return f'<p class="fn-note">{escape(" ".join(said))}</p>' if said else ""


def _group(title: str, items: Sequence[str]) -> str:
    return (
        f'<section><h4 class="fn-label">{title} · {len(items)}</h4><ul class="fn-hits">{"".join(items)}</ul></section>'
    )


def _item(hit: Hit, chip: str, picture: str, above: Above | None, understood: Understood | None, scale: float) -> str:
    facts = [f"<b>{hit.rank}</b>{chip}"]
    if hit.relevance is not None:
        facts.append(f"<span>{hit.relevance:.0%} relevant</span>".replace("%", "\u202f%"))
    elif hit.similarity is not None:
        facts.append(f"<span>similarity {hit.similarity:.2f}</span>")
    facts.append(f"<span>score {hit.score:.1f}</span>")
    parts = [f'<div class="fn-found">{"".join(facts)}</div>', _passage(hit, understood), picture, _bars(hit, scale)]
    if above is not None:
        parts.append(f'<p class="fn-above">{escape(above.text[:1].upper() + above.text[1:])}.</p>')
    if hit.also:
        parts.append(f'<p class="fn-above">Also on {escape(also_words(hit))}.</p>')
    return f"<li>{''.join(parts)}</li>"


def _passage(hit: Hit, understood: Understood | None) -> str:
    """Return the part of a passage that tells most, the matched words marked."""
    start, end = window = telling_part(hit, SHOWN)
    marked = "".join(
        f'<mark class="{piece.of}">{escape(piece.text)}</mark>' if piece.of else escape(piece.text)
        for piece in pieces(hit, understood, window=window)
    )
    before, after = "… " if start else "", " …" if end < len(hit.passage.text) else ""
    return f"<p><q>{before}{marked}{after}</q></p>"


def _bars(hit: Hit, scale: float) -> str:
    bars = "".join(
        f'<div><dt>{escape(share.name)}</dt><dd class="{"less" if share.value < 0 else "more"}">'
        f'<i style="width:{100 * min(1.0, abs(share.value) / scale):.0f}%"></i>{signed(share.value)}</dd></div>'
        for share in shares(hit, most=MOST)
    )
    return f'<dl class="fn-bars">{bars}</dl>' if bars else ""
