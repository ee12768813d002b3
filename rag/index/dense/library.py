"""FAISS itself: the module, or an error that says how to get it."""

from __future__ import annotations

import importlib
from typing import Any

from rag.errors import ModelMissing


def load_faiss() -> Any:
    """Return the faiss module.

    Raises:
        ModelMissing: it is not installed, or two builds of it were installed over each other.
    """
    try:
        faiss = importlib.import_module("faiss")
    except (ImportError, RuntimeError) as exc:  # the GPU build raises RuntimeError without its CUDA libraries
        raise ModelMissing(f"FAISS cannot be loaded ({exc}). Install it with: pip install 'footnote[cpu]'") from exc
    if getattr(faiss, "__file__", None) is None or not hasattr(faiss, "IndexIDMap2"):
        raise ModelMissing(
            "FAISS is installed but empty: faiss-cpu and faiss-gpu were installed over each other. Run: pip uninstall "
            "-y faiss-cpu faiss-gpu, then: pip install 'footnote[cpu]'"
        )
    return faiss
