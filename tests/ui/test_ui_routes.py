"""Pages are served to those who were told the address, and to nobody else."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.testclient import TestClient

from rag.types import Document
from ui import shelf
from ui.app import HOSTS
from ui.routes import routes, text_layer


@pytest.fixture
def document(bench: shelf.Shelf, facts: Path) -> Document:
    library = bench.place("default").library
    library.add(facts)
    return library.documents()[0]


@pytest.fixture
def paper(bench: shelf.Shelf, document: Document) -> str:
    return bench.paper(bench.place("default"), document.id)


@pytest.fixture
def client(bench: shelf.Shelf) -> Iterator[TestClient]:
    app = Starlette(routes=routes(), middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)])
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def test_a_page_is_a_jpeg_as_wide_as_asked(client: TestClient, paper: str) -> None:
    answer = client.get(f"{paper}/page/1?w=300")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=600"
    assert answer.content.startswith(b"\xff\xd8")


def test_a_clip_is_a_smaller_image(client: TestClient, paper: str) -> None:
    whole, strip = (client.get(f"{paper}/page/1?w=300{clip}").content for clip in ("", "&clip=0,0.1,1,0.2"))
    assert len(strip) < len(whole)


def test_info_tells_sizes_and_labels_of_every_page(client: TestClient, paper: str) -> None:
    info = client.get(f"{paper}/info").json()
    assert info["name"] == "facts.pdf"
    assert len(info["sizes"]) == len(info["labels"]) == 3


def test_info_tells_which_pages_were_read_by_ocr(client: TestClient, paper: str, bench: shelf.Shelf) -> None:
    assert client.get(f"{paper}/info").json()["ocr"] == []
    with bench.place("default").library.catalog.database.writing() as database:
        database.execute("UPDATE page SET source = 'ocr' WHERE number = 2")
    assert client.get(f"{paper}/info").json()["ocr"] == [2]


@pytest.mark.parametrize("what", ["info", "text/1", "read/1", "outline", "find?q=light", "page/99"])
def test_what_was_read_is_asked_for_anew_each_time(client: TestClient, paper: str, what: str) -> None:
    assert client.get(f"{paper}/{what}").headers["cache-control"] == "private, no-cache"


def test_the_text_layer_holds_the_words_in_their_places(client: TestClient, paper: str, bench: shelf.Shelf) -> None:
    page = bench.place("default").library.page("facts.pdf", 1)
    svg = ET.fromstring(client.get(f"{paper}/text/1").text)
    words = [span.text for span in svg.iter("{http://www.w3.org/2000/svg}tspan")]
    assert words == [page.text[start:end] for start, end in zip(page.words.starts, page.words.ends, strict=True)]
    first = next(svg.iter("{http://www.w3.org/2000/svg}tspan"))
    assert float(first.get("x", 0)) == pytest.approx(page.words.boxes[0][0] * page.width, abs=0.1)


def test_the_text_layer_escapes_what_the_document_says(bench: shelf.Shelf, document: Document) -> None:
    page = bench.place("default").library.page(document.id, 1)
    hostile = type(page)(
        1, None, "<script>&\x01" + page.text[10:], page.width, page.height, page.words
    )  # the first word covers six of these characters
    assert "<script" not in text_layer(hostile)
    ET.fromstring(text_layer(hostile))


def found(client: TestClient, paper: str, words: str) -> Any:
    answer = client.get(f"{paper}/find", params={"q": words})
    assert answer.status_code == 200
    return answer.json()


def test_words_are_found_whatever_their_case_with_what_stands_around_them(client: TestClient, paper: str) -> None:
    answer = found(client, paper, "BLACK  forest")
    assert (answer["n_hits"], answer["n_pages"]) == (1, 1)
    hit = answer["hits"][0]
    assert hit["page"] == 1
    assert hit["words"] == "Black Forest"
    assert hit["before"].endswith("rises in the ")
    assert hit["after"].startswith(" and flows into")
    assert [box[0] for box in hit["boxes"]] == [1]
    assert all(0 <= side <= 1 for box in hit["boxes"] for side in box[1:])


def test_words_that_stand_nowhere_are_not_found(client: TestClient, paper: str) -> None:
    assert found(client, paper, "Black Woods") == {"n_hits": 0, "n_pages": 0, "hits": []}


def test_the_outline_tells_levels_titles_and_pages(client: TestClient, paper: str, bench: shelf.Shelf) -> None:
    outline = bench.place("default").library.outline("facts.pdf")
    told = client.get(f"{paper}/outline").json()
    assert told == [{"level": h.level, "title": h.title, "page": h.page} for h in outline]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/page/0", 404),
        ("/page/4", 404),
        ("/page/999999999", 404),
        ("/page/one", 404),
        ("/page/1?w=wide", 422),
        ("/page/1?clip=1,2", 422),
        ("/page/1?clip=0,0,2,1", 422),
        ("/page/1?clip=0.5,0,0.5,1", 422),
        ("/page/1?clip=nan,0,1,1", 422),
        ("/text/4", 404),
        ("/find", 422),
        ("/find?q=%20", 422),
        ("/find?q=%C2%AD", 422),
        (f"/find?q={'long' * 100}", 422),
        ("/find?q=.*[", 200),
        ("/page/1?w=999999", 200),
        ("/page/1?w=-5", 200),
    ],
)
def test_odd_requests_get_the_right_status(client: TestClient, paper: str, path: str, status: int) -> None:
    assert client.get(paper + path).status_code == status


def test_without_the_capability_nothing_is_served(client: TestClient, paper: str, document: Document) -> None:
    base = paper.rsplit("/", 1)[0]
    for wrong in ("0" * 32, "x", "ü", paper.rsplit("/", 1)[1][:-1]):
        for what in ("page/1", "text/1", "info", "outline", "find?q=black"):
            assert client.get(f"{base}/{wrong}/{what}").status_code == 403


def test_the_capability_of_one_document_opens_no_other(client: TestClient, paper: str) -> None:
    _, _, slug, _, capability = paper.split("/")
    assert client.get(f"/paper/{slug}/{'b' * 64}/{capability}/page/1").status_code == 403


def test_a_removed_document_is_not_found(client: TestClient, paper: str, bench: shelf.Shelf) -> None:
    bench.place("default").library.remove("facts.pdf")
    assert client.get(f"{paper}/page/1").status_code == 404
    for what in ("info", "outline", "find?q=black"):
        assert client.get(f"{paper}/{what}").status_code == 404


def test_another_process_has_other_capabilities(paper: str, bench: shelf.Shelf, document: Document) -> None:
    assert shelf.Shelf().capability(bench.place("default").slug, document.id) not in paper


def test_another_host_is_refused(client: TestClient, paper: str) -> None:
    assert client.get(f"{paper}/page/1", headers={"Host": "evil.example"}).status_code == 400
