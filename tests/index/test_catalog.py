from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.errors import EncoderMismatch, InputError, LibraryDamaged, LibraryError, StorageError, UnknownDocument
from rag.index import schema
from rag.index.catalog import Catalog
from rag.index.chats import Chats
from rag.index.guides import Guides
from rag.index.notes import Notes
from rag.index.schema import CATALOG
from rag.index.tags import Tags
from rag.types import Box, PageSpan, ParsedDocument, Passage

from .made import ENCODER, made_document, made_page, put, unit_vectors

TEXTS = ["Alpha is first.", "Beta is second.", "Gamma ends it."]


# ---------------------------------------------------------------------------------------------------- states


def test_a_document_goes_from_reading_to_searchable_to_ready(catalog: Catalog) -> None:
    reading = catalog.begin("ab" * 32, "report.pdf", 123)
    assert (reading.state, reading.name, reading.title, reading.n_bytes) == ("reading", "report.pdf", "report", 123)
    assert catalog.passage_ids().size == 0
    searchable = catalog.store_parsed(reading, made_document(TEXTS, "My title"))
    assert (searchable.state, searchable.title, searchable.author) == ("searchable", "My title", "A. Author")
    assert (searchable.n_pages, searchable.n_passages) == (3, 3)
    assert catalog.passage_ids().size == 3
    assert catalog.passage_ids(with_vectors=True).size == 0
    ready = catalog.store_vectors(searchable, ENCODER, unit_vectors(3))
    assert ready.state == "ready"
    assert catalog.passage_ids(with_vectors=True).tolist() == catalog.passage_ids().tolist()
    assert catalog.documents() == [ready] == [catalog.find("ab" * 32)]
    assert (catalog.counts().n_documents, catalog.counts().n_pages, catalog.counts().n_vectors) == (1, 3, 3)


def test_steps_out_of_order_are_refused_and_change_nothing(catalog: Catalog) -> None:
    document = catalog.begin("ab" * 32, "report.pdf", 1)
    with pytest.raises(ValueError, match="reading, not searchable"):
        catalog.store_vectors(document, ENCODER, unit_vectors(0))
    document = catalog.store_parsed(document, made_document(TEXTS))
    with pytest.raises(ValueError, match="2 vectors for the 3 passages"):
        catalog.store_vectors(document, ENCODER, unit_vectors(2))
    with pytest.raises(ValueError, match="searchable, not reading"):
        catalog.store_parsed(document, made_document(TEXTS))
    assert catalog.document("report.pdf").state == "searchable"
    assert catalog.passage_ids().size == 3


def test_a_step_that_fails_halfway_leaves_the_document_as_it_was(catalog: Catalog) -> None:
    document = catalog.begin("ab" * 32, "report.pdf", 1)
    twice = made_document(TEXTS)
    broken = ParsedDocument("T", None, twice.pages + twice.pages[:1], twice.passages, ())
    generation = catalog.generation()
    with pytest.raises(sqlite3.IntegrityError):
        catalog.store_parsed(document, broken)
    assert catalog.document("report.pdf") == document
    assert catalog.pages(document.key) == []
    assert catalog.generation() == generation


def test_a_failed_document_keeps_its_reason_and_nothing_else(catalog: Catalog) -> None:
    document = put(catalog, 1, TEXTS)
    failed = catalog.fail(document, "page 2 is locked")
    assert (failed.state, failed.reason, failed.n_pages, failed.n_passages) == ("failed", "page 2 is locked", 0, 0)
    assert catalog.passage_ids().size == 0
    assert catalog.pages(document.key) == []
    assert catalog.problems() == []


def test_the_same_bytes_again_begin_anew_under_a_new_key_and_the_old_name(catalog: Catalog) -> None:
    first = catalog.fail(catalog.begin("ab" * 32, "report.pdf", 1), "locked")
    put(catalog, 2, TEXTS, name="other.pdf")
    again = catalog.begin("ab" * 32, "renamed.pdf", 1)
    assert (again.state, again.reason, again.name) == ("reading", None, "report.pdf")
    assert again.key > first.key
    assert [d.name for d in catalog.documents()] == ["report.pdf", "other.pdf"]
    with pytest.raises(UnknownDocument, match="removed meanwhile"):
        catalog.store_parsed(first, made_document(TEXTS))


