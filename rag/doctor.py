"""What is there, what is missing, and what to type: every part that Footnote needs or can use, in plain words."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag import models, places
from rag.errors import FootnoteError

# ruff: noqa: PLC0415  (torch and faiss are looked at only when the doctor is called)

_MIN_FREE = 2 << 30  # bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `remedy` is what to type."""

    text: str
    is_there: bool = True
    is_problem: bool = False  # something that Footnote cannot do without
    remedy: str = ""


def findings(library: str | Path, *, device: str = "auto") -> Iterator[Finding]:
    """Yield the report line by line: Python, models, FAISS, GPU and stages, OCR, browser, disk, permissions."""
    yield Finding(f"Footnote {_version('footnote')} on Python {platform.python_version()}, {os.cpu_count()} cores")
    yield from _models()
    yield _faiss()
    yield from _stages(device)
    yield _tesseract()
    yield from _storage(places.library_folder(library))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _models() -> Iterator[Finding]:
    for model in models.BUILT_IN:
        try:
            path = models.path_of(model)
            models.check(model)
            yield Finding(f"model {model.name} ({model.licence}) in {path}, checked")
        except FootnoteError as exc:
            yield Finding(str(exc), is_there=False, is_problem=model is models.MINILM, remedy="footnote models fetch")


def _faiss() -> Finding:
    cpu, gpu = _version("faiss-cpu"), _version("faiss-gpu")
    if "not" not in cpu and "not" not in gpu:
        return Finding(
            "faiss-cpu and faiss-gpu are both installed: each overwrites the other",
            is_there=False,
            is_problem=True,
            remedy="pip uninstall -y faiss-cpu faiss-gpu && pip install 'footnote[cpu]'   (or 'footnote[gpu]')",
        )
    spec = importlib.util.find_spec("faiss")
    if spec is None or spec.origin is None:
        return Finding(
            "FAISS is missing",
            is_there=False,
            is_problem=True,
            remedy="pip install 'footnote[cpu]'   (or 'footnote[gpu]')",
        )
    import faiss

    n_gpus = faiss.get_num_gpus() if hasattr(faiss, "StandardGpuResources") else 0
    return Finding(f"FAISS {faiss.__version__}; vector search runs on the {'GPU' if n_gpus else 'CPU'}")


def _stages(device: str) -> Iterator[Finding]:
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name(0)
        yield Finding(f"GPU: {name}")
        yield Finding(f"making vectors runs on the {'GPU, in fp16' if device in {'auto', 'cuda'} else device}")
    elif torch.backends.mps.is_available():
        yield Finding(f"GPU: Apple; making vectors runs on it{'' if device in {'auto', 'mps'} else ' (switched off)'}")
    else:
        yield Finding("GPU: none found; everything runs on the CPU", is_there=False)
        has_bf16 = models.cpu_has_bf16()
        yield Finding(f"making vectors runs on the CPU in {'bf16' if has_bf16 else 'fp32 (no bf16 instructions)'}")
    yield Finding("reading PDFs, word search and page images run on the CPU")


def _tesseract() -> Finding:
    path = shutil.which("tesseract")
    if path:
        return Finding(f"tesseract (OCR) in {path}; scanned pages are not read yet by this version")
    remedy = "brew install tesseract" if sys.platform == "darwin" else "sudo apt install tesseract-ocr"
    return Finding("tesseract (OCR) is missing: scanned pages cannot be read", is_there=False, remedy=remedy)


def _storage(folder: Path) -> Iterator[Finding]:
    for what, path in (("library", folder), ("models", models.models_dir())):
        existing = next(parent for parent in (path, *path.parents) if parent.exists())
        try:
            with tempfile.TemporaryFile(dir=existing):
                pass
            yield Finding(f"the {what} folder {path} can be written")
        except OSError as exc:
            yield Finding(
                f"the {what} folder {path} cannot be written: {exc.strerror}",
                is_there=False,
                is_problem=True,
                remedy="export FOOTNOTE_HOME=/a/folder/that/you/own",
            )
        free = shutil.disk_usage(existing).free
        yield Finding(
            f"{free / (1 << 30):.1f} GiB free where the {what} {'lies' if what == 'library' else 'lie'}",
            is_there=free > _MIN_FREE,
            remedy="" if free > _MIN_FREE else "free some disk space: a library needs about twice the size of its PDFs",
        )
