"""LangChain as most people set it up: PyPDFLoader, RecursiveCharacterTextSplitter(1000, 200), MiniLM in fp32, FAISS."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import models


def minilm(n_threads: int) -> Any:
    """Return the built-in encoder in fp32, as LangChain wants it."""
    import torch
    from langchain_core.embeddings import Embeddings
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(n_threads)
    model = SentenceTransformer(str(models.path_of(models.MINILM)), device="cpu")

    class MiniLM(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = model.encode(texts, show_progress_bar=False).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    return MiniLM()


@dataclass(frozen=True, slots=True)
class LangChain:
    """One document in LangChain's default pipeline."""

    store: Any
    n_pages: int

    @classmethod
    def load(cls, path: Path, encoder: Any) -> LangChain:
        """Read, split, embed and index a PDF."""
        from langchain_community.document_loaders import PyPDFLoader
        from langchain_community.vectorstores import FAISS
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        logging.getLogger("pypdf").setLevel(logging.ERROR)
        pages = PyPDFLoader(str(path)).load()
        chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(pages)
        store = FAISS.from_texts([c.page_content for c in chunks], encoder, metadatas=[c.metadata for c in chunks])
        return cls(store, len(pages))

    def pages(self, question: str, k: int) -> list[int]:
        """Return the distinct pages of the k best chunks, counted from 1, best first."""
        found = self.store.similarity_search(question, k=k)
        return list(dict.fromkeys(document.metadata["page"] + 1 for document in found))
