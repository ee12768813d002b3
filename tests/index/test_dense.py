from __future__ import annotations

import json
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
from rag.index.dense.bases import Inverted
from rag.index.dense.file import write

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


# ------------------------------------------------------------------------------------ the file and what came since


def test_a_large_file_lags_behind_and_the_rest_comes_from_the_catalog(
    catalog: Catalog, folder: Path, index: FaissIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.dense.index._SMALL", 50)
    index.save()
    put(catalog, 7, TEXTS)
    assert index.reconcile(catalog) == (3, 0)
    assert not index.is_behind()  # three of 120 may wait
    again = FaissIndex(folder, N_DIMS)
    assert len(again) == 120
    assert again.reconcile(catalog) == (3, 0)
    query = unit_vectors(1, 3)[0]
    assert agree(again.search(query, 200), brute_force(catalog, query, 200))
    put(catalog, 8, [f"passage {i}" for i in range(20)])
    index.reconcile(catalog)
    assert index.is_behind()
    index.save()
    assert FaissIndex(folder, N_DIMS).reconcile(catalog) == (0, 0)
    assert agree(index.search(query, 200), brute_force(catalog, query, 200))


def test_what_was_removed_is_not_found_though_the_file_holds_it_until_it_is_saved(
    catalog: Catalog, folder: Path, index: FaissIndex
) -> None:
    index.save()
    gone = catalog.document("made (2).pdf")
    ids, vectors = catalog.vectors(catalog.passage_ids([gone.key]))
    catalog.remove(gone)
    assert index.reconcile(catalog) == (0, 40)
    assert index.holds_removed()
    query = unit_vectors(1, 4)[0]
    assert agree(index.search(query, 120), brute_force(catalog, query, 120))
    assert index.search(query, 5, among=ids) == []
    assert np.isnan(index.scores(query, ids)).all()
    removed = vectors[0].astype("<f2").tobytes()
    assert removed in (folder / "dense.faiss").read_bytes()
    index.save()
    assert not index.holds_removed()
    assert removed not in (folder / "dense.faiss").read_bytes()
    assert agree(index.search(query, 120), brute_force(catalog, query, 120))


def test_what_changes_while_the_file_is_written_is_kept(
    catalog: Catalog, folder: Path, index: FaissIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*arguments: object) -> None:
        put(catalog, 9, TEXTS)
        catalog.remove(catalog.document("made.pdf"))
        index.reconcile(catalog)
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("rag.index.dense.index.write", slowly)
    index.save()
    assert index.ids().tolist() == catalog.passage_ids(with_vectors=True).tolist()
    query = unit_vectors(1, 6)[0]
    assert agree(index.search(query, 200), brute_force(catalog, query, 200))


def test_the_checksum_of_a_large_file_is_compared_while_it_is_used(
    catalog: Catalog, folder: Path, index: FaissIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("rag.index.dense.index._CHECKED_AT_ONCE", 0)
    index.save()
    sound = FaissIndex(folder, N_DIMS)
    sound.close()
    assert sound.reconcile(catalog) == (0, 0)
    raw = bytearray((folder / "dense.faiss").read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / "dense.faiss").write_bytes(raw)
    again = FaissIndex(folder, N_DIMS)
    again.reconcile(catalog)
    again.close()
    assert "rebuilt from the catalog" in caplog.text
    again.reconcile(catalog)
    query = unit_vectors(1, 4)[0]
    assert agree(again.search(query, 10), brute_force(catalog, query, 10))


# --------------------------------------------------------------------------------------------------------- lists


@pytest.fixture
def lists(catalog: Catalog, folder: Path) -> FaissIndex:
    """An index by lists over ten documents of 200 passages."""
    for seed in range(10):
        put(catalog, seed + 1, [f"passage {i}" for i in range(200)])
    index = FaissIndex(folder, N_DIMS, n_threads=1, exact_up_to=500)
    index.reconcile(catalog)
    index.save()
    return index


def test_beyond_so_many_vectors_lists_find_nearly_all_and_score_exactly(catalog: Catalog, lists: FaissIndex) -> None:
    found_of_wanted = []
    for seed in range(20):
        query = unit_vectors(1, 100 + seed)[0]
        found, wanted = dict(lists.search(query, 10)), dict(brute_force(catalog, query, 10))
        assert len(found) == 10
        found_of_wanted.append(len(found.keys() & wanted.keys()) / 10)
        assert all(abs(found[id_] - wanted[id_]) < 1e-5 for id_ in found.keys() & wanted.keys())
    assert np.mean(found_of_wanted) > 0.8
    query = unit_vectors(1, 5)[0]
    assert agree(lists.search(query, 2000), brute_force(catalog, query, 2000))  # as many as there are, of all lists
    scores = lists.scores(query, [id_ for id_, _ in brute_force(catalog, query, 50)])
    assert np.allclose(scores, [score for _, score in brute_force(catalog, query, 50)], atol=1e-5)


def test_lists_score_without_asking_the_catalog(
    catalog: Catalog, lists: FaissIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = unit_vectors(1, 5)[0]
    wanted = dict(brute_force(catalog, query, 2000))
    removed = catalog.passage_ids([catalog.document("made.pdf").key]).tolist()
    monkeypatch.setattr(catalog, "vectors", lambda ids: pytest.fail(f"{len(ids)} vectors were read"))
    found = lists.search(query, 100)
    assert [score for _, score in found] == pytest.approx([wanted[id_] for id_, _ in found], abs=1e-5)
    ids = [*removed[5:0:-1], *sorted(set(wanted) - set(removed))[::7]]
    assert lists.scores(query, ids).tolist() == pytest.approx([wanted[id_] for id_ in ids], abs=1e-5)
    catalog.remove(catalog.document("made.pdf"))
    lists.reconcile(catalog)
    assert np.isnan(lists.scores(query, removed)).all()
    assert not {id_ for id_, _ in lists.search(query, 2000)} & set(removed)


def test_lists_of_a_byte_a_dimension_which_an_earlier_version_wrote_are_made_again_once(
    catalog: Catalog, folder: Path, lists: FaissIndex, caplog: pytest.LogCaptureFixture
) -> None:
    import faiss

    ids, vectors = catalog.vectors(catalog.passage_ids())
    old = faiss.index_factory(N_DIMS, "IVF20,SQ8", faiss.METRIC_INNER_PRODUCT)
    old.train(vectors)
    old.add_with_ids(vectors, ids)
    write(folder / "dense.faiss", Inverted(faiss, old, ids, len(ids)), ENCODER, N_DIMS)
    again = FaissIndex(folder, N_DIMS, exact_up_to=500)
    assert "an earlier version of Footnote wrote it" in caplog.text
    assert again.reconcile(catalog) == (2000, 0)
    assert again.is_unsaved
    query = unit_vectors(1, 8)[0]
    assert agree(again.search(query, 2000), brute_force(catalog, query, 2000))
    again.save()
    caplog.clear()
    third = FaissIndex(folder, N_DIMS, exact_up_to=500)
    assert third.reconcile(catalog) == (0, 0)
    assert agree(third.search(query, 2000), brute_force(catalog, query, 2000))
    assert not caplog.records


def test_lists_find_every_passage_of_the_documents_asked_and_no_other(catalog: Catalog, lists: FaissIndex) -> None:
    keys = [document.key for document in catalog.documents()]
    for chosen in ([keys[0]], [keys[2], keys[7]], keys[:9]):
        among = catalog.passage_ids(chosen)
        query = unit_vectors(1, len(chosen))[0]
        found = lists.search(query, len(among), among=among)
        assert agree(found, brute_force(catalog, query, len(among), among.tolist()))
        assert len(lists.search(query, 10, among=among)) == 10


def test_lists_take_in_and_let_go_without_being_made_anew(
    catalog: Catalog, folder: Path, lists: FaissIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.remove(catalog.document("made.pdf"))
    put(catalog, 30, [f"passage {i}" for i in range(300)])
    assert lists.reconcile(catalog) == (300, 200)
    query = unit_vectors(1, 8)[0]
    wanted = brute_force(catalog, query, 2100)
    assert agree(lists.search(query, 2100), wanted)
    monkeypatch.setattr("rag.index.dense.bases.inverted", lambda *_: pytest.fail("made anew"))
    lists.save()
    assert agree(lists.search(query, 2100), wanted)
    again = FaissIndex(folder, N_DIMS, exact_up_to=500)
    assert again.reconcile(catalog) == (0, 0)
    assert agree(again.search(query, 2100), wanted)


def test_lists_are_made_anew_when_the_library_has_grown_several_fold_and_given_up_when_it_has_shrunk(
    catalog: Catalog, folder: Path
) -> None:
    put(catalog, 1, [f"passage {i}" for i in range(120)])
    index = FaissIndex(folder, N_DIMS, exact_up_to=100)
    index.reconcile(catalog)
    index.save()
    assert index._state.base.trained_for == 120  # type: ignore[union-attr]
    big = put(catalog, 2, [f"passage {i}" for i in range(600)])
    index.reconcile(catalog)
    index.save()
    assert index._state.base.trained_for == 720  # type: ignore[union-attr]
    catalog.remove(big)
    catalog.remove(catalog.document("made.pdf"))
    put(catalog, 3, TEXTS)
    index.reconcile(catalog)
    index.save()
    assert type(index._state.base).__name__ == "Exact"
    assert agree(index.search(unit_vectors(1)[0], 5), brute_force(catalog, unit_vectors(1)[0], 5))


# ----------------------------------------------------------------------------------------------------------- GPU


class DeviceStandIn:
    """What FAISS's GPU copy of an index is to us: it searches; it takes neither a filter nor k beyond 2,048."""

    def __init__(self, index: object) -> None:
        self.index, self.asked = index, 0

    def search(self, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        assert k <= 2048
        self.asked += 1
        return self.index.search(query, k)  # type: ignore[attr-defined, no-any-return]


def test_where_there_is_a_device_searches_of_everything_go_there_with_the_same_results(
    catalog: Catalog, index: FaissIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    import faiss

    index.save()
    copies: list[DeviceStandIn] = []

    def copied(resources: object, device: int, of: object) -> DeviceStandIn:
        copies.append(DeviceStandIn(of))
        return copies[-1]

    query, among = unit_vectors(1, 3)[0], catalog.passage_ids()[5:50]
    wanted, wanted_among = index.search(query, 30), index.search(query, 30, among=among)
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1, raising=False)
    monkeypatch.setattr(faiss, "StandardGpuResources", object, raising=False)
    monkeypatch.setattr(faiss, "index_cpu_to_gpu", copied, raising=False)
    assert index.search(query, 30) == wanted
    assert index.search(query, 30, among=among) == wanted_among
    assert index.search(query, 30) == wanted
    assert [copy.asked for copy in copies] == [2]  # copied once; what is filtered is searched here
    put(catalog, 7, TEXTS)
    index.reconcile(catalog)
    assert agree(index.search(query, 30), brute_force(catalog, query, 30))  # what came since is searched here too
    index.save()
    assert agree(index.search(query, 30), brute_force(catalog, query, 30))
    assert len(copies) == 2


def test_a_file_of_another_version_is_filled_again_and_said_to_be_one(
    catalog: Catalog, folder: Path, index: FaissIndex, caplog: pytest.LogCaptureFixture
) -> None:
    index.save()
    file = folder / "dense.faiss"
    whole = file.read_bytes()
    length = int.from_bytes(whole[-12:-8], "little")
    told = json.loads(whole[-12 - length : -12])
    del told["n_ids"], told["trained_for"]
    raw = json.dumps(told).encode()
    file.write_bytes(whole[: -12 - length] + raw + len(raw).to_bytes(4, "little") + whole[-8:])
    again = FaissIndex(folder, N_DIMS, n_threads=1)
    assert len(again) == 0
    assert "another version of Footnote wrote it" in caplog.text
    assert again.reconcile(catalog) == (120, 0)
