"""Questions whose answers are known, with the documents that they are asked of, in two layouts.

    ours:  pdfs/*.pdf and questions.jsonl, an object a line: "question", and as far as they are known "doc" (file name),
           "pages" (PDF pages that hold the answer, from 1; [] when the document does not say), "answers", "kind", "id"
    BEIR:  corpus.jsonl ("_id", "title", "text"), queries.jsonl ("_id", "text"), qrels.tsv or qrels/test.tsv
           (query, document, grade)

Every file may be packed with gzip. Source of the second: Thakur et al., BEIR: A Heterogeneous Benchmark for Zero-shot
Evaluation of Information Retrieval Models, 2021.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from rag.errors import InputError

Layout = Literal["pdfs", "beir"]
Place = tuple[str, int]  # name of a document, page from 1

log = logging.getLogger(__name__)

_KINDS = ("kinds", "evidence_kinds", "kind")


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is known of its answer."""

    id: str
    text: str
    document: str | None = None  # file name of the one it belongs to
    relevant: Mapping[Place, int] = field(default_factory=dict)  # pages that hold evidence, and how much each is worth
    answers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # of the evidence
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a BEIR corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder of questions and documents."""

    folder: Path
    layout: Layout
    questions: tuple[Question, ...]
    pdfs: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of its folder."""
        return self.folder.resolve().name

    def entries(self) -> Iterator[Entry]:
        """Yield the documents of a BEIR corpus. Raises: InputError."""
        file = _packed(self.folder / "corpus.jsonl")
        assert file is not None
        for where, row in _rows(file):
            yield Entry(str(_needed(row, "_id", where)), str(row.get("title") or ""), str(row.get("text") or ""))

    def digest(self) -> str:
        """Return a name for the documents' content: it differs whenever a library of them would."""
        files = self.pdfs if self.layout == "pdfs" else [_packed(self.folder / "corpus.jsonl")]
        digests = [f"{path.name} {_sha256(path)}" for path in files if path is not None]
        return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]

    def digest_of_questions(self) -> str:
        """Return a name for the questions with what is known of their answers."""
        told = "\n".join(f"{q.id}\t{q.text}\t{q.document}\t{sorted(q.relevant)}\t{q.answers}" for q in self.questions)
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def load(folder: Path) -> Dataset:
    """Return the dataset in a folder.

    Raises:
        InputError: it is in neither layout, or a line cannot be used; the message names the file and the line.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Give one with questions.jsonl and pdfs/, or in BEIR layout.")
    if _packed(folder / "questions.jsonl") is not None:
        return _load_pdfs(folder)
    if _packed(folder / "corpus.jsonl") is not None:
        return _load_beir(folder)
    raise InputError(
        f"{folder} is no dataset: it holds neither questions.jsonl (with the documents in pdfs/) nor corpus.jsonl, "
        "queries.jsonl and qrels.tsv, as BEIR lays them out. Each may end in .gz."
    )


def _load_pdfs(folder: Path) -> Dataset:
    file = _packed(folder / "questions.jsonl")
    assert file is not None
    pdfs = tuple(sorted(path for path in (folder / "pdfs").glob("*") if path.suffix.lower() == ".pdf"))
    questions = tuple(_question(row, where, f"{i + 1}") for i, (where, row) in enumerate(_rows(file)))
    if not questions:
        raise InputError(f"{file} holds no question. Write one a line, as JSON.")
    if pdfs:
        there = {path.name for path in pdfs}
        lost = sorted({q.document for q in questions if q.document is not None} - there)
        if lost:
            raise InputError(
                f"{file} asks of {len(lost)} documents that are not in {folder / 'pdfs'}: {', '.join(lost[:3])}"
                f"{' …' if len(lost) > 3 else ''}. Put them there, or correct the names."
            )
    return Dataset(folder, "pdfs", _with_own_ids(questions), pdfs)


def _question(row: Mapping[str, Any], where: str, number: str) -> Question:
    document = row.get("doc", row.get("document"))
    pages = row.get("pages")
    if pages is not None and not (isinstance(pages, list) and all(_is_page(page) for page in pages)):
        raise InputError(f'{where}: "pages" must be a list of PDF pages, whole numbers from 1 on.')
    if 0 in (pages or ()):
        log.warning("%s: page 0 is none, pages count from 1; it can never be found", where)
    if pages and document is None:
        raise InputError(f'{where}: "pages" are given, but not of which document: add "doc", its file name.')
    if pages is None and not row.keys() & {"answers", "answer", "answerable"}:
        raise InputError(
            f'{where}: nothing is known of the answer. Add "pages" ([] where the document does not say) or "answers".'
        )
    answers = row.get("answers", [row["answer"]] if row.get("answer") not in (None, "") else [])
    if not isinstance(answers, list):
        raise InputError(f'{where}: "answers" must be a list of texts.')
    is_answerable = bool(row.get("answerable", bool(pages) if pages is not None else bool(answers)))
    return Question(
        id=str(row.get("id", number)),
        text=str(_needed(row, "question", where)),
        document=None if document is None else str(document),
        relevant={(str(document), page): 1 for page in pages or ()} if is_answerable else {},
        answers=tuple(str(answer) for answer in answers) if is_answerable else (),
        kinds=_kinds(row),
        answerable=is_answerable,
    )


def _kinds(row: Mapping[str, Any]) -> tuple[str, ...]:
    told: object = next((row[name] for name in _KINDS if row.get(name)), [])
    return tuple(str(kind) for kind in told) if isinstance(told, list) else (str(told),)


def _is_page(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _with_own_ids(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """Return the questions with ids that differ; of several with one id, the later ones get a number."""
    seen: dict[str, int] = {}
    own = []
    for question in questions:
        n = seen[question.id] = seen.get(question.id, 0) + 1
        own.append(question if n == 1 else replace(question, id=f"{question.id} ({n})"))
    return tuple(own)


# ---------------------------------------------------------------------------------------------------- BEIR


def _load_beir(folder: Path) -> Dataset:
    queries, qrels = _packed(folder / "queries.jsonl"), _qrels(folder)
    if queries is None or qrels is None:
        lost = "queries.jsonl" if queries is None else "qrels.tsv (or qrels/test.tsv)"
        raise InputError(f"{folder} holds corpus.jsonl, but no {lost}. BEIR's layout needs all three.")
    grades = _grades(qrels)
    texts = {str(_needed(row, "_id", where)): str(_needed(row, "text", where)) for where, row in _rows(queries)}
    lost_queries = sorted(grades.keys() - texts.keys())
    if lost_queries:
        raise InputError(f"{qrels} judges the query {lost_queries[0]!r}, which is not in {queries.name}. Correct one.")
    questions = tuple(Question(id_, text, relevant=grades[id_]) for id_, text in texts.items() if grades.get(id_))
    if not questions:
        raise InputError(f"{qrels} judges no query of {queries.name}: there is nothing to ask.")
    return Dataset(folder, "beir", questions)


def _qrels(folder: Path) -> Path | None:
    """Return the file of judgements: qrels.tsv, else of those in qrels/ the one of test, of dev, or the only one."""
    inside = sorted((folder / "qrels").glob("*.tsv*"))
    named = [_packed(folder / "qrels.tsv"), _packed(folder / "qrels/test.tsv"), _packed(folder / "qrels/dev.tsv")]
    return next((path for path in named if path is not None), inside[0] if len(inside) == 1 else None)


def _grades(file: Path) -> dict[str, dict[Place, int]]:
    """Return for each query the documents that are relevant, each as its page 1, with their grades."""
    grades: dict[str, dict[Place, int]] = {}
    for number, line in enumerate(_lines(file), 1):
        cells = line.split("\t")
        if number == 1 and not cells[-1].strip().lstrip("-").isdigit():  # the head
            continue
        if len(cells) not in {3, 4} or not cells[-1].strip().lstrip("-").isdigit():
            raise InputError(f"{file}, line {number}: query, document and grade are needed, with tabs between.")
        query, document, grade = cells[0], cells[-2], int(cells[-1])  # TREC has a column more, in second place
        if grade > 0:
            grades.setdefault(query, {})[document, 1] = grade
    return grades


# ---------------------------------------------------------------------------------------------------- files


def _packed(path: Path) -> Path | None:
    """Return the file, or the file packed with gzip; None when neither is there."""
    return next((file for file in (path, path.with_name(f"{path.name}.gz")) if file.is_file()), None)


def _lines(file: Path) -> Iterator[str]:
    """Yield the lines that are not empty, with what is wrong told by the file's name."""
    opener = gzip.open if file.suffix == ".gz" else open
    try:
        with opener(file, "rt", encoding="utf-8-sig") as stream:
            for line in stream:
                if line.strip():
                    yield line.rstrip("\r\n")
    except (OSError, EOFError, UnicodeDecodeError) as exc:
        raise InputError(f"{file} cannot be read: {exc}. It must be UTF-8, plain or packed with gzip.") from exc


def _rows(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where each object stands ("questions.jsonl, line 3"), and the object."""
    for number, line in enumerate(_lines(file), 1):
        where = f"{file}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as exc:
            raise InputError(f"{where}: this is no JSON ({exc}). Every line must be one JSON object.") from exc
        if not isinstance(row, dict):
            raise InputError(f"{where}: a JSON object is needed, with braces.")
        yield where, row


def _needed(row: Mapping[str, Any], name: str, where: str) -> Any:
    value = row.get(name)
    if value is None or not str(value).strip():
        raise InputError(f'{where}: there is no "{name}". Add it, or remove the line.')
    return value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
