"""Which language model, and whose turn it is: one model a choice and process, one generation at a time.

A model is loaded when it is first needed. Whoever wants it waits in a queue, first come first served, is told how many
are before it, and may leave the queue at any time.
"""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from rag.answer.adapter import shipped_adapter
from rag.answer.convert import built_in
from rag.answer.llm import LocalModel
from rag.answer.prompts import TRY_IT
from rag.answer.served import ServedModel
from rag.errors import Cancelled, ModelError
from rag.models import SMOLLM2
from rag.types import IsCancelled, LanguageModel, Turn

log = logging.getLogger(__name__)

NO_MODEL = "none"
AUTO, OFF = "auto", "off"
OnWait = Callable[[int], None]  # told how many are before

_LOOK_S = 0.05  # between two looks whether someone who waits has cancelled
_TRY_TOKENS = 48
# Tokens of a prompt that are read within about two seconds: small models on a CPU, larger ones, GPUs, servers.
_ROOM_CPU, _ROOM_CPU_LARGE, _ROOM_GPU, _ROOM_SERVER = 300, 700, 6_000, 4_000
_SMALL = 300_000_000  # weights; a model with fewer is confused by more than a few sentences


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which language model writes answers. A server, when one is named, comes before a model of this machine."""

    model: str = ""  # a folder, a GGUF file or a hub id; empty: the built-in one; "none": no language model
    server: str = ""  # address of an OpenAI-compatible server
    server_model: str = ""  # its name there; empty: the first that the server lists
    server_key: str = field(default="", repr=False)
    device: str = "auto"
    n_threads: int | None = None
    adapter: str = AUTO  # a folder; auto: the one that is shipped, of the built-in model; off

    @property
    def kind(self) -> Literal["none", "built-in", "local", "server"]:
        """Return where the model runs."""
        if self.server:
            return "server"
        return "none" if self.model == NO_MODEL else "local" if self.model else "built-in"

    @property
    def label(self) -> str:
        """Return what users call the model before it is loaded."""
        if self.kind == "server":
            return self.server_model or self.server
        return SMOLLM2.name if self.kind == "built-in" else self.model


@dataclass(frozen=True, slots=True)
class Speed:
    """How quickly a model writes."""

    first_token_s: float
    tokens_per_s: float
    text: str


class SharedModel:
    """A language model that many want: loaded at first use, one turn at a time."""

    def __init__(self, label: str, load: Callable[[], LanguageModel]) -> None:
        self.label = label
        self._load = load
        self._model: LanguageModel | None = None
        self._queue: deque[object] = deque()  # whose turn it is, then who waits, in the order of coming
        self._changed = threading.Condition()

    @contextmanager
    def turn(
        self, is_cancelled: IsCancelled | None = None, *, on_wait: OnWait | None = None
    ) -> Iterator[LanguageModel]:
        """Wait for the model and hold it: `with shared.turn() as model:`. The first turn loads it (seconds).

        Args:
            on_wait: told how many are before, whenever that changes; never called when nobody is.

        Raises:
            Cancelled: the caller cancelled while waiting.
            ModelError, ModelMissing: the model cannot be loaded.
        """
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
        try:
            self._wait(ticket, is_cancelled, on_wait)
            if self._model is None:
                self._model = self._load()
            yield self._model
        finally:
            with self._changed:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def is_free(self) -> bool:
        """Tell whether it is loaded and nobody uses it: a turn would come at once."""
        return self._model is not None and not self._queue

    def _wait(self, ticket: object, is_cancelled: IsCancelled | None, on_wait: OnWait | None) -> None:
        told = None
        while True:
            if is_cancelled is not None and is_cancelled():
                raise Cancelled("Stopped while waiting for the language model.")
            with self._changed:
                n_before = self._queue.index(ticket)
                if n_before == told and n_before:
                    self._changed.wait(_LOOK_S if is_cancelled is not None else None)
                    n_before = self._queue.index(ticket)
            if n_before == 0:
                if told and on_wait is not None:
                    on_wait(0)
                return
            if n_before != told and on_wait is not None:
                on_wait(n_before)  # outside the lock: it may take its time
            told = n_before

    def close(self) -> None:
        """Free the model's memory once nobody uses it; a later turn loads it again."""
        self._model = None
        gc.collect()
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()