def test_other_documents_of_the_same_name_are_numbered(catalog: Catalog) -> None:
    names = [put(catalog, i, TEXTS, name="annual report.pdf").name for i in range(3)]
    assert names == ["annual report.pdf", "annual report (2).pdf", "annual report (3).pdf"]
    catalog.remove(catalog.document("annual report (2).pdf"))
    assert put(catalog, 9, TEXTS, name="annual report.pdf").name == "annual report (2).pdf"


def test_what_is_removed_is_gone_from_tables_file_and_log(catalog: Catalog, folder: Path) -> None:
    put(catalog, 1, ["the quetzalcoatlus flies"])
    kept = put(catalog, 2, TEXTS, name="kept.pdf")
    catalog.remove(catalog.document("made.pdf"))
    assert catalog.documents() == [kept]
    assert catalog.passage_ids().tolist() == [p.id for p in catalog.passages_of(kept.key)]
    assert catalog.problems() == []
    for path in folder.iterdir():
        assert b"quetzalcoatlus" not in path.read_bytes(), path.name


def test_a_removed_id_is_never_given_again(catalog: Catalog) -> None:
    old = put(catalog, 1, TEXTS)
    ids = set(catalog.passage_ids().tolist())
    catalog.remove(old)
    new = put(catalog, 1, TEXTS)
    assert new.key > old.key
    assert ids.isdisjoint(catalog.passage_ids().tolist())


# ----------------------------------------------------------------------------------------------------- names


def test_a_document_is_found_by_name_sha256_and_its_first_eight_digits(catalog: Catalog) -> None:
    document = catalog.begin("0123456789abcdef" * 4, "report.pdf", 1)
    for name in ("report.pdf", document.id, "01234567", "0123456789AB"):
        assert catalog.document(name) == document
    for name in ("0123456", "report", "89abcdef", "*", ""):
        with pytest.raises(UnknownDocument, match="footnote list"):
            catalog.document(name)


def test_digits_that_begin_two_documents_are_refused(catalog: Catalog) -> None:
    catalog.begin("01234567" + "a" * 56, "a.pdf", 1)
    catalog.begin("01234567" + "b" * 56, "b.pdf", 1)
    with pytest.raises(UnknownDocument, match="2 documents"):
        catalog.document("01234567")
    assert catalog.document("01234567b").name == "b.pdf"


# ------------------------------------------------------------------------------------------ pages, passages


def test_pages_come_back_as_they_were_read(catalog: Catalog) -> None:
    pages = (made_page(1, "one two\nthree", label="iv"), made_page(2, "", label=None, source="image", reason="scan"))
    document = catalog.store_parsed(catalog.begin("a" * 64, "a.pdf", 1), ParsedDocument("T", None, pages, (), ()))
    for stored, page in zip(catalog.pages(document.key), pages, strict=True):
        assert (stored.number, stored.label, stored.text) == (page.number, page.label, page.text)
        assert (stored.width, stored.height, stored.source, stored.reason) == (612.0, 792.5, page.source, page.reason)
        assert stored.words.starts.tolist() == page.words.starts.tolist()
        assert stored.words.ends.tolist() == page.words.ends.tolist()
        assert np.allclose(stored.words.boxes, page.words.boxes, atol=1 / 20_000)
    assert catalog.page(document.key, 2).reason == "scan"
    assert catalog.labels(document.key) == {1: "iv", 2: None}
    assert catalog.sizes(document.key) == [(612.0, 792.5)] * 2
    assert catalog.page_texts(document.key) == [(1, "one two\nthree")]
    assert catalog.page_counts() == {document.key: 1}
    assert document.reason == "1 of 2 pages were not read (page 2): scan"
    with pytest.raises(InputError, match="no page 3: the document has 2"):
        catalog.page(document.key, 3)


def test_the_outline_comes_back_in_order(catalog: Catalog) -> None:
    document = put(catalog, 1, TEXTS)
    assert catalog.outline(document.key) == list(made_document(TEXTS).outline)


