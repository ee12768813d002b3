from __future__ import annotations

import math
import random
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import StorageError
from rag.index.catalog import Catalog
from rag.index.lexical import TantivyIndex
from rag.types import PAGES_A_DOCUMENT, Document

from .made import put

WORDS = "revenue profit cash flow asset debt equity margin dividend goodwill inventory lease".split()


def made_texts(n: int, seed: int) -> list[str]:
    """Texts of 3 to 25 words: up to 40 words tantivy keeps a length exactly."""
    rng = random.Random(seed)
    weights = [1 / (i + 1) for i in range(len(WORDS))]
    rng.shuffle(weights)
    return [" ".join(rng.choices(WORDS, weights, k=rng.randint(3, 25))) for _ in range(n)]


def naive_bm25(
    index: TantivyIndex, entries: dict[int, str], question: str, scope: set[int] | None = None
) -> dict[int, float]:
    """BM25 with k1 = 1.2, b = 0.75; the idf is counted among the entries in `scope`, the mean length among all."""
    bags = {id_: Counter(index._indexing.analyze(text)) for id_, text in entries.items()}
    mean = sum(bag.total() for bag in bags.values()) / len(bags)
    among = [bag for id_, bag in bags.items() if scope is None or id_ in scope]
    scores = {}
    for id_, bag in bags.items():
        if scope is not None and id_ not in scope:
            continue
        score = 0.0
        for term in index.terms(question):
            n_with = sum(term in other for other in among)
            idf = math.log(1 + (len(among) - n_with + 0.5) / (n_with + 0.5))
            score += idf * bag[term] * 2.2 / (bag[term] + 1.2 * (0.25 + 0.75 * bag.total() / mean))
        if any(term in bag for term in index.terms(question)):
            scores[id_] = score
    return scores


def check_ranking(found: Sequence[tuple[int, float]], wanted: dict[int, float]) -> None:
    assert {id_ for id_, _ in found} == wanted.keys()
    for id_, score in found:
        assert score == pytest.approx(wanted[id_], rel=1e-4)
    assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)


@pytest.fixture
def documents(catalog: Catalog) -> list[Document]:
    return [put(catalog, seed, made_texts(30, seed), vectors=seed % 2 == 0) for seed in (1, 2, 3)]


@pytest.fixture
def index(catalog: Catalog, folder: Path, documents: list[Document]) -> TantivyIndex:
    index = TantivyIndex(folder, "passages")
    assert index.reconcile(catalog) == (3, 0)
    return index


def entries_of(catalog: Catalog, documents: Sequence[Document]) -> dict[int, str]:
    return {p.id: p.index_text for document in documents for p in catalog.passages_of(document.key)}


# --------------------------------------------------------------------------------------------------- ranking


@pytest.mark.parametrize("question", ["goodwill", "lease debt equity", "What is the profit margin of the inventory?"])
def test_the_ranking_is_that_of_a_naive_bm25(
    question: str, catalog: Catalog, index: TantivyIndex, documents: list[Document]
) -> None:
    check_ranking(index.search(question, 1000), naive_bm25(index, entries_of(catalog, documents), question))


@pytest.mark.parametrize("chosen", [[0], [1], [0, 2], [0, 1, 2]])
def test_within_some_documents_terms_are_as_rare_as_they_are_there(
    chosen: list[int], catalog: Catalog, index: TantivyIndex, documents: list[Document]
) -> None:
    scope = [documents[i] for i in chosen]
    ids = set(entries_of(catalog, scope))
    for question in ("cash flow", "goodwill lease revenue", "dividend dividends"):
        wanted = naive_bm25(index, entries_of(catalog, documents), question, ids)
        check_ranking(index.search(question, 1000, documents=[d.key for d in scope]), wanted)


def test_a_word_that_is_common_elsewhere_but_rare_here_counts_as_rare(catalog: Catalog, folder: Path) -> None:
    here = put(catalog, 1, ["acme sells pumps", *["acme sells valves"] * 20])
    put(catalog, 2, ["pumps everywhere"] * 50)
    index = TantivyIndex(folder, "passages")
    index.reconcile(catalog)
    assert index.idf(["pump"])["pump"] < index.idf(["pump"], [here.key])["pump"]
    (best, score), (_, second) = index.search("acme pumps", 2, documents=[here.key])
    assert catalog.passages([best])[0].text == "acme sells pumps"
    assert score - second > 1.5


