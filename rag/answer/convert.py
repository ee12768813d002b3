"""The built-in language model as it loads quickest: its GGUF file unpacked once to a folder of bf16 weights.

In: the file that was fetched, four bits a weight. Out: a folder with safetensors, tokenizer and chat template beside
it, which loads in a fraction of a second and runs several times faster than the packed file does.
"""

from __future__ import annotations

import logging
import struct
from pathlib import Path

from rag import models
from rag.errors import ModelError
from rag.models import FETCH, SMOLLM2, OnMessage

log = logging.getLogger(__name__)

_GREETING = [{"role": "user", "content": "Good morning"}]


def built_in(*, on_progress: OnMessage | None = None) -> Path:
    """Return the folder of the built-in language model, unpacking it unless that was done (seconds).

    Raises:
        ModelMissing: it was not fetched.
        ModelError: its file cannot be read.
        StorageError: the folder cannot be written, or the disk is full.
    """
    folder = models.converted_folder(SMOLLM2)
    if models.is_made(folder):
        return folder
    packed = models.path_of(SMOLLM2) / SMOLLM2.weights.name
    tell = on_progress or models.tell_nobody
    tell(f"unpacking {SMOLLM2.name}; this is done once")
    models.make_once(folder, lambda empty: unpack(packed, empty), {"from": SMOLLM2.weights.sha256})
    tell(f"{SMOLLM2.name} is unpacked in {folder}")
    return folder


def unpack(packed: Path, into: Path) -> None:
    """Write the weights of a GGUF file as bf16 safetensors, with its tokenizer and chat template.

    Raises:
        ModelError: the file cannot be read, or its tokenizer has no chat template that works.
    """
    import torch  # noqa: PLC0415  (heavy)
    import transformers  # noqa: PLC0415  (heavy)

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    where = {"pretrained_model_name_or_path": str(packed.parent), "gguf_file": packed.name, "local_files_only": True}
    try:
        model = transformers.AutoModelForCausalLM.from_pretrained(
            **where, quantization_config=transformers.GgufConfig(dequantize=True), dtype=torch.bfloat16
        )
        transformers.AutoTokenizer.from_pretrained(**where).save_pretrained(into)
    except (OSError, ValueError, LookupError, RuntimeError, struct.error) as exc:
        raise ModelError(f"{packed} cannot be unpacked ({exc}). Delete {packed.parent} and run: {FETCH}") from exc
    model.save_pretrained(into)
    _check_template(into, packed)


def _check_template(folder: Path, packed: Path) -> None:
    """Say something with the tokenizer that was written: a model without its template would answer nonsense."""
    import transformers  # noqa: PLC0415  (heavy)

    tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    said = tokenizer.chat_template and tokenizer.apply_chat_template(
        _GREETING, add_generation_prompt=True, tokenize=False
    )
    if not said or _GREETING[0]["content"] not in said:
        raise ModelError(f"{packed} has no chat template that works. Delete {packed.parent} and run: {FETCH}")