def test_passages_come_back_in_the_order_asked_and_missing_ones_are_left_out(catalog: Catalog) -> None:
    document = put(catalog, 1, TEXTS)
    ids = catalog.passage_ids().tolist()
    asked = [ids[2], 999_999, ids[0]]
    assert [passage.text for passage in catalog.passages(asked)] == [TEXTS[2], TEXTS[0]]
    first = catalog.passages_of(document.key)[0]
    assert first == Passage(
        0, TEXTS[0], f"Made\n{TEXTS[0]}", (PageSpan(1, 0, 15),), ("Made",), "text", document.id, ids[0]
    )


def test_passages_are_found_by_the_pages_they_stand_on(catalog: Catalog) -> None:
    pages = tuple(made_page(i, f"page {i}") for i in (1, 2, 3, 4))
    crossing = Passage(0, "x", "x", (PageSpan(1, 0, 4), PageSpan(2, 0, 4), PageSpan(3, 0, 1)))
    last = Passage(1, "y", "y", (PageSpan(4, 0, 4),))
    parsed = ParsedDocument("T", None, pages, (crossing, last), ())
    document = catalog.store_parsed(catalog.begin("a" * 64, "a.pdf", 1), parsed)
    other = put(catalog, 2, TEXTS)
    a, b = catalog.passage_ids([document.key]).tolist()
    assert catalog.passages_on([(document.key, 2), (document.key, 1)]) == [a]
    assert catalog.passages_on([(document.key, 4), (document.key, 3), (document.key, 7)]) == [a, b]
    assert catalog.passages_on([(other.key, 4)]) == []
    assert catalog.passages_on([]) == []
    assert catalog.passage_places([b, 12345, a]).tolist() == [[a, document.key, 1, 3], [b, document.key, 4, 4]]
    assert catalog.passage_places([]).shape == (0, 4)


def test_ids_can_be_asked_for_some_documents_alone(catalog: Catalog) -> None:
    one, two = put(catalog, 1, TEXTS), put(catalog, 2, TEXTS, vectors=False)
    assert catalog.passage_ids([one.key, two.key]).tolist() == catalog.passage_ids().tolist()
    assert catalog.passage_ids([two.key]).size == 3
    assert catalog.passage_ids([two.key], with_vectors=True).size == 0
    assert catalog.passage_ids([]).size == 0
    assert catalog.passage_ids().dtype == np.int64


# --------------------------------------------------------------------------------------------------- vectors


def test_vectors_come_back_in_half_precision_in_the_order_of_the_passages(catalog: Catalog) -> None:
    put(catalog, 1, TEXTS)
    ids, vectors = catalog.vectors(catalog.passage_ids())
    assert ids.tolist() == catalog.passage_ids().tolist()
    assert np.array_equal(vectors, unit_vectors(3, 1).astype(np.float16).astype(np.float32))
    assert catalog.vectors([ids[2], 77, ids[0]])[0].tolist() == [ids[0], ids[2]]


def test_vectors_of_two_encoders_never_mix(catalog: Catalog) -> None:
    put(catalog, 1, TEXTS)
    document = put(catalog, 2, TEXTS, vectors=False, name="second.pdf")
    with pytest.raises(EncoderMismatch, match=r"made-8.*other-8.*--library"):
        catalog.store_vectors(document, "other-8", unit_vectors(3))
    with pytest.raises(EncoderMismatch):
        catalog.check_encoder("other-8")
    assert catalog.document("second.pdf").state == "searchable"
    assert catalog.encoder_id() == ENCODER


def test_an_encoder_may_change_when_no_vector_is_left(catalog: Catalog) -> None:
    catalog.remove(put(catalog, 1, TEXTS))
    assert catalog.encoder_id() is None
    document = put(catalog, 2, TEXTS, vectors=False)
    assert catalog.store_vectors(document, "other-8", unit_vectors(3)).state == "ready"
    assert catalog.encoder_id() == "other-8"


# ---------------------------------------------------------------------------------- threads and processes


def test_every_change_counts_up_the_generation_and_reading_does_not(catalog: Catalog) -> None:
    seen = [catalog.generation()]
    document = catalog.begin("a" * 64, "a.pdf", 1)
    seen.append(catalog.generation())
    document = catalog.store_parsed(document, made_document(TEXTS))
    seen.append(catalog.generation())
    document = catalog.store_vectors(document, ENCODER, unit_vectors(3))
    seen.append(catalog.generation())
    catalog.documents(), catalog.passages_of(document.key)
    assert catalog.generation() == seen[-1]
    catalog.remove(document)
    seen.append(catalog.generation())
    assert seen == sorted(set(seen))


