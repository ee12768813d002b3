"""The flow of an exam: make questions of a library's documents, ask them back, judge, keep what came of it."""

from __future__ import annotations

import random
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag import places
from rag.errors import Cancelled, EmptyLibrary, InputError, UnknownDocument
from rag.exam.doubts import subjects_in
from rag.exam.items import Exam, Item, Json, Result, result_from_json, result_to_json
from rag.exam.judging import judged
from rag.exam.making import Pool, items_of, pool, quotas
from rag.exam.score import DocumentResult, coverage
from rag.guiding import reading_of
from rag.index.exams import Exams, Kept
from rag.index.reports import Reports
from rag.library import Library
from rag.text import fold
from rag.types import Document, IsCancelled

N_QUESTIONS = 40
MOST_KEPT = 20  # exams of a library
_MOST_COMPARED = 300  # documents that are looked through for others that speak of the same; with more, all are named
_SPARE = 2  # documents are asked for so many times what they are to give

_TOLD = ("said", "sha256", "document", "page")  # of an outcome: what it has from the document that it cites

OnStep = Callable[[str, int, int], None]  # what is done, how far, of how much


def take(
    library: Library,
    *,
    n: int = N_QUESTIONS,
    seed: int = 0,
    document: str | None = None,
    on_step: OnStep = lambda what, done, total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> Exam:
    """Examine a library, or one of its documents, and keep the exam.

    Args:
        n: so many questions, or as many as can be made.
        seed: the same seed gives the same questions while the documents stay the same.
        document: name or id of the only document to make questions of; it is still asked of the whole library.

    Raises:
        InputError: no question can be made. EmptyLibrary, UnknownDocument, Cancelled
    """
    started = time.perf_counter()
    items = make(library, n=n, seed=seed, document=document, on_step=on_step, is_cancelled=is_cancelled)
    results: list[Result] = []
    for done, item in enumerate(items):
        on_step("asking", done, len(items))
        _check(is_cancelled)
        result = _asked(library, item)
        if result is not None:
            results.append(result)
    on_step("asking", len(items), len(items))
    named = None if document is None else library.document(document).name
    n_right = sum(result.is_right for result in results)
    seconds = time.perf_counter() - started
    exam = Exam(-1, time.time(), seed, n, named, tuple(results), len(results), n_right, seconds)
    return replace(exam, id=_keep(library, exam))


def make(
    library: Library,
    *,
    n: int = N_QUESTIONS,
    seed: int = 0,
    document: str | None = None,
    on_step: OnStep = lambda what, done, total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> list[Item]:
    """Return the questions of an exam, without asking them. Arguments and errors as of `take`."""
    askable = [d for d in library.documents() if d.state in {"searchable", "ready"}]
    chosen = askable if document is None else [library.document(document)]
    if document is not None and chosen[0].state not in {"searchable", "ready"}:
        raise InputError(f"{chosen[0].name} is {chosen[0].state}: no question can be made of it.")
    if not chosen:
        raise EmptyLibrary(f"The library {library.name!r} has no document that can be asked. Add a PDF first.")
    given = quotas(chosen, n, random.Random(seed))
    pools = list(_pools(library, chosen, given, seed, on_step, is_cancelled))
    elsewhere = _elsewhere(library, askable, pools, on_step, is_cancelled)
    items = items_of(pools, n, given, elsewhere=elsewhere, titles=[d.title for d in askable])
    if not items:
        raise InputError(_why_none(library, chosen))
    return items


def _pools(
    library: Library,
    documents: Sequence[Document],
    given: dict[str, int],
    seed: int,
    on_step: OnStep,
    is_cancelled: IsCancelled,
) -> Iterator[Pool]:
    drawn = [d for d in documents if d.id in given]
    for done, document in enumerate(drawn):
        on_step("making questions", done, len(drawn))
        _check(is_cancelled)
        rng = random.Random(f"{seed} {document.id}")  # what else is in the library changes nothing
        try:
            reading = reading_of(library.parts, library.document(document.id))
        except UnknownDocument:  # removed meanwhile
            continue
        yield pool(reading, _SPARE * given[document.id], rng, is_cancelled=is_cancelled)


def _elsewhere(
    library: Library,
    documents: Sequence[Document],
    pools: Sequence[Pool],
    on_step: OnStep,
    is_cancelled: IsCancelled,
) -> dict[str, set[str]]:
    """Return of each pool's document the subjects, folded, that other documents of the library speak of too."""
    wanted = {p.document.id: {fold(c.subject) for c in p.candidates} for p in pools}
    if len(documents) > _MOST_COMPARED:
        return wanted
    found: dict[str, set[str]] = {id_: set() for id_ in wanted}
    for done, document in enumerate(documents if len(documents) > 1 else ()):
        on_step("comparing documents", done, len(documents))
        _check(is_cancelled)
        others = {subject for id_, subjects in wanted.items() if id_ != document.id for subject in subjects}
        texts = (text for _, text in library.catalog.page_texts(document.key))
        there = subjects_in(texts, others)
        for id_, subjects in wanted.items():
            if id_ != document.id:
                found[id_] |= subjects & there
    return found


def _asked(library: Library, item: Item) -> Result | None:
    """Ask a question of the whole library and of its document; None when that was removed meanwhile."""
    try:
        whole = judged(item, library.ask(item.asked))
        is_alone = len(library.documents()) == 1 and item.asked == item.question
        own = whole if is_alone else judged(item, library.ask(item.question, documents=[item.document_id]))
    except (UnknownDocument, EmptyLibrary):
        return None
    return Result(item, whole, own)


def _check(is_cancelled: IsCancelled) -> None:
    if is_cancelled():
        raise Cancelled("The exam was stopped; nothing of it was kept.")


def _why_none(library: Library, documents: Sequence[Document]) -> str:
    named = documents[0].name if len(documents) == 1 else f"the {len(documents)} documents of {library.name!r}"
    if any(d.n_passages for d in documents):
        return (
            f"No question can be made of {named}: too few whole sentences and tables were read, or each stands in "
            "several places. See how it was read: footnote report"
        )
    return f"No question can be made of {named}: no text was read. See why: footnote report"


# ------------------------------------------------------------------------------------------------------- kept


def _keep(library: Library, exam: Exam) -> int:
    facts = {
        "seed": exam.seed,
        "wanted": exam.n_wanted,
        "document": exam.document,
        "asked": exam.n_asked,
        "right": exam.n_right,
        "seconds": round(exam.seconds, 1),
    }
    rows = [row for n, result in enumerate(exam.results) for row in _rows(n, result)]
    return Exams(library.catalog).add(exam.made, facts, rows, most=MOST_KEPT)


def _rows(n: int, result: Result) -> Iterator[tuple[int, str, Json]]:
    """Yield a result as it is kept: what another document was quoted with goes with that one, by a row of its own."""
    line, item = result_to_json(result), result.item
    other = result.whole.document_id
    if other not in {"", item.document_id}:
        told = {key: line["whole"][key] for key in _TOLD}
        line["whole"] |= dict.fromkeys(("said", "sha256", "document"), "") | {"page": 0}
        yield 2 * n + 1, other, told
    yield 2 * n, item.document_id, line


def _results(items: dict[int, Json]) -> Iterator[Result]:
    for number, line in items.items():
        if number % 2 == 0:
            yield result_from_json(line | {"whole": line["whole"] | items.get(number + 1, {})})


def kept_exams(library: Library) -> list[Exam]:
    """Return the exams that were taken, the newest first, without their questions."""
    return [_exam(kept) for kept in Exams(library.catalog).list()]


def kept_exam(library: Library, exam_id: int) -> Exam:
    """Return an exam that was taken, with the questions whose documents are still here, under their names of now.

    Raises:
        InputError: there is no such exam.
    """
    names = {document.id: document.name for document in library.documents()}
    exam = _exam(Exams(library.catalog).get(exam_id))
    return replace(exam, results=tuple(_renamed(result, names) for result in exam.results))


def covered(library: Library, exam: Exam) -> list[DocumentResult]:
    """Return how the pages of the examined documents came out; of an exam of all, also those that could not be read."""
    reports = Reports(library.catalog)
    ids = {result.item.document_id for result in exam.results}
    documents = [d for d in library.documents() if d.state != "reading" and (exam.document is None or d.id in ids)]
    return coverage([reports.get(document) for document in documents], exam.results)


def command(library: Library, exam: Exam) -> str:
    """Return what to type for the same questions again."""
    is_named = library.name in places.available_libraries() and places.library_folder(library.name) == library.folder
    where = shlex.quote(library.name if is_named else str(library.folder))
    doc = "" if exam.document is None else f" --doc {shlex.quote(exam.document)}"
    return f"footnote exam --library {where} --seed {exam.seed} --n {exam.n_wanted}{doc}"


def forget(library: Library, exam_id: int) -> None:
    """Delete an exam. Nothing happens when it is gone already."""
    Exams(library.catalog).delete(exam_id)


def _exam(kept: Kept) -> Exam:
    facts = kept.facts
    return Exam(
        id=kept.id,
        made=kept.made,
        seed=facts["seed"],
        n_wanted=facts["wanted"],
        document=facts["document"],
        results=tuple(_results(kept.items)),
        n_asked=facts["asked"],
        n_right=facts["right"],
        seconds=facts["seconds"],
    )


def _renamed(result: Result, names: dict[str, str]) -> Result:
    item = replace(result.item, document=names.get(result.item.document_id, result.item.document))
    whole, own = (
        replace(outcome, document=names.get(outcome.document_id, outcome.document))
        for outcome in (result.whole, result.own)
    )
    return Result(item, whole, own)
