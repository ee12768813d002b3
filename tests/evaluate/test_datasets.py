"""Datasets in both layouts, and what is said of folders and lines that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import InputError
from rag.evaluate.datasets import load
from tests.evaluate.conftest import CORPUS, QUESTIONS, write_jsonl


def test_a_question_of_which_nothing_is_known_is_not_taken_for_one_without_an_answer(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"question": "Who founded the museum?", "pages": null}\n')
    with pytest.raises(InputError, match="line 1: nothing is known of the answer"):
        load(tmp_path)


def test_questions_know_their_pages_answers_and_kind(alps: Path) -> None:
    dataset = load(alps)
    first = dataset.questions[0]
    assert (dataset.name, dataset.layout, [path.name for path in dataset.pdfs]) == ("alps", "pdfs", ["alps.pdf"])
    assert (first.id, first.document, first.answers, first.kinds) == ("a", "alps.pdf", ("Edward Whymper",), ("text",))
    assert first.relevant == {("alps.pdf", 2): 1}
    assert first.answerable


def test_a_question_without_pages_has_no_answer_to_find(alps: Path) -> None:
    last = load(alps).questions[-1]
    assert not last.answerable
    assert last.relevant == {}
    assert last.answers == ()  # what the file says there is no answer


def test_packed_files_are_read(alps: Path) -> None:
    plain = load(alps)
    (alps / "questions.jsonl").unlink()
    write_jsonl(alps / "questions.jsonl", QUESTIONS, packed=True)
    assert load(alps) == plain


def test_questions_of_one_id_are_told_apart(alps: Path) -> None:
    write_jsonl(alps / "questions.jsonl", [QUESTIONS[0], QUESTIONS[0] | {"question": "Who climbed it?"}])
    assert [question.id for question in load(alps).questions] == ["a", "a (2)"]


def test_a_collection_keeps_the_judged_queries_with_their_grades(collection: Path) -> None:
    dataset = load(collection)
    assert dataset.layout == "beir"
    assert {q.id: dict(q.relevant) for q in dataset.questions} == {"q1": {("1", 1): 2}, "q2": {("2", 1): 1}}
    assert [entry.id for entry in dataset.entries()] == ["1", "2", "3"]


def test_the_judgements_may_lie_beside_the_queries(collection: Path) -> None:
    (collection / "qrels" / "test.tsv").rename(collection / "qrels.tsv")
    assert len(load(collection).questions) == 2


def test_the_digest_follows_the_documents_and_not_the_questions(alps: Path) -> None:
    documents, questions = load(alps).digest(), load(alps).digest_of_questions()
    write_jsonl(alps / "questions.jsonl", QUESTIONS[:2])
    assert load(alps).digest() == documents
    assert load(alps).digest_of_questions() != questions
    pdf = alps / "pdfs" / "alps.pdf"
    pdf.write_bytes(pdf.read_bytes() + b"\n")
    assert load(alps).digest() != documents


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{nothing", r"questions.jsonl, line 2: this is no JSON"),
        ("[1]", r"line 2: a JSON object is needed"),
        ('{"doc": "alps.pdf", "pages": [1]}', r'line 2: there is no "question"'),
        ('{"question": "Why?", "doc": "alps.pdf", "pages": "3"}', r'line 2: "pages" must be a list'),
        ('{"question": "Why?", "doc": "alps.pdf", "pages": [-1]}', r'line 2: "pages" must be a list'),
        ('{"question": "Why?", "pages": [1]}', r"not of which document"),
        ('{"question": "Why?", "answers": "because"}', r'"answers" must be a list'),
        ('{"question": "Why?", "doc": "lost.pdf", "pages": [1]}', r"1 documents that are not in .*lost.pdf"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(alps: Path, line: str, said: str) -> None:
    file = alps / "questions.jsonl"
    file.write_text(f"{file.read_text().splitlines()[0]}\n{line}\n")
    with pytest.raises(InputError, match=said):
        load(alps)


def test_a_folder_that_is_no_dataset_is_refused_with_what_it_should_hold(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"neither questions.jsonl .* nor corpus.jsonl"):
        load(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        load(tmp_path / "lost")


def test_a_collection_that_lacks_a_file_says_which(collection: Path) -> None:
    (collection / "qrels" / "test.tsv").unlink()
    with pytest.raises(InputError, match=r"no qrels.tsv"):
        load(collection)
    (collection / "qrels.tsv").write_text("q1\t1\t1\nq9\t1\t1\n")
    with pytest.raises(InputError, match=r"judges the query 'q9'"):
        load(collection)
    (collection / "qrels.tsv").write_text("q1\t1\t1\nq1 1 1\n")
    with pytest.raises(InputError, match=r"line 2: query, document and grade"):
        load(collection)


def test_a_broken_archive_is_named(collection: Path) -> None:
    (collection / "corpus.jsonl.gz").write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"corpus.jsonl.gz cannot be read"):
        list(load(collection).entries())
    write_jsonl(collection / "corpus.jsonl", CORPUS)
    assert len(list(load(collection).entries())) == 3
