"""What was removed leaves no trace in any file: not a word, not a vector."""

from __future__ import annotations

import random
import string
from pathlib import Path

import numpy as np
import pytest

from rag.index import purging
from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.lexical import FIELDS, TantivyIndex
from rag.index.lexical.segments import segments, with_removed
from rag.index.verify import verify
from rag.index.versions import Versions

from .made import N_DIMS, put


def made_word(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_lowercase, k=9))


def texts(seed: int, n: int = 30) -> list[str]:
    """Texts of words that no other document has."""
    rng = random.Random(seed)
    return [" ".join(made_word(rng) for _ in range(12)) for _ in range(n)]


@pytest.fixture
def words(catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch) -> TantivyIndex:
    """An index of eight documents in four segments, of a size at which a removal leaves purging for later."""
    monkeypatch.setattr("rag.index.lexical.index._PURGED_AT_ONCE", 0)
    index = TantivyIndex(folder, "passages")
    for seed in range(0, 8, 2):
        put(catalog, seed + 1, texts(seed))
        put(catalog, seed + 2, texts(seed + 1))
        index.reconcile(catalog)
    assert len(segments(folder / "lexical" / "passages")) == 4
    return index


def holds(folder: Path, index: TantivyIndex, text: str) -> list[str]:
    """Return which terms of a text some dictionary of the index holds, and make sure that there are no other files.

    A frequency is what the dictionaries say, whether an entry was removed or not. They are no plain text: a term
    cannot be looked for in their bytes.
    """
    place = folder / "lexical" / index.kind
    listed = {part.id.replace("-", "") for part in segments(place)}
    assert {path.stem.split(".")[0] for path in place.iterdir() if len(path.stem) >= 32} == listed
    index._current()
    assert index._searcher is not None
    return [term for term in index.terms(text) if index._searcher.doc_freq("body", term)]


def test_a_removal_is_out_of_every_answer_at_once_and_a_purge_takes_its_words_out_of_the_files(
    catalog: Catalog, folder: Path, words: TantivyIndex
) -> None:
    gone, kept = catalog.documents()[3], catalog.documents()[2]
    said = catalog.passages_of(gone.key)[0].text
    assert len(holds(folder, words, said)) == 12
    catalog.remove(gone)
    assert words.reconcile(catalog) == (0, 1)
    assert words.search(said, 10) == []
    assert words.known(words.terms(said)) == set()
    assert words.holds_removed()
    before = {part.id for part in segments(folder / "lexical" / "passages")}
    assert words.purge(catalog) == 30  # what else is in the segment, and nothing of the others
    assert not words.holds_removed()
    assert holds(folder, words, said) == []
    assert len(before & {part.id for part in segments(folder / "lexical" / "passages")}) == 3
    other = catalog.passages_of(kept.key)[5]
    assert words.search(other.text, 1)[0][0] == other.id
    assert words.counts() == {document.key: 30 for document in catalog.documents()}
    assert words.purge(catalog) == 0


