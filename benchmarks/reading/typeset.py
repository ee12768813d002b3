"""Typeset pages with a known truth: sentences whole and in order, headings, running heads that leak.

A sentence counts when it stands contiguous and character-exact in the joined text of the blocks, after one and the same
clean-up of both.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from benchmarks.reading.common import clean, data, lexicon, read
from rag.types import ParsedDocument, join_slices

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(])")
_SECTION_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d+)*\.?|[IVX]+\.|[A-Z]\.)\s+")
_FURNITURE = re.compile(r"Running|RUNNING|^(?:Page )?\d{1,2}$", re.M)  # heads and page numbers of these pages


def main() -> None:
    """Print a row a document."""
    folder = data("typeset")
    if folder is None:
        return
    words = lexicon()
    print(f"{'document':18} {'sentences':>9} {'exact':>6} {'passages':>9} {'headings':>9} {'extra':>5} {'leaks':>5}")
    totals: dict[str, list[int]] = {"straight": [0, 0, 0], "scrambled": [0, 0, 0]}
    for path in sorted(folder.glob("*.pdf")):
        n, exact, in_passages = typeset_row(path, words)
        total = totals["scrambled" if path.name.startswith("scr_") else "straight"]
        total[:] = [total[0] + n, total[1] + exact, total[2] + in_passages]
    for name, (n, exact, in_passages) in totals.items():
        print(f"{name:18} {n:9} {exact / n:6.3f} {in_passages / n:9.3f}")


def typeset_row(path: Path, lexicon: frozenset[str]) -> tuple[int, int, int]:
    """Print one document's row; return sentences, those exact in the pages' text, those exact within one passage."""
    truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    parsed = read(path, lexicon)
    blocks = clean(document_text(parsed))
    passages = [clean(passage.text) for passage in parsed.passages]
    sentences = [clean(s) for kind, text in truth if kind == "p" for s in _SENTENCE.split(text) if len(s) > 20]
    exact = sum(sentence in blocks for sentence in sentences)
    whole = sum(any(sentence in passage for passage in passages) for sentence in sentences)
    headings = Counter(clean(text).casefold() for kind, text in truth if kind == "h")
    found = Counter(clean(_SECTION_NUMBER.sub("", heading.title)).casefold() for heading in parsed.outline)
    n_found = sum((headings & found).values())
    leaks = sum(len(_FURNITURE.findall(page.text)) for page in parsed.pages)
    print(
        f"{path.stem:18} {len(sentences):9} {exact / len(sentences):6.3f} {whole / len(sentences):9.3f} "
        f"{n_found:4}/{sum(headings.values()):<4} {sum(found.values()) - n_found:5} {leaks:5}"
    )
    return len(sentences), exact, whole


def document_text(parsed: ParsedDocument) -> str:
    """Return the text of all pages; a paragraph that goes on over pages is put together by its passages' spans."""
    texts = {page.number: page.text for page in parsed.pages}
    return " ".join(join_slices([texts[s.page][s.start : s.end] for s in p.spans])[0] for p in parsed.passages)


if __name__ == "__main__":
    main()
