"""Pages read by OCR. Those that need tesseract are skipped where it is missing; the others bring a program of its name."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from clock import Clock
from ingest_pdfs import HEIGHT, SENTENCES, WIDTH, Draw, lines, make, prose, rewritten
from PIL import Image, ImageFilter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from rag.cli import _parser
from rag.doctor import _ocr
from rag.errors import Cancelled, NoText
from rag.ingest.ocr.ocr import Ocr
from rag.ingest.ocr.tesseract import Readiness, readiness
from rag.ingest.reading import read_document
from rag.ingest.worker import parse_in_child
from rag.library import Library
from rag.report import PageCell, remedy
from rag.types import Page, ParsedDocument
from rag.waiting import NEEDED, READ_AGAIN

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
OTHERS = (
    "Harvest records of the valley were kept in seven bound ledgers.",
    "Barley fetched nine shillings a bushel in the autumn market.",
    "Two mills ground the corn until the flood carried one away.",
    "Nobody rebuilt the smaller mill, whose stones still lie there.",
    "Sheep outnumbered people by forty to one before the railway came.",
)


def picture_of(draw: Draw, folder: Path, *, turned: int = 0, dpi: int = 200) -> Image.Image:
    """A page as a scanner gives it; `turned` degrees against the clock."""
    path = make(folder / "original.pdf", draw)
    document = pypdfium2.PdfDocument(path)
    picture = document[0].render(scale=dpi / 72).to_pil().convert("L")
    document.close()
    return picture.rotate(turned, expand=True, fillcolor=255)


def scan(picture: Image.Image, hidden: Sequence[str] = ()) -> Draw:
    """A page that shows the picture alone; `hidden` is text that cannot be seen."""

    def draw(canvas: Canvas) -> None:
        wide = picture.width > picture.height
        size = (HEIGHT, WIDTH) if wide else (WIDTH, HEIGHT)
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(picture), 0, 0, *size)
        canvas.saveState()
        text = canvas.beginText(72, 700)
        text.setFont("Helvetica", 10)
        text.setTextRenderMode(3)
        for line in hidden:
            text.textLine(line)
        canvas.drawText(text)
        canvas.restoreState()

    return draw


def covered(picture: Image.Image, hidden: Sequence[str]) -> Draw:
    """A page whose text lies under the picture."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, tuple(hidden))
        canvas.drawImage(ImageReader(picture), 0, 0, WIDTH, HEIGHT)

    return draw


def read(path: Path, ocr: Ocr | None = None) -> ParsedDocument:
    document = pypdfium2.PdfDocument(path)
    try:
        return read_document(document, name=path.name, ocr=ocr or Ocr(readiness("eng"), n_workers=2))
    finally:
        document.close()


def box_of(page: Page, word: str) -> np.ndarray:
    """The box of the first occurrence, in points of the displayed page."""
    at = [page.text[s:e] for s, e in zip(page.words.starts, page.words.ends, strict=True)].index(word)
    return page.words.boxes[at] * (page.width, page.height, page.width, page.height)


def holds_all(text: str, sentences: Sequence[str]) -> bool:
    return all(sentence in text for sentence in sentences)


# ----------------------------------------------------------------------------------------- with tesseract


@needs_tesseract
def test_a_scanned_page_is_read_and_says_how_sure_it_is(tmp_path: Path) -> None:
    path = make(tmp_path / "scan.pdf", scan(picture_of(prose(), tmp_path)))
    (page,) = read(path).pages
    assert (page.source, page.reason) == ("ocr", None)
    assert page.confidence is not None
    assert 0.85 < page.confidence <= 1
    assert holds_all(page.text, SENTENCES)


@needs_tesseract
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_words_of_a_scan_stand_where_they_are_seen_whichever_way_it_was_laid(tmp_path: Path, turned: int) -> None:
    typeset = read(make(tmp_path / "typeset.pdf", prose())).pages[0]
    scanned = read(make(tmp_path / "scan.pdf", scan(picture_of(prose(), tmp_path, turned=turned)))).pages[0]
    assert holds_all(scanned.text, SENTENCES)
    for word in ("lighthouse", "pounds,", "automatic."):
        x0, y0, x1, y1 = box_of(typeset, word)
        expected = {
            0: (x0, y0, x1, y1),
            90: (y0, WIDTH - x1, y1, WIDTH - x0),
            180: (WIDTH - x1, HEIGHT - y1, WIDTH - x0, HEIGHT - y0),
            270: (HEIGHT - y1, x0, HEIGHT - y0, x1),
        }[turned]
        assert box_of(scanned, word) == pytest.approx(expected, abs=2.5)