def test_another_process_sees_what_this_one_wrote_and_the_other_way_round(catalog: Catalog, folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.index.catalog import Catalog\n"
        "catalog = Catalog(Path(sys.argv[1])); print(catalog.generation(), [d.name for d in catalog.documents()])\n"
        "catalog.begin('c' * 64, 'theirs.pdf', 1); catalog.close()"
    )
    put(catalog, 1, TEXTS)
    generation = catalog.generation()
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{generation} ['made.pdf']"
    assert catalog.generation() == generation + 1
    assert catalog.document("theirs.pdf").state == "reading"


def test_threads_write_at_once_and_nothing_is_lost(catalog: Catalog) -> None:
    def work(first: int) -> None:
        for i in range(5):
            put(catalog, first + i, TEXTS)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, 100 * n) for n in range(4)]:
            done.result()
    assert catalog.counts().n_documents == 20
    assert len({d.name for d in catalog.documents()}) == 20
    assert catalog.passage_ids(with_vectors=True).size == 60


# --------------------------------------------------------------------------------------------- damage, disk


def test_a_file_that_is_no_catalog_is_reported_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / CATALOG).write_bytes(b"this was never a database" * 100)
    with pytest.raises(LibraryDamaged, match=rf"{CATALOG} is damaged .*move the folder") as caught:
        Catalog(tmp_path)
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)


def test_a_torn_catalog_is_reported_when_the_hole_is_met(catalog: Catalog, folder: Path) -> None:
    for i in range(20):
        put(catalog, i, ["long text " * 400] * 3)
    catalog.close()
    file = folder / CATALOG
    raw = bytearray(file.read_bytes())
    raw[4096:-4096] = b"\xff" * (len(raw) - 8192)
    file.write_bytes(raw)
    with pytest.raises(LibraryDamaged, match="damaged"):
        Catalog(folder).documents()


def test_a_catalog_of_a_newer_version_is_left_alone(catalog: Catalog, folder: Path) -> None:
    catalog.database.query("PRAGMA user_version = 999")
    with pytest.raises(LibraryError, match="newer version"):
        Catalog(folder)


