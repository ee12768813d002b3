from __future__ import annotations

import sys
import threading
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ModelMissing, StorageError
from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex

from .made import ENCODER, N_DIMS, made_document, put, unit_vectors

TEXTS = ["Alpha is first.", "Beta is second.", "Gamma ends it."]


def brute_force(catalog: Catalog, query: np.ndarray, k: int, among: list[int] | None = None) -> list[tuple[int, float]]:
    ids, vectors = catalog.vectors(catalog.passage_ids())
    pairs = [(i, float(s)) for i, s in zip(ids.tolist(), vectors @ query, strict=True) if among is None or i in among]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]


def agree(found: list[tuple[int, float]], wanted: list[tuple[int, float]]) -> bool:
    return [i for i, _ in found] == [i for i, _ in wanted] and np.allclose(
        [s for _, s in found], [s for _, s in wanted], atol=1e-5
    )


@pytest.fixture
def index(catalog: Catalog, folder: Path) -> FaissIndex:
    """An index over three documents of 40 passages."""
    for seed in (1, 2, 3):
        put(catalog, seed, [f"passage {i}" for i in range(40)])
    index = FaissIndex(folder, N_DIMS, n_threads=1)
    assert index.reconcile(catalog) == (120, 0)
    return index


def test_a_search_finds_what_brute_force_finds(catalog: Catalog, index: FaissIndex) -> None:
    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 130), st.one_of(st.none(), st.sets(st.integers(1, 130), max_size=40)))
    def check(seed: int, k: int, among: set[int] | None) -> None:
        query = unit_vectors(1, seed)[0]
        only = None if among is None else np.array(sorted(among), np.int64)
        wanted = brute_force(catalog, query, k, None if among is None else sorted(among))
        assert agree(index.search(query, k, among=only), wanted)

    check()


def test_scores_are_those_of_a_search_and_nan_where_there_is_no_vector(catalog: Catalog, index: FaissIndex) -> None:
    query = unit_vectors(1, 5)[0]
    found = index.search(query, 10)
    scores = index.scores(query, [999_999, *[id_ for id_, _ in found]])
    assert np.isnan(scores[0])
    assert np.allclose(scores[1:], [score for _, score in found], atol=1e-6)
    assert index.scores(query, []).shape == (0,)


def test_nothing_is_found_in_an_empty_index_or_among_nothing(tmp_path: Path, index: FaissIndex) -> None:
    query = unit_vectors(1)[0]
    assert FaissIndex(tmp_path, N_DIMS).search(query, 5) == []
    assert index.search(query, 0) == []
    assert index.search(query, 5, among=np.zeros(0, np.int64)) == []


def test_reconcile_adds_the_new_removes_the_gone_and_then_rests(catalog: Catalog, index: FaissIndex) -> None:
    catalog.remove(catalog.document("made (2).pdf"))
    put(catalog, 7, TEXTS)
    put(catalog, 8, TEXTS, vectors=False)
    assert index.reconcile(catalog) == (3, 40)
    assert index.ids().tolist() == catalog.passage_ids(with_vectors=True).tolist()
    assert index.reconcile(catalog) == (0, 0)
    query = unit_vectors(1, 3)[0]
    assert agree(index.search(query, 200), brute_force(catalog, query, 200))


def test_vectors_that_come_in_another_order_than_their_ids_are_added(catalog: Catalog, folder: Path) -> None:
    first, second = put(catalog, 1, TEXTS, vectors=False), put(catalog, 2, TEXTS)
    index = FaissIndex(folder, N_DIMS)
    assert index.reconcile(catalog) == (3, 0)
    catalog.store_vectors(first, ENCODER, unit_vectors(3, 1))
    assert index.reconcile(catalog) == (3, 0)
    assert len(index) == 6
    assert second.key > first.key