@needs_tesseract
def test_a_page_that_the_pdf_itself_turns_is_read_as_it_is_displayed(tmp_path: Path) -> None:
    path = make(tmp_path / "lying.pdf", scan(picture_of(prose(), tmp_path, turned=90)))
    page = read(rewritten(path, tmp_path / "rotated.pdf", lambda writer: writer.pages[0].rotate(90))).pages[0]
    assert (round(page.width), round(page.height)) == (round(WIDTH), round(HEIGHT))
    assert holds_all(page.text, SENTENCES)


@needs_tesseract
def test_a_scan_that_lies_askew_with_specks_is_read(tmp_path: Path) -> None:
    picture = picture_of(prose(), tmp_path).rotate(0.8, fillcolor=255).filter(ImageFilter.GaussianBlur(0.8))
    noise = np.random.default_rng(3).normal(0, 12, (picture.height, picture.width))
    noisy = Image.fromarray(np.clip(np.asarray(picture, np.float32) + noise, 0, 255).astype(np.uint8))
    page = read(make(tmp_path / "askew.pdf", scan(noisy))).pages[0]
    words = set(" ".join(SENTENCES).split())
    assert len(words & set(page.text.split())) > 0.95 * len(words)


@needs_tesseract
def test_a_scan_cut_into_strips_is_read_as_one_picture(tmp_path: Path) -> None:
    picture = picture_of(prose(), tmp_path)
    step = picture.height // 6 + 1

    def draw(canvas: Canvas) -> None:
        for top in range(0, picture.height, step):
            strip = picture.crop((0, top, picture.width, min(picture.height, top + step)))
            height = strip.height / picture.height * HEIGHT
            canvas.drawImage(ImageReader(strip), 0, HEIGHT * (1 - top / picture.height) - height, WIDTH, height)

    page = read(make(tmp_path / "strips.pdf", draw)).pages[0]
    assert page.source == "ocr"
    assert holds_all(page.text, SENTENCES)


@needs_tesseract
def test_columns_headings_and_hyphens_of_a_scan_are_laid_out_as_those_of_type(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 18)
        canvas.drawString(72, 780, "The Two Mills")
        canvas.setFont("Helvetica", 10)
        for i in range(14):
            lines(canvas, (f"Left line {i} tells of barley and of corn",), x=72, y=740 - 13 * i)
            lines(canvas, (f"Right line {i} tells of sheep and of wool",), x=320, y=740 - 13 * i)
        lines(canvas, ("The ledgers were bound in calf and kept in the vest-", "ibule of the corn exchange."), y=540)

    parsed = read(make(tmp_path / "scan.pdf", scan(picture_of(draw, tmp_path))))
    text = parsed.pages[0].text
    assert text.index("Left line 13") < text.index("Right line 0")
    assert [heading.title for heading in parsed.outline] == ["The Two Mills"]
    assert "vestibule" in text


