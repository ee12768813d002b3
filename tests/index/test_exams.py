from __future__ import annotations

import pytest

from rag.errors import InputError
from rag.index.catalog import Catalog
from rag.index.exams import Exams
from tests.index.made import put


@pytest.fixture
def exams(catalog: Catalog) -> Exams:
    return Exams(catalog)


def test_an_exam_comes_back_with_its_items_in_order(exams: Exams, catalog: Catalog) -> None:
    document = put(catalog, 1, ["a"])
    id_ = exams.add(5.0, {"seed": 1}, [(2, document.id, {"q": "é"}), (0, document.id, {"q": "a"})], most=9)
    kept = exams.get(id_)
    assert (kept.made, kept.facts, kept.items) == (5.0, {"seed": 1}, {0: {"q": "a"}, 2: {"q": "é"}})
    assert [(e.id, e.items) for e in exams.list()] == [(id_, {})]


def test_items_go_with_their_document(exams: Exams, catalog: Catalog) -> None:
    one, two = put(catalog, 1, ["a"], name="a.pdf"), put(catalog, 2, ["b"], name="b.pdf")
    id_ = exams.add(5.0, {}, [(0, one.id, {"q": "classified"}), (1, two.id, {"q": "b"}), (2, "f" * 64, {})], most=9)
    catalog.remove(one)
    catalog.forget_log()
    assert exams.get(id_).items == {1: {"q": "b"}}
    stored = b"".join(path.read_bytes() for path in catalog.file.parent.glob("catalog.sqlite*"))
    assert b"classified" not in stored


def test_the_newest_come_first_and_only_so_many_are_kept(exams: Exams, catalog: Catalog) -> None:
    document = put(catalog, 1, ["a"])
    ids = [exams.add(made, {}, [(0, document.id, {})], most=2) for made in (1.0, 3.0, 2.0)]
    assert [e.id for e in exams.list()] == [ids[1], ids[2]]
    assert catalog.database.query("SELECT DISTINCT exam FROM exam_item ORDER BY exam") == [(ids[1],), (ids[2],)]


def test_a_deleted_exam_is_gone_and_says_so(exams: Exams) -> None:
    id_ = exams.add(1.0, {}, [], most=9)
    exams.delete(id_)
    exams.delete(id_)
    assert exams.list() == []
    with pytest.raises(InputError, match=f"no exam {id_}"):
        exams.get(id_)


def test_exams_do_not_count_as_a_change_of_the_library(exams: Exams, catalog: Catalog) -> None:
    before = catalog.generation()
    exams.delete(exams.add(1.0, {}, [], most=9))
    assert catalog.generation() == before
