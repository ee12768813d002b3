"""Unit vectors searched by inner product. See index.py."""

from rag.index.dense.index import FaissIndex as FaissIndex
from rag.index.dense.library import load_faiss as load_faiss