@needs_tesseract
def test_rows_of_a_scanned_table_keep_label_numbers_and_heading_together(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        prose(y=600)(canvas)
        table = [("", "2018", "2019"), ("Barley sold", "1,204", "1,377"), ("Wheat sold", "908", "877"),
                 ("Oats sold", "455", "512"), ("Total", "2,567", "2,766")]  # fmt: skip
        for i, (label, *numbers) in enumerate(table):
            lines(canvas, (label,), y=480 - 15 * i)
            for j, number in enumerate(numbers):
                canvas.drawRightString(330 + 120 * j, 480 - 15 * i, number)

    parsed = read(make(tmp_path / "scan.pdf", scan(picture_of(draw, tmp_path))))
    for row in ("Barley sold  1,204  1,377", "Wheat sold  908  877", "Oats sold  455  512", "Total  2,567  2,766"):
        assert row in parsed.pages[0].text
    assert any("Barley sold | 2018: 1,204 | 2019: 1,377" in passage.index_text for passage in parsed.passages)


@needs_tesseract
def test_only_the_pages_that_need_it_are_read_by_ocr(tmp_path: Path) -> None:
    blank = Image.fromarray(np.full((1200, 900), 200, np.uint8))
    path = make(tmp_path / "mixed.pdf", prose(), scan(picture_of(prose(), tmp_path)), scan(blank), prose(y=600))
    told: list[tuple[int, int]] = []
    pages = read(path, Ocr(readiness("eng"), on_scan=lambda done, total: told.append((done, total)))).pages
    assert [page.source for page in pages] == ["text", "ocr", "image", "text"]
    assert [page.confidence is None for page in pages] == [True, False, True, True]
    assert "found no text" in (pages[2].reason or "")
    assert NEEDED not in (pages[2].reason or ""), "it was read, in vain: a later reading would be too"
    assert told[0] == (0, 2)
    assert told[-1] == (2, 2)


@needs_tesseract
def test_marks_of_a_photograph_are_not_taken_for_text(tmp_path: Path) -> None:
    grain = np.random.default_rng(7).integers(0, 255, (60, 45), np.uint8)
    photograph = Image.fromarray(grain).resize((900, 1200), Image.Resampling.BICUBIC)
    path = make(tmp_path / "photo.pdf", prose(), scan(photograph))
    assert [page.source for page in read(path).pages] == ["text", "image"]


@needs_tesseract
@pytest.mark.parametrize("place", [scan, covered])
def test_hidden_text_that_says_what_is_seen_is_kept(tmp_path: Path, place: object) -> None:
    assert callable(place)
    page = place(picture_of(prose(), tmp_path), SENTENCES)
    told: list[int] = []
    ocr = Ocr(readiness("eng"), on_scan=lambda _done, total: told.append(total))
    parsed = read(make(tmp_path / "searchable.pdf", *[page] * 6), ocr)
    assert {page.source for page in parsed.pages} == {"ocr"}
    assert all(holds_all(page.text, SENTENCES) for page in parsed.pages)
    assert max(told) == 3, "three pages were looked at, the others believed"
    assert parsed.warnings == ()


@needs_tesseract
@pytest.mark.parametrize("place", [scan, covered])
def test_hidden_text_that_says_something_else_gives_way_to_what_is_seen(tmp_path: Path, place: object) -> None:
    assert callable(place)
    page = place(picture_of(prose(), tmp_path), OTHERS)
    parsed = read(make(tmp_path / "wrong.pdf", *[page] * 4))
    for page in parsed.pages:
        assert page.source == "ocr"
        assert page.confidence is not None
        assert holds_all(page.text, SENTENCES)
        assert not any(sentence in page.text for sentence in OTHERS)


@needs_tesseract
def test_a_stamp_on_every_scan_is_not_taken_for_their_text(tmp_path: Path) -> None:
    picture = picture_of(prose(y=600), tmp_path)

    def stamped(number: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            scan(picture)(canvas)
            canvas.setFont("Helvetica", 9)
            canvas.drawString(72, 810, f"Case 1:19-cv-01234 Document 12 Filed 03/04/19 Page {number} of 3")

        return draw

    pages = read(make(tmp_path / "court.pdf", stamped(1), stamped(2), stamped(3))).pages
    assert [page.source for page in pages] == ["ocr"] * 3
    assert all(holds_all(page.text, SENTENCES) for page in pages)
    assert read(make(tmp_path / "one.pdf", stamped(1))).pages[0].source == "text", "a title on a picture, say"


@needs_tesseract
def test_text_over_a_picture_stays_text(tmp_path: Path) -> None:
    paper = Image.fromarray(np.full((1200, 900), 240, np.uint8))

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(paper), 0, 0, WIDTH, HEIGHT)
        prose()(canvas)

    assert read(make(tmp_path / "paper.pdf", draw)).pages[0].source == "text"


@pytest.mark.parametrize(("alpha", "source"), [(0, "text"), (90, "text"), (255, "ocr")])
def test_text_under_a_picture_that_can_be_seen_through_stays_text(tmp_path: Path, alpha: int, source: str) -> None:
    mark = Image.new("RGBA", (600, 800), (200, 0, 0, alpha))
    mark.paste((200, 0, 0, 255), (0, 0, 600, 90))  # a logo

    def draw(canvas: Canvas) -> None:
        prose(y=600)(canvas)
        canvas.drawImage(ImageReader(mark), 0, 0, WIDTH, HEIGHT, mask="auto")

    assert read(make(tmp_path / "marked.pdf", draw), Ocr(readiness("none"))).pages[0].source == source


def test_a_page_whose_little_text_was_read_is_not_said_to_have_none(tmp_path: Path) -> None:
    paper = Image.fromarray(np.full((1200, 900), 240, np.uint8))

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(paper), 0, 0, WIDTH, HEIGHT)
        canvas.drawString(72, 600, "Annual report")

    pages = read(make(tmp_path / "little.pdf", draw, scan(paper), prose()), Ocr(readiness("none"))).pages
    assert [page.text for page in pages[:2]] == ["Annual report\n", ""]
    assert [(page.reason or "").split(";")[0] for page in pages] == [
        "little text over a picture",
        "a picture without text",
        "",
    ]