_shared: dict[ModelChoice, SharedModel] = {}
_mutex = threading.Lock()


def language_model(choice: ModelChoice) -> SharedModel:
    """Return the model of this choice, the same for all of this process; nothing is loaded yet.

    Raises:
        ModelError: the choice is to have none.
    """
    if choice.kind == "none":
        raise ModelError("No language model is chosen. Choose one under Settings, or ask for the extractive answer.")
    with _mutex:
        return _shared.setdefault(choice, SharedModel(choice.label, lambda: _loaded(choice)))


def adapter_of(choice: ModelChoice) -> Traversable | None:
    """Return the folder of the adapter that a choice is loaded with; None: as its authors made it.

    Raises:
        ModelError: there is no such folder.
    """
    if choice.kind in {"none", "server"} or choice.adapter == OFF:
        return None
    if choice.adapter == AUTO:
        return shipped_adapter() if choice.kind == "built-in" else None
    folder = Path(choice.adapter).expanduser()
    if not folder.is_dir():
        raise ModelError(
            f"There is no adapter at {folder}. Correct the setting adapter: auto, off, or a folder that "
            "`footnote train llm` wrote."
        )
    return folder


def as_made(choice: ModelChoice) -> ModelChoice:
    """Return the choice of the same model as its authors made it, for answers without the documents."""
    is_tuned = choice.kind in {"built-in", "local"} and choice.adapter != OFF
    has_one = is_tuned and (choice.adapter != AUTO or adapter_of(choice) is not None)
    return replace(choice, adapter=OFF) if has_one else choice


def free_model(choice: ModelChoice) -> SharedModel | None:
    """Return the model of this choice if it is in use by this process already; else None, and nothing is made."""
    with _mutex:
        return _shared.get(choice)


def forget(choice: ModelChoice) -> None:
    """Free the memory of a model that is not chosen any more. A generation that is under way goes on to its end."""
    with _mutex:
        shared = _shared.pop(choice, None)
    if shared is not None:
        shared.close()


def forget_others(*choices: ModelChoice) -> None:
    """Free the memory of every model but these."""
    with _mutex:
        others = [other for other in _shared if other not in choices]
    for other in others:
        forget(other)


def _loaded(choice: ModelChoice) -> LanguageModel:
    log.info("loading the language model %s", choice.label)
    if choice.kind == "server":
        return ServedModel(choice.server, model=choice.server_model, key=choice.server_key)
    is_ours = choice.kind == "built-in"
    name = Path(choice.model).name if Path(choice.model).expanduser().exists() else choice.model
    return LocalModel(
        built_in() if is_ours else choice.model,
        name=SMOLLM2.name if is_ours else name,
        device=choice.device,
        n_threads=choice.n_threads,
        adapter=adapter_of(choice),
    )


def prompt_room(model: LanguageModel) -> int:
    """Return how many tokens of a prompt a model should be given, so that it begins to write within seconds."""
    if isinstance(model, LocalModel):
        on_cpu = _ROOM_CPU if model.n_parameters < _SMALL else _ROOM_CPU_LARGE
        most = on_cpu if model.device == "cpu" else _ROOM_GPU
    else:
        most = _ROOM_SERVER
    return min(most, model.n_context // 2)


def measure(model: LanguageModel) -> Speed:
    """Return how quickly a model answers a short question. The caller holds its turn.

    Raises:
        ModelError: it cannot be reached, or broke off.
    """
    started = time.perf_counter()
    first = last = None
    text = ""
    for piece in model.stream([Turn("user", TRY_IT)], max_tokens=_TRY_TOKENS, is_cancelled=lambda: False):
        last = time.perf_counter()
        first = first or last
        text += piece
    if first is None or last is None:
        raise ModelError(f"{model.name} said nothing. Choose another model.")
    n_tokens = model.count(text)
    return Speed(first - started, (n_tokens - 1) / (last - first) if last > first else 0.0, text.strip())
