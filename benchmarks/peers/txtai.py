"""txtai: Embeddings with content, and the same with `hybrid`.

It leaves reading to others (its Textractor asks Tika or docling, and neither tells pages), so it is given LangChain's
pieces, 1,000 characters of a page each, with their file and page as columns. One document is asked through its SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import langchain
from benchmarks.peers.common import Place, Setting, distinct

MODULES = ("txtai", *langchain.MODULES)


class Txtai:
    """Its embeddings database."""

    def __init__(self, setting: Setting, *, hybrid: bool = False) -> None:
        self.name = "txtai, hybrid" if hybrid else "txtai"
        self._setting = setting
        self._hybrid = hybrid
        self._index: Any = None
        self._n_pieces = 0

    def warm_up(self) -> None:
        """Load what does not belong to reading."""
        from txtai import Embeddings

        self._index = Embeddings(
            method="sentence-transformers",
            path=self._setting.model,
            gpu=False,
            content=True,
            hybrid=self._hybrid,
            vectors={"model_kwargs": {"dtype": self._setting.dtype()}},
        )
        self._index.batchtransform(["warm up"])

    def build(self, pdfs: Sequence[Path]) -> None:
        """Read and index the files."""
        if self._index is None:
            self.warm_up()
        rows = [
            {"text": piece.page_content, "file": path.name, "page": piece.metadata["page"] + 1}
            for path in pdfs
            for piece in langchain.pieces(path)[0]
        ]
        self._n_pieces = len(rows)
        self._index.index(rows)

    def pages(self, question: str, k: int, *, document: str | None = None) -> list[Place]:
        """Return the distinct pages of the k best pieces; of one document its filter is put to all of them."""
        if document is None:
            sql, values = "select file, page from txtai where similar(:question)", {"question": question}
        else:
            sql = f"select file, page from txtai where similar(:question, {self._n_pieces}) and file = :file"
            values = {"question": question, "file": document}
        return distinct((row["file"], int(row["page"])) for row in self._index.search(sql, k, parameters=values))
