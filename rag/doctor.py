"""What is there, what is missing, and what to type: every part that Footnote needs or can use, in plain words."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag import models, places
from rag.answer.adapter import check_adapter, shipped_adapter
from rag.answer.language import AUTO
from rag.errors import FootnoteError, InputError, ModelError, ModelMissing
from rag.index.dense import load_faiss
from rag.index.reports import waiting
from rag.ingest.ocr.tesseract import OFF, install_command, language_command, readiness
from rag.networks.shipped import is_shipped, load_checker, load_reader
from rag.retrieve.rerank import load_reranker
from rag.waiting import READ_AGAIN

_MIN_FREE = 2 << 30  # bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `remedy` is what to type."""

    text: str
    is_there: bool = True
    is_problem: bool = False  # something that Footnote cannot do without
    remedy: str = ""


def findings(
    library: str | Path,
    *,
    device: str = "auto",
    ocr: str = "eng",
    reranker: str = "",
    checks: bool = True,
    reads: bool = True,
    adapter: str = AUTO,
) -> Iterator[Finding]:
    """Yield the report line by line: Python, models, FAISS, GPU and stages, OCR, disk, permissions."""
    yield Finding(f"Footnote {_version('footnote')} on Python {platform.python_version()}, {os.cpu_count()} cores")
    yield from _models()
    faiss, has_gpu_search = _faiss()
    yield faiss
    yield from _stages(device, has_gpu_search)
    if reranker:
        yield _reranker(reranker, device)
    yield _reader(device, reads=reads)
    yield _checker(device, checks=checks)
    yield _taught(adapter)
    folder = places.library_folder(library)
    yield from _ocr(folder, ocr)
    yield from _storage(folder)


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
        except OSError as exc:
            yield Finding(f"{model.name} cannot be read: {exc}", is_there=False, is_problem=model is models.MINILM)


def _faiss() -> tuple[Finding, bool]:
    """Return what is known of FAISS, and whether it searches on a GPU."""
    if _is_installed("faiss-cpu") and _is_installed("faiss-gpu"):
        text = "faiss-cpu and faiss-gpu are both installed: each overwrites the other"
        remedy = "pip uninstall -y faiss-cpu faiss-gpu && pip install 'footnote[cpu]'   (or 'footnote[gpu]')"
        return Finding(text, is_there=False, is_problem=True, remedy=remedy), False
    try:
        faiss = load_faiss()
    except ModelMissing as exc:
        return Finding(str(exc), is_there=False, is_problem=True), False
    n_gpus = faiss.get_num_gpus() if hasattr(faiss, "StandardGpuResources") else 0
    return Finding(f"FAISS {faiss.__version__}"), n_gpus > 0


def _is_installed(package: str) -> bool:
    return any(importlib.metadata.distributions(name=package))


def _stages(device: str, has_gpu_search: bool) -> Iterator[Finding]:
    """Tell which stage runs where."""
    import torch  # noqa: PLC0415  (only when the doctor is called)

    if torch.cuda.is_available():
        yield Finding(f"GPU: {torch.cuda.get_device_name(0)}")
    elif torch.backends.mps.is_available():
        yield Finding("GPU: Apple")
    else:
        yield Finding("GPU: none found; everything runs on the CPU", is_there=False)
    try:
        yield Finding(f"making vectors: {_encoding(models.checked_device(device))}")
    except InputError as exc:
        yield Finding(str(exc), is_there=False, is_problem=True, remedy="export FOOTNOTE_DEVICE=auto")
    yield Finding(f"vector search: {'GPU' if has_gpu_search else 'CPU'}")
    yield Finding("reading PDFs, word search, choosing the sentences of an answer, page images: CPU")


def _encoding(device: str) -> str:
    if device.startswith("cuda"):
        return f"GPU ({device}), in fp16"
    if device == "mps":
        return "GPU (Apple), in fp32"
    return f"CPU, in {'bf16' if models.cpu_has_bf16() else 'fp32 (it has no bf16 instructions)'}"