def test_idf_counts_the_entries_that_hold_a_term(
    catalog: Catalog, index: TantivyIndex, documents: list[Document]
) -> None:
    (term,) = index.terms("goodwill")
    for scope in (None, [documents[1].key], [documents[0].key, documents[2].key]):
        entries = entries_of(catalog, [d for d in documents if scope is None or d.key in scope])
        n_with = sum("goodwill" in text for text in entries.values())
        wanted = math.log(1 + (len(entries) - n_with + 0.5) / (n_with + 0.5))
        assert index.idf([term, "nowher"], scope)[term] == pytest.approx(wanted)
        assert index.idf([term, "nowher"], scope)["nowher"] == pytest.approx(math.log(1 + (len(entries) + 0.5) / 0.5))


def test_no_document_in_scope_finds_nothing(index: TantivyIndex) -> None:
    assert index.search("goodwill", 10, documents=[]) == []
    assert index.search("goodwill", 10, documents=[999]) == []


def test_pages_are_numbered_by_document_and_page(catalog: Catalog, folder: Path) -> None:
    document = put(catalog, 1, ["alpha stands here", "beta stands there", ""])
    pages = TantivyIndex(folder, "pages")
    assert pages.reconcile(catalog) == (1, 0)
    assert pages.counts() == {document.key: 2}  # the third page is empty
    assert [id_ for id_, _ in pages.search("beta", 5)] == [document.key * PAGES_A_DOCUMENT + 2]
    assert pages.reconcile(catalog) == (0, 0)


# ----------------------------------------------------------------------------------------------------- terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What was the revenue in FY2018?", ["revenu", "fy2018"]),
        ("1,577 and 12.5% of $1,234.50.", ["1,577", "12.5", "1,234.50"]),
        ("Apple’s margins, apple's margin", ["appl", "margin"]),
        ("Café MÜNCHEN", ["cafe", "munchen"]),
        ("What isn't what's theirs?", ["their"]),
        ("mini-batch back\u00adpropagation", ["mini", "batch", "backpropag"]),
        ("the of and", ["the", "of", "and"]),
        ("(*)[+?{}^$|\\ AND OR body:x~2", ["bodi", "x", "2"]),
        ("a\x00b c\ud800", ["b", "c"]),
        ("", []),
        ("?!", []),
    ],
)
def test_terms_are_stemmed_words_and_whole_numbers(text: str, terms: list[str], tmp_path: Path) -> None:
    assert TantivyIndex(tmp_path, "passages").terms(text) == list(dict.fromkeys(terms))


def test_no_question_breaks_a_search(index: TantivyIndex, documents: list[Document]) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=200))
    def check(question: str) -> None:
        index.search(question, 5)
        index.search(question, 5, documents=[documents[0].key])

    check()
    for question in ("x" * 20_000, "goodwill " * 2_000, " ".join(f"w{i}" for i in range(4_000)), "\x00", "a*b?(c"):
        index.search(question, 5, documents=[documents[0].key])
        assert len(index.search(question, 5)) <= 5


# ---------------------------------------------------------------------------------------------- keeping up


def test_reconcile_adds_the_new_removes_the_gone_and_then_rests(
    catalog: Catalog, folder: Path, index: TantivyIndex, documents: list[Document]
) -> None:
    catalog.remove(documents[0])
    new = put(catalog, 7, ["the quetzalcoatlus flies"])
    assert index.reconcile(catalog) == (1, 1)
    assert index.counts() == {documents[1].key: 30, documents[2].key: 30, new.key: 1}
    assert index.reconcile(catalog) == (0, 0)
    assert len(index.search("quetzalcoatlus", 5)) == 1
    check_ranking(
        index.search("goodwill lease", 1000),
        naive_bm25(index, entries_of(catalog, [*documents[1:], new]), "goodwill lease"),
    )


def test_no_term_of_a_removed_document_is_left_in_any_file(
    catalog: Catalog, folder: Path, index: TantivyIndex, documents: list[Document]
) -> None:
    new = put(catalog, 7, ["quetzalcoatlus"])
    index.reconcile(catalog)
    (term,) = index.terms("quetzalcoatlus")
    assert index.n_with(term, new.key) == 1
    catalog.remove(new)
    index.reconcile(catalog)
    assert index.n_with(term, new.key) == 0
    assert index._searcher is not None
    assert index._searcher.doc_freq("body", term) == 0
    files = [path for path in (folder / "lexical").rglob("*") if path.is_file()]
    assert files
    assert not any(b"quetz" in path.read_bytes() for path in files)


