"""A PDF to a `ParsedDocument`: read every page, survey them together, then put them together to passages.

Page by page, twice: what a page holds is laid on a shelf between the two passes, since running heads, the size of
running text and the words a document uses are only known at its end.
"""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2

from rag.errors import NoText
from rag.ingest import extras
from rag.ingest.characters.words import Frame, bold_test, open_text, page_words
from rag.ingest.extras import Extras, ReadExtras
from rag.ingest.files import pdf
from rag.ingest.layout.captions import match_captions
from rag.ingest.layout.figures import Graphics, find_graphics, has_caption
from rag.ingest.layout.hyphens import Hyphens
from rag.ingest.layout.layout import PageLines, in_reading_order, lay_out
from rag.ingest.layout.paragraphs import Composer
from rag.ingest.layout.survey import Survey
from rag.ingest.ocr.ocr import Ocr
from rag.ingest.ocr.scans import WHY, page_source, stamp_of
from rag.ingest.ocr.tesseract import Readiness
from rag.ingest.ocr.unread import SecondReading
from rag.ingest.passages.acronyms import find_acronyms
from rag.ingest.passages.headings import document_title, heading_levels
from rag.ingest.passages.passages import make_passages
from rag.ingest.passages.setting import PlacedBlock, Typesetter
from rag.ingest.shelf import Shelf
from rag.language import language_of
from rag.types import Heading, Page, PageSource, ParsedDocument, Words

_US_LETTER = (612.0, 792.0)  # for pages whose size cannot be read
READABLE: frozenset[PageSource] = frozenset({"text", "ocr"})
_NO_OCR = Ocr(Readiness(None, "this reading does without"))

_UNCERTAIN: frozenset[PageSource] = frozenset({"image", "garbled", "ocr"})  # after the first reading

# "read", "ocr", "notes" or "compose" and the page; "notes" or "finish" and 0: work on all pages together
OnStep = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class RawPage:
    """A page as read, before anything is known of the others."""

    lines: PageLines
    source: PageSource
    reason: str | None
    graphics: Graphics | None = None  # of a page that may have a caption
    confidence: float | None = None  # of OCR
    has_notes: bool = False  # annotations or form fields
    stamp: str = ""  # all its text, digits masked, where that is little beside a picture of the whole page


ReadPage = Callable[[Any, int], RawPage]


def read_page(document: Any, number: int) -> RawPage:
    """Read one page of an open pdfium document, counted from 1."""
    page = document[number - 1]
    frame = Frame.of(page)
    textpage = open_text(page, frame)
    try:
        words = page_words(textpage, frame)
        source, reason = page_source(page, textpage, frame, words)
        stamp = stamp_of(page, frame, words) if source == "text" else ""
        lines = lay_out(words, bold_test(textpage), number=number, frame=frame)
        graphics = find_graphics(page, frame, words, lines) if has_caption(lines) else None
        has_notes = extras.has_notes(page)
    finally:
        textpage.close()
        page.close()
    return RawPage(lines, source, reason, graphics, has_notes=has_notes, stamp=stamp)


def read_document(  # noqa: PLR0913  (how to read, all with defaults)
    document: Any,
    *,
    name: str,
    lexicon: frozenset[str] = frozenset(),
    failed: Mapping[int, str] | None = None,
    on_step: OnStep = lambda _step, _page: None,
    read: ReadPage = read_page,
    ocr: Ocr = _NO_OCR,
    shelf: Shelf | None = None,
    read_extras: ReadExtras = lambda _document, _noted, _on_step: Extras(),
) -> ParsedDocument:
    """Read an open pdfium document.

    `failed` names pages that are not to be tried, with the reason; `on_step` hears of every page before it is worked
    on, so that who waits knows which page it was when nothing more is heard. `ocr` reads what pdfium cannot,
    `read_extras` notes, form fields and attachments. Pages that are on the `shelf` already are not read again.

    Raises:
        NoText: no page has text.
    """
    survey = Survey(Hyphens(lexicon))
    shelf = shelf or Shelf()
    with contextlib.closing(shelf):
        uncertain, noted = _read_pages(document, shelf, survey, failed or {}, on_step, read)
        warnings = _read_again(document, uncertain, shelf, survey, ocr, on_step)
        more = read_extras(document, noted, on_step)
        on_step("finish", 0)
        printed, dropped = survey.edges_read()
        raws = map(shelf.get, range(1, len(document) + 1))
        pages, blocks = _compose(raws, survey, dropped, more, on_step)
    on_step("finish", 0)
    if not any(page.source in READABLE for page in pages):
        raise NoText(_why_no_text(name, pages, ocr))
    finished = _finished(document, name, pages, blocks, printed)
    return replace(finished, warnings=(*warnings, *more.warnings), attachments=more.attachments)


