"""Every byte of a library is counted in its part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.library import Library


def test_the_parts_of_a_library_have_their_sizes(library: Library, make_pdf: Callable[..., Path]) -> None:
    before = {part.what: part.n_bytes for part in library.storage()}
    assert before["files"] == before["cache"] == 0
    path = make_pdf([["The Danube rises in the Black Forest."]])
    library.add(path)
    after = {part.what: part.n_bytes for part in library.storage()}
    assert after["files"] == path.stat().st_size
    assert after["indexes"] > before["indexes"]
    assert after["catalog"] > 0
    assert sum(after.values()) <= sum(f.stat().st_size for f in library.folder.rglob("*") if f.is_file())
    assert {part.what: part.path.name for part in library.storage()} == {
        "catalog": "catalog.sqlite",
        "files": "files",
        "indexes": "dense.faiss",
        "cache": "cache",
    }
