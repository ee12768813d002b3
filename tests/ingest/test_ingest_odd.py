"""Files that are not what their name says, or less than they were."""

import io
import signal
import sys
import zipfile
from pathlib import Path

import pypdf
import pytest
from ingest_pdfs import SENTENCES, make, prose, rewritten
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

from benchmarks.reading import odd
from rag.errors import DamagedPdf, NotAPdf, NoText
from rag.ingest.files.pdf import check_header
from rag.ingest.worker import parse_in_child


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\n<!DOCTYPE html><html><head><title>Sign in</title>", "a web page"),
        (b"\xef\xbb\xbf<HTML lang=en>", "a web page"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a Word document"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "a PowerPoint presentation"),
        (zipped("mimetype", "content.xml"), "an OpenDocument file"),
        (zipped("mimetype", "META-INF/container.xml"), "an e-book"),
        (zipped("a.pdf"), "a zip archive"),
        (zipped("a.pdf")[:30], "a damaged zip archive"),
        (b"\x89PNG\r\n\x1a\n\x00", "a PNG image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image"),
        (b"\x00\x00\x00\x18ftypheic", "a HEIC image"),
        (b"II*\x00\x08", "a TIFF image"),
        (b"{\\rtf1\\ansi", "an RTF text"),
        (b"%!PS-Adobe-3.0\n", "a PostScript file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        (b"<?xml version='1.0'?><note/>", "an XML file"),
        ("Sehr geehrte Frau Mørk,\n".encode(), "plain text"),
        ("\ufeffSehr geehrte Frau Mørk,\n".encode("cp1252", "ignore"), "plain text"),
        (b"Dear Sir, " + 600 * "ø".encode(), "plain text"),  # what is read of it ends within a letter
        (b" " + 600 * "ø".encode(), "plain text"),
        (190 * b"text\n" + b"\x81\xff\x00", "another kind of file"),
        (bytes(range(1, 200)), "another kind of file"),
    ],
)
def test_a_file_that_is_no_pdf_is_called_what_it_is(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "report.pdf").write_bytes(content)
    with pytest.raises(NotAPdf) as raised:
        check_header(tmp_path / "report.pdf", "report.pdf")
    message = str(raised.value)
    assert message.startswith(f"report.pdf is {what}") and ", not a PDF" in message and message.endswith(".")
    assert "\n" not in message


def test_junk_before_the_header_is_forgiven(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", prose())
    path.write_bytes(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + path.read_bytes())
    assert SENTENCES[0] in parse_in_child(path, name="a.pdf").pages[0].text


def test_a_broken_off_download_is_read_as_far_as_it_goes_and_says_so(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", *(prose(y=700 - n) for n in range(5)))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"xref\n")])  # without its table of contents
    parsed = parse_in_child(path, name="a.pdf")
    assert SENTENCES[0] in parsed.pages[0].text
    assert parsed.warnings == ("The file ends in the middle, as a download that broke off does: pages may be missing.",)


def test_a_download_that_broke_off_early_says_to_get_it_again(tmp_path: Path) -> None:
    path = make(tmp_path / "a.pdf", prose())
    path.write_bytes(path.read_bytes()[:120])
    with pytest.raises(DamagedPdf, match=r"a\.pdf is damaged: its end is missing\. Download"):
        parse_in_child(path, name="a.pdf")


def test_a_whole_file_has_no_warning(tmp_path: Path) -> None:
    assert parse_in_child(make(tmp_path / "a.pdf", prose()), name="a.pdf").warnings == ()


def test_a_file_without_pages_is_damaged(tmp_path: Path) -> None:
    def no_pages(writer: pypdf.PdfWriter) -> None:
        tree = writer.root_object["/Pages"].get_object()
        tree[NameObject("/Kids")] = ArrayObject()
        tree[NameObject("/Count")] = pypdf.generic.NumberObject(0)

    path = rewritten(make(tmp_path / "a.pdf", prose()), tmp_path / "b.pdf", no_pages)
    with pytest.raises(DamagedPdf, match=r"b\.pdf is damaged"):
        parse_in_child(path, name="b.pdf")


def xfa_form(path: Path, target: Path) -> Path:
    """Make a PDF a dynamic XFA form, whose pages are only there for viewers that cannot show it."""

    def change(writer: pypdf.PdfWriter) -> None:
        packet = DecodedStreamObject()
        packet.set_data(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template/></xdp:xdp>')
        form = DictionaryObject({NameObject("/Fields"): ArrayObject(), NameObject("/XFA"): writer._add_object(packet)})
        writer.root_object[NameObject("/AcroForm")] = form
        writer.root_object[NameObject("/NeedsRendering")] = pypdf.generic.BooleanObject(True)

    return rewritten(path, target, change)


def test_the_shell_of_a_form_that_only_another_program_shows_is_no_document(tmp_path: Path) -> None:
    text = "Please wait... If this message is not replaced, get the latest version of Adobe Reader."
    shell = xfa_form(make(tmp_path / "a.pdf", lambda canvas: canvas.drawString(72, 700, text)), tmp_path / "b.pdf")
    with pytest.raises(NoText, match=r"b\.pdf is an XFA form.*print it to a PDF"):
        parse_in_child(shell, name="b.pdf")


def test_a_form_whose_pages_do_have_text_is_read_with_a_warning(tmp_path: Path) -> None:
    parsed = parse_in_child(xfa_form(make(tmp_path / "a.pdf", prose()), tmp_path / "b.pdf"), name="b.pdf")
    assert SENTENCES[0] in parsed.pages[0].text
    assert len(parsed.warnings) == 1 and "XFA form" in parsed.warnings[0]


@pytest.mark.parametrize(
    "name", ["ein Bericht – ä%20(1).pdf", "#1;rm -rf ~.pdf", "報告\u200b書.pdf", "-v.pdf", "a\nb.pdf"]
)
def test_odd_names_are_only_names(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / name, prose())
    assert SENTENCES[0] in parse_in_child(path, name=name).pages[0].text


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_the_benchmark_counts_files_that_end_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text(
        f"""#!{sys.executable}
import json, os, pathlib, signal, sys
for path in map(pathlib.Path, sys.argv[sys.argv.index("--json") + 1 :]):
    if path.name == "bad.pdf":
        os.kill(os.getpid(), signal.SIGSEGV)
    line = dict(document=path.name, status="added", reason=None, pages=1, passages=1, seconds=0.1)
    print(json.dumps(line), flush=True)
"""
    )
    program.chmod(0o755)
    monkeypatch.setattr(odd.sys, "executable", str(program))
    found = odd.add_all([tmp_path / name for name in ("a.pdf", "bad.pdf", "z.pdf")])
    assert [outcome.opened for outcome in found] == [True, False, True]
    assert [outcome.ended for outcome in found] == ["", f"signal {signal.SIGSEGV:d}", ""]
