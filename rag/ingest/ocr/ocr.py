"""Pages that show text but do not tell it, read by tesseract: pdfium draws them, one process a core reads them.

pdfium is used by the calling thread alone; pages wait to be read only as many as there are processes, so that a
thousand scans take no more memory than a few.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2

from rag.ingest.characters.words import Frame, Word
from rag.ingest.ocr.ink import as_words
from rag.ingest.ocr.tesseract import OcrFailed, Picture, Readiness, Tesseract, mean_confidence
from rag.ingest.ocr.tsv import Seen

_DPI = 200
_MOST_PIXELS = 16_000_000  # a sheet of A2; larger ones are drawn coarser
_LEAST_SIDE = 1000  # pixels of the longer side: small pages are drawn finer
_FINEST_DPI = 400
_MOST_WORKERS = 8
_HEARTBEAT_S = 5.0
_SURE, _LEAST_MEAN = 0.7, 0.5
_LEAST_SURE = 4  # letters and digits in words that are sure: fewer are specks taken for letters
_SPECK = 0.5  # confidence under which a word without a letter or digit is a speck or a rule

OnScan = Callable[[int, int], None]  # pages done, pages
OnStep = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class ReadByOcr:
    """What OCR made of a page: words in points of the displayed page, or the reason why there are none."""

    number: int
    words: list[Word]
    frame: Frame | None
    confidence: float | None = None  # mean of the words, 0 to 1
    reason: str = ""
    confidences: Mapping[int, float] = field(default_factory=dict)  # of each word, by Word.at
    has_failed: bool = False  # it was not read at all; else it was, and there may be nothing to read


class Ocr:
    """Reads pages by OCR, or says why it cannot."""

    def __init__(
        self, ready: Readiness, *, on_scan: OnScan = lambda _done, _total: None, n_workers: int | None = None
    ) -> None:
        self._ready = ready
        self._on_scan = on_scan
        self._n_workers = n_workers or min(_MOST_WORKERS, _n_cores())
        self._done = self._total = 0

    @property
    def lacks(self) -> str:
        """Return why pages cannot be read, "" when they can."""
        return self._ready.lacks

    @property
    def reason(self) -> str:
        """Return the reason of a page that cannot be read."""
        return self._ready.reason

    def expect(self, n_pages: int) -> None:
        """Tell those who wait how many pages are to be read more."""
        self._total += n_pages
        self._tell()

    def read(self, document: Any, numbers: Sequence[int], on_step: OnStep) -> Iterator[ReadByOcr]:
        """Yield these pages of an open pdfium document, counted from 1, in the order in which they are done."""
        tesseract = self._ready.tesseract
        if tesseract is None:
            raise ValueError(self.lacks)
        waiting: set[Future[ReadByOcr]] = set()
        left = list(reversed(numbers))
        with ThreadPoolExecutor(self._n_workers, thread_name_prefix="ocr") as pool:
            while left or waiting:
                while left and len(waiting) <= self._n_workers:
                    number = left.pop()
                    on_step("ocr", number)
                    drawn = _drawn(document, number)
                    if isinstance(drawn, ReadByOcr):
                        yield self._counted(drawn)
                    else:
                        waiting.add(pool.submit(_read, tesseract, number, *drawn))
                done, waiting = wait(waiting, timeout=_HEARTBEAT_S, return_when=FIRST_COMPLETED)
                for future in done:
                    yield self._counted(future.result())
                self._tell()

    def _counted(self, page: ReadByOcr) -> ReadByOcr:
        self._done += 1
        self._tell()
        return page

    def _tell(self) -> None:
        self._on_scan(self._done, self._total)


def _n_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _drawn(document: Any, number: int) -> tuple[Picture, Frame] | ReadByOcr:
    """Draw a page in grey, as fine as OCR wants it."""
    try:
        page = document[number - 1]
        try:
            frame = Frame.of(page)
            scale = _scale(frame)
            bitmap = page.render(scale=scale, grayscale=True)
            try:
                pixels = bitmap.to_numpy()
                grey = np.array(pixels if pixels.ndim == 2 else pixels[:, :, 0], np.uint8)
            finally:
                bitmap.close()
        finally:
            page.close()
    except pypdfium2.PdfiumError as exc:
        return _failed(number, f"it cannot be drawn ({str(exc).rstrip('.')})")
    except MemoryError:
        return _failed(number, "drawing it takes more memory than is allowed")
    return Picture(grey, grey.shape[1] / max(frame.width, 0.1)), frame


def _scale(frame: Frame) -> float:
    """Return pixels a point."""
    longer, points = max(frame.width, frame.height, 1.0), max(frame.width * frame.height, 1.0)
    finer = min(_FINEST_DPI / 72, _LEAST_SIDE / longer)
    return float(min(max(_DPI / 72, finer), (_MOST_PIXELS / points) ** 0.5))


def _read(tesseract: Tesseract, number: int, picture: Picture, frame: Frame) -> ReadByOcr:
    try:
        seen = [word for word in tesseract.read(picture) if not _is_speck(word)]
    except OcrFailed as exc:
        return _failed(number, str(exc))
    mean = mean_confidence(seen)
    if _n_sure(seen) < _LEAST_SURE or mean < _LEAST_MEAN:
        doubt = f", only marks that may be letters ({mean:.0%} sure)" if seen else ""
        return ReadByOcr(number, [], frame, reason=f"OCR ({tesseract.languages}) found no text in it{doubt}")
    confidences = {word.at: word.confidence for word in seen}
    words = as_words(seen, frame, picture.scale)
    return ReadByOcr(number, words, frame, sum(confidences.values()) / len(seen), "", confidences)


def _is_speck(word: Seen) -> bool:
    return word.confidence < _SPECK and not any(character.isalnum() for character in word.text)


def _n_sure(seen: Sequence[Seen]) -> int:
    return sum(c.isalnum() for word in seen if word.confidence >= _SURE for c in word.text)


def _failed(number: int, reason: str) -> ReadByOcr:
    return ReadByOcr(number, [], None, reason=reason, has_failed=True)
