"""Weights and tokenizer of a language model, loaded by transformers from a folder, a GGUF file or the hub.

In: where the model is. Out: the model on its device, in the precision that the hardware multiplies quickest, and its
tokenizer. Whatever goes wrong becomes a ModelError that says what to do next. The network is asked only for a hub
model that is not on this machine yet.
"""

from __future__ import annotations

import json
import logging
import os
import struct
import urllib.error
import urllib.request
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.answer.adapter import merge
from rag.errors import ModelError
from rag.models import cpu_has_bf16

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

_UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, ImportError, struct.error)
_HUB_WAIT_S = 5  # for the hub to answer at all; without this check a machine that is offline waits for half a minute
_WRITES = ("CausalLM", "LMHeadModel", "ForConditionalGeneration")  # ends of names of architectures that write text


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that can run."""

    model: Any
    tokenizer: Any
    config: Any  # of its text part


def load(source: str, device: str, adapter: Traversable | None = None) -> Loaded:
    """Load a model.

    Args:
        source: a folder, a GGUF file, or the id of a model on the Hugging Face hub.
        device: as `rag.models.checked_device` returns it.
        adapter: folder of what it has learnt beside its own weights: see `rag.answer.adapter`.

    Raises:
        ModelError: there is no such model, it cannot be read, does not write text, or does not fit into memory; or the
            adapter was made for another one.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")  # every length of a prompt leaves kernels behind
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")  # else a thread asks the hub behind our back
    import torch  # noqa: PLC0415  (heavy)
    import transformers  # noqa: PLC0415  (heavy)
    from safetensors import SafetensorError  # noqa: PLC0415  (with them)

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    try:
        where = _where(source)
        config = transformers.AutoConfig.from_pretrained(**where)
        _check_kind(source, config)
        tokenizer = _tokenizer(where)
        model, report = transformers.AutoModelForCausalLM.from_pretrained(
            **where, **_placed(where, device), output_loading_info=True
        )
    except (torch.OutOfMemoryError, MemoryError) as exc:
        raise ModelError(_too_large(source, device)) from exc
    except RuntimeError as exc:
        if "memory" in str(exc).lower():
            raise ModelError(_too_large(source, device)) from exc
        raise ModelError(_unreadable(source, exc)) from exc
    except (*_UNREADABLE, SafetensorError) as exc:
        raise ModelError(_unreadable(source, exc)) from exc
    if report["missing_keys"]:
        raise ModelError(_unreadable(source, f"{len(report['missing_keys'])} of its weights are missing"))
    if adapter is not None:
        merge(model, adapter, source=Path(source).name if Path(source).exists() else source)
    return Loaded(model.eval(), tokenizer, config.get_text_config())


def _where(source: str) -> dict[str, Any]:
    """Return what tells transformers where the model is; it is never allowed to run code that comes with a model."""
    path = Path(source).expanduser()
    safe = {"trust_remote_code": False}
    if path.suffix == ".gguf" and path.is_file():
        return safe | {
            "pretrained_model_name_or_path": str(path.parent),
            "gguf_file": path.name,
            "local_files_only": True,
        }
    if path.is_dir():
        return safe | {"pretrained_model_name_or_path": str(path), "local_files_only": True}
    if path.is_absolute() or source.startswith((".", "~")) or source.count("/") > 1 or path.suffix == ".gguf":
        raise ModelError(f"There is no model at {source}. Correct the path, or name a model of the Hugging Face hub.")
    return safe | {"pretrained_model_name_or_path": source, "local_files_only": _is_on_this_machine(source)}


def _is_on_this_machine(name: str) -> bool:
    """Tell whether a hub model was downloaded before; when it was not, make sure that the hub can be reached.

    Raises:
        ModelError: it was not, and the hub cannot be reached.
    """
    import huggingface_hub  # noqa: PLC0415  (with transformers)
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        if _is_whole(Path(huggingface_hub.snapshot_download(name, local_files_only=True))):
            return True
    except LocalEntryNotFoundError:
        log.info("%s is not on this machine yet", name)
    except HFValidationError as exc:
        raise ModelError(f"{name!r} is no folder, and cannot be the id of a hub model: {exc}") from exc
    if huggingface_hub.constants.HF_HUB_OFFLINE:
        raise ModelError(f"{name} is not on this machine, and HF_HUB_OFFLINE forbids to download it. Unset it first.")
    hub = huggingface_hub.constants.ENDPOINT
    try:
        with urllib.request.urlopen(f"{hub}/api/models/{name}", timeout=_HUB_WAIT_S):
            return False
    except urllib.error.HTTPError:  # it answers; what is wrong with the model, transformers says better
        return False
    except OSError as exc:
        raise ModelError(
            f"{name} is not on this machine, and {hub} cannot be reached ({exc}). Check the network, or choose a "
            "model that is here: the built-in one, or a folder."
        ) from exc


def _is_whole(folder: Path) -> bool:
    """Tell whether a download was finished: every file that the index of the weights names is there."""
    wanted = {"model.safetensors"}
    for index in folder.glob("*.index.json"):
        wanted = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    has_weights = all((folder / name).exists() for name in wanted) or any(folder.glob("pytorch_model.bin"))
    return has_weights and (folder / "config.json").exists()


def _check_kind(source: str, config: Any) -> None:
    kinds = tuple(config.architectures or ())
    if config.is_encoder_decoder or (kinds and not any(kind.endswith(_WRITES) for kind in kinds)):
        kind = kinds[0] if kinds else config.model_type
        raise ModelError(
            f"{source} is a {kind}, which does not write text. Choose a model for text generation, for example an "
            '"Instruct" model of the Hugging Face hub.'
        )


def _tokenizer(where: dict[str, Any]) -> Any:
    import transformers  # noqa: PLC0415  (heavy)

    try:
        return transformers.AutoTokenizer.from_pretrained(**where)
    except Exception as exc:  # the tokenizers library raises nothing narrower
        raise ValueError(f"its tokenizer cannot be read ({exc})") from exc


def _placed(where: dict[str, Any], device: str) -> dict[str, Any]:
    """Return device and precision: several GPUs share a model that fits on none of them."""
    import torch  # noqa: PLC0415  (heavy)

    options: dict[str, Any] = {"dtype": _dtype(device)}
    if "gguf_file" in where:
        from transformers import GgufConfig  # noqa: PLC0415  (heavy)

        options["quantization_config"] = GgufConfig(dequantize=True)
    if device == "cuda" and torch.cuda.device_count() > 1:
        options["device_map"] = "auto"
    elif device != "cpu":
        options["device_map"] = {"": device}
    return options


def _dtype(device: str) -> torch.dtype:
    import torch  # noqa: PLC0415  (heavy)

    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device == "mps":
        return torch.float16
    return torch.bfloat16 if cpu_has_bf16() else torch.float32


def _too_large(source: str, device: str) -> str:
    return f"{source} does not fit into the memory of {device}. Choose a smaller model, or close other programs."


def _unreadable(source: str, why: object) -> str:
    detail = " ".join(str(why).split())[:300]
    return f"The language model {source} cannot be loaded: {detail or type(why).__name__}. Check it, or choose another."
