"""`footnote cite`: the citations of an answer as a list, the cited pages as a PDF."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from rag.cli import main
from rag.library import Library
from rag.records import answer_to_json

MakePdf = Callable[..., Path]
pytestmark = pytest.mark.models

DANUBE = "The Danube is 2,800 kilometres long and flows through ten countries."
RHINE = "The Rhine is 1,230 kilometres long and flows into the North Sea."
QUESTION = "How long is the Danube?"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, minilm: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "models").symlink_to(minilm.parent)
    monkeypatch.setenv("FOOTNOTE_HOME", str(folder))
    monkeypatch.setenv("FOOTNOTE_THREADS", "1")
    return folder


@pytest.fixture
def library(make_pdf: MakePdf) -> Library:
    """The default library, with two documents."""
    library = Library("default", n_threads=1)
    library.add(make_pdf([["A first page about nothing."], [DANUBE], ["A last page."]], "waters.pdf"))
    library.add(make_pdf([[RHINE]], "north.pdf"))
    return library


def chat(library: Library, *questions: str) -> str:
    """A chat with these questions and their answers."""
    begun = library.chats.create("Long rivers")
    for question in questions:
        answer = library.ask(question)
        library.chats.append(begun.id, "user", f"{question} (as asked)")
        library.chats.append(begun.id, "assistant", answer.text, {"answer": answer_to_json(answer)})
    return begun.id


def highlights(path: Path) -> list[list[str]]:
    """What the highlights of each page say."""
    return [
        [a.get_object()["/Contents"] for a in page["/Annots"] if a.get_object()["/Subtype"] == "/Highlight"]
        for page in pypdf.PdfReader(path).pages
    ]


def test_it_lists_what_an_answer_cites(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", QUESTION]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    first = lines[0]
    assert (first["question"], first["marker"], first["document"], first["page"]) == (QUESTION, 1, "waters.pdf", 2)
    assert "2,800 kilometres" in first["quote"]
    assert first["boxes"][0]["page"] == 2
    assert {"label", "claim", "verdict", "source"} <= set(first)
    assert main(["cite", QUESTION, "--text"]) == 0
    assert capsys.readouterr().out.startswith(f"[1] waters.pdf, p. 2: “{first['quote']}”\n")


def test_it_exports_the_cited_pages_and_prints_the_answer(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "cited.pdf"
    target.write_text("an older file")
    assert main(["cite", QUESTION, "--export", str(target), "--doc", "waters.pdf"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["answer"].startswith("The Danube is 2,800")
    assert said.err == f"Wrote 1 page of 1 document to {target}.\n"
    opened = pypdf.PdfReader(target)
    assert opened.metadata is not None
    assert opened.metadata.title == QUESTION
    assert "2,800 kilometres" in opened.pages[0].extract_text()
    ((told,),) = highlights(target)
    assert told.startswith("[1] The Danube is 2,800")
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_the_last_answer_of_a_chat_or_all_of_them(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id_ = chat(library, QUESTION, "How long is the Rhine?")
    last, whole = tmp_path / "last.pdf", tmp_path / "all.pdf"
    assert main(["cite", "--chat", "rivers", "--export", str(last)]) == 0
    assert main(["cite", "--chat", id_, "--all", "--export", str(whole)]) == 0
    assert capsys.readouterr().out == ""
    titles = [pypdf.PdfReader(path).metadata.title for path in (last, whole)]  # type: ignore[union-attr]
    assert titles == ["How long is the Rhine? (as asked)", "Long rivers"]
    assert next(entry.title for entry in pypdf.PdfReader(last).outline) == "north.pdf, p. 1"
    assert {"north.pdf, p. 1", "waters.pdf, p. 2"} <= {entry.title for entry in pypdf.PdfReader(whole).outline}
    assert main(["cite", "--chat", id_]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["document"] == "north.pdf"


def test_what_was_removed_since_is_said_and_left_out(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chat(library, QUESTION, "How long is the Rhine?")
    library.remove("north.pdf")
    target = tmp_path / "cited.pdf"
    assert main(["cite", "--chat", "Long rivers", "--all", "--export", str(target)]) == 0
    assert "footnote: north.pdf is left out: it was removed from the library.\n" in capsys.readouterr().err
    assert all(entry.title.startswith("waters.pdf") for entry in pypdf.PdfReader(target).outline)
    library.remove("waters.pdf")
    before = target.read_bytes()
    assert main(["cite", "--chat", "Long rivers", "--export", str(target)]) == 1
    assert "No cited page can be exported" in capsys.readouterr().err
    assert target.read_bytes() == before


def test_an_answer_that_cites_nothing_writes_nothing(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "cited.pdf"
    assert main(["cite", "Who won the chess championship in Reykjavik?", "--export", str(target)]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["abstained"] is True
    assert said.err == f"footnote: nothing is cited: the documents do not say. {target} was not written.\n"
    assert not target.exists()
    library.chats.create("Empty")
    assert main(["cite", "--chat", "Empty"]) == 1
    assert "nothing is cited" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no/such/cited.pdf", "there is no folder"),
        ("cited.docx", "Let the name end in .pdf"),
        ("folder.pdf", "is a folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_said_before_anything_is_asked(
    name: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.pdf").mkdir()
    assert main(["cite", QUESTION, "--export", str(tmp_path / name)]) == 1  # there is not even a library
    said = capsys.readouterr()
    assert reason in said.err
    assert said.out == ""


@pytest.mark.parametrize("given", [[], [QUESTION, "--chat", "x"], [QUESTION, "--all"]])
def test_a_question_or_a_chat_must_be_given(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["cite", *given])
    assert left.value.code == 2
    assert "footnote cite: error:" in capsys.readouterr().err
