"""The second reading: pages whose text layer does not tell what they show are read by OCR.

Another program's OCR layer is kept where it can be trusted: a few of its pages are read anew, and where the layer has
the words that tesseract is sure of, the other pages' layers are believed. Where it has not, all are read anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.ingest.layout.layout import PageLines, lay_out
from rag.ingest.ocr.ocr import Ocr, OnStep, ReadByOcr
from rag.ingest.ocr.scans import why_unread
from rag.types import PageSource

_N_SAMPLES = 3  # pages of another program's layer that are read anew
_AGREED = 0.9  # of the sure words, to be found in the layer
_SURE = 0.8
_FEW_WORDS = 20  # sure ones, over all samples: too few to judge a layer by
_TOO_MUCH = 2.0  # times the letters that are seen: a layer that says more than the page
_WORD = re.compile(r"[^\W_]{3,}")


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What the second reading makes of a page; no lines: they stay as they were."""

    source: PageSource
    reason: str | None
    lines: PageLines | None = None
    confidence: float | None = None


class SecondReading:
    """Reads what the first reading could not.

    Args:
        sources: of the pages in question: "image", "garbled", or "ocr" for a layer that cannot be seen.
        layer_of: the words of such a layer.
    """

    def __init__(
        self,
        document: object,
        sources: Mapping[int, PageSource],
        *,
        layer_of: Callable[[int], Sequence[str]],
        ocr: Ocr,
        on_step: OnStep,
    ) -> None:
        self._document = document
        self._sources = sources
        self._layer_of = layer_of
        self._ocr = ocr
        self._on_step = on_step
        self.warnings: list[str] = []

    def changes(self) -> Iterator[tuple[int, Change]]:
        """Yield the pages that are changed, in any order."""
        layers = sorted(number for number, source in self._sources.items() if source == "ocr")
        needy = sorted(set(self._sources) - set(layers))
        if self._ocr.lacks:
            for number in needy:
                yield number, Change(self._sources[number], f"{self._why(number)}; {self._ocr.reason}")
            if layers:
                self._warn_unchecked(len(layers), self._ocr.lacks)
            return
        sample = _spread(layers, _N_SAMPLES)
        read: list[ReadByOcr] = []
        for page in self._read([*sample, *needy]):
            if self._sources[page.number] == "ocr":
                read.append(page)
            else:
                yield page.number, self._change(page)
        if layers and not self._is_trusted(layers, read):
            yield from ((page.number, self._change(page)) for page in read)
            rest = sorted(set(layers) - set(sample))
            yield from ((page.number, self._change(page)) for page in self._read(rest))

    def _read(self, numbers: Sequence[int]) -> Iterator[ReadByOcr]:
        if numbers:
            self._ocr.expect(len(numbers))
            yield from self._ocr.read(self._document, numbers, self._on_step)

    def _is_trusted(self, layers: Sequence[int], read: Sequence[ReadByOcr]) -> bool:
        """Tell whether the layer holds what is seen, or cannot be judged."""
        pairs = [(page, self._layer_of(page.number)) for page in read if page.words]
        seen = sum((_words(_sure(page)) for page, _ in pairs), Counter[str]())
        if seen.total() < _FEW_WORDS:
            failed = next((page.reason for page in read if page.has_failed), "tesseract is not sure what they show")
            self._warn_unchecked(len(layers), failed)
            return True
        common = sum((_words(_sure(page)) & _words(layer) for page, layer in pairs), Counter[str]())
        n_shown = sum(len(word.text) for page, _ in pairs for word in page.words)
        n_said = sum(len(word) for _, layer in pairs for word in layer)
        return common.total() >= _AGREED * seen.total() and n_said <= _TOO_MUCH * n_shown

    def _warn_unchecked(self, n_pages: int, why: str) -> None:
        pages = "1 page" if n_pages == 1 else f"{n_pages} pages"
        self.warnings.append(
            f"The text of {pages} was recognised by another program's OCR; it was not checked against what is seen: "
            f"{why}."
        )

    def _why(self, number: int) -> str:
        return why_unread(self._sources[number], has_text=bool(self._layer_of(number)))

    def _change(self, page: ReadByOcr) -> Change:
        """Return what becomes of a page that was read by OCR."""
        source = self._sources[page.number]
        if page.words and page.frame is not None:
            lines = lay_out(page.words, lambda _word: False, number=page.number, frame=page.frame)
            return Change("ocr", None, lines, page.confidence)
        if source != "ocr":
            return Change(source, f"{self._why(page.number)}; {page.reason}")
        if page.has_failed or page.frame is None:
            self._warn_unchecked(1, f"page {page.number}: {page.reason}")
            return Change("ocr", None)
        nothing = PageLines(page.number, page.frame.width, page.frame.height, (), ())
        return Change("image", f"its hidden text is not what it shows; {page.reason}", nothing)


def _spread(numbers: Sequence[int], n: int) -> list[int]:
    """Return up to n of the numbers, spread over them."""
    if len(numbers) <= n:
        return list(numbers)
    return [numbers[(2 * i + 1) * len(numbers) // (2 * n)] for i in range(n)]


def _sure(page: ReadByOcr) -> list[str]:
    return [word.text for word in page.words if page.confidences[word.at] >= _SURE]


def _words(texts: Sequence[str]) -> Counter[str]:
    """Return the words of a text as two readings of it are compared: letters and digits, without accents."""
    plain = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return Counter(_WORD.findall(plain))
