"""The flow over made PDFs, with a quick encoder: add, search, ask, remove, and all that can go wrong."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag import adding, asking
from rag.adding import clean_name
from rag.errors import (
    Cancelled,
    EmptyLibrary,
    InputError,
    LibraryBusy,
    QuestionError,
    Stopped,
    StorageError,
    UnknownDocument,
)
from rag.library import Library
from rag.types import Progress, join_slices
from tests.conftest import WordEncoder

MakePdf = Callable[..., Path]

FACTS = [
    [
        "# Rivers",
        "The Danube rises in the Black Forest and flows into the Black Sea. It passes ten countries on its way.",
        "The Amazon carries more water than any other river. Its mouth lies in Brazil.",
    ],
    [
        "# Mountains",
        "Mont Blanc is 4,806 metres high. It was first climbed in 1786 by Jacques Balmat and Michel Paccard.",
        "Kilimanjaro stands in Tanzania. Its summit is covered by a shrinking cap of ice.",
    ],
    [
        "# Deserts",
        "The Atacama is the driest desert outside the poles. Some of its weather stations have never seen rain.",
        "The Sahara covers most of North Africa. Its dunes can be 180 metres high.",
    ],
]


@pytest.fixture
def filled(library: Library, make_pdf: MakePdf) -> Library:
    library.add(make_pdf(FACTS, "geography.pdf"))
    return library


@pytest.mark.parametrize(
    ("question", "page", "words"),
    [
        ("Where does the Danube rise?", 1, "Black Forest"),
        ("When was Mont Blanc first climbed?", 2, "1786"),
        ("Which desert is the driest?", 3, "Atacama"),
    ],
)
def test_an_answer_cites_the_page_that_says_so(filled: Library, question: str, page: int, words: str) -> None:
    answer = filled.ask(question)
    assert not answer.abstained
    citation = answer.claims[0].citations[0]
    assert (citation.document, citation.page) == ("geography.pdf", page)
    assert words in citation.quote
    assert answer.claims[0].verdict == "verbatim"


def test_a_quote_is_verbatim_under_its_spans_and_has_boxes_on_its_page(filled: Library) -> None:
    answer = filled.ask("How high is Mont Blanc?")
    for claim in answer.claims:
        for citation in claim.citations:
            texts = [filled.page("geography.pdf", s.page).text[s.start : s.end] for s in citation.spans]
            said, _ = join_slices(texts)
            assert said == citation.quote == claim.text
            assert citation.boxes
            assert all(0 <= b.x0 < b.x1 <= 1 and 0 <= b.y0 < b.y1 <= 1 for b in citation.boxes)
            assert {b.page for b in citation.boxes} == {s.page for s in citation.spans}


def test_at_most_three_sentences_and_sixty_words(filled: Library) -> None:
    answer = filled.ask("How high is Mont Blanc, and who first climbed it?")
    assert 1 <= len(answer.claims) <= 3
    assert sum(len(claim.text.split()) for claim in answer.claims) <= 60


def test_what_the_documents_do_not_say_is_not_answered(filled: Library) -> None:
    answer = filled.ask("Who won the chess championship?")
    assert answer.abstained
    assert answer.claims == ()
    assert answer.hits, "the nearest passages are listed"


def test_a_name_or_a_year_that_the_documents_never_mention_speaks_against_an_answer(filled: Library) -> None:
    reader = filled.extractive_reader()
    for question, is_unknown in {
        "When was Mont Blanc first climbed?": False,
        "When was the Matterhorn first climbed?": True,
        "Who climbed Mont Blanc in 1786?": False,
        "Who climbed Mont Blanc in 1999?": True,
        "Matterhorn height": False,  # the first word may be capitalised for being the first
    }.items():
        hits = filled.search(question)
        assert reader.evidence(question, reader.rank(question, hits), hits).unknown is is_unknown, question


def test_headings_and_entries_of_a_contents_page_are_no_answers(library: Library, make_pdf: MakePdf) -> None:
    contents = ["# Contents", "The source of the Danube . . . . . . . . . . . . . . . . . . . . 3"]
    library.add(make_pdf([contents, ["# The source of the Danube", "The Danube rises in the Black Forest."]], "a.pdf"))
    texts = [claim.text for claim in library.ask("What is the source of the Danube?").claims]
    assert texts == ["The Danube rises in the Black Forest."]


def test_no_two_sentences_of_an_answer_say_the_same(library: Library, make_pdf: MakePdf) -> None:
    said = "The Danube rises in the Black Forest of southern Germany"
    library.add(make_pdf([[said + "."], [said + ", then."], ["The Rhine rises in the Alps of Switzerland."]], "a.pdf"))
    texts = [claim.text for claim in library.ask("Where does the Danube rise?").claims]
    assert sum("Danube" in text for text in texts) == 1


def test_hits_are_ranked_and_their_pages_exist(filled: Library) -> None:
    hits = filled.search("water of the Amazon", k=5)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].page == 1
    assert all(hit.page in hit.passage.pages for hit in hits)


def test_only_the_chosen_documents_are_asked(library: Library, make_pdf: MakePdf) -> None:
    library.add(make_pdf(FACTS, "one.pdf"))
    library.add(make_pdf([["The Danube is blue, says the song."]], "two.pdf"))
    assert {hit.document for hit in library.search("Danube", documents=["two.pdf"])} == {"two.pdf"}
    assert {hit.document for hit in library.search("Danube")} == {"one.pdf", "two.pdf"}
    with pytest.raises(UnknownDocument, match=r"three\.pdf"):
        library.search("Danube", documents=["three.pdf"])


def test_the_same_bytes_are_known_and_other_bytes_of_that_name_are_numbered(
    library: Library, make_pdf: MakePdf
) -> None:
    first = library.add(make_pdf(FACTS, "a.pdf"))
    copy = make_pdf(FACTS, "a.pdf").rename(make_pdf(FACTS, "x.pdf").with_name("b.pdf"))
    again = library.add(copy)
    other = library.add(make_pdf(FACTS[:2], "a.pdf"))
    assert (first.status, again.status, again.document) == ("added", "known", "a.pdf")
    assert (other.status, other.document) == ("added", "a (2).pdf")
    assert [document.state for document in library.documents()] == ["ready", "ready"]


def test_words_can_be_searched_before_there_are_vectors(library: Library, make_pdf: MakePdf) -> None:
    found: list[int] = []

    def look(progress: Progress) -> None:
        if progress.stage == "index" and progress.done == progress.total:
            found.append(library.search("Kilimanjaro")[0].page)

    library.add(make_pdf(FACTS, "a.pdf"), on_progress=look)
    assert found == [2]


def test_removing_takes_everything_away(filled: Library, tmp_path: Path) -> None:
    filled.remove("geography.pdf")
    assert filled.documents() == []
    assert list((filled.folder / "files").iterdir()) == []
    assert filled.verify() == []
    with pytest.raises(EmptyLibrary, match="footnote add"):
        filled.ask("Where does the Danube rise?")
    with pytest.raises(UnknownDocument):
        filled.remove("geography.pdf")
    blob = b"".join(path.read_bytes() for path in filled.folder.rglob("*") if path.is_file())
    assert b"Kilimanjaro" not in blob


def test_a_library_agrees_with_itself_and_opens_again(filled: Library, encoder: object) -> None:
    assert filled.verify() == []
    before = filled.ask("Which desert is the driest?")
    filled.close()
    again = Library(filled.folder, encoder=encoder)  # type: ignore[arg-type]
    assert again.ask("Which desert is the driest?").claims == before.claims
    assert again.verify() == []
    again.close()


def test_indexes_are_rebuilt_when_they_are_lost(filled: Library, encoder: object) -> None:
    filled.close()
    (filled.folder / "dense.faiss").unlink()
    shutil.rmtree(filled.folder / "lexical")
    again = Library(filled.folder, encoder=encoder)  # type: ignore[arg-type]
    assert again.ask("Which desert is the driest?").claims[0].citations[0].page == 3
    assert again.verify() == []
    again.close()


def test_a_vector_file_that_cannot_be_used_is_written_again_by_the_first_search(
    filled: Library, encoder: object, caplog: pytest.LogCaptureFixture
) -> None:
    filled.close()
    (filled.folder / "dense.faiss").write_bytes(b"of another version")
    for n_warnings in (1, 1):
        again = Library(filled.folder, encoder=encoder)  # type: ignore[arg-type]
        assert again.search("Which desert is the driest?")
        again.close()
        assert caplog.text.count("cannot be used") == n_warnings
    assert Library(filled.folder, encoder=encoder).verify() == []  # type: ignore[arg-type]


def test_cancelling_leaves_nothing(library: Library, make_pdf: MakePdf) -> None:
    stop = threading.Event()

    def at_the_vectors(progress: Progress) -> None:
        if progress.stage == "index":
            stop.set()

    with pytest.raises(Cancelled):
        library.add(make_pdf(FACTS, "a.pdf"), on_progress=at_the_vectors, is_cancelled=stop.is_set)
    assert library.documents() == []
    assert list((library.folder / "files").iterdir()) == []
    assert library.verify() == []


def test_stopping_the_program_keeps_what_is_done_and_resume_goes_on(
    library: Library, make_pdf: MakePdf, encoder: WordEncoder
) -> None:
    def at_the_vectors(progress: Progress) -> None:
        if progress.stage == "index":
            library.stop()

    with pytest.raises(Stopped):
        library.add(make_pdf(FACTS, "a.pdf"), on_progress=at_the_vectors)
    assert [document.state for document in library.documents()] == ["searchable"]
    again = Library(library.folder, encoder=encoder)
    assert [added.status for added in again.resume()] == ["added"]
    assert [document.state for document in again.documents()] == ["ready"]
    assert again.verify() == []
    again.close()


def test_stopping_while_pages_are_read_keeps_the_copy_to_go_on_with(
    library: Library, make_pdf: MakePdf, encoder: WordEncoder
) -> None:
    def at_the_pages(progress: Progress) -> None:
        if progress.stage == "read":
            library.stop()

    path = make_pdf(FACTS * 30, "a.pdf")
    with pytest.raises(Stopped):
        library.add(path, on_progress=at_the_pages)
    path.unlink()
    assert [document.state for document in library.documents()] == ["reading"]
    again = Library(library.folder, encoder=encoder)
    again.resume()
    assert [(document.state, document.n_pages) for document in again.documents()] == [("ready", 90)]
    again.close()


def test_cancelling_the_vectors_of_a_document_that_was_there_leaves_it(library: Library, make_pdf: MakePdf) -> None:
    library.add(make_pdf(FACTS, "a.pdf"), with_vectors=False)
    with pytest.raises(Cancelled):
        library.finish("a.pdf", is_cancelled=lambda: True)
    assert [document.state for document in library.documents()] == ["searchable"]
    library.finish("a.pdf")
    assert library.finish("a.pdf").status == "added", "a ready document is done already"


def test_a_document_is_read_again_from_our_copy_and_stays_as_it_was_when_that_is_cancelled(
    filled: Library, make_pdf: MakePdf
) -> None:
    before = filled.document("geography.pdf")
    with filled.catalog.database.writing() as connection:  # as an older version of the program might have read it
        connection.execute("UPDATE passage SET text = 'nothing', index_text = NULL")
    with pytest.raises(Cancelled, match="as it was"):
        filled.retry("geography.pdf", is_cancelled=lambda: True)
    assert filled.document("geography.pdf") == before
    assert filled.retry("geography.pdf").reason == "read again"
    after = filled.document("geography.pdf")
    assert (after.id, after.name, after.state, after.n_passages) == (before.id, before.name, "ready", before.n_passages)
    assert "nothing" not in {passage.text for passage in filled.catalog.passages_of(after.key)}
    assert filled.verify() == []


def test_a_document_whose_reading_anew_fails_while_it_is_stored_is_as_it_was(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, passages = filled.document("geography.pdf"), [hit.passage.text for hit in filled.search("rivers")]

    def full(*_: object, **__: object) -> None:
        raise StorageError("The disk is full.")

    with monkeypatch.context() as context:
        context.setattr("rag.index.catalog.fill", full)
        with pytest.raises(StorageError):
            filled.retry("geography.pdf")
    assert filled.document("geography.pdf") == before
    assert [hit.passage.text for hit in filled.search("rivers")] == passages
    assert filled.verify() == []


def test_a_document_that_is_cancelled_at_the_next_start_stays_listed_with_its_tags(filled: Library) -> None:
    before = filled.document("geography.pdf")
    filled.tags.add(before, ["atlas"])
    filled.catalog.begin(before.id, before.name, before.n_bytes)  # a reading that was killed
    with pytest.raises(Cancelled):
        filled.resume(is_cancelled=lambda: True)
    document = filled.document("geography.pdf")
    assert (document.state, filled.tags.of(document)) == ("failed", ("atlas",))
    assert filled.file(document).is_file()
    assert filled.retry("geography.pdf").status == "added"


def test_a_locked_file_that_could_not_be_kept_leaves_no_part_of_it(
    filled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(shutil, "copyfile", stop)
    with pytest.raises(OSError, match="full"):
        adding._keep_locked(filled._parts, filled.document("geography.pdf"), tmp_path / "locked.pdf")
    assert [path.suffix for path in (filled.folder / "files").iterdir()] == [".pdf"]


def test_a_document_that_cannot_be_read_again_is_as_it_was(filled: Library) -> None:
    before = filled.document("geography.pdf")
    filled.file(before).write_bytes(b"%PDF-1.7 and nothing more")
    added = filled.retry("geography.pdf")
    assert added.status == "failed"
    assert (added.reason or "").startswith("geography.pdf was not read again, and is as it was: ")
    assert filled.document("geography.pdf") == before


def test_a_document_that_is_removed_while_it_is_read_leaves_nothing(library: Library, make_pdf: MakePdf) -> None:
    def remove(progress: Progress) -> None:
        if progress.stage == "read" and progress.done == progress.total:
            library.remove("a.pdf")

    with pytest.raises(Cancelled, match="removed meanwhile"):
        library.add(make_pdf(FACTS, "a.pdf"), on_progress=remove)
    assert library.documents() == []
    assert list((library.folder / "files").iterdir()) == []
    assert library.verify() == []


def test_vectors_of_a_removed_document_leave_the_file_whatever_was_known_of_it(
    filled: Library, make_pdf: MakePdf
) -> None:
    filled.add(make_pdf(FACTS[:1], "b.pdf"))
    stale = replace(filled.document("geography.pdf"), state="searchable")
    adding.drop(filled._parts, stale)
    assert filled.verify() == []


def test_files_of_killed_processes_are_swept(filled: Library, make_pdf: MakePdf) -> None:
    files = filled.folder / "files"
    (files / f"{'0' * 64}.pdf").write_bytes(b"left behind")
    (files / f"{'1' * 64}.pdf.tmp123").write_bytes(b"left behind")
    (files / f"{filled.document('geography.pdf').id}.reading").write_bytes(b"left behind")
    assert len(filled.verify()) == 3
    filled.add(make_pdf(FACTS[:1], "b.pdf"))
    assert len(list(files.iterdir())) == 2
    assert filled.verify() == []


def test_a_copy_that_was_lost_comes_back_with_the_same_bytes(filled: Library, make_pdf: MakePdf) -> None:
    copy = filled.file(filled.document("geography.pdf"))
    copy.unlink()
    assert filled.verify()
    assert filled.add(make_pdf(FACTS, "geography.pdf")).status == "known"
    assert copy.is_file()
    assert filled.verify() == []


def test_names_are_the_same_however_their_letters_are_composed(library: Library, make_pdf: MakePdf) -> None:
    library.add(make_pdf(FACTS, "a.pdf"), name="Re\u0301sume\u0301.pdf")
    assert library.document("R\u00e9sum\u00e9.pdf") == library.document("Re\u0301sume\u0301.pdf")


def test_a_page_that_does_not_exist_is_named_with_its_document(filled: Library) -> None:
    with pytest.raises(InputError, match=r"geography\.pdf has no page 99: it has 3"):
        filled.page_image("geography.pdf", 99, 200)


@pytest.mark.parametrize("question", ["", "   ", "?!", "\x00", "(((", "😀"])
def test_an_empty_question_is_refused(filled: Library, question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        filled.ask(question)


def test_a_question_of_20_000_characters_is_refused(filled: Library) -> None:
    with pytest.raises(QuestionError, match="20,000"):
        filled.ask("why " * 4999 + "why?")


def test_any_other_question_is_asked(filled: Library) -> None:
    for question in ("AND OR NOT", 'a:b^2~"(', "Danube*", "x 😀", "what " * 700, "id:1 -x +y \\"):
        filled.ask(question)


def test_an_empty_library_says_so(library: Library) -> None:
    with pytest.raises(EmptyLibrary, match="empty"):
        library.ask("What?")


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty.pdf": (b"", "empty"),
    "letter.pdf": (b"Dear Sir or Madam,\n" * 50, "not a PDF"),
    "cut.pdf": (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", "damaged"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_reported_by_name_and_reason_and_the_rest_goes_on(
    library: Library, make_pdf: MakePdf, tmp_path: Path, name: str
) -> None:
    content, reason = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    added = library.add(tmp_path / name)
    assert added.status == "failed"
    assert name in (added.reason or "")
    assert reason in (added.reason or "")
    assert library.document(name).state == "failed"
    assert library.add(make_pdf(FACTS, "good.pdf")).status == "added"
    assert not library.ask("Where does the Danube rise?").abstained
    assert library.verify() == []


def test_a_missing_file_and_a_folder_are_refused_by_name(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.pdf does not exist"):
        library.add(tmp_path / "nowhere.pdf")
    with pytest.raises(InputError):
        library.add(tmp_path)


@pytest.mark.parametrize("algorithm", ["AES-256", "RC4-128"])
def test_a_locked_file_waits_for_its_password_which_is_never_stored(
    library: Library, make_pdf: MakePdf, tmp_path: Path, algorithm: str
) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(make_pdf(FACTS, "plain.pdf")))
    writer.encrypt("open sesame 42", algorithm=algorithm)
    locked = tmp_path / "locked.pdf"
    writer.write(locked)

    added = library.add(locked)
    assert added.status == "failed"
    assert "password" in (added.reason or "")
    assert library.is_locked(library.document("locked.pdf"))
    wrong = library.retry("locked.pdf", password="wrong")
    assert wrong.status == "failed"
    right = library.retry("locked.pdf", password="open sesame 42")
    assert right.status == "added"
    assert library.ask("Where does the Danube rise?").claims[0].citations[0].page == 1
    assert library.page_image("locked.pdf", 1, 200).startswith(b"\xff\xd8")
    blob = b"".join(path.read_bytes() for path in library.folder.rglob("*") if path.is_file())
    assert b"open sesame 42" not in blob
    assert library.verify() == []


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\report.pdf", "report.pdf"),
        ("Übersicht 日本語 😀.pdf", "Übersicht 日本語 😀.pdf"),
        ("a\nb\x00c.pdf", "abc.pdf"),
        ("\u202egnp.pdf", "gnp.pdf"),
        (".pdf", "pdf.pdf"),
        ("x" * 300 + ".pdf", "x" * 190 + ".pdf"),
        ("", "document.pdf"),
    ],
)
def test_names_are_made_safe(given: str, stored: str) -> None:
    assert clean_name(given) == stored


def test_a_second_process_is_told_who_is_writing(library: Library, make_pdf: MakePdf) -> None:
    code = (
        "import sys, time; from pathlib import Path; from rag.index.lock import WriterLock\n"
        "with WriterLock(Path(sys.argv[1])).acquire('adding big.pdf', 0):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    path = make_pdf(FACTS, "a.pdf")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(library.folder)], stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(LibraryBusy, match=rf"{holder.pid}.*adding big\.pdf|adding big\.pdf.*{holder.pid}"):
            library.add(path)
        holder.kill()
    assert library.add(path, wait_s=10).status == "added"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way")
    with pytest.raises((StorageError, InputError, OSError)):
        Library(folder / "library")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_no_write_permission_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="cannot be written"):
            Library(tmp_path / "library")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_clear_error(library: Library, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_pdf(FACTS, "a.pdf")
    import errno

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("rag.adding.make_readable_copy", full)
    with pytest.raises(StorageError, match="full"):
        library.add(path)
    monkeypatch.undo()
    assert library.documents() == []
    assert library.add(path).status == "added"


def test_a_question_is_asked_again_when_a_document_goes_away_meanwhile(
    filled: Library, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.add(make_pdf([["The Volga rises in the Valdai Hills and flows to the Caspian Sea."]], "volga.pdf"))
    hits_of, removed = asking.hits_of, []

    def hits_while_it_goes(*arguments: Any, **more: Any) -> Any:
        if not removed:
            removed.append(filled.remove("volga.pdf"))
            raise UnknownDocument("volga.pdf is gone")  # as a page that is read a moment too late
        return hits_of(*arguments, **more)

    monkeypatch.setattr(asking, "hits_of", hits_while_it_goes)
    assert "Valdai" not in filled.ask("Where does the Volga rise?").text
    assert removed
    with pytest.raises(UnknownDocument, match=r"volga\.pdf"):
        filled.ask("Where does the Volga rise?", documents=["volga.pdf"])