@needs_tesseract
def test_letters_drawn_as_shapes_are_read(tmp_path: Path) -> None:
    dark = np.asarray(picture_of(prose(), tmp_path, dpi=150)) < 128
    step = WIDTH / dark.shape[1]

    def draw(canvas: Canvas) -> None:
        for row, pixels in enumerate(dark):
            edges = np.flatnonzero(np.diff(np.concatenate([[0], pixels.astype(int), [0]])))
            for start, end in edges.reshape(-1, 2):
                canvas.rect(start * step, HEIGHT - (row + 1) * step, (end - start) * step, step, stroke=0, fill=1)

    assert SENTENCES[0] in read(make(tmp_path / "shapes.pdf", draw)).pages[0].text


# -------------------------------------------------------------------------------------- without tesseract


@pytest.fixture
def no_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.mark.usefixtures("no_tesseract")
def test_without_tesseract_a_scanned_page_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "mixed.pdf", prose(), scan(picture_of(prose(), tmp_path)))
    for platform, command in (("linux", "sudo apt install tesseract-ocr"), ("darwin", "brew install tesseract")):
        monkeypatch.setattr(sys, "platform", platform)
        pages = read(path).pages
        assert [page.source for page in pages] == ["text", "image"]
        assert pages[1].reason == (
            "a picture without text; OCR is needed to read it, but tesseract is not installed "
            f"({command}, then {READ_AGAIN})"
        )


@pytest.mark.usefixtures("no_tesseract")
def test_without_tesseract_a_file_of_scans_fails_with_the_command_to_type(tmp_path: Path) -> None:
    path = make(tmp_path / "scan.pdf", scan(picture_of(prose(), tmp_path)))
    with pytest.raises(NoText, match=r"scan\.pdf has no text.*1 pictures.*tesseract is not installed \(\w+"):
        parse_in_child(path, name="scan.pdf")


@pytest.mark.usefixtures("no_tesseract")
def test_without_tesseract_hidden_text_is_kept_and_said_to_be_unchecked(tmp_path: Path) -> None:
    path = make(tmp_path / "searchable.pdf", *[scan(picture_of(prose(), tmp_path), SENTENCES)] * 2)
    parsed = read(path)
    assert {page.source for page in parsed.pages} == {"ocr"}
    assert holds_all(parsed.pages[1].text, SENTENCES)
    (warning,) = parsed.warnings
    assert "2 pages" in warning
    assert "not checked" in warning
    assert "tesseract is not installed" in warning


def test_ocr_can_be_turned_off() -> None:
    ready = readiness("none")
    assert ready.tesseract is None
    assert "footnote config ocr eng" in ready.lacks


# ---------------------------------------------------------------------------- a program of tesseract's name


def impostor(folder: Path, does: str, *, languages: str = "eng\nosd") -> Path:
    """Put a program on the PATH that lists these languages, and else does this."""
    folder.mkdir(exist_ok=True)
    program = folder / "tesseract"
    program.write_text(
        f"#!{sys.executable}\nimport os, sys, time\n"
        f"if '--list-langs' in sys.argv:\n    print('List of languages (2):\\n' + {languages!r})\n    sys.exit()\n{does}\n"
    )
    program.chmod(0o755)
    return folder


