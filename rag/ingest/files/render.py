"""Pages as JPEG images. One thread draws, since pdfium is not thread-safe; documents stay open for the next page."""

from __future__ import annotations

import io
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdfium2

from rag.errors import DamagedPdf
from rag.ingest.files.pdf import PDFIUM_LOCK, open_pdf

_MAX_OPEN = 8
_QUALITY = 82
_MIN_WIDTH, _MAX_WIDTH = 80, 2400
_MAX_SCALE = 12.0  # of a page's points, for small clips
Clip = tuple[float, float, float, float]


class PageRenderer:
    """Draws pages; usable from any thread."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="render")
        self._open: OrderedDict[Path, Any] = OrderedDict()  # least recently used first; touched by the thread alone

    def jpeg(self, path: Path, page: int, width: int, clip: Clip | None = None) -> bytes:
        """Return a page, counted from 1, or the part `clip` of it (x0, y0, x1, y1 as fractions), `width` pixels wide.

        The width is brought into 80 to 2,400.

        Raises:
            IndexError: no such page.
            PdfError: the file cannot be opened, or the page cannot be drawn.
            StorageError: the file is gone.
        """
        width = max(_MIN_WIDTH, min(_MAX_WIDTH, width))
        return self._thread.submit(self._jpeg, path, page, width, clip or (0.0, 0.0, 1.0, 1.0)).result()

    def sizes(self, path: Path) -> list[tuple[float, float]]:
        """Return width and height of every page in points, as displayed.

        Raises:
            PdfError, StorageError: as `jpeg`.
        """
        return self._thread.submit(self._sizes, path).result()

    def close(self, path: Path) -> None:
        """Close a document, so that its file can be removed."""
        self._thread.submit(self._close, path).result()

    def shutdown(self) -> None:
        """Close all documents and end the thread."""
        self._thread.submit(self._close_all).result()
        self._thread.shutdown()

    # ------------------------------------------------------------------------------------ on the thread

    def _jpeg(self, path: Path, page: int, width: int, clip: Clip) -> bytes:
        with PDFIUM_LOCK:
            document = self._document(path)
            if not 1 <= page <= len(document):
                raise IndexError(f"There is no page {page}: the document's pages are 1 to {len(document)}.")
            try:
                picture = _drawn(document, page - 1, width, _within_page(clip))
            except pypdfium2.PdfiumError as exc:
                raise _damaged(page) from exc
        encoded = io.BytesIO()
        picture.save(encoded, "JPEG", quality=_QUALITY)
        return encoded.getvalue()

    def _sizes(self, path: Path) -> list[tuple[float, float]]:
        with PDFIUM_LOCK:
            document = self._document(path)
            sizes = []
            for i in range(len(document)):
                try:
                    sizes.append(document.get_page_size(i))
                except pypdfium2.PdfiumError as exc:
                    raise _damaged(i + 1) from exc
            return sizes

    def _document(self, path: Path) -> Any:
        document = self._open.pop(path, None)
        if document is not None and not path.exists():
            document.close()
            document = None
        if document is None:
            document = open_pdf(path, name="The document's file")
        self._open[path] = document
        while len(self._open) > _MAX_OPEN:
            self._open.popitem(last=False)[1].close()
        return document

    def _close(self, path: Path) -> None:
        with PDFIUM_LOCK:
            document = self._open.pop(path, None)
            if document is not None:
                document.close()

    def _close_all(self) -> None:
        for path in list(self._open):
            self._close(path)


def _drawn(document: Any, index: int, width: int, clip: Clip) -> Any:
    """Draw the part `clip` of a page as a PIL image in RGB."""
    sheet = document[index]
    try:
        across, down = sheet.get_size()
        left, top, right, foot = clip
        scale = min(_MAX_SCALE, width / max(1.0, across * (right - left)))
        cut = (left * across, (1 - foot) * down, (1 - right) * across, top * down)  # left, bottom, right, top
        bitmap = sheet.render(scale=scale, crop=cut)
        try:
            return bitmap.to_pil().convert("RGB")
        finally:
            bitmap.close()
    finally:
        sheet.close()


def _damaged(page: int) -> DamagedPdf:
    return DamagedPdf(f"Page {page} cannot be shown: it is damaged in the file. Other pages may be whole.")


def _within_page(clip: Clip) -> Clip:
    """Return the clip in order, inside the page and not empty."""
    x0, x1 = sorted(max(0.0, min(1.0, x)) for x in (clip[0], clip[2]))
    y0, y1 = sorted(max(0.0, min(1.0, y)) for y in (clip[1], clip[3]))
    least = 0.01
    x0, y0 = min(x0, 1 - least), min(y0, 1 - least)
    return x0, y0, max(x1, x0 + least), max(y1, y0 + least)
