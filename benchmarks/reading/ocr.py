"""OCR: pages whose text is known are made pictures, read again and compared; and what real scans give.

Of documents in mixed/ one page each that has a text layer of 80 words or more, drawn with a fixed seed, is drawn at 300
dpi, saved as JPEG in a PDF without text, and read as any scan is: drawn at 200 dpi, tesseract, our layout. Truth is
pdfium's plain text of the page. Words are compared as letters and digits without case or accents: recall and precision
count them as often as they occur, order is difflib's ratio of the two sequences.
"""

from __future__ import annotations

import io
import random
import re
import resource
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2

from benchmarks.reading.common import data, lexicon
from rag.errors import NoText
from rag.ingest.ocr.ocr import Ocr
from rag.ingest.ocr.tesseract import readiness
from rag.ingest.reading import read_document, read_page
from rag.types import Page, Words

_SEED = 5
_N_PAGES, _N_SCANS = 16, 24
_LEAST_WORDS = 80
_SCANNED_DPI = 300
_WORD = re.compile(r"[^\W_]+")


class Compared(NamedTuple):
    """How a reading agrees with the truth."""

    n_words: int
    recall: float
    precision: float
    order: float


def main() -> None:
    """Print a row a page, then what the image-only pages of these documents gave."""
    folder = data("mixed")
    ready = readiness("eng")
    if folder is None or ready.tesseract is None:
        print(ready.lacks)
        return
    words = lexicon()
    paths = sorted((folder / "pdfs").glob("*.pdf"))
    chance = random.Random(_SEED)
    known, scans = _candidates(paths, chance)
    print(f"{'page':46} {'words':>6} {'recall':>7} {'precision':>9} {'order':>6} {'sure':>5} {'CPU-s':>6}")
    rows = [_known_row(path, number, words) for path, number in known]
    n_words = sum(row.n_words for row in rows)
    shares = (sum(row.n_words * row[i] for row in rows) / n_words for i in (1, 2, 3))
    print(f"{f'{len(rows)} pages':46} {n_words:6} " + "{:7.3f} {:9.3f} {:6.3f}".format(*shares))
    _scan_rows(scans, words)


def _candidates(paths: list[Path], chance: random.Random) -> tuple[list[tuple[Path, int]], list[tuple[Path, int]]]:
    """Return a page with much text from each of some documents, and some pages that are pictures alone."""
    known, scans = [], []
    for path in paths:
        document = pypdfium2.PdfDocument(path)
        raws = [(number, read_page(document, number)) for number in range(1, len(document) + 1)]
        document.close()
        with_text = [
            n
            for n, raw in raws
            if raw.source == "text" and sum(len(line.words) for line in raw.lines.lines) >= _LEAST_WORDS
        ]
        if with_text:
            known.append((path, chance.choice(with_text)))
        scans += [(path, number) for number, raw in raws if raw.source == "image"]
    chance.shuffle(known)
    return sorted(known[:_N_PAGES]), sorted(chance.sample(scans, min(_N_SCANS, len(scans))))


def _known_row(path: Path, number: int, words: frozenset[str]) -> Compared:
    document = pypdfium2.PdfDocument(path)
    page = document[number - 1]
    truth = page.get_textpage().get_text_range().replace("\ufffe", "")
    picture = page.render(scale=_SCANNED_DPI / 72, grayscale=True).to_pil().convert("L")
    document.close()
    scanned = io.BytesIO()
    picture.save(scanned, "PDF", resolution=_SCANNED_DPI, quality=75)
    read, cpu_s = _read(pypdfium2.PdfDocument(scanned.getvalue()), path.name, words)
    found = compared(truth, read.text)
    print(
        f"{path.stem[:38]:38} p. {number:4} {found.n_words:6} {found.recall:7.3f} {found.precision:9.3f} "
        f"{found.order:6.3f} {read.confidence or 0:5.2f} {cpu_s:6.1f}",
        flush=True,
    )
    return found


def _scan_rows(scans: list[tuple[Path, int]], words: frozenset[str]) -> None:
    """Print how many image-only pages gave text, and how sure it is."""
    pages = []
    for path, number in scans:
        source = pypdfium2.PdfDocument(path)
        alone = pypdfium2.PdfDocument.new()
        alone.import_pages(source, [number - 1])
        pages.append(_read(alone, path.name, words)[0])
        source.close()
    read = [page for page in pages if page.source == "ocr"]
    sure = sum(page.confidence or 0 for page in read) / max(1, len(read))
    n_letters = sum(len(page.text) for page in read)
    print(
        f"\nimage-only pages of these documents, {len(pages)} drawn: {len(read)} gave text ({n_letters:,} characters, "
        f"mean confidence {sure:.2f}); the others: {sorted({page.reason or '' for page in pages if page not in read})}"
    )


def _read(document: Any, name: str, words: frozenset[str]) -> tuple[Page, float]:
    """Read a document of one page; return the page and the CPU-seconds that it took, tesseract's with it."""
    started = _cpu_s()
    try:
        parsed = read_document(document, name=name, lexicon=words, ocr=Ocr(readiness("eng")))
        return parsed.pages[0], _cpu_s() - started
    except NoText as exc:
        nothing = Page(1, None, "", 1.0, 1.0, Words.none(), "image", str(exc).partition("pictures. ")[2])
        return nothing, _cpu_s() - started
    finally:
        document.close()


def _cpu_s() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(times.ru_utime + times.ru_stime for times in usage)


def compared(truth: str, read: str) -> Compared:
    """Return how the words of a reading agree with those of the truth."""
    expected, found = _words(truth), _words(read)
    common = (Counter(expected) & Counter(found)).total()
    order = SequenceMatcher(None, expected, found, autojunk=False).ratio()
    return Compared(len(expected), common / max(1, len(expected)), common / max(1, len(found)), order)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.replace("\u00ad", "")).casefold()
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


if __name__ == "__main__":
    main()
