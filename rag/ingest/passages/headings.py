"""How deep each heading stands: by the PDF's own outline, its numbering, and the look that it shares with others.

What the outline or a number tells of some headings holds for those set like them; looks are ranked by size, capitals
and weight. The depths of a document are 1, 2, 3 without gaps.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.ingest.passages.setting import PlacedBlock
from rag.types import Heading

_DEEPEST = 6
_DECIMAL = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s")
_LETTERED = re.compile(r"^[A-Z]((?:\.\d{1,2})+)\.?\s")
_SIGN = re.compile(r"^([A-Z]{1,5})(\.?)\s+[\"“‘'(]?[A-Z]")
_ROMAN = re.compile(r"^[IVX]+$")
_PART = re.compile(r"^part\s+(?:[\dIVX]+|[A-Z])\b", re.I)
_CHAPTER = re.compile(r"^(?:chapter|appendix|annex|book|lesson|unit)\s+(?:[\dIVX]+|[A-Z])\b", re.I)
_ITEM = re.compile(r"^(?:section|item|article|note)\s+(?:[\dIVX]+|[A-Z])(?:[A-Z]|\.\d+)*\b", re.I)
_NOT_WORD = re.compile(r"[\W_]+")
_SAME_SIZE = 0.04  # difference of heights that still are one size
_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|tex|dvi|indd|pptx?|xlsx?|html?|qxd|ps)\s*$|^(?:microsoft|untitled|slide 1\b)", re.I
)
_Style = tuple[float, bool, bool]  # size, capitals, bold: larger ones stand above


@dataclass(frozen=True, slots=True)
class _Known:
    """What is told of one heading by its number."""

    scheme: str  # "part", "chapter", "item", "roman", "letter", "decimal"
    depth: int  # of the number within its scheme, from 1: 2 of "4.1"


def heading_levels(blocks: Sequence[PlacedBlock], outline: Sequence[Heading]) -> dict[int, int]:
    """Return the level, from 1, of every heading by its index in `blocks`."""
    headings = [i for i, block in enumerate(blocks) if block.kind == "heading"]
    by_title = {_folded(entry.title): entry.level for entry in reversed(outline)}
    sizes = _sizes([blocks[i].size for i in headings])
    styles: dict[int, _Style] = {}
    for i in headings:
        block = blocks[i]
        styles[i] = sizes[block.size], _is_in_capitals(block.text), block.bold
    told = {i: by_title[folded] for i in headings if (folded := _folded(blocks[i].text)) in by_title}
    numbered = _numbered([(i, blocks[i].text) for i in headings])
    levels = _by_number(numbered, told, styles) | told
    ranked = _by_style(headings, styles, levels)
    return _without_gaps({i: min(levels.get(i, ranked[i]), _DEEPEST) for i in headings})


def _sizes(sizes: Sequence[float]) -> dict[float, float]:
    """Return what each size counts as: sizes that differ by rounding alone count as one."""
    counted: dict[float, float] = {}
    current = 0.0
    for size in sorted(set(sizes), reverse=True):
        if not counted or size < current * (1 - _SAME_SIZE):
            current = size
        counted[size] = current
    return counted


def _is_in_capitals(text: str) -> bool:
    return text.isupper() and sum(map(str.isalpha, text)) > 3


def _numbered(headings: Sequence[tuple[int, str]]) -> dict[int, _Known]:
    """Return what the headings' numbers tell; a number that continues no other is none."""
    has_roman = any((sign := _SIGN.match(text)) and sign.group(1) == "II" for _, text in headings)
    found: dict[int, _Known] = {}
    seen = {0}
    for i, text in headings:
        decimal, sign = _DECIMAL.match(text), _SIGN.match(text)
        if _PART.match(text):
            found[i] = _Known("part", 1)
        elif _CHAPTER.match(text):
            found[i] = _Known("chapter", 1)
        elif _ITEM.match(text):
            found[i] = _Known("item", 1)
        elif decimal:
            first, *others = map(int, decimal.group(1).split("."))
            if others or first - 1 in seen or first - 2 in seen:
                seen.add(first)
                found[i] = _Known("decimal", 1 + len(others))
        elif lettered := _LETTERED.match(text):
            found[i] = _Known("letter", 1 + lettered.group(1).count("."))
        elif sign and has_roman and _ROMAN.match(sign.group(1)) and sign.group(2):
            found[i] = _Known("roman", 1)
        elif (
            sign
            and len(sign.group(1)) == 1
            and (sign.group(2) or "letter" in {known.scheme for known in found.values()})
        ):
            found[i] = _Known("letter", 1)
    return found


