"""Texts to unit vectors by a sentence-transformers model, on a GPU if there is one."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.errors import ModelMissing
from rag.models import checked_device, quickest_precision
from rag.types import Floats

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

BATCH = 32
_CHARACTERS_A_TOKEN = 20  # a text is cut at this many times its tokens before it is tokenized


class SentenceEncoder:
    """An encoder, loaded.

    Args:
        source: a folder (never asks the network), or the id of a model on the Hugging Face hub.
        device: auto, cpu, cuda, cuda:N or mps.
        n_threads: threads of torch, for the whole process; None: leave as they are.
        precision: auto, float32, bfloat16 or float16.

    Raises:
        ModelMissing: there is no such model.
        InputError: this machine has no such device.
    """

    def __init__(
        self, source: str | Path, *, device: str = "auto", n_threads: int | None = None, precision: str = "auto"
    ) -> None:
        # Every new shape of a batch leaves compiled kernels behind, up to 1,024: gigabytes in a day of questions.
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
        import torch  # noqa: PLC0415  (heavy)

        if n_threads is not None:
            torch.set_num_threads(n_threads)
        self.device = checked_device(device)
        self.precision = quickest_precision(self.device) if precision == "auto" else precision
        self._model = _load(source, self.device, getattr(torch, self.precision))
        self._n_dims = int(self._model.get_embedding_dimension())
        self._id = _identity(source, self._model)
        self._mutex = threading.Lock()  # tokenizers are not made for several threads at once
        log.info("encoder %s on %s in %s", self._id, self.device, self.precision)

    @property
    def id(self) -> str:
        """Return name, digest of the weights and length limit: what the vectors depend on."""
        return self._id

    @property
    def n_dims(self) -> int:
        """Return the length of a vector."""
        return self._n_dims

    def encode(self, texts: Sequence[str], *, on_done: Callable[[int], None] | None = None) -> Floats:
        """Return unit vectors, shape (len(texts), n_dims), in the order of `texts`.

        Texts of like length share a batch; `on_done` is told after each how many are done.
        """
        vectors = np.zeros((len(texts), self._n_dims), np.float32)
        limit = int(self._model.max_seq_length or 512) * _CHARACTERS_A_TOKEN
        longest_first = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for first in range(0, len(texts), BATCH):
            batch = longest_first[first : first + BATCH]
            with self._mutex:
                found = self._model.encode(
                    [texts[i][:limit] for i in batch],
                    batch_size=BATCH,
                    show_progress_bar=False,
                    convert_to_tensor=True,
                )
            vectors[batch] = _unit(found)
            if on_done is not None:
                on_done(first + len(batch))
        return vectors


def _unit(found: torch.Tensor) -> Floats:
    """Return the rows in float32, of length 1; a row of zeros stays so."""
    vectors: Floats = found.float().cpu().numpy()
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(norms, np.float32(1e-12))
    return unit


def _load(source: str | Path, device: str, dtype: torch.dtype) -> Any:
    """Load the model quietly: no progress bars, no advice meant for training."""
    folder = Path(source)
    if not folder.is_dir() and (isinstance(source, Path) or source.startswith((".", "/", "~"))):
        raise ModelMissing(f"There is no model in {source}. The built-in ones come with: footnote models fetch")
    import transformers  # noqa: PLC0415  (heavy)
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415  (heavy)

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    for name in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        return SentenceTransformer(
            str(source), device=device, local_files_only=folder.is_dir(), model_kwargs={"dtype": dtype}
        )
    except (OSError, ValueError) as exc:
        raise ModelMissing(
            f"The encoder {source} cannot be loaded ({exc}). Check its name and the network, or use the built-in one: "
            "footnote models fetch"
        ) from exc


def _identity(source: str | Path, model: Any) -> str:
    """Return `name@digest/tokens`: of a folder the digest of its weights, of a hub model its revision."""
    folder = Path(source)
    if folder.is_dir():
        digest = _digest(folder)
        name = folder.resolve().name.removesuffix(f"-{digest}")
    else:
        name, digest = str(source), str(getattr(model[0].auto_model.config, "_commit_hash", None) or "unknown")[:12]
    return f"{name}@{digest}/{model.max_seq_length}"


def _digest(folder: Path) -> str:
    """Return the first 12 digits of the sha256 of the weights; of several files, of their digests by name."""
    weights = sorted([*folder.glob("*.safetensors"), *folder.glob("*.bin")])
    digests = []
    for path in weights:
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return (digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest())[:12]
