"""What a question says of where its answer stands, as hints: a page, a section, a document, a year, a phrase."""

from rag.retrieve.hints.compared import compared
from rag.retrieve.hints.reading import read_hints
from rag.retrieve.hints.shelf import LibraryShelf

__all__ = ["LibraryShelf", "compared", "read_hints"]