SLOW = "open(os.environ['PID_FILE'], 'w').write(str(os.getpid())); time.sleep(600)"
TSV = "sys.stdin.buffer.read(); print('5\\t1\\t1\\t1\\t1\\t1\\t100\\t100\\t300\\t30\\t96\\tImpostor')"

posix = pytest.mark.skipif(sys.platform == "win32", reason="a script on the PATH")


@posix
def test_a_language_that_tesseract_lacks_is_named_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(impostor(tmp_path / "bin", TSV, languages="eng\nfra\nosd")))
    monkeypatch.setattr(sys, "platform", "linux")
    ready = readiness("eng+chi_sim")
    assert ready.tesseract is None
    assert "does not have the language 'chi_sim', only eng, fra" in ready.lacks
    assert "sudo apt install tesseract-ocr-chi-sim" in ready.lacks
    assert ready.missing == ("chi_sim",)
    assert readiness("osd").missing == ("osd",), "tesseract lists it, but it is no language"
    assert "apt" not in readiness("osd").lacks


@posix
@pytest.mark.parametrize("languages", ["none", "eng", "chi_sim", "osd"])
@pytest.mark.parametrize("listed", [None, "eng\nosd", "fra", ""])
def test_every_command_that_is_named_as_a_next_step_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, languages: str, listed: str | None
) -> None:
    (tmp_path / "bin").mkdir()
    if listed is not None:
        impostor(tmp_path / "bin", TSV, languages=listed)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    said = [readiness(languages).lacks, NEEDED, remedy(PageCell(1, None, "image", reason=NEEDED))]
    said += [finding.remedy for finding in _ocr(tmp_path, languages)]
    commands = [command for text in said for command in re.findall(r"footnote [^,:;)]+", text)]
    assert commands
    for command in commands:
        _parser().parse_args(shlex.split(command)[1:])


@posix
def test_a_page_that_takes_too_long_is_given_up_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_once = f"""
data = sys.stdin.buffer.read()
if data[:20].split()[1] == b'1654':
    {TSV}
else:
    time.sleep(60)
"""
    monkeypatch.setenv("PATH", str(impostor(tmp_path / "bin", slow_once)))
    upright, lying = (picture_of(prose(), tmp_path, turned=turned) for turned in (0, 90))
    ocr = Ocr(readiness("eng", page_timeout_s=4), n_workers=2)
    pages = read(make(tmp_path / "a.pdf", scan(upright), scan(lying), scan(upright)), ocr).pages
    assert [page.source for page in pages] == ["ocr", "image", "ocr"]
    assert pages[0].text == "Impostor\n"
    assert "tesseract took longer than 4 s" in (pages[1].reason or "")
    assert NEEDED not in (pages[1].reason or ""), "it would be tried, in vain, whenever the file is added again"


@posix
def test_a_tesseract_that_gives_up_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(impostor(tmp_path / "bin", "sys.exit('Image too large')")))
    page = read(make(tmp_path / "a.pdf", prose(), scan(picture_of(prose(), tmp_path)))).pages[1]
    assert "tesseract gave up (Image too large)" in (page.reason or "")


@posix
def test_pages_that_are_read_by_ocr_give_the_file_more_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(impostor(tmp_path / "bin", f"time.sleep(2); {TSV}")))
    path = make(tmp_path / "a.pdf", scan(picture_of(prose(), tmp_path)))
    clock, told = Clock(monkeypatch), list[tuple[int, int]]()

    def hear(done: int, n_scans: int) -> None:
        told.append((done, n_scans))
        clock.ahead_s = 610  # more than the file may take, less than it may with a scan

    parsed = parse_in_child(path, name="a.pdf", timeout_s=600, page_timeout_s=9_999, on_scan=hear)
    assert parsed.pages[0].source == "ocr"
    assert (told[0], told[-1]) == ((0, 1), (1, 1))


