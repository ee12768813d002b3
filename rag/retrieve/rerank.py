"""The best candidates read once more, each together with the question, by a cross-encoder: slower, and more exact.

In: candidates, best first, and their texts. Out: the same, in a new order, and how many were read. A cross-encoder sees
question and passage at once, so it costs a pass of the network for each of them; that is why only the best are read,
and only for as long as the time allows. None is built in: the setting `reranker` names one.

Source: Nogueira and Cho, Passage Re-ranking with BERT, 2019; Reimers and Gurevych, Sentence-BERT, 2019 (the library).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rag.errors import ModelError, ModelMissing
from rag.models import checked_device
from rag.retrieve.candidates import Scores
from rag.retrieve.fuse import standardise
from rag.retrieve.ranking import Candidate

log = logging.getLogger(__name__)

SIGNAL = "reranker"  # its name among the signals of a candidate
WEIGHT = 0.7  # of the reranker; what is left is the retrieval's
BATCH = 16  # pairs that are scored at once
WINDOW = 2 * BATCH  # candidates among which those of like length are scored together
_NEXT_STEP = "Choose another with: footnote config reranker NAME, or do without: footnote config --unset reranker"


@dataclass(frozen=True, slots=True)
class RerankChoice:
    """Which reranker reads how much."""

    model: str = ""  # a sentence-transformers folder or hub id; empty: none
    n_candidates: int = 50
    budget_s: float = 2.0  # per question; what is not read by then keeps its place
    weight: float = WEIGHT


NO_RERANKING = RerankChoice()


class Reranker(Protocol):
    """A network that reads question and passage together."""

    def scores(self, question: str, texts: Sequence[str]) -> Scores:
        """Return one score a text; larger is better, on a scale of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Reranking:
    """What a reranker did for a question."""

    n_asked: int = 0  # candidates that were to be read
    n_read: int = 0  # those that were, within the time
    seconds: float = 0.0


def rerank(
    reranker: Reranker,
    question: str,
    candidates: Sequence[Candidate],
    texts: Sequence[str],
    *,
    budget_s: float,
    weight: float = WEIGHT,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[list[Candidate], Reranking]:
    """Return all candidates, the first `len(texts)` of them in a new order, and what was done.

    Those that were read take each other's places, by the sum of the standardised scores of reranker and retrieval; all
    others keep theirs. Places keep their scores: what a candidate gains or loses is the share of the reranker in it.

    Args:
        candidates: best first.
        texts: of the first of them, as they are searched.
        budget_s: no batch is begun that would probably end later; the first one always is, unless this is 0.
    """
    started = clock()
    found = np.full(len(texts), np.nan)
    slowest = 0.0
    for batch in _batches(texts):
        elapsed = clock() - started
        if elapsed + slowest > budget_s or budget_s <= 0:
            break
        found[batch] = reranker.scores(question, [texts[i] for i in batch])
        slowest = max(slowest, clock() - started - elapsed)
    read = np.flatnonzero(np.isfinite(found))
    done = Reranking(len(texts), len(read), clock() - started)
    if done.n_read < done.n_asked:
        log.info("the reranker read %d of %d passages in %.1f s", done.n_read, done.n_asked, done.seconds)
    return _reordered(candidates, read, found[read], weight), done


def _batches(texts: Sequence[str]) -> list[list[int]]:
    """Return batches of the places of texts: the first ones first, within a window those of like length together."""
    batches = []
    for first in range(0, len(texts), WINDOW):
        window = sorted(range(first, min(first + WINDOW, len(texts))), key=lambda i: len(texts[i]))
        batches += [window[i : i + BATCH] for i in range(0, len(window), BATCH)]
    return batches


def _reordered(candidates: Sequence[Candidate], read: Any, scores: Scores, weight: float) -> list[Candidate]:
    reordered = list(candidates)
    before = np.array([candidates[i].score for i in read])
    fused = weight * standardise(scores) + (1 - weight) * standardise(before)
    for place, winner in zip(read.tolist(), np.argsort(-fused, kind="stable").tolist(), strict=True):
        candidate, score = candidates[read[winner]], candidates[place].score
        share = score - candidate.score
        reordered[place] = replace(candidate, score=score, signals=(*candidate.signals, (SIGNAL, share)))
    return reordered


class CrossEncoderReranker:
    """A cross-encoder of the sentence-transformers library, loaded.

    Args:
        source: a folder (never asks the network), or the id of a model on the Hugging Face hub.
        device: auto, cpu, cuda, cuda:N or mps; on a GPU it computes in fp16.

    Raises:
        ModelMissing: there is no such model.
        ModelError: it is none that gives one score to a pair of texts.
        InputError: this machine has no such device.
    """

    def __init__(self, source: str, *, device: str = "auto") -> None:
        self.source = source
        self.device = checked_device(device)
        self.precision = "float16" if self.device.startswith("cuda") else "float32"
        self._model = _load(source, self.device, self.precision)
        self._mutex = threading.Lock()  # its tokenizer serves one thread at a time
        if self._model.num_labels != 1:
            raise ModelError(
                f"{source} gives {self._model.num_labels} scores to a pair of texts; a reranker gives one. {_NEXT_STEP}"
            )
        if not _was_trained(self._model):
            raise ModelError(f"{source} was not trained to score pairs of texts, as a reranker is. {_NEXT_STEP}")

    def scores(self, question: str, texts: Sequence[str]) -> Scores:
        """Return one score a text, as the network gives it, before any sigmoid: that would flatten the best.

        Raises:
            ModelError: the network broke off.
        """
        pairs = [(question, text) for text in texts]
        try:
            with self._mutex:
                found = self._model.predict(pairs, batch_size=BATCH, activation_fn=_as_it_is, show_progress_bar=False)
        except (RuntimeError, ValueError, IndexError) as exc:  # memory of a GPU, or more tokens than it has places for
            raise ModelError(f"The reranker {self.source} broke off ({exc}). {_NEXT_STEP}") from exc
        return np.asarray(found, np.float64)


def _was_trained(model: Any) -> bool:
    """Tell whether the part that scores came with the model: else it was filled with random numbers just now."""
    trained = model.config.architectures or [""]
    return len(model) > 1 or trained[0].endswith(("ForSequenceClassification", "ForCausalLM"))


def _as_it_is(logits: Any) -> Any:
    return logits


def _load(source: str, device: str, precision: str) -> Any:
    """Load the model quietly: no progress bars, no advice meant for training."""
    folder = Path(source).expanduser()
    if not folder.is_dir() and source.startswith((".", "/", "~")):
        raise ModelMissing(f"There is no reranker in {source}. {_NEXT_STEP}")
    import transformers  # noqa: PLC0415  (heavy)
    from sentence_transformers import CrossEncoder  # noqa: PLC0415  (heavy)

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    for name in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    where = str(folder) if folder.is_dir() else source
    try:
        return CrossEncoder(where, device=device, local_files_only=folder.is_dir(), model_kwargs={"dtype": precision})
    except (OSError, ValueError) as exc:
        raise ModelMissing(
            f"The reranker {source} cannot be loaded ({exc}). Check its name and the network. {_NEXT_STEP}"
        ) from exc


_loading = threading.Lock()


def load_reranker(source: str, device: str) -> CrossEncoderReranker:
    """Return a reranker, one for all libraries of this process; threads that come meanwhile wait. Raises: as it."""
    with _loading:
        return _loaded(source, device)


@lru_cache(maxsize=2)
def _loaded(source: str, device: str) -> CrossEncoderReranker:
    return CrossEncoderReranker(source, device=device)
