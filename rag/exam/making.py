"""Which questions are put: drawn from those that documents give, so that documents, pages and kinds have a share."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.exam import cells, sections, statements
from rag.exam.candidates import Candidate
from rag.exam.doubts import Doubts, name_in_question, with_name
from rag.exam.items import Item, ItemKind
from rag.guide.about import about
from rag.guide.reading import Reading, Sentence
from rag.guide.suggest import voice_of
from rag.text import fold
from rag.types import Document, IsCancelled

SHARES: dict[ItemKind, float] = {
    "definition": 0.16,
    "figure": 0.16,
    "name": 0.10,
    "statement": 0.16,
    "table": 0.20,
    "heading": 0.10,
    "cloze": 0.12,
}
_AT_MOST: dict[ItemKind, float] = {
    "cloze": 0.3,
    "heading": 0.25,
}  # easy ones: fewer questions rather than more of these
_POOL = 8  # candidates a question
_PER_PAGE = 3  # candidates of one kind
_SAME_PAGE = 2.0  # what a page that was asked already costs, in shares of a kind


@dataclass(frozen=True, slots=True)
class Pool:
    """What can be asked of one document."""

    document: Document
    candidates: tuple[Candidate, ...]


def quotas(documents: Sequence[Document], n: int, rng: random.Random) -> dict[str, int]:
    """Return how many questions each document is to give, by its id: one at least, long ones more.

    The rest goes by the square root of the pages (D'Hondt). Of more documents than questions some are drawn.
    """
    if len(documents) >= n:
        return {document.id: 1 for document in rng.sample(list(documents), n)}
    given = {document.id: 1 for document in documents}
    for _ in range(n - len(documents)):
        most = max(documents, key=lambda d: (d.n_pages**0.5 / (given[d.id] + 1), d.id))
        given[most.id] += 1
    return given


def pool(reading: Reading, n: int, rng: random.Random, *, is_cancelled: IsCancelled = lambda: False) -> Pool:
    """Return candidates for `n` questions to a document, from pages drawn at random; none that is in doubt."""
    voice, doubts = voice_of(reading, about(reading).company), Doubts(reading)
    found: dict[str, Candidate | None] = {}
    by_page = _sentences_by_page(reading)
    tables = [passage for i, passage in enumerate(reading.passages) if not reading.is_back_matter(i)]
    headed: dict[int, list[Candidate]] = {}
    for candidate in sections.questions_of(voice, reading):
        headed.setdefault(candidate.page, []).append(candidate)
    pages = sorted(reading.texts)
    rng.shuffle(pages)
    for page in pages:
        if is_cancelled() or sum(candidate is not None for candidate in found.values()) >= _POOL * n + 16:
            break
        made = list(headed.get(page, ()))
        for sentence in by_page.get(page, ()):
            asked = list(statements.questions_of(voice, reading, sentence))
            gap = statements.cloze_of(voice, reading, sentence, rng)
            made += asked or ([gap] if gap is not None else [])
        for passage in tables:
            if page in passage.pages:
                made += [c for c in cells.questions_of(voice, reading, passage) if c.page == page]
        for candidate in _some(made, rng):
            settled = doubts.settled(candidate)
            if settled is not None:  # asked of two places: no question
                found[candidate.alike] = None if candidate.alike in found else settled
    settled_ones = [candidate for candidate in found.values() if candidate is not None]
    rng.shuffle(settled_ones)  # of equals the first is taken
    return Pool(reading.document, tuple(settled_ones))


def _sentences_by_page(reading: Reading) -> dict[int, list[Sentence]]:
    found: dict[int, list[Sentence]] = {}
    for sentence in reading.statements:
        found.setdefault(sentence.page, []).append(sentence)
    return found


def _some(made: Sequence[Candidate], rng: random.Random) -> list[Candidate]:
    """Return a few of each kind."""
    chosen: list[Candidate] = []
    for kind in SHARES:
        of_kind = [candidate for candidate in made if candidate.kind == kind]
        chosen += rng.sample(of_kind, min(len(of_kind), _PER_PAGE))
    return chosen


# ----------------------------------------------------------------------------------------------------- choosing


def items_of(
    pools: Sequence[Pool],
    n: int,
    given: Mapping[str, int],
    *,
    elsewhere: Mapping[str, set[str]],
    titles: Sequence[str],
) -> list[Item]:
    """Return up to `n` questions, document by document in reading order.

    Args:
        given: how many each document is to give; what one cannot give others do.
        elsewhere: of each document, by its id, the folded subjects that other documents speak of too.
        titles: of all documents of the library.
    """
    left: list[tuple[Pool, Item]] = [
        (pool, item)
        for pool in pools
        for candidate in pool.candidates
        if (item := _item(pool.document, candidate, elsewhere.get(pool.document.id, set()), titles)) is not None
    ]
    chosen: list[tuple[Pool, Item]] = []
    kinds: Counter[ItemKind] = Counter()
    of: Counter[str] = Counter()
    pages: Counter[tuple[str, int]] = Counter()
    asked: set[str] = set()

    def worth(pair: tuple[Pool, Item]) -> tuple[bool, float]:
        item = pair[1]
        is_due = of[item.document_id] < given.get(item.document_id, 0)
        return is_due, -(kinds[item.kind] + 1) / SHARES[item.kind] / n - _SAME_PAGE * pages[item.document_id, item.page]

    while left and len(chosen) < n:
        best = max(left, key=worth)  # the first of equals: pools are in random order
        item = best[1]
        left = [pair for pair in left if pair is not best]
        if fold(item.asked) in asked or kinds[item.kind] >= _AT_MOST.get(item.kind, 1.0) * n:
            continue
        asked.add(fold(item.asked))
        chosen.append(best)
        kinds[item.kind] += 1
        of[item.document_id] += 1
        pages[item.document_id, item.page] += 1
    order = {pool.document.id: i for i, pool in enumerate(pools)}
    return sorted(
        (item for _, item in chosen), key=lambda item: (order[item.document_id], item.page, item.spans[0].start)
    )


def _item(document: Document, candidate: Candidate, elsewhere: set[str], titles: Sequence[str]) -> Item | None:
    """Return a question; None where others speak of its subject and its document cannot be named."""
    asked = candidate.question
    if fold(candidate.subject) in elsewhere:
        name = name_in_question(document, titles)
        if name is None:
            return None
        asked = with_name(asked, name)
    pages = candidate.pages or (candidate.page,)
    return Item(
        kind=candidate.kind,
        question=candidate.question,
        asked=asked,
        answer=candidate.answer,
        document_id=document.id,
        document=document.name,
        page=candidate.page,
        spans=candidate.spans,
        pages=pages,
    )
