"""The sample document: what the built PDF holds, and that its sources still give it."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pypdf
import pypdfium2
import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "docs" / "primer"
PDF = ROOT / "rag" / "assets" / "primer.pdf"
QUESTIONS: list[dict[str, Any]] = json.loads(PDF.with_name("primer_questions.json").read_text(encoding="utf-8"))
N_ROMAN = 4
TERMS = """
artificial intelligence; machine learning; neural network; deep learning; weight; bias; hidden layer; sigmoid;
hyperbolic tangent; ReLU; Leaky ReLU; PReLU; ELU; GELU; softmax; loss function; cross-entropy; backpropagation;
gradient descent; stochastic gradient descent; mini-batch; momentum; Nesterov; Adagrad; AdaDelta; RMSprop; Adam;
Adamax; AMSGrad; Xavier initialisation; He initialisation; overfitting; underfitting; L1 regularisation;
L2 regularisation; weight decay; early stopping; data augmentation; batch normalisation; dropout; Neocognitron;
Fukushima; LeNet-5; AlexNet; local response normalisation; 15.3 per cent; GoogLeNet; ResNet; DenseNet; recurrent neural
network; long short-term memory; gated recurrent unit; vanishing gradient; transformer; large language model; transfer
learning; capsule network; dynamic routing; variational autoencoder; KL term; generative adversarial network;
supervised learning; semi-supervised learning; unsupervised learning; reinforcement learning; graphics processing unit;
tensor processing unit; retrieval-augmented generation; retraining; glossary; further reading
"""


def _load(name: str) -> ModuleType:
    """Import a module that stands beside the primer's sources."""
    spec = importlib.util.spec_from_file_location(f"primer_{name}", SOURCES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


markup = _load("markup")


def normalise(text: str) -> str:
    """Put broken words together and text on one line.

    pdfium marks a hyphen at a line's end as U+0002; at a page's end a soft hyphen stays, before the page number.
    """
    text = re.sub(r"[\x02\ufffe]\s*(?=[a-z])", "", text)
    return " ".join(re.sub(r"[\x02\ufffe]", "\u00ad ", text).split())


def squeeze(text: str) -> str:
    """Leave out soft hyphens and all white space, which is uncertain around raised and lowered signs."""
    return re.sub(r"[\s\u00ad]", "", text)


def read_pages(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [normalise(page.get_textpage().get_text_bounded()) for page in document]


@pytest.fixture(scope="module")
def pages() -> list[str]:
    return read_pages(PDF)


@pytest.fixture(scope="module")
def reader() -> pypdf.PdfReader:
    return pypdf.PdfReader(PDF)


@pytest.fixture(scope="module")
def chapters() -> list[Any]:
    return [markup.read_chapter(path) for path in sorted((SOURCES / "text").glob("*.md"))]


def outline_entries(reader: pypdf.PdfReader) -> Iterator[tuple[int, str, int, float]]:
    """Yield level from 0, title, page from 1 and height on the page of every outline entry."""

    def walk(entries: Any, level: int) -> Iterator[tuple[int, str, int, float]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry, level + 1)
            else:
                page = reader.get_destination_page_number(entry)
                assert page is not None
                yield level, str(entry.title), page + 1, float(entry.top or 0)

    yield from walk(reader.outline, 0)


def test_it_is_a_small_file_of_22_to_28_pages(pages: list[str]) -> None:
    assert 22 <= len(pages) <= 28
    assert PDF.stat().st_size < 2_000_000


def test_labels_are_roman_in_front_and_arabic_from_1_in_the_body(reader: pypdf.PdfReader) -> None:
    body = [str(number) for number in range(1, len(reader.pages) - N_ROMAN + 1)]
    assert list(reader.page_labels) == ["i", "ii", "iii", "iv", *body]


def test_every_page_after_the_title_prints_its_label(reader: pypdf.PdfReader, pages: list[str]) -> None:
    for number, (label, text) in enumerate(zip(reader.page_labels, pages, strict=True), 1):
        if number > 1:
            assert text.startswith(f"{label} ") or text.endswith(f" {label}"), f"page {number}: {text[-60:]!r}"


def test_the_outline_lists_every_chapter_and_section_on_the_page_that_shows_it(
    reader: pypdf.PdfReader, pages: list[str], chapters: list[Any]
) -> None:
    expected = []
    for chapter in chapters:
        sections = [block.title for block in chapter.blocks if isinstance(block, markup.Section)]
        expected += [(0, chapter.title), *((1, title) for title in sections)]
    entries = list(outline_entries(reader))
    assert [(level, title) for level, title, _, _ in entries] == expected
    for _, title, page, _ in entries:
        assert title in pages[page - 1]


def test_no_heading_stands_alone_at_the_foot_of_a_page(reader: pypdf.PdfReader) -> None:
    for _, title, page, top in outline_entries(reader):
        assert top > 54 + 16 + 2 * 12, f"{title!r} at {top:.0f} points on page {page}"


def test_a_page_inside_a_chapter_carries_its_label_and_title_as_running_head(
    reader: pypdf.PdfReader, pages: list[str]
) -> None:
    openings = {page: title for level, title, page, _ in outline_entries(reader) if level == 0}
    chapter = ""
    for number, text in enumerate(pages, 1):
        if number in openings:
            chapter = openings[number]
        elif number > N_ROMAN:
            label = str(number - N_ROMAN)
            head = f"{label} {chapter} " if number % 2 == 0 else f"{chapter} {label} "
            assert text.startswith(head), f"page {number}"


def test_every_sentence_of_the_sources_stands_in_the_pdf_unchanged(pages: list[str], chapters: list[Any]) -> None:
    heads = "|".join(re.escape(chapter.title) for chapter in chapters)
    whole = squeeze(" ".join(re.sub(rf"^(\d+ ({heads})|({heads}) \d+) |\s[ivx\d]+$", "", text) for text in pages))
    for chapter in chapters:
        for block in chapter.blocks:
            if not isinstance(block, markup.Paragraph):
                continue
            plain = re.sub(r"\*|[_^](?=\{)|(?<=[_^])\{|(?<=\{)|[{}]", "", block.text).replace("'", "’")
            for sentence in re.split(r"(?<=[.:;?]) ", plain):
                if "@" not in sentence:
                    assert squeeze(sentence) in whole, sentence


def test_figures_and_tables_are_numbered_in_order_and_captioned(pages: list[str], chapters: list[Any]) -> None:
    blocks = [block for chapter in chapters for block in chapter.blocks]
    n_figures = sum(isinstance(block, markup.Picture) for block in blocks)
    n_tables = sum(isinstance(block, markup.Grid) for block in blocks)
    whole = " ".join(pages)
    assert n_figures >= 6 and n_tables >= 2
    assert [int(n) for n in re.findall(r"Figure (\d+)\. [A-Z]", whole)] == list(range(1, n_figures + 1))
    assert [int(n) for n in re.findall(r"Table (\d+)\. [A-Z]", whole)] == list(range(1, n_tables + 1))


def test_no_letter_stands_outside_the_margins() -> None:
    with pypdfium2.PdfDocument(PDF) as document:
        for number, page in enumerate(document, 1):
            width, height = page.get_size()
            text = page.get_textpage()
            for i in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(i)
                if right > left:
                    inside = left > 50 and right < width - 50 and bottom > 24 and top < height - 34
                    assert inside, f"page {number}: {text.get_text_range(i, 20)!r}"


def test_all_fonts_are_embedded(reader: pypdf.PdfReader) -> None:
    for page in reader.pages:
        fonts: Any = page["/Resources"].get_object().get("/Font", {})  # type: ignore[union-attr]
        for font in fonts.get_object().values():
            descriptor = font.get_object().get("/FontDescriptor")
            if descriptor is not None:
                assert "/FontFile2" in descriptor.get_object()
    used = {name for page in reader.pages for name in _used_fonts(page)}
    assert used and all("STIX" in name for name in used), used


def _used_fonts(page: pypdf.PageObject) -> Iterator[str]:
    names: set[str] = set()

    def note(text: str, _cm: Any, _tm: Any, font: Any, _size: Any) -> None:
        if text.strip() and font is not None:
            names.add(str(font["/BaseFont"]))

    page.extract_text(visitor_text=note)
    yield from names


def test_some_pages_have_two_columns_and_others_one(reader: pypdf.PdfReader, chapters: list[Any]) -> None:
    assert {chapter.n_columns for chapter in chapters if chapter.is_numbered} == {1, 2}
    starts = {title: page for level, title, page, _ in outline_entries(reader) if level == 0}
    with pypdfium2.PdfDocument(PDF) as document:
        for chapter in chapters:
            if chapter.is_numbered:
                page = document[starts[chapter.title] - 1]
                middle = page.get_size()[0] / 2
                text = page.get_textpage()
                rects = [text.get_rect(i) for i in range(text.count_rects())]
                crossing = sum(
                    left < middle - 40 and right > middle + 40 and top < 560 for left, _, right, top in rects
                )
                assert (crossing == 0) == (chapter.n_columns == 2), chapter.title


@pytest.mark.parametrize("term", [" ".join(term.split()) for term in TERMS.split(";")])
def test_a_topic_is_covered(pages: list[str], term: str) -> None:
    assert term.lower() in " ".join(pages).lower()


def test_there_are_16_questions_and_the_6_best_are_suggested() -> None:
    assert len(QUESTIONS) == 16
    assert len({question["question"] for question in QUESTIONS}) == 16
    assert sum(question.get("suggested", False) for question in QUESTIONS) == 6
    for question in QUESTIONS:
        assert set(question) in ({"question", "answer", "page"}, {"question", "answer", "page", "suggested"})


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["question"])
def test_an_answer_stands_verbatim_on_its_page(pages: list[str], question: dict[str, Any]) -> None:
    assert question["answer"] in pages[question["page"] - 1]
    assert question["page"] > N_ROMAN


def test_a_rebuild_gives_the_same_text_and_questions(tmp_path: Path, pages: list[str]) -> None:
    for package in ("matplotlib", "reportlab"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install .[dev]")
    command = [sys.executable, str(SOURCES / "build.py"), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    assert read_pages(tmp_path / "primer.pdf") == pages
    assert json.loads((tmp_path / "primer_questions.json").read_text(encoding="utf-8")) == QUESTIONS
