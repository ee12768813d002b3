"""LlamaIndex as its guide starts: SimpleDirectoryReader, SentenceSplitter (1,024 tokens, 20 shared), VectorStoreIndex.

Its pieces know the number that is printed on a page (`page_label`), not which page of the file it is. The reader makes
a document of each page, in their order: the page here is where that document stands among those of its file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.peers.common import Place, Setting, distinct

MODULES = ("llama_index.core", "llama_index.embeddings.huggingface", "llama_index.readers.file")


class LlamaIndex:
    """Its default vector index, in memory."""

    name = "LlamaIndex"

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._pages: dict[str, Place] = {}  # by the id of the reader's document

    @cached_property
    def encoder(self) -> Any:
        """Return the encoder, loaded at first use."""
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        how = {"dtype": self._setting.dtype()}
        return HuggingFaceEmbedding(model_name=self._setting.model, device="cpu", model_kwargs=how)

    def warm_up(self) -> None:
        """Load what does not belong to reading."""
        self.encoder.get_query_embedding("warm up")

    def build(self, pdfs: Sequence[Path]) -> None:
        """Read and index the files."""
        from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.readers.file import PDFReader  # noqa: F401  (else a PDF's bytes are read as text, silently)

        pages, numbers = SimpleDirectoryReader(input_files=[str(path) for path in pdfs]).load_data(), Counter[str]()
        self._pages = {}
        for page in pages:
            file = page.metadata["file_name"]
            numbers[file] += 1
            self._pages[page.doc_id] = (file, numbers[file])
        self._index = VectorStoreIndex.from_documents(
            pages, transformations=[SentenceSplitter()], embed_model=self.encoder
        )

    def pages(self, question: str, k: int, *, document: str | None = None) -> list[Place]:
        """Return the distinct pages of the k best pieces; of one document by its filter of metadata."""
        from llama_index.core.vector_stores import ExactMatchFilter, MetadataFilters

        own = None if document is None else MetadataFilters(filters=[ExactMatchFilter(key="file_name", value=document)])
        found = self._index.as_retriever(similarity_top_k=k, filters=own).retrieve(question)
        return distinct(self._pages[piece.node.ref_doc_id] for piece in found)
