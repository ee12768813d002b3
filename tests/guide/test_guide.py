"""A guide is made, kept, removed with its document, and written out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rag.commands.guiding import guide_text
from rag.errors import Cancelled, InputError
from rag.guide.guide import Entry, Guide, Line, Term, guide_from_json, guide_to_json
from rag.index.guides import Guides
from rag.language import language_of
from rag.library import Library
from rag.types import Box, Citation, Document, PageSpan
from ui.guide import guide_html

MakePdf = Callable[..., Path]
SHA = "b" * 64
TEXT = [
    [
        "# Rivers of Europe",
        "The Danube is a river that rises in the Black Forest and flows into the Black Sea. "
        "The Danube passes ten countries on its way to the sea.",
        "The river commission was founded in 1856 by seven states after a war. "
        "The river commission regulates all shipping on the Danube.",
    ],
    [
        "# Floods",
        "A flood gauge is a device that measures how high the water of a river stands. "
        "The flood gauge in Vienna sends its figures every minute to the river commission.",
    ],
]


def cited(page: int = 3, quote: str = "a <quote>") -> Citation:
    return Citation(1, SHA, "a.pdf", page, "iii", quote, (PageSpan(page, 0, 9),), (Box(page, 0.1, 0.2, 0.3, 0.4),))


def made_guide() -> Guide:
    return Guide(
        SHA,
        "a.pdf",
        Line("Rivers <script>", cited(1)),
        Line("Jane & Co", cited()),
        None,
        12,
        "English",
        (Line("The Danube is <b>long</b>.", cited(5)),),
        (Entry(1, "One", cited(2)), Entry(2, "Two", cited(4))),
        (Term("danube", 7, True, cited(6)),),
        (Line("What is the Danube?", cited(7)),),
    )


def test_a_guide_survives_json() -> None:
    guide = made_guide()
    assert guide_from_json(json.loads(json.dumps(guide_to_json(guide)))) == guide


def test_a_guide_is_made_kept_and_removed_with_its_document(library: Library, make_pdf: MakePdf, minilm: Path) -> None:
    library.add(make_pdf(TEXT, "rivers.pdf", title="Rivers of Europe"))
    document = library.document("rivers.pdf")
    assert library.guide("rivers.pdf") is None
    guide = library.make_guide("rivers.pdf")
    assert library.guide("rivers.pdf") == guide
    assert Guides(library.catalog).ids() == {document.id}
    assert guide.title.text == "Rivers of Europe"
    assert [entry.title for entry in guide.outline] == ["Rivers of Europe", "Floods"]
    assert any("flood gauge is a device" in line.text for line in guide.telling)
    for line in guide.telling:
        assert line.citation is not None
        spans = line.citation.spans
        pages = {span.page: library.page(document.id, span.page).text for span in spans}
        assert " ".join(pages[span.page][span.start : span.end] for span in spans) == line.text
    library.remove("rivers.pdf")
    assert library.catalog.database.query("SELECT * FROM guide") == []


def test_a_kept_guide_has_the_name_that_its_document_has_now(library: Library, make_pdf: MakePdf, minilm: Path) -> None:
    library.add(make_pdf(TEXT, "rivers.pdf", title="Rivers of Europe"))
    before = library.make_guide("rivers.pdf")
    library.rename("rivers.pdf", "waters.pdf")
    after = library.guide("waters.pdf")
    assert after is not None
    old, new = json.dumps(guide_to_json(before)), json.dumps(guide_to_json(after))
    assert new == old.replace('"rivers.pdf"', '"waters.pdf"') != old


def test_every_suggested_question_comes_back_to_its_page(library: Library, make_pdf: MakePdf, minilm: Path) -> None:
    library.add(make_pdf(TEXT, "rivers.pdf"))
    questions = library.make_guide("rivers.pdf").questions
    assert questions
    for question in questions:
        assert question.citation is not None
        answer = library.ask(question.text, documents=["rivers.pdf"])
        assert answer.claims[0].citations[0].page == question.citation.page


def test_a_guide_of_another_form_is_made_again(library: Library, make_pdf: MakePdf, minilm: Path) -> None:
    library.add(make_pdf(TEXT, "rivers.pdf"))
    document = library.document("rivers.pdf")
    Guides(library.catalog).put(document, guide_to_json(made_guide()) | {"form": 0})
    assert library.guide("rivers.pdf") is None
    assert Guides(library.catalog).ids() == set()


def test_a_stopped_guide_is_not_kept(library: Library, make_pdf: MakePdf, minilm: Path) -> None:
    library.add(make_pdf(TEXT, "rivers.pdf"))
    with pytest.raises(Cancelled):
        library.make_guide("rivers.pdf", is_cancelled=lambda: True)
    assert library.guide("rivers.pdf") is None


def test_a_document_that_was_not_read_has_no_guide(library: Library, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    library.add(broken)
    with pytest.raises(InputError, match="is failed: there is nothing"):
        library.make_guide("broken.pdf")


def test_a_part_that_fails_is_empty_and_the_rest_stands(
    library: Library, make_pdf: MakePdf, minilm: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("odd document")

    monkeypatch.setattr("rag.guiding.key_terms", fails)
    library.add(make_pdf(TEXT, "rivers.pdf"))
    guide = library.make_guide("rivers.pdf")
    assert guide.terms == ()
    assert guide.telling
    assert "goes without its terms" in caplog.text


class Seen(HTMLParser):
    """Tags, links and text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_guide_as_html_is_escaped_and_every_footnote_can_be_opened() -> None:
    document = Document(SHA, "a.pdf", "A", "ready", 12, 3, 0.0, key=5)
    html, cites = guide_html(made_guide(), document)
    seen = Seen(html)
    assert "script" not in seen.tags
    assert "b" not in seen.tags
    assert "Rivers <script>" in seen.text
    assert "The Danube is <b>long</b>." in seen.text
    assert [link.removeprefix("#cite-") for link in seen.links] == list(cites)
    assert all(re.fullmatch(r"g5-\d+", key) for key in cites)
    first = next(iter(cites.values()))
    assert (first["doc"], first["page"], first["boxes"]) == (SHA, 1, [[1, 0.1, 0.2, 0.3, 0.4]])


def test_a_guide_for_a_terminal_names_the_pages() -> None:
    text = guide_text(made_guide())
    assert "In short:\n  The Danube is <b>long</b>. (p. iii (PDF 5))" in text
    assert "danube (p. iii (PDF 6))" in text
    assert "What is the Danube?" in text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "The river flows through many countries and its water is cold in the winter months. Barges carry grain, "
            "ore and timber down to the sea, where larger ships are waiting for them in the harbour. In summer it is "
            "so shallow that nobody dares to swim across.",
            "en",
        ),
        (
            "Der Fluss fließt durch viele Länder und sein Wasser ist in den Wintermonaten sehr kalt. Lastkähne bringen "
            "Getreide, Erz und Holz bis ans Meer, wo größere Schiffe im Hafen auf sie warten. Im Sommer ist er so "
            "flach, dass niemand hindurchschwimmen mag.",
            "de",
        ),
        ("too short", None),
    ],
)
def test_the_language_is_told_by_the_text_if_there_is_enough(text: str, code: str | None) -> None:
    assert language_of({1: text}) == code
