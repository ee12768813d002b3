"""Whether every word of a passage is on the page that it names.

Every word of every passage (of a word broken over two lines, each piece) is looked up in pdfium's plain text of the
page that its span names, both in NFKC without hyphens, U+FFFE and white space: it must occur there, and as often as the
passages have it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from pathlib import Path

import pypdfium2

from benchmarks.reading.common import data, lexicon, read, squeezed
from rag.types import ParsedDocument

FILINGS = ("3M_2018_10K", "COSTCO_2021_10K", "NETFLIX_2017_10K")


def main() -> None:
    """Print a row a document."""
    typeset, filings = data("typeset"), data("filings")
    if typeset is None or filings is None:
        return
    words = lexicon()
    print(f"{'document':18} {'pages':>6} {'words':>8} {'not on page':>11}")
    for path in [*(filings / "pdfs" / f"{name}.pdf" for name in FILINGS), *sorted(typeset.glob("*.pdf"))]:
        parsed = read(path, words)
        n_words, missing = misplaced(path, parsed)
        print(f"{path.stem:18} {len(parsed.pages):6} {n_words:8} {len(missing):11}", *missing[:5])


def misplaced(path: Path, parsed: ParsedDocument) -> tuple[int, list[tuple[int, str]]]:
    """Return the number of words in passages, and (page, word) of those that pdfium does not have on that page."""
    pages = {page.number: page for page in parsed.pages}
    document = pypdfium2.PdfDocument(path)
    plain = {n: squeezed(document[n - 1].get_textpage().get_text_range()) for n in pages}
    document.close()
    used: dict[int, Counter[str]] = {n: Counter() for n in pages}
    for passage in parsed.passages:
        for span in passage.spans:
            page = pages[span.page]
            starts, ends = page.words.starts.tolist(), page.words.ends.tolist()
            within = range(bisect_left(starts, span.start), bisect_left(starts, span.end))
            used[span.page].update(filter(None, (squeezed(page.text[starts[i] : ends[i]]) for i in within)))
    missing = [
        (number, word)
        for number, words in used.items()
        for word, n in words.items()
        if plain[number].count(word) < min(n, plain_most(word))
    ]
    return sum(sum(words.values()) for words in used.values()), missing


def plain_most(word: str) -> int:
    """Return how often a word must be found: short ones overlap themselves in text without spaces ("1.1.1")."""
    return 10**9 if len(word) > 3 else 1


if __name__ == "__main__":
    main()