def _read_pages(
    document: Any, shelf: Shelf, survey: Survey, failed: Mapping[int, str], on_step: OnStep, read: ReadPage
) -> tuple[dict[int, PageSource], list[int]]:
    """Lay every page on the shelf; return those that OCR is to look at, and those with notes."""
    uncertain: dict[int, PageSource] = {}
    stamped: dict[str, list[int]] = defaultdict(list)
    noted: list[int] = []
    for number in range(1, len(document) + 1):
        if number in failed:
            shelf.put(number, _failed(number, failed[number]))
        elif number not in shelf:
            on_step("read", number)
            shelf.put(number, _try_to_read(read, document, number))
        raw: RawPage = shelf.get(number)
        if raw.source in _UNCERTAIN and raw.confidence is None:
            uncertain[number] = raw.source
        elif raw.stamp and raw.source == "text":
            stamped[raw.stamp].append(number)
        else:
            survey.add(raw.lines, raw.source)
        if raw.has_notes:
            noted.append(number)
    for numbers in stamped.values():
        for number in numbers:
            if len(numbers) > 1:  # what stands on every page is no text of this one
                uncertain[number] = "image"
            else:
                survey.add(shelf.get(number).lines, "text")
    return uncertain, noted


def _read_again(
    document: Any,
    uncertain: Mapping[int, PageSource],
    shelf: Shelf,
    survey: Survey,
    ocr: Ocr,
    on_step: OnStep,
) -> tuple[str, ...]:
    """Read by OCR what pdfium could not, put it on the shelf, and return what the user should know of it."""

    def layer_of(number: int) -> list[str]:
        return [word.text for line in shelf.get(number).lines.lines for word in line.words]

    again = SecondReading(document, uncertain, layer_of=layer_of, ocr=ocr, on_step=on_step)
    for number, change in again.changes():
        raw: RawPage = shelf.get(number)
        lines = raw.lines if change.lines is None else change.lines
        source, reason, confidence = change.source, change.reason, change.confidence
        shelf.put(number, replace(raw, lines=lines, source=source, reason=reason, confidence=confidence))
    for number in uncertain:
        raw = shelf.get(number)
        survey.add(raw.lines, raw.source)
    return tuple(again.warnings)


def _finished(
    document: Any, name: str, pages: list[Page], blocks: list[PlacedBlock], printed: dict[int, str]
) -> ParsedDocument:
    """Put together what was read with what the file says of itself."""
    title, author = pdf.metadata(document)
    own_outline = pdf.outline(document)
    levels = heading_levels(blocks, own_outline)
    labels = dict(enumerate(pdf.page_labels(document), 1)) or printed
    texts = {page.number: page.text for page in pages}
    found = tuple(Heading(level, blocks[i].text, blocks[i].spans[0].page) for i, level in levels.items())
    return ParsedDocument(
        title=document_title(title, blocks, name),
        author=author,
        pages=tuple(replace(page, label=labels.get(page.number)) for page in pages),
        passages=make_passages(blocks, levels, texts),
        outline=own_outline or found,
        body_pages=sum(page.source in READABLE for page in pages),
        language=language_of({page.number: page.text for page in pages if page.source in READABLE}),
        acronyms=find_acronyms(page.text for page in pages),
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
    raws: Iterable[RawPage],
    survey: Survey,
    dropped: Mapping[int, frozenset[int]],
    more: Extras,
    on_step: OnStep,
) -> tuple[list[Page], list[PlacedBlock]]:
    composer, typesetter = Composer(), Typesetter(survey.hyphens)
    confidences: dict[int, float | None] = {}
    for raw in raws:
        page = raw.lines
        on_step("compose", page.number)
        lines = in_reading_order(page, dropped.get(page.number, frozenset()))
        body = survey.body_of(raw.source)
        pictures = (*raw.graphics.pictures, *raw.graphics.frames) if raw.graphics is not None else ()
        blocks = composer.compose(lines, body, pictures) if lines else []
        aside = survey.asides.kept(page)
        beside = composer.beside(aside, body)
        notes = [composer.apart(line, body) for line in more.lines.get(page.number, ())]
        if blocks or beside or notes:
            confidences[page.number] = raw.confidence
            by_notes = not blocks and not beside and raw.source in {"empty", "text"}
            how: tuple[PageSource, str | None] = ("text", None) if by_notes else (raw.source, raw.reason)
            typesetter.set_page(page, [*lines, *aside], [*blocks, *beside, *notes], *how)
            if raw.graphics is not None:
                typesetter.set_figures(match_captions(blocks, raw.graphics, page))
        else:
            source: PageSource = raw.source if raw.reason else "empty"
            reason = raw.reason or "no text but a page number"
            typesetter.add(Page(page.number, None, "", page.width, page.height, Words.none(), source, reason))
    pages, placed = typesetter.finish()
    return [replace(page, confidence=confidences.get(page.number)) for page in pages], placed


def _why_no_text(name: str, pages: list[Page], ocr: Ocr) -> str:
    counts = Counter(page.source for page in pages)
    said = {"image": "pictures", "garbled": "in fonts that do not tell their letters", "failed": "unreadable"}
    parts = [f"{n} {said.get(source, 'empty')}" for source, n in counts.most_common()]
    found = f"{name} has no text that can be read. Of {len(pages)} pages: {', '.join(parts)}."
    if not counts.keys() & WHY.keys():
        return found
    if ocr.lacks:
        reason = ocr.reason.replace("read it", "read them")
        return f"{found} {reason[0].upper()}{reason[1:]}."
    reason = next((page.reason for page in pages if page.source in WHY and page.reason), "OCR found no text in them")
    return f"{found} {reason[0].upper()}{reason[1:]}."