def test_a_large_index_deletes_in_place(
    catalog: Catalog, index: TantivyIndex, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.lexical.index._PURGED_AT_ONCE", 10)
    catalog.remove(documents[1])
    assert index.reconcile(catalog) == (0, 1)
    assert set(index.counts()) == {documents[0].key, documents[2].key}
    assert not {id_ for id_, _ in index.search("cash", 1000)} & set(entries_of(catalog, [documents[1]]))


def test_the_last_document_can_be_removed(
    catalog: Catalog, folder: Path, index: TantivyIndex, documents: list[Document]
) -> None:
    for document in documents:
        catalog.remove(document)
    assert index.reconcile(catalog) == (0, 3)
    assert index.search("cash", 5) == []
    assert index.idf(["cash"], [1])["cash"] >= 0


def test_an_index_comes_back_from_its_folder(catalog: Catalog, folder: Path, index: TantivyIndex) -> None:
    again = TantivyIndex(folder, "passages")
    assert again.search("goodwill lease", 50) == index.search("goodwill lease", 50)
    assert again.reconcile(catalog) == (0, 0)


@pytest.mark.parametrize("damage", ["*", "meta.json", "*.idx", "*.fast", "*.term", "*.store"])
def test_a_damaged_folder_is_told_and_rebuilt(
    damage: str, catalog: Catalog, folder: Path, index: TantivyIndex, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = index.search("goodwill lease", 50)
    for path in (folder / "lexical" / "passages").glob(damage):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    again = TantivyIndex(folder, "passages")
    assert again.reconcile(catalog) == (3, 0)
    assert "rebuilt from the catalog" in caplog.text
    assert again.search("goodwill lease", 50) == wanted
    assert again.reconcile(catalog) == (0, 0)


def test_a_folder_that_vanishes_is_made_again(catalog: Catalog, folder: Path, index: TantivyIndex) -> None:
    shutil.rmtree(folder / "lexical")
    assert index.search("goodwill", 5) == []
    assert index.reconcile(catalog) == (3, 0)
    assert len(index.search("goodwill", 5)) == 5


def test_a_folder_that_cannot_be_written_is_reported(catalog: Catalog, folder: Path, documents: list[Document]) -> None:
    (folder / "lexical").write_bytes(b"in the way")
    with pytest.raises(StorageError, match=r"lexical.*cannot be written"):
        TantivyIndex(folder, "passages").reconcile(catalog)


def test_a_reader_sees_what_another_process_committed(catalog: Catalog, folder: Path, index: TantivyIndex) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.index.catalog import Catalog\n"
        "from rag.index.lexical import TantivyIndex; from tests.index.made import put\n"
        "folder = Path(sys.argv[1]); catalog = Catalog(folder)\n"
        "put(catalog, 9, ['the quetzalcoatlus flies']); print(TantivyIndex(folder, 'passages').reconcile(catalog))"
    )
    assert index.search("quetzalcoatlus", 5) == []
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(1, 0)"
    assert len(index.search("quetzalcoatlus", 5)) == 1
    assert index.reconcile(catalog) == (0, 0)


def test_threads_search_while_another_adds_and_removes(catalog: Catalog, index: TantivyIndex) -> None:
    stop, problems = threading.Event(), []

    def search() -> None:
        while not stop.is_set():
            if not index.search("goodwill lease", 20):
                problems.append("nothing found")

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for seed in range(20, 26):
        document = put(catalog, seed, ["lease of goodwill"])
        index.reconcile(catalog)
        if seed % 2:
            catalog.remove(document)
            index.reconcile(catalog)
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sum(index.counts().values()) == catalog.passage_ids().size


def test_a_mark_that_a_killed_writer_left_does_not_stop_the_next_one(
    catalog: Catalog, folder: Path, index: TantivyIndex, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.lexical.index._PURGED_AT_ONCE", 0)
    place = folder / "lexical" / "passages"
    shutil.copytree(place, folder / "before")
    catalog.remove(documents[1])
    index.reconcile(catalog)
    (mark,) = place.glob("*.del")
    left = mark.read_bytes(), mark.name
    shutil.rmtree(place)
    shutil.copytree(folder / "before", place)  # as it was, but for the mark: killed just before the commit
    (place / left[1]).write_bytes(left[0])
    again = TantivyIndex(folder, "passages")
    assert again.reconcile(catalog) == (0, 1)
    assert set(again.counts()) == {documents[0].key, documents[2].key}
