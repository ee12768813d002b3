"""Highlights: sentence -> boxes, as a citation has them -> the characters inside the boxes -> the same sentence?

1,000 sentences are drawn with a fixed seed from all passages of mixed/ and filings/. What stands inside their boxes is
read back from pdfium by another way than the boxes were made: every character whose middle lies in a box counts. The
same for every sentence of a few pages that are rotated by 90, 180 and 270 degrees, and cropped. "exact" is the share of
sentences that are the same, hyphens, white space and what is not seen aside.
"""

from __future__ import annotations

import ctypes
import heapq
import random
import re
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
from pypdf.generic import RectangleObject

from benchmarks.reading.common import data, lexicon, read, squeezed
from rag.errors import NoText
from rag.spans import page_boxes, passage_slice
from rag.text import sentence_spans
from rag.types import Box, ParsedDocument

N_SENTENCES = 1000
LEAST = 20  # characters of a sentence
Characters = list[tuple[str, float, float]]  # each with its middle, as fractions of the page
SAME = 0.98  # similarity from which two texts are the same sentence
N_TURNED = 6  # pages that are rotated and cropped
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd\ufffe•▪]")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sentence with its boxes."""

    path: Path
    text: str
    boxes: tuple[Box, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence, and what stands in its boxes."""

    drawn: Drawn
    got: str
    similarity: float


def main() -> None:
    """Print how alike sentences and their highlights are, by kind."""
    folders = [data("mixed"), data("filings")]
    if None in folders:
        return
    words = lexicon()
    paths = [path for folder in folders if folder is not None for path in sorted((folder / "pdfs").glob("*.pdf"))]
    drawn = draw(paths, words)
    found = [*checked(drawn)]
    print(f"{'sentences':22} {'n':>6} {'mean':>7} {'>= .98':>7} {'exact':>7}")
    _print_row("all with a text layer", found)
    for kind in sorted({one.drawn.kind for one in found}):
        _print_row(kind, [one for one in found if one.drawn.kind == kind])
    print("of pages read by OCR, which have no text to compare with:", sum(one.kind == "OCR" for one in drawn))
    with tempfile.TemporaryDirectory() as folder:
        turned = turned_pages(drawn, Path(folder), words)
        for kind, ones in turned.items():
            _print_row(kind, ones)
    everything = [*found, *(one for ones in turned.values() for one in ones)]
    print("\nthe least alike:")
    for one in heapq.nsmallest(10, (one for one in everything if one.similarity < 1), key=lambda one: one.similarity):
        place = f"{one.drawn.path.name} p. {one.drawn.boxes[0].page if one.drawn.boxes else '?'} ({one.drawn.kind})"
        print(f"  {one.similarity:.3f} {place}\n        {one.drawn.text[:150]!r}\n        {one.got[:150]!r}")


def _print_row(name: str, found: Sequence[Found]) -> None:
    if not found:
        return
    mean = sum(one.similarity for one in found) / len(found)
    same = sum(one.similarity >= SAME for one in found) / len(found)
    exact = sum(one.similarity == 1 for one in found) / len(found)
    print(f"{name:22} {len(found):6} {mean:7.4f} {same:7.4f} {exact:7.4f}", flush=True)


# -------------------------------------------------------------------------------------------------- sentences


def draw(paths: Iterable[Path], words: frozenset[str]) -> list[Drawn]:
    """Return sentences drawn from all of these files, each as likely as any other; in the order of the files."""
    chance = random.Random(5)
    kept: list[tuple[float, int, Drawn]] = []
    n_seen = 0
    for path in paths:
        try:
            parsed = read(path, words)
        except NoText:
            continue
        for make in sentences(path, parsed):
            n_seen += 1
            key = chance.random()
            if len(kept) < N_SENTENCES:
                heapq.heappush(kept, (key, n_seen, make()))
            elif key > kept[0][0]:
                heapq.heapreplace(kept, (key, n_seen, make()))
    print(f"{len(kept)} of {n_seen:,} sentences drawn from {len(list(paths))} files\n")
    return [drawn for _, _, drawn in sorted(kept, key=lambda entry: entry[1])]


def sentences(path: Path, parsed: ParsedDocument) -> Iterator[Callable[[], Drawn]]:
    """Yield for every sentence of the passages what makes it with its boxes, as a citation would."""
    pages = {page.number: page for page in parsed.pages}
    document = pypdfium2.PdfDocument(path)
    looks = {number: _look(document, number) for number in pages}
    document.close()

    def make(passage: Any, start: int, end: int) -> Drawn:
        spans = passage_slice(passage, {n: pages[n].text for n in passage.pages}, start, end)
        boxes = tuple(box for span in spans for box in page_boxes(pages[span.page], span.start, span.end))
        on = {span.page for span in spans}
        if any(pages[n].source == "ocr" for n in on):
            kind = "OCR"
        elif len(on) > 1:
            kind = "over two pages"
        else:
            kind = looks[spans[0].page] or passage.kind
        return Drawn(path, passage.text[start:end], boxes, kind)

    for passage in parsed.passages:
        for start, end in sentence_spans(passage.text):
            if end - start >= LEAST:
                yield lambda p=passage, s=start, e=end: make(p, s, e)  # type: ignore[misc]


def _look(document: Any, number: int) -> str:
    """Return "rotated", "cropped" or "" for a page."""
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        return ""
    try:
        if page.get_rotation():
            return "rotated"
        crop, media = page.get_cropbox(), page.get_mediabox()
        return "cropped" if any(abs(a - b) > 1 for a, b in zip(crop, media, strict=True)) or any(media[:2]) else ""
    finally:
        page.close()


# -------------------------------------------------------------------------------------------------- read back


def checked(drawn: Iterable[Drawn]) -> Iterator[Found]:
    """Yield each sentence with what stands in its boxes; pages read by OCR are left out."""
    by_path: dict[Path, list[Drawn]] = defaultdict(list)
    for one in drawn:
        if one.kind != "OCR":
            by_path[one.path].append(one)
    for path, ones in by_path.items():
        document = pypdfium2.PdfDocument(path)
        pages: dict[int, Characters] = {}
        round_: dict[int, Characters] = {}
        for one in ones:
            for number in {box.page for box in one.boxes} - pages.keys():
                pages[number], round_[number] = (characters(document, number, upset=upset) for upset in (False, True))
            tried = [
                Found(one, got, similarity(one.text, got)) for got in (inside(one.boxes, p) for p in (pages, round_))
            ]
            yield max(tried, key=lambda found: found.similarity)
        document.close()


def characters(document: Any, number: int, *, upset: bool) -> Characters:
    """Return the characters of a page in pdfium's order, each with its middle as a fraction of the displayed page.

    pdfium orders the pieces of a line from left to right as displayed; `upset`: as displayed the other way up.
    """
    page = document[number - 1]
    rotation = page.get_rotation()
    page.set_rotation((rotation + 180 * upset) % 360)
    textpage = page.get_textpage()
    page.set_rotation(rotation)
    raw = textpage.raw
    sides = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = sides
    across, down = ctypes.c_int(), ctypes.c_int()
    grid = 1 << 20
    found = []
    for i in range(pdfium.FPDFText_CountChars(raw)):
        code = pdfium.FPDFText_GetUnicode(raw, i)
        if code <= 0x20 or not pdfium.FPDFText_GetCharBox(raw, i, *map(ctypes.byref, sides)):
            continue
        x, y = (left.value + right.value) / 2, (bottom.value + top.value) / 2
        pdfium.FPDF_PageToDevice(page.raw, 0, 0, grid, grid, 0, x, y, ctypes.byref(across), ctypes.byref(down))
        found.append((chr(code), across.value / grid, down.value / grid))
    textpage.close()
    page.close()
    return found


def inside(boxes: Sequence[Box], pages: dict[int, Characters]) -> str:
    """Return the characters whose middle lies in the boxes, box by box."""
    taken: set[tuple[int, int]] = set()
    got = []
    for box in boxes:
        for i, (character, x, y) in enumerate(pages[box.page]):
            if box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 and (box.page, i) not in taken:
                taken.add((box.page, i))
                got.append(character)
    return "".join(got)


def similarity(text: str, got: str) -> float:
    """Return how alike two texts are, 0 to 1: NFKC, without hyphens, white space, and what is not seen."""
    a, b = (squeezed(_UNSEEN.sub("", _whole(one))) for one in (text, got))
    return 1.0 if a == b else SequenceMatcher(None, a, b, autojunk=False).ratio()


def _whole(text: str) -> str:
    """Put halves of character pairs together."""
    return unicodedata.normalize("NFKC", text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


# ------------------------------------------------------------------------------------------- rotated, cropped


def turned_pages(drawn: Sequence[Drawn], folder: Path, words: frozenset[str]) -> dict[str, list[Found]]:
    """Return all sentences of a few pages in every rotation and cropped, by what was done to the page."""
    chance = random.Random(7)
    plain = [one for one in drawn if one.kind in {"text", "table"}]
    places = sorted({(one.path, one.boxes[0].page) for one in plain if one.boxes})
    found: dict[str, list[Found]] = defaultdict(list)
    for path, number in chance.sample(places, N_TURNED):
        page = pypdf.PdfReader(path).pages[number - 1]
        for cropped in (False, True):
            for degrees in (0, 90, 180, 270):
                target = folder / "turned.pdf"
                _write(target, page, degrees, _text_box(target, words) if cropped else None)
                kind = f"made: {'cropped, ' if cropped else ''}turned {degrees}"
                found[kind] += checked(make() for make in sentences(target, read(target, words)))
                _write(target, page, 0, None)
    return found


def _write(target: Path, page: pypdf.PageObject, degrees: int, crop: RectangleObject | None) -> None:
    """Write one page, rotated, then cropped."""
    writer = pypdf.PdfWriter()
    added = writer.add_page(page)
    added.rotate(degrees)
    if crop is not None:
        added.cropbox = crop
    with target.open("wb") as file:
        writer.write(file)


def _text_box(path: Path, words: frozenset[str]) -> RectangleObject:
    """Return the box of a page's body, 3 points larger: what stands in its margins is cut away."""
    page = read(path, words).pages[0]
    left, top = page.words.boxes[:, :2].min(0)
    right, foot = page.words.boxes[:, 2:].max(0)
    width, height = page.width, page.height
    sides = (left * width - 3, (1 - foot) * height - 3, right * width + 3, (1 - top) * height + 3)
    return RectangleObject(tuple(map(float, sides)))


if __name__ == "__main__":
    main()