@posix
def test_when_ocr_takes_more_than_the_file_may_what_was_read_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(impostor(tmp_path / "bin", "time.sleep(60)")))
    path = make(tmp_path / "a.pdf", prose(), scan(picture_of(prose(), tmp_path)))
    clock, told = Clock(monkeypatch), list[int]()

    def hear(done: int, _n: int) -> None:
        told.append(done)
        if len(told) == 2:  # that it is still at work
            clock.ahead_s = 700

    pages = parse_in_child(path, name="a.pdf", timeout_s=600, page_timeout_s=9_999, on_scan=hear).pages
    assert [page.source for page in pages] == ["text", "image"]
    assert "took longer than the file may, 630 s" in (pages[1].reason or "")
    assert NEEDED not in (pages[1].reason or ""), "it would be tried, in vain, whenever the file is added again"


@posix
def test_no_tesseract_outlives_a_cancelled_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(impostor(tmp_path / "bin", SLOW)))
    pid_file = tmp_path / "pid"
    monkeypatch.setenv("PID_FILE", str(pid_file))
    path = make(tmp_path / "a.pdf", scan(picture_of(prose(), tmp_path)))
    with pytest.raises(Cancelled):
        parse_in_child(path, name="a.pdf", is_cancelled=lambda: bool(pid_file.exists() and pid_file.read_text()))
    assert is_gone(int(pid_file.read_text()))


@posix
def test_no_tesseract_outlives_a_killed_program(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    path = make(tmp_path / "a.pdf", scan(picture_of(prose(), tmp_path)))
    code = f"""
from pathlib import Path
from rag.ingest.worker import parse_in_child
parse_in_child(Path({str(path)!r}), name="a.pdf")
"""
    environment = {**os.environ, "PATH": str(impostor(tmp_path / "bin", SLOW)), "PID_FILE": str(pid_file)}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment)
    deadline = time.monotonic() + 120
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert is_gone(int(pid_file.read_text()))


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/status")
        if status.exists() and "State:\tZ" in status.read_text():
            return True
        time.sleep(0.05)
    return False


# ------------------------------------------------------------------------------------------- in a library


@posix
def test_a_file_whose_pages_were_tried_in_vain_is_not_read_whenever_it_is_added(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(impostor(tmp_path / "bin", "sys.exit('Image too large')")))
    path = make(tmp_path / "a.pdf", prose(), scan(picture_of(prose(), tmp_path)))
    library.add(path)
    key = library.document("a.pdf").key
    assert library.add(path).status == "known"
    assert library.document("a.pdf").key == key
    assert (library.retry("a.pdf").reason or "").startswith("read again"), "when it is asked for, it is"


@needs_tesseract
def test_adding_a_file_again_once_tesseract_is_there_reads_what_was_left(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path / "mixed.pdf", prose(), scan(picture_of(lambda canvas: lines(canvas, OTHERS), tmp_path)))
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        added = library.add(path)
        assert "1 of 2 pages were not read" in (added.reason or "")
        assert library.add(path).status == "known"
        assert library.page("mixed.pdf", 2).source == "image", "there is still no tesseract"
    library.tags.put(library.document("mixed.pdf"), ["farms"])
    again = library.add(path)
    assert again.status == "known"
    assert again.reason == "read again with OCR: 1 more page"
    assert library.page("mixed.pdf", 2).source == "ocr"
    hit = library.search("bushel of barley in the autumn market", 1)[0]
    assert (hit.page, hit.source) == (2, "ocr")
    assert library.document("mixed.pdf").state == "ready"
    assert library.document("mixed.pdf").reason is None
    assert library.tags.of(library.document("mixed.pdf")) == ("farms",)
    assert library.verify() == []
    assert library.add(path).reason is None, "and it is not read a third time"


@needs_tesseract
def test_a_second_reading_that_is_cancelled_leaves_the_document_as_it_was(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path / "mixed.pdf", prose(), scan(picture_of(prose(y=600), tmp_path)))
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        library.add(path)
    stages: list[str] = []
    with pytest.raises(Cancelled, match="as it was"):
        library.add(path, on_progress=lambda p: stages.append(p.stage), is_cancelled=lambda: "read" in stages)
    document = library.document("mixed.pdf")
    assert document.state == "ready"
    assert library.page("mixed.pdf", 2).source == "image"
    assert library.search("lighthouse", 1)[0].page == 1


def test_reading_without_ocr_says_so() -> None:
    assert Ocr(Readiness(None, "no")).lacks == "no"
