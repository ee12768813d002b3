"""The Word file: opened again with python-docx, and its XML held against the rules of ECMA-376 for footnotes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.export import Exchange, Note, Transcript, to_docx
from rag.export.docx import FIRST_ID
from rag.export.layout import clean
from tests.answers_made import (
    abstained,
    citation,
    claim,
    exchange,
    extractive,
    grounded,
    listed,
    transcript,
    ungrounded,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/"
FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
FOOTNOTES_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
# ECMA-376 part 1, 17.15.1.78: the order of what may stand in the settings, as far as it concerns us.
SETTINGS_ORDER = ["zoom", "defaultTabStop", "characterSpacingControl", "footnotePr", "endnotePr", "compat", "rsids"]
ALL = transcript(
    Exchange("Where?", (extractive(), grounded(), ungrounded())),
    Exchange("Why?", (abstained(),)),
    Exchange("What?", (), "The model is gone."),
    Exchange("List", (listed(),)),
    Note("My own words", extractive()),
)


def parts(made: Transcript) -> dict[str, Any]:
    """The XML of every part of the file, by name."""
    with zipfile.ZipFile(io.BytesIO(to_docx(made))) as archive:
        assert archive.testzip() is None
        return {
            name: ElementTree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xml", ".rels"))
        }


def text_of(element: Any) -> str:
    return "".join(
        "\n" if node.tag == f"{W}br" else "\t" if node.tag == f"{W}tab" else node.text or ""
        for node in element.iter()
        if node.tag in {f"{W}t", f"{W}br", f"{W}tab"}
    )


def ids(root: Any, tag: str) -> list[int]:
    return [int(element.get(f"{W}id")) for element in root.iter(f"{W}{tag}")]


def test_every_mark_has_its_footnote_and_every_footnote_its_mark_in_order() -> None:
    made = parts(ALL)
    marks = ids(made["word/document.xml"], "footnoteReference")
    assert marks == list(range(FIRST_ID, FIRST_ID + 10))
    assert ids(made["word/footnotes.xml"], "footnote") == [0, 1, *marks]


def test_the_separators_come_first_and_the_settings_name_them() -> None:
    made = parts(ALL)
    notes = list(made["word/footnotes.xml"])
    assert [note.get(f"{W}type") for note in notes[:3]] == ["separator", "continuationSeparator", None]
    for note, mark in zip(notes[:2], ("separator", "continuationSeparator"), strict=True):
        assert [node.tag for node in note.iter()][1:] == [f"{W}p", f"{W}r", f"{W}{mark}"]
    properties = made["word/settings.xml"].find(f"{W}footnotePr")
    assert ids(properties, "footnote") == [0, 1]


def test_settings_stand_in_the_order_of_the_schema() -> None:
    order = [child.tag.removeprefix(W) for child in parts(ALL)["word/settings.xml"]]
    ours = [name for name in order if name in SETTINGS_ORDER]
    assert "footnotePr" in ours
    assert ours == [name for name in SETTINGS_ORDER if name in ours]


def test_the_part_is_declared_and_led_to() -> None:
    made = parts(ALL)
    declared = {
        override.get("PartName"): override.get("ContentType")
        for override in made["[Content_Types].xml"].iter(f"{PACKAGE}content-types}}Override")
    }
    assert declared["/word/footnotes.xml"] == FOOTNOTES_TYPE
    links = made["word/_rels/document.xml.rels"].iter(f"{PACKAGE}relationships}}Relationship")
    assert [link.get("Target") for link in links if link.get("Type") == FOOTNOTES_LINK] == ["footnotes.xml"]
    for name, type_ in declared.items():  # nothing is declared that is not there
        assert name.lstrip("/") in made, type_


def test_every_style_that_is_used_is_there() -> None:
    made = parts(ALL)
    known = {style.get(f"{W}styleId"): style.get(f"{W}type") for style in made["word/styles.xml"].iter(f"{W}style")}
    for name in ("word/document.xml", "word/footnotes.xml"):
        for tag, type_ in (("pStyle", "paragraph"), ("rStyle", "character")):
            assert {known.get(node.get(f"{W}val")) for node in made[name].iter(f"{W}{tag}")} <= {type_}
    named = {s.find(f"{W}name").get(f"{W}val"): s.get(f"{W}styleId") for s in made["word/styles.xml"].iter(f"{W}style")}
    assert (named["footnote text"], named["footnote reference"]) == ("FootnoteText", "FootnoteReference")
    assert len(known) == len(named)


def test_a_style_comes_first_in_what_is_said_of_a_paragraph_or_a_run() -> None:
    made = parts(transcript(Exchange("שלום", (extractive("שלום עולם."),)), Note("Mine", grounded())))
    for name in ("word/document.xml", "word/footnotes.xml"):
        for tag, first in (("pPr", "pStyle"), ("rPr", "rStyle")):
            for properties in made[name].iter(f"{W}{tag}"):
                tags = [child.tag.removeprefix(W) for child in properties]
                assert first not in tags[1:]
                assert len(tags) == len(set(tags))


def test_a_footnote_says_document_page_quote_and_verdict() -> None:
    notes = list(parts(exchange(grounded()))["word/footnotes.xml"])[2:]
    assert [text_of(note) for note in notes] == [
        " rivers.pdf, p. 9 (PDF 12): “rises here” (supported by this passage)",
        " rivers.pdf, p. 9 (PDF 12): “Black Forest” (supported by this passage)",
        " rivers.pdf, p. 9 (PDF 12): “2,850 km” (this passage says otherwise)",
        " rivers.pdf, p. 9 (PDF 12): “calm” (not checked against the passage)",
    ]
    assert all(len(list(note.iter(f"{W}footnoteRef"))) == 1 for note in notes)


def test_a_footnote_without_a_quote_names_the_page_alone() -> None:
    counted = replace(extractive(), claims=(claim("It has 12 pages.", citation(""), verdict="unchecked"),))
    (note,) = list(parts(exchange(counted))["word/footnotes.xml"])[2:]
    assert text_of(note) == " rivers.pdf, p. 9 (PDF 12) (not checked against the passage)"


def test_two_marks_at_one_place_do_not_read_as_one_number() -> None:
    paragraph = next(p for p in parts(exchange(grounded()))["word/document.xml"].iter(f"{W}p") if "blue" in text_of(p))
    said = [node.tag.removeprefix(W) if node.tag != f"{W}t" else node.text for node in paragraph.iter()]
    marks = [said_ for said_ in said if said_ in {"footnoteReference", ", "}]
    assert marks == ["footnoteReference", ", ", "footnoteReference", "footnoteReference", "footnoteReference"]


def test_python_docx_opens_it_and_finds_headings_lists_and_properties() -> None:
    document = docx.Document(io.BytesIO(to_docx(ALL)))
    said = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]
    assert said[:3] == [("Title", "Rivers"), ("Date line", "3 May 2026"), ("Heading 1", "Where?")]
    assert ("Heading 2", "In SmolLM2's words") in said
    assert ("Heading 2", "Without the documents, in SmolLM2's words") in said
    assert ("Remark", "Stopped before it was finished.") in said
    assert ("List Bullet", "1 May") in said
    assert ("Quote", "My own words") in said
    assert (document.core_properties.title, document.core_properties.author) == ("Rivers", "Footnote")
    assert document.core_properties.comments == ""


def test_a_file_without_footnotes_has_no_part_for_them() -> None:
    made = parts(exchange(ungrounded()))
    assert "word/footnotes.xml" not in made
    assert made["word/settings.xml"].find(f"{W}footnotePr") is None


@pytest.mark.parametrize(("text", "is_from_right"), [("שלום עולם", True), ("1. مرحبا", True), ("Hello שלום", False)])
def test_a_paragraph_runs_from_the_right_when_its_first_letter_does(text: str, is_from_right: bool) -> None:
    document = parts(exchange(extractive(text, "quote")))["word/document.xml"]
    (paragraph,) = (p for p in document.iter(f"{W}p") if text_of(p) == text)
    assert (paragraph.find(f"{W}pPr/{W}bidi") is not None) == is_from_right
    assert (paragraph.find(f"{W}r/{W}rPr/{W}rtl") is not None) == is_from_right


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=25)
def test_any_text_comes_back_character_by_character(text: str) -> None:
    said, quote = clean(f"begin {text} end"), clean(text).strip()
    made = parts(transcript(Exchange(text, (extractive(f"begin {text} end", text),)), title=text))
    assert said in [text_of(paragraph) for paragraph in made["word/document.xml"].iter(f"{W}p")]
    (note,) = list(made["word/footnotes.xml"])[2:]
    quoted = f": “{quote}”" if quote else ""
    assert text_of(note) == f" rivers.pdf, p. 9 (PDF 12){quoted} (the document's own words)"


def test_a_chat_of_forty_questions_is_written_whole() -> None:
    answers = (extractive(), grounded(), ungrounded())
    made = parts(transcript(*(Exchange(f"Question {i}?", answers) for i in range(40))))
    assert len(ids(made["word/document.xml"], "footnoteReference")) == 40 * 5
