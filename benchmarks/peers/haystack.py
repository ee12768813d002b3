"""Haystack: PyPDFToDocument, DocumentSplitter (200 words), InMemoryDocumentStore with its retriever of vectors.

Its hybrid is the one of its tutorial without the cross-encoder: InMemoryBM25Retriever beside it, joined by
DocumentJoiner with reciprocal ranks. The page of a piece is `meta["page_number"]`, that on which it begins: pieces may
go on over the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.peers.common import Place, Setting, distinct

MODULES = ("haystack", "haystack_integrations.components.embedders.sentence_transformers")


def _place(document: Any) -> Place:
    return Path(document.meta["file_path"]).name, int(document.meta["page_number"])


def _of(document: str | None) -> dict[str, Any] | None:
    return None if document is None else {"field": "meta.file_path", "operator": "==", "value": document}


class Haystack:
    """Vectors alone."""

    name = "Haystack"

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.store: Any = None

    @cached_property
    def _embedders(self) -> tuple[Any, Any]:
        """Return what encodes pieces and what encodes questions, loaded at first use."""
        from haystack.utils import ComponentDevice
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        how: dict[str, Any] = {
            "model": self._setting.model,
            "device": ComponentDevice.from_str("cpu"),
            "local_files_only": True,
            "progress_bar": False,
            "model_kwargs": {"dtype": self._setting.dtype()},
        }
        both = SentenceTransformersDocumentEmbedder(**how), SentenceTransformersTextEmbedder(**how)
        for embedder in both:
            embedder.warm_up()
        return both

    def warm_up(self) -> None:
        """Load what does not belong to reading."""
        self._embedders[1].run(text="warm up")

    def build(self, pdfs: Sequence[Path]) -> None:
        """Read and index the files."""
        from haystack.components.converters import PyPDFToDocument
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        read = PyPDFToDocument().run(sources=[str(path) for path in pdfs])["documents"]
        pieces = DocumentSplitter().run(documents=read)["documents"]
        self.store = InMemoryDocumentStore()
        self.store.write_documents(self._embedders[0].run(documents=pieces)["documents"])

    def found(self, question: str, k: int, document: str | None) -> list[Any]:
        """Return the k best pieces by their vectors; of one document by its filter of metadata."""
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever

        vector = self._embedders[1].run(text=question)["embedding"]
        retriever = InMemoryEmbeddingRetriever(document_store=self.store)
        found: list[Any] = retriever.run(query_embedding=vector, top_k=k, filters=_of(document))["documents"]
        return found

    def pages(self, question: str, k: int, *, document: str | None = None) -> list[Place]:
        """Return the distinct pages of the k best pieces."""
        return distinct(map(_place, self.found(question, k, document)))


class HaystackHybrid:
    """Vectors and BM25, joined by reciprocal ranks."""

    name = "Haystack, BM25 joined"

    def __init__(self, dense: Haystack) -> None:
        self._dense = dense

    def build(self, pdfs: Sequence[Path]) -> None:
        """Read and index the files."""
        self._dense.build(pdfs)
        self.add_words()

    def add_words(self) -> None:
        """Do nothing: the store counts its words as they are written."""

    def pages(self, question: str, k: int, *, document: str | None = None) -> list[Place]:
        """Return the distinct pages of the k best pieces."""
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever

        words = InMemoryBM25Retriever(document_store=self._dense.store)
        by_words = words.run(query=question, top_k=k, filters=_of(document))["documents"]
        joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=k)
        both = joiner.run(documents=[by_words, self._dense.found(question, k, document)])
        return distinct(map(_place, both["documents"]))
