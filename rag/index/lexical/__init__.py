"""Words searched by BM25. See index.py."""

from rag.index.lexical.entries import FIELDS as FIELDS
from rag.index.lexical.entries import Kind as Kind
from rag.index.lexical.index import TantivyIndex as TantivyIndex