def _by_number(numbered: Mapping[int, _Known], told: Mapping[int, int], styles: Mapping[int, _Style]) -> dict[int, int]:
    """Return the levels of numbered headings: schemes nest as they are named, or as the outline has them."""
    counts = Counter(known.scheme for known in numbered.values())
    tops: dict[str, int] = {}
    level = 1
    for scheme in ("part", "chapter", "item", "roman", "decimal"):
        if counts[scheme]:
            tops[scheme] = level
            level += 1
    if counts["decimal"] and counts["chapter"] and not any(k == _Known("decimal", 1) for k in numbered.values()):
        tops["decimal"] = tops["chapter"]  # "Chapter 3" holds "3.1"
    if counts["letter"]:
        tops["letter"] = _top_of_letters(numbered, styles, tops)
    for scheme in tops:
        offsets = Counter(
            told[i] - known.depth + 1 for i, known in numbered.items() if known.scheme == scheme and i in told
        )
        if offsets:
            tops[scheme] = max(1, offsets.most_common(1)[0][0])
    return {i: tops[known.scheme] + known.depth - 1 for i, known in numbered.items()}


def _top_of_letters(numbered: Mapping[int, _Known], styles: Mapping[int, _Style], tops: Mapping[str, int]) -> int:
    """Return the level of "A.": that of the headings set like it (an appendix), else below what stands above it."""
    above = 0
    for i in sorted(numbered):
        known = numbered[i]
        if known == _Known("letter", 1):
            like = {numbered[j].scheme for j in numbered if styles[j] == styles[i] and numbered[j].depth == 1} - {
                "letter"
            }
            return min((tops[scheme] for scheme in like), default=above + 1)
        if known.scheme in tops:
            above = tops[known.scheme]
    return above + 1


def _by_style(headings: Sequence[int], styles: Mapping[int, _Style], levels: Mapping[int, int]) -> dict[int, int]:
    """Return the level that the look of each heading has."""
    told: dict[_Style, Counter[int]] = defaultdict(Counter)
    untold: Counter[_Style] = Counter()
    for i in headings:
        if i in levels:
            told[styles[i]][levels[i]] += 1
        else:
            untold[styles[i]] += 1
    of_style: dict[_Style, int] = {}
    above = 0
    for style in sorted({styles[i] for i in headings}, reverse=True):
        if style not in told:
            lower = [min(counts) for other, counts in told.items() if other < style]
            of_style[style] = max(1, min([above + 1, *lower]))
        else:
            counts = told[style]
            holds_others = len(counts) > 1 or untold[style] > 2 * counts.total()
            of_style[style] = max(counts) + 1 if holds_others else next(iter(counts))
        above = max(above, of_style[style])
    return {i: of_style[styles[i]] for i in headings}


def _without_gaps(levels: Mapping[int, int]) -> dict[int, int]:
    place = {level: n for n, level in enumerate(sorted(set(levels.values())), 1)}
    return {i: place[level] for i, level in levels.items()}


def _folded(title: str) -> str:
    return _NOT_WORD.sub("", title).casefold()


def document_title(metadata_title: str, blocks: Sequence[PlacedBlock], name: str) -> str:
    """Return the document's title: as its metadata has it, else its largest early heading, else its file name."""
    title = " ".join(metadata_title.split())
    if len(title) > 3 and any(c.isalpha() for c in title) and not _FILE_NAME.search(title):
        return title
    early = [block for block in blocks if block.kind == "heading" and block.spans[0].page <= 2 and len(block.text) > 5]
    if early:
        return max(early, key=lambda block: block.size).text
    stem = name[:-4] if name.lower().endswith(".pdf") else name
    return " ".join(stem.replace("_", " ").split()) or name