def of_the_first_version(catalog: Catalog, folder: Path) -> None:
    """Write what is in a catalog as the first version of the program would have."""
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(folder / CATALOG)) as old:
        old.executescript(schema._MIGRATIONS[0])
        old.execute("DELETE FROM meta")
        old.execute("ATTACH ? AS now", (str(catalog.file),))
        tables = [name for (name,) in old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in [name for name in tables if not name.startswith("sqlite_")]:
            columns = ", ".join(row[1] for row in old.execute(f"PRAGMA main.table_info({table})"))
            old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")
        old.execute("PRAGMA main.user_version = 1")
        old.commit()


def test_a_catalog_of_the_first_version_is_brought_up_to_date_and_keeps_its_content(
    catalog: Catalog, tmp_path: Path
) -> None:
    put(catalog, 1, TEXTS, name="report.pdf")
    chat = Chats(catalog).create("What is first?")
    Chats(catalog).append(chat.id, "user", "What is first?")
    of_the_first_version(catalog, tmp_path / "old")
    updated = Catalog(tmp_path / "old")
    assert updated.database.query("PRAGMA user_version") == [(len(schema._MIGRATIONS),)]
    assert updated.documents() == catalog.documents()
    document = updated.document("report.pdf")
    assert updated.page_texts(document.key) == list(enumerate(TEXTS, 1))
    assert [passage.text for passage in updated.passages_of(document.key)] == TEXTS
    ids = updated.passage_ids(with_vectors=True)
    assert np.array_equal(updated.vectors(ids)[1], catalog.vectors(ids)[1])
    assert updated.outline(document.key) == catalog.outline(document.key)
    assert updated.generation() == catalog.generation()
    assert [message.text for message in Chats(updated).messages(chat.id)] == ["What is first?"]
    assert updated.problems() == []
    Tags(updated).put(document, ["first"])
    Guides(updated).put(document, {"telling": []})
    Notes(updated).add("Look here")
    updated.remove(document)
    assert updated.database.query("SELECT * FROM tag UNION SELECT document, 'guide' FROM guide") == []
    updated.close()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be made"):
        Catalog(tmp_path / "file" / "library")


def test_a_full_disk_is_reported_and_nothing_is_half_written(catalog: Catalog) -> None:
    put(catalog, 1, TEXTS)
    n_pages = catalog.database.query("PRAGMA page_count")[0][0]
    catalog.database.query(f"PRAGMA max_page_count = {n_pages + 2}")  # SQLite then behaves as on a full disk
    document = catalog.begin("f" * 64, "big.pdf", 1)
    with pytest.raises(StorageError, match="full"):
        catalog.store_parsed(document, made_document(["big " * 5000] * 5))
    catalog.database.query("PRAGMA max_page_count = 1000000")
    assert catalog.document("big.pdf").state == "reading"
    assert catalog.problems() == []
    assert catalog.store_parsed(document, made_document(["big " * 5000] * 5)).state == "searchable"


def test_a_read_only_catalog_is_reported(catalog: Catalog) -> None:
    catalog.database.query("PRAGMA query_only = ON")
    with pytest.raises(StorageError, match="cannot be written"):
        catalog.begin("a" * 64, "a.pdf", 1)


def test_boxes_of_a_stored_page_still_name_fractions(catalog: Catalog) -> None:
    document = put(catalog, 1, TEXTS)
    for sides in catalog.page(document.key, 1).words.boxes.tolist():
        box = Box(1, *sides)
        assert all(0 <= side <= 1 for side in (box.x0, box.y0, box.x1, box.y1))


def test_where_passages_stand_is_told_from_memory_as_sqlite_would_tell_it(catalog: Catalog, folder: Path) -> None:
    rng = np.random.default_rng(3)

    def check() -> None:
        fresh = catalog.database.query("SELECT id, document, first_page, last_page, digits FROM passage ORDER BY id")
        ids = rng.permutation([row[0] for row in fresh] + [10**6]).tolist()
        assert catalog.passage_places(ids).tolist() == [list(row[:4]) for row in fresh]
        shares = catalog.shares_of_digits(ids)
        assert np.allclose(shares[:, 0], [row[4] for row in fresh])
        pages: dict[str, float] = dict(catalog.database.query("SELECT document || ' ' || number, digits FROM page"))
        assert np.allclose(shares[:, 1], [pages[f"{row[1]} {row[2]}"] for row in fresh])
        asked = [(int(key), int(page)) for key, page in rng.integers(1, 12, (20, 2))]
        wanted = [row[0] for row in fresh if any(row[1] == key and row[2] <= page <= row[3] for key, page in asked)]
        assert catalog.passages_on(asked) == wanted
        assert catalog.passage_ids().tolist() == [row[0] for row in fresh]

    check_empty = catalog.passage_places([1, 2])
    assert check_empty.shape == (0, 4)
    for seed in range(1, 8):
        put(catalog, seed, [f"page {i} has {10**i} words" for i in range(seed)])
        if seed % 3 == 0:
            catalog.remove(catalog.documents()[0])
        check()
    other = Catalog(folder)  # another process
    other.remove(other.documents()[1])
    check()


def test_names_follow_renaming_and_removal(catalog: Catalog) -> None:
    first = put(catalog, 1, ["alpha"], name="a.pdf")
    second = put(catalog, 2, ["beta"], name="b.pdf")
    assert catalog.names() == {first.id: "a.pdf", second.id: "b.pdf"}
    catalog.rename(second, "c.pdf")
    catalog.remove(first)
    assert catalog.names() == {second.id: "c.pdf"}
    assert catalog.keyed(second.key) is not None
    assert catalog.keyed(first.key) is None


def test_passages_that_were_read_before_are_gone_with_their_document(catalog: Catalog, folder: Path) -> None:
    document = put(catalog, 1, ["alpha", "beta"])
    ids = catalog.passage_ids().tolist()
    assert [passage.text for passage in catalog.passages(ids[::-1])] == ["beta", "alpha"]
    Catalog(folder).remove(document)
    assert catalog.passages(ids) == []
