"""How well PDFs are read: sentences whole and in order, every word on its page, speed.

    python -m benchmarks.reading            # ../shared/data, or the folder in $FOOTNOTE_DATA

Typeset pages have a known truth: a sentence counts when it stands contiguous and character-exact in the joined text of
the blocks, after one and the same clean-up of both. For words on pages, every word of every passage (of a word broken
over two lines, each piece) is looked up in pdfium's plain text of the page that its span names, both in NFKC without
hyphens, U+FFFE and white space: it must occur there, and as often as the passages have it.
"""

from __future__ import annotations

import gc
import json
import os
import re
import time
import unicodedata
from bisect import bisect_left
from collections import Counter
from pathlib import Path

import pypdfium2

from rag import models
from rag.errors import ModelMissing
from rag.ingest.reading import read_document
from rag.ingest.worker import parse_in_child
from rag.types import ParsedDocument, join_slices

FILINGS = ("3M_2018_10K", "COSTCO_2021_10K", "NETFLIX_2017_10K")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(])")
_SECTION_NUMBER = re.compile(r"^[\dIVXA-Z]{1,5}(?:\.\d+)*\.?\s+")
_FURNITURE = re.compile(r"Running|RUNNING|^(?:Page )?\d{1,2}$", re.M)  # heads and page numbers of these pages
_MARKS = re.compile(r"[-\u2010\u2011\u00ad\ufffe\u200b\u200c\u200d\ufeff\u2060]")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "’": "'", "“": '"', "”": '"'})


def main() -> None:
    """Print all tables."""
    data = Path(os.environ.get("FOOTNOTE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (data / "typeset").is_dir():
        print(f"No data at {data}: set FOOTNOTE_DATA.")
        return
    lexicon = _lexicon()
    typeset = sorted((data / "typeset").glob("*.pdf"))
    filings = [data / "filings" / "pdfs" / f"{name}.pdf" for name in FILINGS]
    print(f"{'document':18} {'sentences':>9} {'exact':>6} {'passages':>9} {'headings':>9} {'extra':>5} {'leaks':>5}")
    totals: dict[str, list[int]] = {"straight": [0, 0, 0], "scrambled": [0, 0, 0]}
    for path in typeset:
        n, exact, in_passages = typeset_row(path, lexicon)
        total = totals["scrambled" if path.name.startswith("scr_") else "straight"]
        total[:] = [total[0] + n, total[1] + exact, total[2] + in_passages]
    for name, (n, exact, in_passages) in totals.items():
        print(f"{name:18} {n:9} {exact / n:6.3f} {in_passages / n:9.3f}")
    print(
        f"\n{'document':18} {'pages':>6} {'pages/CPU-s':>11} {'drop to passages':>17} {'words':>8} {'not on page':>11}"
    )
    for path in [*filings, *typeset]:
        speed_row(path, lexicon)


def _lexicon() -> frozenset[str]:
    try:
        return models.lexicon(models.path_of(models.MINILM))
    except ModelMissing:
        print("No word list: hyphens by the documents' own words.")
        return frozenset()


def read(path: Path, lexicon: frozenset[str]) -> ParsedDocument:
    """Read in this process."""
    document = pypdfium2.PdfDocument(path)
    try:
        return read_document(document, name=path.name, lexicon=lexicon)
    finally:
        document.close()


# -------------------------------------------------------------------------------------------- typeset truth


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


def clean(text: str) -> str:
    """Return the form in which truth and reading are compared: no ligatures, single spaces."""
    return " ".join(text.translate(_LIGATURES).replace("\u00ad", "").split())


# ------------------------------------------------------------------------------------------ words and speed


def speed_row(path: Path, lexicon: frozenset[str]) -> None:
    """Print how fast a file is read, and how many of its words are not on the page they are said to be on."""
    gc.collect()
    started = time.perf_counter()
    parsed = parse_in_child(path, name=path.name, lexicon=lexicon)
    wall = time.perf_counter() - started
    gc.disable()
    started = time.process_time()
    read(path, lexicon)
    cpu = time.process_time() - started
    gc.enable()
    n_words, missing = misplaced(path, parsed)
    speed = f"{len(parsed.pages) / cpu:11.1f} {wall:15.2f} s"
    print(f"{path.stem:18} {len(parsed.pages):6} {speed} {n_words:8} {len(missing):11}", *missing[:5])


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


def squeezed(text: str) -> str:
    """Return text as its words are compared: NFKC, without hyphens, marks of a break, and white space."""
    return "".join(unicodedata.normalize("NFKC", _MARKS.sub("", text)).split())


if __name__ == "__main__":
    main()
