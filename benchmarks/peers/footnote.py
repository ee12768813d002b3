"""Footnote as its users have it, through `Library`, asked as the peers are."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from benchmarks.peers.common import Place, Setting, distinct
from rag.index.encoder import SentenceEncoder
from rag.library import Library


class Footnote:
    """A library in a temporary folder."""

    name = "Footnote"

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._folder = tempfile.TemporaryDirectory(prefix="footnote-peers-")

    @cached_property
    def _library(self) -> Library:
        encoder = SentenceEncoder(
            Path(self._setting.model),
            device="cpu",
            n_threads=self._setting.n_threads,
            precision=self._setting.precision,
        )
        return Library(Path(self._folder.name), encoder=encoder, n_threads=self._setting.n_threads)

    def warm_up(self) -> None:
        """Load what does not belong to reading."""
        self._library.warm_up()

    def build(self, pdfs: Sequence[Path]) -> None:
        """Read and index the files."""
        for document in self._library.documents():
            self._library.remove(document.id)
        for path in pdfs:
            added = self._library.add(path)
            if added.status == "failed":
                raise RuntimeError(f"{path.name} cannot be read: {added.reason}")

    def pages(self, question: str, k: int, *, document: str | None = None) -> list[Place]:
        """Return the distinct pages of the k best passages."""
        hits = self._library.search(question, k, documents=None if document is None else [document])
        return distinct((hit.document, hit.page) for hit in hits)
