"""One measurement from beginning to end: dataset, library, questions, peers -> a run.

load the dataset -> open its kept library, add what it lacks -> ask every question -> ask the peers
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from rag import models
from rag.errors import InputError
from rag.evaluate import datasets, peers
from rag.evaluate.cache import CachedEncoder, cache_folder
from rag.evaluate.datasets import Dataset
from rag.evaluate.filling import OnStep, fill, kept_folder
from rag.evaluate.overriding import Configuration
from rag.evaluate.runner import N_PASSAGES, Asking, ask_all, drawn, seconds_to_encode
from rag.evaluate.runs import Run, code, machine, now
from rag.index.encoder import SentenceEncoder
from rag.library import Library
from rag.retrieve.weights import Weights, shipped
from rag.settings import Settings
from rag.types import Encoder, IsCancelled

VECTORS = "vectors.sqlite"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure."""

    folder: Path  # of the dataset
    configuration: Configuration
    asking: Asking = field(default_factory=Asking)
    library: Path | None = None  # a library that holds the documents already; None: one is made, and kept
    with_peers: bool = False


def measure(wanted: Wanted, *, on_step: OnStep | None = None, is_cancelled: IsCancelled | None = None) -> Run:
    """Measure.

    Raises:
        InputError, ModelMissing, LibraryBusy, StorageError, Cancelled
    """
    started, at = time.perf_counter(), now()
    dataset = datasets.load(wanted.folder)
    if dataset.layout == "beir":  # its questions belong to no document, and no answer is known
        wanted = replace(wanted, asking=replace(wanted.asking, whole=True, with_answers=False))
    others = _peers(dataset, wanted)
    with opened(wanted, dataset, on_step=on_step, is_cancelled=is_cancelled) as (library, failed):
        questions = drawn(dataset, wanted.asking.n)
        rows = ask_all(library, questions, wanted.asking, on_step=on_step, is_cancelled=is_cancelled)
        found = {}
        for peer in others:
            if on_step is not None:
                on_step(f"asking {peer.name}", 0, 1)
            found[peer.name] = peers.measure(
                peer, dataset.pdfs, questions, k=N_PASSAGES, whole=wanted.asking.whole, is_cancelled=is_cancelled
            )
        return Run(
            dataset=dataset.name,
            questions=dataset.digest_of_questions(),
            documents=dataset.digest(),
            started=at,
            seconds=time.perf_counter() - started,
            configuration=_configuration(wanted, library),
            code=code(),
            machine=machine(),
            library=_size(library) | {"failed": dict(failed)},
            rows=tuple(rows),
            seconds_to_encode=tuple(seconds_to_encode(library.encoder, questions)),
            peers=found,
        )


@contextlib.contextmanager
def opened(
    wanted: Wanted, dataset: Dataset, *, on_step: OnStep | None = None, is_cancelled: IsCancelled | None = None
) -> Iterator[tuple[Library, Mapping[str, str]]]:
    """Open the library of a dataset with all its documents; yield it, and why documents cannot be asked, by name.

    Raises:
        as `measure`.
    """
    settings = wanted.configuration.settings
    encoder = CachedEncoder(load_encoder(settings), cache_folder() / VECTORS)
    folder = wanted.library or kept_folder(dataset, encoder_id=encoder.id, ocr=settings.ocr)
    library = Library(folder, encoder=encoder, n_threads=settings.threads or None, ocr=settings.ocr)
    try:
        library.parts.weights = wanted.configuration.weights
        yield library, _fill(library, dataset, wanted, on_step, is_cancelled)
    finally:
        library.close()
        encoder.close()


def _peers(dataset: Dataset, wanted: Wanted) -> list[peers.Peer]:
    """Return the peers that are wanted: before anything is read, so that a missing one is said at once."""
    if not wanted.with_peers:
        return []
    if not dataset.pdfs:
        raise InputError(f"Peers read PDFs, and {wanted.folder} holds none. Leave --peers out.")
    return peers.load(peers.HOME)


def load_encoder(settings: Settings) -> Encoder:
    """Return the encoder that is set, loaded (seconds)."""
    source = settings.encoder or models.path_of(models.MINILM)
    return SentenceEncoder(source, device=settings.device, n_threads=settings.threads or None)


def _fill(
    library: Library, dataset: Dataset, wanted: Wanted, on_step: OnStep | None, is_cancelled: IsCancelled | None
) -> Mapping[str, str]:
    """Bring in the documents; into a library that was given nothing is written, it must hold them.

    Raises:
        InputError: it does not.
    """
    if wanted.library is None:
        if dataset.layout == "pdfs" and not dataset.pdfs:
            raise InputError(
                f"{wanted.folder} holds questions, but no PDFs: put them into {wanted.folder / 'pdfs'}, or name the "
                "library that holds them with --library."
            )
        return fill(library, dataset, on_step=on_step, is_cancelled=is_cancelled)
    there = {document.name for document in library.documents()}
    lost = sorted({q.document for q in dataset.questions if q.document is not None} - there)
    if lost:
        raise InputError(
            f"The library {wanted.library.name!r} lacks {len(lost)} documents that are asked of: "
            f"{', '.join(lost[:3])}{' …' if len(lost) > 3 else ''}. Add them, or correct the names of the questions."
        )
    return {d.name: d.reason or d.state for d in library.documents() if d.state not in {"searchable", "ready"}}


def _size(library: Library) -> dict[str, Any]:
    documents = [d for d in library.documents() if d.state in {"searchable", "ready"}]
    return {
        "documents": len(documents),
        "pages": sum(d.n_pages for d in documents),
        "passages": sum(d.n_passages for d in documents),
    }


def _configuration(wanted: Wanted, library: Library) -> dict[str, Any]:
    """Return everything that was chosen; the server's key is none of it."""
    weights: Weights = wanted.configuration.weights or shipped()
    settings = asdict(wanted.configuration.settings)
    chosen = ("encoder", "device", "threads", "ocr", "length", "threshold")
    return {
        "asking": asdict(wanted.asking),
        "settings": {name: settings[name] for name in chosen},
        "encoder": library.encoder.id,
        "weights": {name: asdict(weight) for name, weight in weights.items()},
    }
