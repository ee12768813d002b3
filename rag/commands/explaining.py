"""`footnote search --explain`: what the question was taken to ask, and why each passage stands where it does."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from rag.asking import Found
from rag.explain import (
    Above,
    above_next,
    also_words,
    expected,
    hint_words,
    largest,
    pieces,
    shares,
    signed,
    telling_part,
)
from rag.records import search_to_json, understood_to_json
from rag.terminal import printable
from rag.types import Hit, Understood
from rag.wording import page_name

_BAR = 24  # characters of the longest bar
_MOST = 12  # signals that are listed apart
_SHOWN = 500  # characters of a passage
_EIGHTHS = " ▏▎▍▌▋▊▉"
# Around matched words until lines are filled, one character each, of nobody's text: the question's own, other words.
_OWN, _OTHER = ("\ue000", "\ue001"), ("\ue002", "\ue003")
_MARKS = (*_OWN, *_OTHER)
_STYLED = str.maketrans(dict(zip(_MARKS, ("\x1b[1m", "\x1b[22m", "\x1b[4m", "\x1b[24m"), strict=True)))
_UNMARKED = str.maketrans("", "", "".join(_MARKS))
_AROUND = {"own": _OWN, "other": _OTHER, "": ("", "")}
_BRACKETED = str.maketrans(dict(zip(_MARKS, "[]{}", strict=True)))


def explained_to_json(question: str, found: Found) -> dict[str, Any]:
    """Return the line of `footnote search`, with what explains it.

    A hit has besides: `signals`, pairs of name and share of its score; `matched`, pairs of start and end in its text;
    `above_next`: why it stands above the next hit, null for the last.
    """
    line = search_to_json(question, found.hits)
    for hit_line, hit, above in zip(line["hits"], found.hits, above_next(found.hits), strict=True):
        hit_line["signals"] = [[name, round(value, 6)] for name, value in hit.signals]
        hit_line["matched"] = [list(part) for part in hit.matched]
        hit_line["above_next"] = None if above is None else _above_to_json(above)
    return line | {"understood": understood_to_json(found.understood)}


def _above_to_json(above: Above) -> dict[str, Any]:
    return {
        "rank": above.rank,
        "by": round(above.by, 6),
        "signals": [[name, round(value, 6)] for name, value in above.signals],
        "text": above.text,
    }


def explained_text(found: Found) -> str:
    """Return what explains a search, for a person; matched words stand between marks for `put_marked`."""
    understood = [*_understood(found.understood), *_reranked(found)]
    scale = largest(found.hits)
    told = [_hit(hit, above, found, scale) for hit, above in zip(found.hits, above_next(found.hits), strict=True)]
    return "\n\n".join([*(["\n".join(understood)] if understood else []), *(told or ["Nothing was found."])])


def repairs_of(understood: Understood | None) -> list[str]:
    """Return a line for each misspelt word: what was searched for instead, and how to have it otherwise."""
    pairs = () if understood is None else understood.repaired
    return [_plain(f"Searched for: {new} instead of {old} (as typed: --without {_quoted(old)})") for old, new in pairs]


def put_marked(text: str) -> None:
    """Print a result for a person: the question's words are bold on a terminal, and in square brackets elsewhere.

    Other words that were looked for are underlined, or stand in braces.
    """
    marks = _STYLED if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else _BRACKETED
    sys.stdout.write(printable(text).translate(marks) + "\n")
    sys.stdout.flush()


def _understood(understood: Understood) -> Iterator[str]:
    """Yield a line for each kind of thing that the question was taken to ask."""
    if understood.hints:
        hints = "; ".join(map(hint_words, understood.hints))
        yield _plain(f"Understood: {hints} (take one away: --without {_quoted(understood.hints[0].means)})")
    yield from repairs_of(understood)
    for expansion in understood.expansions:
        yield _plain(f"Looked for besides {expansion.said}: {', '.join(expansion.also)} ({expansion.why})")
    if understood.expansions:
        yield f"Marked: {_OWN[0]}words of the question{_OWN[1]}, {_OTHER[0]}other words for them{_OTHER[1]}"
    looked_for = expected(understood)
    if looked_for:
        yield f"Expected: {looked_for}"


def _reranked(found: Found) -> Iterator[str]:
    done = found.reranking
    if done.n_asked:
        yield f"Read once more: {done.n_read} of the {done.n_asked} best passages ({done.seconds:.1f} s)"


def _hit(hit: Hit, above: Above | None, found: Found, scale: float) -> str:
    width = min(100, shutil.get_terminal_size().columns)
    facts = [f"score {hit.score:.2f}"]
    if hit.relevance is not None:
        facts.append(f"relevance {hit.relevance:.0%}")
    head = _plain(f"{hit.rank}. {hit.document}, {page_name(hit.page, hit.label, hit.source)}")
    lines = [
        textwrap.fill(_marked(hit, found.understood), width, initial_indent="   ", subsequent_indent="   "),
        *_bars(hit, scale),
    ]
    if hit.also:
        lines.append(_plain(f"   Also on {also_words(hit)}."))
    if above is not None:
        said = _plain(f"{above.text[:1].upper()}{above.text[1:]}.")
        lines.append(textwrap.fill(said, width, initial_indent="   ", subsequent_indent="   "))
    return "\n".join([f"{head}  ({', '.join(facts)})", *lines])


def _bars(hit: Hit, scale: float) -> Iterator[str]:
    told = shares(hit, most=_MOST)
    name_width = max((len(share.name) for share in told), default=0)
    for share in told:
        yield f"   {_plain(share.name):<{name_width}}  {_bar(share.value / scale):<{_BAR}} {signed(share.value):>6}"


def _bar(part: float) -> str:
    """Return a bar of a length; one of less than nothing is hatched."""
    eighths = round(min(abs(part), 1.0) * _BAR * 8)
    if part < 0:
        return "░" * max(1, eighths // 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _marked(hit: Hit, understood: Understood) -> str:
    """Return the part of a passage that tells most, with marks around the words that are hit."""
    start, end = window = telling_part(hit, _SHOWN)
    marked = "".join(
        f"{_AROUND[piece.of][0]}{_plain(piece.text)}{_AROUND[piece.of][1]}"
        for piece in pieces(hit, understood, window=window)
    )
    return ("… " if start else "") + marked + (" …" if end < len(hit.passage.text) else "")


def _plain(text: str) -> str:
    """Return a text that others wrote without what a terminal would obey, and without our marks."""
    return printable(text).translate(_UNMARKED)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"'
