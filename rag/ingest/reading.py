"""A PDF to a `ParsedDocument`: read every page, survey them together, then put them together to passages.

Page by page, twice: what a page holds is kept as compact bytes between the two passes, since running heads, the size
of running text and the words a document uses are only known at its end.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pypdfium2

from rag.errors import NoText
from rag.ingest import pdf
from rag.ingest.furniture import PageEdges, edges_of, find_furniture
from rag.ingest.headings import document_title, heading_levels
from rag.ingest.hyphens import Hyphens
from rag.ingest.kinds import is_prose
from rag.ingest.labels import printed_labels
from rag.ingest.layout import PageLines, in_reading_order, lay_out
from rag.ingest.paragraphs import Composer
from rag.ingest.passages import make_passages
from rag.ingest.setting import PlacedBlock, Typesetter
from rag.ingest.words import Frame, bold_test, is_garbled, page_words, picture_share
from rag.types import Heading, Page, PageSource, ParsedDocument, Words

_FEW_LETTERS = 20  # fewer beside a picture over half the page: a scan
_LEAST_PROSE = 0.1  # of a document's characters, for its lines of prose to tell the height of running text
_US_LETTER = (612.0, 792.0)  # for pages whose size cannot be read

OnStep = Callable[[str, int], None]  # "read" or "compose" and the page, or "finish" and 0: work on all pages together


@dataclass(frozen=True, slots=True, eq=False)
class RawPage:
    """A page as read, before anything is known of the others."""

    lines: PageLines
    source: PageSource
    reason: str | None


ReadPage = Callable[[Any, int], RawPage]


def read_page(document: Any, number: int) -> RawPage:
    """Read one page of an open pdfium document, counted from 1."""
    page = document[number - 1]
    textpage = page.get_textpage()
    try:
        frame = Frame.of(page)
        words = page_words(textpage, frame)
        source, reason = _source(page, textpage, frame, words)
        lines = lay_out(words, bold_test(textpage), number=number, frame=frame)
    finally:
        textpage.close()
        page.close()
    return RawPage(lines, source, reason)


def _source(page: Any, textpage: Any, frame: Frame, words: list[Any]) -> tuple[PageSource, str | None]:
    n_letters = sum(len(word.text) for word in words)
    if n_letters < _FEW_LETTERS and picture_share(page, frame) > 0.5:
        return "image", "a picture without text; OCR is needed to read it"
    if not words:
        return "empty", "no text on this page"
    if is_garbled(textpage, words):
        return "garbled", "its fonts do not tell which letters they show; OCR is needed to read it"
    return "text", None


@dataclass(slots=True)
class _Survey:
    """What can only be known of all pages together."""

    hyphens: Hyphens
    heights: Counter[float] = field(default_factory=Counter)
    prose_heights: Counter[float] = field(default_factory=Counter)
    edges: list[PageEdges] = field(default_factory=list)

    def add(self, page: PageLines) -> None:
        for line in page.lines:
            height = round(line.height * 2) / 2
            self.heights[height] += len(line.text)
            if is_prose(line):
                self.prose_heights[height] += len(line.text)
            self.hyphens.learn(line.words)
        self.edges.append(edges_of(page))

    def edges_read(self) -> tuple[dict[int, str], dict[int, frozenset[int]]]:
        """Return, by page number, the printed numbers, and the lines to drop: running heads, feet, page numbers."""
        labels, numbers = printed_labels(self.edges)
        dropped = find_furniture(self.edges)
        for page, lines in numbers.items():
            dropped[page] = dropped.get(page, frozenset()) | lines
        return labels, dropped

    @property
    def body(self) -> float:
        """Return the height of running text: the commonest by characters, tables aside where there is prose."""
        has_prose = self.prose_heights.total() >= _LEAST_PROSE * self.heights.total()
        heights = self.prose_heights if has_prose else self.heights
        return heights.most_common(1)[0][0] if heights else 10.0


def read_document(
    document: Any,
    *,
    name: str,
    lexicon: frozenset[str] = frozenset(),
    failed: Mapping[int, str] | None = None,
    on_step: OnStep = lambda _step, _page: None,
    read: ReadPage = read_page,
) -> ParsedDocument:
    """Read an open pdfium document.

    `failed` names pages that are not to be tried, with the reason; `on_step` hears of every page before it is worked
    on, so that who waits knows which page it was when nothing more is heard.

    Raises:
        NoText: no page has text.
    """
    survey = _Survey(Hyphens(lexicon))
    shelf: list[bytes] = []
    failed = dict(failed or {})
    for number in range(1, len(document) + 1):
        on_step("read", number)
        raw = _failed(number, failed[number]) if number in failed else _try_to_read(read, document, number)
        survey.add(raw.lines)
        shelf.append(pickle.dumps(raw, pickle.HIGHEST_PROTOCOL))
    on_step("finish", 0)
    printed, dropped = survey.edges_read()
    pages, blocks = _compose(shelf, survey, dropped, on_step)
    on_step("finish", 0)
    if not any(page.source == "text" for page in pages):
        raise NoText(_why_no_text(name, pages))
    return _finished(document, name, pages, blocks, printed)


def _finished(
    document: Any, name: str, pages: list[Page], blocks: list[PlacedBlock], printed: dict[int, str]
) -> ParsedDocument:
    """Put together what was read with what the file says of itself."""
    title, author = pdf.metadata(document)
    own_outline = pdf.outline(document)
    levels = heading_levels(blocks, own_outline)
    labels = dict(enumerate(pdf.page_labels(document), 1)) or printed
    found = tuple(Heading(level, blocks[i].text, blocks[i].spans[0].page) for i, level in levels.items())
    return ParsedDocument(
        title=document_title(title, blocks, name),
        author=author,
        pages=tuple(replace(page, label=labels.get(page.number)) for page in pages),
        passages=make_passages(blocks, levels, {page.number: page.text for page in pages}),
        outline=own_outline or found,
        body_pages=sum(page.source == "text" for page in pages),
    )


def _try_to_read(read: ReadPage, document: Any, number: int) -> RawPage:
    try:
        return read(document, number)
    except pypdfium2.PdfiumError as exc:
        return _failed(number, f"this page is damaged ({str(exc).rstrip('.')})")
    except MemoryError:
        return _failed(number, "reading this page takes more memory than is allowed")


def _failed(number: int, reason: str) -> RawPage:
    return RawPage(PageLines(number, *_US_LETTER, (), ()), "failed", reason)


def _compose(
    shelf: list[bytes], survey: _Survey, dropped: Mapping[int, frozenset[int]], on_step: OnStep
) -> tuple[list[Page], list[PlacedBlock]]:
    composer, typesetter = Composer(survey.body), Typesetter(survey.hyphens)
    for i, kept in enumerate(shelf):
        shelf[i] = b""
        raw: RawPage = pickle.loads(kept)
        page = raw.lines
        on_step("compose", page.number)
        lines = in_reading_order(page, dropped.get(page.number, frozenset()))
        if lines:
            typesetter.set_page(page, lines, composer.compose(lines), raw.source, raw.reason)
        else:
            source: PageSource = raw.source if raw.reason else "empty"
            reason = raw.reason or "no text but a page number"
            typesetter.add(Page(page.number, None, "", page.width, page.height, Words.none(), source, reason))
    return typesetter.finish()


def _why_no_text(name: str, pages: list[Page]) -> str:
    counts = Counter(page.source for page in pages)
    said = {"image": "pictures", "garbled": "in fonts that do not tell their letters", "failed": "unreadable"}
    parts = [f"{n} {said.get(source, 'empty')}" for source, n in counts.most_common()]
    return (
        f"{name} has no text that can be read. Of {len(pages)} pages: {', '.join(parts)}. If they show text, it needs "
        "OCR: run the file through a program such as ocrmypdf and add the result."
    )