def test_a_document_that_lies_in_two_segments_does_not_make_the_second_one_dirty(
    catalog: Catalog, folder: Path, words: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    straddler, gone = catalog.documents()[2], catalog.documents()[3]
    monkeypatch.setattr("rag.index.lexical.index.documents_in", lambda *_: [straddler.key, catalog.documents()[0].key])
    catalog.remove(gone)
    words.reconcile(catalog)
    words.purge(catalog)  # as if the first document had entries in the purged segment too
    place = folder / "lexical" / "passages"
    assert sorted(part.n_removed for part in segments(place)) == [0, 0, 0, 30]
    assert with_removed(place) == []
    assert not words.holds_removed()
    monkeypatch.undo()
    monkeypatch.setattr("rag.index.lexical.index._PURGED_AT_ONCE", 0)
    catalog.remove(catalog.documents()[1])  # now that segment holds nothing any more
    words.reconcile(catalog)
    assert not words.holds_removed()
    assert words.counts() == {document.key: 30 for document in catalog.documents()}


def test_another_process_s_index_finds_the_purge_to_do(catalog: Catalog, folder: Path, words: TantivyIndex) -> None:
    catalog.remove(catalog.documents()[0])
    words.reconcile(catalog)
    again = TantivyIndex(folder, "passages")
    assert again.holds_removed()
    again.purge(catalog)
    assert not words.holds_removed()
    (folder / "lexical" / "passages" / "moved.json").write_text("{")  # cut short
    assert not TantivyIndex(folder, "passages").holds_removed()


def test_a_removal_is_noted_until_it_is_purged(catalog: Catalog, folder: Path) -> None:
    first, second = put(catalog, 1, texts(1)), put(catalog, 2, texts(2), name="b.pdf")
    assert purging.noted(catalog.database) is None
    catalog.remove(first)
    removal = purging.noted(catalog.database)
    assert removal == catalog.generation()
    catalog.remove(second)
    purging.done(catalog.database, removal)
    assert purging.noted(catalog.database) == catalog.generation()  # the second one is still to be purged
    purging.done(catalog.database, catalog.generation())
    assert purging.noted(catalog.database) is None
    Catalog(folder).remove(second)
    assert purging.noted(catalog.database) is None  # there was nothing to remove


def test_an_older_version_that_goes_is_noted(catalog: Catalog) -> None:
    older, newer = put(catalog, 1, texts(1)), put(catalog, 2, texts(2), name="new.pdf")
    Versions(catalog).plan(newer, older)
    Versions(catalog).take_over(newer)
    assert purging.noted(catalog.database) == catalog.generation()


def test_free_pages_of_the_catalog_are_empty(catalog: Catalog, folder: Path) -> None:
    gone = put(catalog, 1, texts(1, 400))
    put(catalog, 2, texts(2, 3), name="b.pdf")
    said = catalog.passages_of(gone.key)[7].text.encode()
    assert catalog.forget_log()
    assert said in catalog.file.read_bytes()
    catalog.remove(gone)
    assert catalog.forget_log()
    n_free = catalog.database.query("PRAGMA freelist_count")[0][0]
    assert n_free > 50
    assert said not in catalog.file.read_bytes()
    assert purging.dirty_pages(catalog.file) == 0
    catalog.database.query("PRAGMA secure_delete = OFF")
    catalog.remove(catalog.document("b.pdf"))
    put(catalog, 3, texts(1, 400))
    catalog.remove(catalog.documents()[0])
    catalog.forget_log()
    assert purging.dirty_pages(catalog.file) > 0
    assert any("free pages that are not empty" in line for line in verify(catalog, folder, None, ()))


def test_while_words_are_written_a_reader_goes_on_with_what_there_is(
    catalog: Catalog, folder: Path, words: TantivyIndex
) -> None:
    said = catalog.passages_of(catalog.documents()[0].key)[0].text
    put(catalog, 20, texts(20))
    with words._writing:
        assert not words.try_to_reconcile(catalog)
        assert len(words.search(said, 1)) == 1
    assert words.try_to_reconcile(catalog)
    assert sum(words.counts().values()) == 270


def test_verify_finds_no_trace_after_a_purge_and_names_what_is_left_before(catalog: Catalog, folder: Path) -> None:
    kept, gone = put(catalog, 1, texts(1), name="a.pdf"), put(catalog, 2, texts(2, 900), name="b.pdf")
    indexes = [TantivyIndex(folder, kind) for kind in FIELDS]
    dense = FaissIndex(folder, N_DIMS)
    for index in indexes:
        index.reconcile(catalog)
    dense.reconcile(catalog)
    dense.save()
    (folder / "files").mkdir()
    (folder / "files" / f"{kept.id}.pdf").touch()
    vectors = catalog.vectors(catalog.passage_ids([gone.key]))[1].astype(np.float16)
    passages = catalog.passages_of(gone.key)
    catalog.remove(gone)
    for index in indexes:
        index.reconcile(catalog)
    dense.reconcile(catalog)
    assert "dense.faiss still holds 900 passages that were removed" in verify(
        catalog, folder, FaissIndex(folder, N_DIMS), indexes
    )
    for index in indexes:
        index.purge(catalog)
    dense.save()
    catalog.forget_log()
    assert verify(catalog, folder, FaissIndex(folder, N_DIMS), indexes) == []
    raw = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    rng = random.Random(5)
    for i in rng.sample(range(900), 50):
        assert vectors[i].tobytes() not in raw
        assert passages[i].text.encode() not in raw
        assert passages[i].text.split()[3].encode() not in raw
