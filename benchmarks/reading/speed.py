"""How fast files are read: pages per CPU-second, beside pypdf, pdfplumber and the bare text of pdfium, in one run.

The four take turns, file by file, three times over; a file's time is the median of its three, in CPU time of this
process, opening included. Ours is the whole way to passages with boxes, notes and all, OCR aside. Ours and pdfium read
every page; the other two, which are slow, a sample of pages spread evenly over each file.
"""

from __future__ import annotations

import contextlib
import gc
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pypdf
import pypdf.errors
import pypdfium2

from benchmarks.reading.common import data, lexicon
from rag.errors import FootnoteError
from rag.ingest.extras import read_extras
from rag.ingest.reading import read_document

ROUNDS = 3
MOST_PAGES = {"pypdf": 24, "pdfplumber": 8}  # of a file
FILINGS = ("3M_2018_10K", "COSTCO_2021_10K", "NETFLIX_2017_10K", "BOEING_2022_10K")
N_MIXED, SEED = 12, 5
_MOST_OF_ONE = 200  # pages of a file of the mixed sample

Read = Callable[[Path], int]  # returns the number of pages read


def main() -> None:
    """Print a row a set of files."""
    sets = {"filings": filings(), "typeset": in_folder("typeset"), "mixed": mixed()}
    readers = all_readers(lexicon())
    heads = "".join(f"{name:>12}" for name in readers)
    print(f"{'':10} {'files':>5} {'pages':>6}{heads}{'pdfium/ours':>15}{'ours/pypdf':>12}")
    for name, paths in sets.items():
        if paths:
            print_row(name, paths, readers)


def filings() -> list[Path]:
    """Return annual reports."""
    found = in_folder("filings/pdfs")
    return [path for path in found if path.stem in FILINGS] or found[:4]


def in_folder(name: str) -> list[Path]:
    """Return the PDFs of a folder of the data."""
    folder = data(name)
    return sorted(folder.glob("*.pdf")) if folder else []


def mixed() -> list[Path]:
    """Return a fixed sample of files of many kinds, of those whose pages have text."""
    files = in_folder("mixed") or in_folder("mixed/pdfs")
    random.Random(SEED).shuffle(files)
    return [path for path in files if has_text(path)][:N_MIXED]


def has_text(path: Path) -> bool:
    """Tell whether nine of ten pages have text, in a file that is not too long."""
    document = pypdfium2.PdfDocument(path)
    try:
        n_pages = len(document)
        if n_pages > _MOST_OF_ONE:
            return False
        with_text = sum(page.get_textpage().count_chars() > 40 for page in document)
    finally:
        document.close()
    return with_text >= 0.9 * n_pages


def all_readers(words: frozenset[str]) -> dict[str, Read]:
    """Return the readers by name; without pdfplumber where it is not installed."""
    readers: dict[str, Read] = {"ours": partial(read_ours, words), "pdfium": read_pdfium, "pypdf": read_pypdf}
    try:
        import pdfplumber  # noqa: F401
    except ImportError:
        print("pdfplumber is not installed (pip install '.[bench]'): its column is left out.")
    else:
        readers["pdfplumber"] = read_pdfplumber
    return readers


def print_row(name: str, paths: list[Path], readers: dict[str, Read]) -> None:
    """Measure a set of files, and print pages per CPU-second of each reader."""
    seconds: dict[str, dict[Path, list[float]]] = {reader: {path: [] for path in paths} for reader in readers}
    pages: dict[str, dict[Path, int]] = {reader: {} for reader in readers}
    for _ in range(ROUNDS):
        for path in paths:
            for reader, read in readers.items():
                gc.collect()
                gc.disable()
                started = time.process_time()
                pages[reader][path] = read(path)
                seconds[reader][path].append(time.process_time() - started)
                gc.enable()
    speed = {
        reader: sum(pages[reader].values()) / sum(statistics.median(times) for times in seconds[reader].values())
        for reader in readers
    }
    cells = "".join(f"{speed[reader]:12.1f}" for reader in readers)
    ratios = f"{speed['pdfium'] / speed['ours']:15.2f}{speed['ours'] / speed['pypdf']:12.2f}"
    print(f"{name:10} {len(paths):5} {sum(pages['ours'].values()):6}{cells}{ratios}", flush=True)


def read_ours(words: frozenset[str], path: Path) -> int:
    """Read a file as adding it does, in this process."""
    document = pypdfium2.PdfDocument(path)
    try:
        read_document(document, name=path.name, lexicon=words, read_extras=partial(read_extras, path))
        return len(document)
    except FootnoteError as exc:
        raise SystemExit(f"{path.name} is no file to measure on: {exc}") from exc
    finally:
        document.close()


def read_pdfium(path: Path) -> int:
    """Take the bare text of every page."""
    document = pypdfium2.PdfDocument(path)
    try:
        for page in document:
            textpage = page.get_textpage()
            textpage.get_text_range()
            textpage.close()
            page.close()
        return len(document)
    finally:
        document.close()


def read_pypdf(path: Path) -> int:
    """Take the text of a sample of pages; those that it refuses to read are counted, too, to its advantage."""
    reader = pypdf.PdfReader(path)
    sample = spread(len(reader.pages), MOST_PAGES["pypdf"])
    for i in sample:
        with contextlib.suppress(pypdf.errors.PyPdfError):
            reader.pages[i].extract_text()
    return len(sample)


def read_pdfplumber(path: Path) -> int:
    """Take the text of a sample of pages."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        sample = spread(len(document.pages), MOST_PAGES["pdfplumber"])
        for i in sample:
            document.pages[i].extract_text()
            document.pages[i].close()
    return len(sample)


def spread(n: int, most: int) -> list[int]:
    """Return up to `most` of the numbers 0 to n - 1, evenly spread."""
    return list(range(n)) if n <= most else [(2 * i + 1) * n // (2 * most) for i in range(most)]


if __name__ == "__main__":
    main()