def _reranker(name: str, device: str) -> Finding:
    """Tell whether the reranker that is set can be loaded: it is, which may take a download."""
    try:
        loaded = load_reranker(name, device)
    except (ModelMissing, ModelError, InputError) as exc:
        return Finding(str(exc), is_there=False, is_problem=True, remedy="footnote config --unset reranker")
    return Finding(f"reading the best passages once more: {name} on {loaded.device}, in {loaded.precision}")


def _reader(device: str, *, reads: bool) -> Finding:
    """Tell who says what answers within the best passages: the network, which is loaded, or rules."""
    does = "the built-in network, which also ranks the best passages"
    return _network("reader", "telling what answers", does, load_reader, device, is_on=reads)


def _checker(device: str, *, checks: bool) -> Finding:
    """Tell who judges the claims of answers: the network, which is loaded, or rules."""
    does = "the built-in network, beside rules for numbers, dates and names"
    return _network("checker", "judging claims", does, load_checker, device, is_on=checks)


def _taught(adapter: str) -> Finding:
    """Tell what the language model was taught beside what its authors taught it; the adapter is read and compared."""
    task = "what the language model was taught for Footnote"
    if adapter == OFF:
        return Finding(f"{task}: nothing, as it is set", remedy="footnote config --unset adapter")
    folder = shipped_adapter() if adapter == AUTO else Path(adapter).expanduser()
    if folder is None:
        return Finding(f"{task}: nothing: no adapter is shipped", is_there=False)
    try:
        base = check_adapter(folder)
    except ModelError as exc:
        return Finding(str(exc), is_there=False, is_problem=True, remedy="footnote config --unset adapter")
    whose = "the shipped adapter" if adapter == AUTO else str(folder)
    return Finding(f"{task}: {whose}, for {base}, checked")


def _network(name: str, task: str, does: str, load: Callable[[str], object], device: str, *, is_on: bool) -> Finding:
    """Tell whether a shipped network does its task, which is tried, or rules do."""
    if not is_on:
        return Finding(f"{task}: by rules alone, as it is set", remedy=f"footnote config --unset {name}")
    if not is_shipped(name):
        return Finding(f"{task}: by rules alone: the network's weights are not shipped", is_there=False)
    try:
        load(device)
    except (ModelMissing, ModelError, InputError) as exc:
        return Finding(f"{task}: by rules alone: {exc}", is_there=False)
    return Finding(f"{task}: {does}")


def _ocr(library: Path, languages: str) -> Iterator[Finding]:
    """Tell whether scanned pages can be read, and which documents have some that were not."""
    ready = readiness(languages)
    tesseract = ready.tesseract
    if tesseract is not None:
        yield Finding(f"tesseract (OCR) in {tesseract.command} reads scanned pages in {languages}")
    elif languages == OFF:
        yield Finding("OCR is turned off: scanned pages are not read", remedy="footnote config ocr eng")
    elif ready.missing:
        text = f"tesseract (OCR) lacks {' and '.join(ready.missing)}: scanned pages are not read"
        yield Finding(text, is_there=False, remedy=language_command(ready.missing[0]))
    else:
        text = "tesseract (OCR) is missing: scanned pages cannot be read"
        yield Finding(text, is_there=False, remedy=install_command())
    names = waiting(library) if _is_there(library) else []
    if names:
        text = f"pages that wait for OCR in: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
        yield Finding(text, is_there=False, remedy=READ_AGAIN if tesseract else "")


def _storage(folder: Path) -> Iterator[Finding]:
    for what, path in (("library", folder), ("models", models.models_dir())):
        existing = next((parent for parent in (path, *path.parents) if _is_there(parent)), Path(path.anchor))
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
        yield from _space(what, existing)


def _is_there(path: Path) -> bool:
    """Tell whether a path can be seen; not so below a folder that may not be entered."""
    try:
        return path.exists()
    except OSError:
        return False


def _space(what: str, folder: Path) -> Iterator[Finding]:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as exc:
        yield Finding(f"how much is free where the {what} belongs is not known: {exc.strerror}", is_there=False)
        return
    has_enough = free > _MIN_FREE
    yield Finding(
        f"{free / (1 << 30):.1f} GiB free where the {what} {'lies' if what == 'library' else 'lie'}",
        is_there=has_enough,
        remedy="" if has_enough else "free some disk space: a library needs about twice the size of its PDFs",
    )