def test_a_saved_index_comes_back_and_needs_nothing(catalog: Catalog, folder: Path, index: FaissIndex) -> None:
    index.save()
    again = FaissIndex(folder, N_DIMS)
    assert again.ids().tolist() == index.ids().tolist()
    assert again.reconcile(catalog) == (0, 0)
    query = unit_vectors(1, 9)[0]
    assert again.search(query, 20) == index.search(query, 20)
    assert [path.name for path in folder.glob("dense*")] == ["dense.faiss"]


@pytest.mark.parametrize("damage", ["cut short", "flipped bit", "emptied", "no index", "of another length"])
def test_a_file_that_cannot_be_used_is_told_and_rebuilt(
    damage: str, catalog: Catalog, folder: Path, index: FaissIndex, caplog: pytest.LogCaptureFixture
) -> None:
    index.save()
    file = folder / "dense.faiss"
    raw = bytearray(file.read_bytes())
    if damage == "of another length":
        other = FaissIndex(folder, N_DIMS * 2)
        other.save()
    elif damage == "flipped bit":
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw)
    else:
        file.write_bytes({"cut short": bytes(raw[:-100]), "emptied": b"", "no index": b"x" * 500}[damage])
    caplog.clear()
    again = FaissIndex(folder, N_DIMS)
    assert "rebuilt from the catalog" in caplog.text
    assert again.reconcile(catalog) == (120, 0)
    query = unit_vectors(1, 4)[0]
    assert agree(again.search(query, 10), brute_force(catalog, query, 10))


def test_vectors_of_another_encoder_in_the_file_are_thrown_away(
    catalog: Catalog, folder: Path, index: FaissIndex, caplog: pytest.LogCaptureFixture
) -> None:
    index.save()
    catalog.database.query("UPDATE meta SET value = 'other-8' WHERE name = 'encoder'")
    again = FaissIndex(folder, N_DIMS)
    assert again.reconcile(catalog) == (120, 0)
    assert "other-8" in caplog.text


def test_saving_sweeps_what_a_killed_save_left(folder: Path, index: FaissIndex) -> None:
    orphan = folder / "dense.faiss.tmp12345"
    orphan.write_bytes(b"half")
    index.save()
    assert not orphan.exists()


def test_a_save_that_fails_is_told_and_leaves_the_old_file(
    folder: Path, index: FaissIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.save()
    before = (folder / "dense.faiss").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        index.save()
    assert (folder / "dense.faiss").read_bytes() == before
    assert list(folder.glob("*.tmp*")) == []


def test_threads_search_while_another_adds(catalog: Catalog, index: FaissIndex) -> None:
    stop, found = threading.Event(), []
    query = unit_vectors(1, 2)[0]

    def search() -> None:
        while not stop.is_set():
            found.append(len(index.search(query, 500)))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for seed in range(10, 20):
        put(catalog, seed, TEXTS)
        index.reconcile(catalog)
    stop.set()
    for thread in threads:
        thread.join()
    assert {n % 3 for n in found} == {0}
    assert agree(index.search(query, 500), brute_force(catalog, query, 500))


def test_vectors_of_another_length_in_the_catalog_are_refused(catalog: Catalog, folder: Path) -> None:
    document = catalog.store_parsed(catalog.begin("a" * 64, "a.pdf", 1), made_document(TEXTS))
    catalog.store_vectors(document, ENCODER, unit_vectors(3, n_dims=5))
    with pytest.raises(ValueError, match="5 dimensions, the index 8"):
        FaissIndex(folder, N_DIMS).reconcile(catalog)


def test_a_broken_mixture_of_two_builds_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", types.ModuleType("faiss"))  # what is left is an empty namespace
    with pytest.raises(ModelMissing, match=r"pip uninstall -y faiss-cpu faiss-gpu.*pip install 'footnote\[cpu\]'"):
        FaissIndex(tmp_path, N_DIMS)


def test_a_missing_faiss_names_the_command_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ModelMissing, match=r"pip install 'footnote\[cpu\]'"):
        FaissIndex(tmp_path, N_DIMS)
