"""Addresses under which the viewer fetches what it shows: pages, words to select, sizes, the outline, words found.

    /paper/{library}/{document}/{capability}/info
    /paper/{library}/{document}/{capability}/page/{number}?w=1200&clip=0,0.2,1,0.4
    /paper/{library}/{document}/{capability}/text/{number}
    /paper/{library}/{document}/{capability}/read/{number}
    /paper/{library}/{document}/{capability}/outline
    /paper/{library}/{document}/{capability}/find?q=net%20sales

Routes know no session, so the address itself must be unguessable: the capability is a keyed hash that only pages of
this process are told. 403: wrong capability; 404: no such document or page; 422: a width, a clip or words to find that
make no sense.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hmac import compare_digest
from html import escape
from math import isfinite

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag import Library
from rag.errors import FootnoteError, InputError, UnknownDocument
from rag.find import Place, find_words
from rag.index.reports import Reports
from rag.types import Page
from ui import shelf
from ui.report.pages import page_data

# What was read is asked for anew each time: reading a document again changes it.
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Images of the file itself, which stays: kept by this browser only, and not for long, as a removed one must not linger.
_IMAGE_HEADERS = _HEADERS | {"Cache-Control": "private, max-age=600"}
_WIDTHS = (80, 2400)  # pixels
Clip = tuple[float, float, float, float]


class _Refusal(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def routes() -> list[Route]:
    """Return the routes of the page server."""
    base = "/paper/{library}/{document}/{capability}"
    return [
        Route(f"{base}/info", _guarded(_info)),
        Route(f"{base}/page/{{number:int}}", _guarded(_page)),
        Route(f"{base}/text/{{number:int}}", _guarded(_text)),
        Route(f"{base}/read/{{number:int}}", _guarded(_read)),
        Route(f"{base}/outline", _guarded(_outline)),
        Route(f"{base}/find", _guarded(_find)),
    ]


def _guarded(handle: Callable[[Request, Library, str], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Check the capability, run the handler in a thread, turn errors into status codes."""

    def run(request: Request) -> Response:
        slug, document = request.path_params["library"], request.path_params["document"]
        expected = shelf.current().capability(slug, document)
        if not compare_digest(expected.encode(), request.path_params["capability"].encode()):
            return PlainTextResponse("This address is not valid (any more): reload the page.", 403, _HEADERS)
        place = shelf.current().by_slug(slug)
        if place is None:
            return PlainTextResponse("This library is not open.", 404, _HEADERS)
        try:
            return handle(request, place.library, document)
        except _Refusal as exc:
            return PlainTextResponse(str(exc), exc.status, _HEADERS)
        except UnknownDocument as exc:
            return PlainTextResponse(str(exc), 404, _HEADERS)
        except FootnoteError as exc:
            return PlainTextResponse(str(exc), 409, _HEADERS)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(run, request)

    return endpoint


def _info(_: Request, library: Library, document_id: str) -> Response:
    document, labels = library.document(document_id), library.labels(document_id)
    sizes = [[round(width, 2), round(height, 2)] for width, height in library.sizes(document_id)]
    printed = [labels.get(number) for number in range(1, len(sizes) + 1)]
    info = {"name": document.name, "title": document.title, "sizes": sizes, "labels": printed}
    return JSONResponse(info | {"ocr": library.catalog.read_by_ocr(document.key)}, 200, _HEADERS)


def _page(request: Request, library: Library, document_id: str) -> Response:
    number = _existing(request, library, document_id)
    width, clip = _width(request.query_params.get("w")), _clip(request.query_params.get("clip"))
    image = library.page_image(document_id, number, width, clip)
    return Response(image, 200, _IMAGE_HEADERS, "image/jpeg")


def _text(request: Request, library: Library, document_id: str) -> Response:
    page = library.page(document_id, _existing(request, library, document_id))
    return Response(text_layer(page), 200, _HEADERS, "image/svg+xml")


def _read(request: Request, library: Library, document_id: str) -> Response:
    report = Reports(library.catalog).page(library.document(document_id), _existing(request, library, document_id))
    return JSONResponse(page_data(report), 200, _HEADERS)


def _outline(_: Request, library: Library, document_id: str) -> Response:
    entries = [{"level": h.level, "title": h.title, "page": h.page} for h in library.outline(document_id)]
    return JSONResponse(entries, 200, _HEADERS)


def _find(request: Request, library: Library, document_id: str) -> Response:
    """Every place where the words stand, as far as they are told; `n_hits` and `n_pages` count them all."""
    key, catalog = library.document(document_id).key, library.catalog
    try:
        found = find_words(
            request.query_params.get("q", ""), catalog.page_texts(key), lambda number: catalog.page(key, number)
        )
    except InputError as exc:
        raise _Refusal(422, str(exc)) from exc
    hits = [_place(place) for place in found.places]
    return JSONResponse({"n_hits": found.n_places, "n_pages": found.n_pages, "hits": hits}, 200, _HEADERS)


def _place(place: Place) -> dict[str, object]:
    boxes = [[box.page, *(round(side, 5) for side in (box.x0, box.y0, box.x1, box.y1))] for box in place.boxes]
    return {
        "page": place.page,
        "before": place.before,
        "words": place.words,
        "after": place.after,
        "boxes": boxes,
    }


def _existing(request: Request, library: Library, document_id: str) -> int:
    number: int = request.path_params["number"]
    n_pages = len(library.sizes(document_id))
    if not 1 <= number <= n_pages:
        raise _Refusal(404, f"There is no page {number}: the document has {n_pages}.")
    return number


def _width(text: str | None) -> int:
    try:
        width = int(text or 1200)
    except ValueError as exc:
        raise _Refusal(422, "w must be a whole number of pixels.") from exc
    return min(_WIDTHS[1], max(_WIDTHS[0], width))


def _clip(text: str | None) -> Clip | None:
    if text is None:
        return None
    try:
        x0, y0, x1, y1 = (float(side) for side in text.split(","))
    except ValueError as exc:
        raise _Refusal(422, "clip must be four numbers: x0,y0,x1,y1.") from exc
    if not (all(map(isfinite, (x0, y0, x1, y1))) and 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise _Refusal(422, "clip must lie within the page: 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1.")
    return x0, y0, x1, y1


def text_layer(page: Page) -> str:
    """Return the words of a page as invisible SVG text in their places, a line of the page a `<text>`.

    Selecting and copying then works as in the PDF itself. Words of a line are separated by a space, lines by a
    newline.
    """
    words = page.words
    lines: list[str] = []
    last_line: int | None = None
    for start, end, box, line in zip(words.starts, words.ends, words.boxes, words.lines, strict=True):
        x0, y0, x1, y1 = (float(side) for side in box)
        x, y = x0 * page.width, y1 * page.height
        width, size = (x1 - x0) * page.width, max(2.0, (y1 - y0) * page.height)
        word = (
            f'<tspan x="{x:.1f}" y="{y - size * 0.2:.1f}" font-size="{size:.1f}" textLength="{width:.1f}" '
            f'lengthAdjust="spacingAndGlyphs">{escape(_visible(page.text[start:end]))}</tspan> '
        )
        if line == last_line:
            lines[-1] += word
        else:
            lines.append(word)
        last_line = int(line)
    body = "".join(f"<text>{line.rstrip()}\n</text>" for line in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {page.width:.2f} {page.height:.2f}" '
        f'preserveAspectRatio="none">{body}</svg>'
    )


def _visible(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(
        c for c in text if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) not in {0xFFFE, 0xFFFF}
    )
