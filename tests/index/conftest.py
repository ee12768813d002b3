from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.index.catalog import Catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """The catalog of an empty library."""
    catalog = Catalog(tmp_path / "library")
    yield catalog
    catalog.close()


@pytest.fixture
def folder(catalog: Catalog) -> Path:
    """The folder of that library."""
    return catalog.file.parent
