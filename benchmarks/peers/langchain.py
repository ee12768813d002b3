"""LangChain as most people set it up: PyPDFLoader, RecursiveCharacterTextSplitter(1000, 200), MiniLM, FAISS.

Its hybrid is the one of its guide: EnsembleRetriever over that and BM25Retriever, half and half. The page of a piece is
`metadata["page"]`, which counts from 0: pieces never cross pages, for the loader makes a document of each.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.peers.common import Place, Setting, distinct
from rag import models

MODULES = ("langchain_community", "langchain_text_splitters", "faiss")
MODULES_HYBRID = (*MODULES, "langchain_classic", "rank_bm25")


def minilm(n_threads: int, *, precision: str = "float32") -> Any:
    """Return the built-in encoder, in fp32 unless told otherwise, as LangChain wants it."""
    return _encoder(Setting(str(models.path_of(models.MINILM)), precision, n_threads))


def _encoder(setting: Setting) -> Any:
    from langchain_core.embeddings import Embeddings
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(setting.model, device="cpu", model_kwargs={"dtype": setting.dtype()})

    class MiniLM(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = model.encode(texts, show_progress_bar=False).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    return MiniLM()


def pieces(path: Path) -> tuple[list[Any], int]:
    """Return the pieces of a PDF, and how many pages it has."""
    from langchain_community.document_loaders import PyPDFLoader
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    pages = PyPDFLoader(str(path)).load()
    return RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(pages), len(pages)


@dataclass(frozen=True, slots=True)
class LangChain:
    """One document in LangChain's default pipeline."""

    store: Any
    n_pages: int

    @classmethod
    def load(cls, path: Path, encoder: Any) -> LangChain:
        """Read, split, embed and index a PDF."""
        found, n_pages = pieces(path)
        return cls(_store(found, encoder), n_pages)

    def pages(self, question: str, k: int) -> list[int]:
        """Return the distinct pages of the k best chunks, counted from 1, best first."""
        found = self.store.similarity_search(question, k=k)
        return list(dict.fromkeys(document.metadata["page"] + 1 for document in found))


def _store(found: list[Any], encoder: Any) -> Any:
    from langchain_community.vectorstores import FAISS

    return FAISS.from_texts([c.page_content for c in found], encoder, metadatas=[c.metadata for c in found])


def _place(document: Any) -> Place:
    return Path(document.metadata["source"]).name, document.metadata["page"] + 1


class LangChainPeer:
    """The default: vectors alone."""

    name = "LangChain"

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.pieces: list[Any] = []
        self.sources: dict[str, str] = {}

    @cached_property
    def encoder(self) -> Any:
        """Return the encoder, loaded at first use."""
        return _encoder(self._setting)

    def warm_up(self) -> None:
        """Load what does not belong to reading."""
        self.encoder.embed_query("warm up")

    def build(self, pdfs: Sequence[Path]) -> None:
        """Read and index the files."""
        self.sources = {path.name: str(path) for path in pdfs}
        self.pieces = [piece for path in pdfs for piece in pieces(path)[0]]
        self._vectors = _store(self.pieces, self.encoder)

    def retriever(self, k: int, document: str | None) -> Any:
        """Return its retriever of the k best; of one document by FAISS' filter, which then sees every piece."""
        how: dict[str, Any] = {"k": k}
        if document is not None:
            how |= {"filter": {"source": self.sources[document]}, "fetch_k": len(self.pieces)}
        return self._vectors.as_retriever(search_kwargs=how)

    def pages(self, question: str, k: int, *, document: str | None = None) -> list[Place]:
        """Return the distinct pages of the k best pieces."""
        return distinct(_place(found) for found in self.retriever(k, document).invoke(question))


class LangChainHybrid:
    """Its ensemble of vectors and BM25, joined by reciprocal ranks."""

    name = "LangChain, EnsembleRetriever with BM25"

    def __init__(self, dense: LangChainPeer) -> None:
        self._dense = dense
        self._words: dict[str | None, Any] = {}

    def build(self, pdfs: Sequence[Path]) -> None:
        """Read and index the files."""
        self._dense.build(pdfs)
        self.add_words()

    def add_words(self) -> None:
        """Index the words of what the vectors were made of: BM25Retriever has no filter, so a document has its own."""
        from langchain_community.retrievers import BM25Retriever

        self._words = {None: BM25Retriever.from_documents(self._dense.pieces)}
        for name, source in self._dense.sources.items():
            own = [piece for piece in self._dense.pieces if piece.metadata["source"] == source]
            if own:
                self._words[name] = BM25Retriever.from_documents(own)

    def pages(self, question: str, k: int, *, document: str | None = None) -> list[Place]:
        """Return the distinct pages of the k best pieces."""
        from langchain_classic.retrievers import EnsembleRetriever

        words = self._words[document].model_copy(update={"k": k})
        both = EnsembleRetriever(retrievers=[words, self._dense.retriever(k, document)], weights=[0.5, 0.5])
        return distinct(_place(found) for found in both.invoke(question)[:k])
