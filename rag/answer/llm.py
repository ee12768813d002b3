"""A language model in this process: turns of a conversation to text, a token at a time.

The loop is our own: it computes one token for each piece that is asked for, so that two streams can be advanced in
turn by one thread, and stops between any two tokens. It is measured against transformers' `generate`
(`python -m benchmarks.language`) and writes the same tokens.
"""

from __future__ import annotations

import inspect
import logging
import math
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from rag.answer.loading import load
from rag.answer.prefixes import Prefixes
from rag.errors import ModelError
from rag.models import checked_device
from rag.types import IsCancelled, Turn

log = logging.getLogger(__name__)

PREFILL = 512  # tokens of a prompt that are read at once: Stop is heeded in between
_HALF = "\ufffd"  # what the bytes of half a character decode to
_ENDLESS = 1_000_000  # some tokenizers name a limit of 10**30: none


class LocalModel:
    """A language model, loaded.

    Args:
        source: a folder, a GGUF file, or the id of a model on the Hugging Face hub.
        name: what users call it; None: the last part of `source`.
        device: auto, cpu, cuda, cuda:N or mps.
        n_threads: threads of torch, for the whole process; None: leave as they are.
        repetition_penalty: scores of tokens that the reply already holds are divided by this; 1: none. The prompt's
            own words are not penalised: answers repeat the passages on purpose.
        adapter: folder of what it has learnt beside its own weights.

    Raises:
        ModelError: it cannot be loaded.
        InputError: this machine has no such device.
    """

    def __init__(
        self,
        source: str | Path,
        *,
        name: str | None = None,
        device: str = "auto",
        n_threads: int | None = None,
        repetition_penalty: float = 1.0,
        adapter: Traversable | None = None,
    ) -> None:
        import torch  # noqa: PLC0415  (heavy)

        if n_threads is not None:
            torch.set_num_threads(n_threads)
        self.device = checked_device(device)
        loaded = load(str(source), self.device, adapter)
        self.is_tuned = adapter is not None  # taught to answer from passages, and to rewrite questions
        self._model, self._tokenizer = loaded.model, loaded.tokenizer
        self._name = name or (Path(source).name if Path(source).exists() else str(source))
        self._penalty = repetition_penalty
        self._n_context = _context(loaded.config, loaded.tokenizer)
        self._ends = _end_tokens(loaded.model, loaded.tokenizer)
        self._control = _control_tokens(loaded.tokenizer)
        self._last_only = (
            {"logits_to_keep": 1} if "logits_to_keep" in inspect.signature(self._model.forward).parameters else {}
        )
        # A recurrent state is not built up correctly from several pieces of a prompt by every model.
        self._prefill = self._n_context if getattr(self._model, "_is_stateful", False) else PREFILL
        self._prefixes = Prefixes()
        self._mutex = threading.Lock()  # tokenizers are not made for several threads at once
        log.info("language model %s on %s in %s", self._name, self.device, self._model.dtype)

    @property
    def name(self) -> str:
        """Return what users call it."""
        return self._name

    @property
    def n_context(self) -> int:
        """Return how many tokens of prompt and reply together it can hold."""
        return self._n_context

    @property
    def n_parameters(self) -> int:
        """Return how many weights it has."""
        return int(self._model.num_parameters())

    @property
    def network(self) -> Any:
        """Return the transformers model, for training."""
        return self._model

    def count(self, text: str) -> int:
        """Return how many tokens a text has."""
        return len(self._encode(text))

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        """Yield the reply piece by piece: each piece is computed when it is asked for.

        Raises:
            ModelError: the prompt is too long, or memory runs out; what was yielded before is kept.
        """
        import torch  # noqa: PLC0415  (heavy)

        prompt = self.prompt(turns)
        room = self._n_context - len(prompt)
        if room < 1:
            raise ModelError(
                f"The question and its passages have {len(prompt):,} tokens; {self._name} can hold "
                f"{self._n_context:,}. Ask a shorter question, or choose a model with a longer context."
            )
        try:
            yield from self._pieces(self._tokens(prompt, min(max_tokens, room), is_cancelled))
        except (torch.OutOfMemoryError, MemoryError) as exc:
            self._prefixes.forget()
            raise ModelError(
                f"{self._name} ran out of memory on {self.device} while writing. Choose a smaller model, or close "
                "other programs."
            ) from exc

    def sure_reply(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> tuple[str, float]:
        """Return the reply, and how sure the model is of it: the mean logarithm of the probabilities of its tokens.

        What ends the reply counts as one of them. Cancelled, or without room, it is sure of nothing.

        Raises:
            ModelError: memory runs out.
        """
        logs: list[float] = []
        prompt = self.prompt(turns)
        room = min(max_tokens, self._n_context - len(prompt))
        text = "".join(self._pieces(self._tokens(prompt, room, is_cancelled, logs=logs)))
        return text, sum(logs) / len(logs) if logs and not is_cancelled() else -math.inf

    # ------------------------------------------------------------------------------------- turns to tokens

    def prompt(self, turns: Sequence[Turn]) -> list[int]:
        """Return the tokens of a conversation as the model was taught to read them, up to where it speaks.

        Control tokens that stand in a turn's text (a document may hold anything) are read as plain text.
        """
        messages = [{"role": turn.role, "content": self._plain(turn.text)} for turn in turns]
        if not self._tokenizer.chat_template:
            said = "".join(f"{message['role'].capitalize()}: {message['content']}\n\n" for message in messages)
            return self._encode(f"{said}Assistant:", add_special_tokens=True)
        return self._encode(self._templated(messages))

    def reply(self, turns: Sequence[Turn], text: str) -> list[int]:
        """Return the tokens of a reply to a conversation, with what ends it: what follows `prompt(turns)`."""
        end = next(iter(self._ends), None) if self._tokenizer.eos_token_id is None else self._tokenizer.eos_token_id
        ends = [] if end is None else [end]
        if not self._tokenizer.chat_template:
            return [*self._encode(f" {self._plain(text)}"), *ends]
        messages = [{"role": turn.role, "content": self._plain(turn.text)} for turn in turns]
        asked = self._templated(messages)
        whole = self._templated([*messages, {"role": "assistant", "content": self._plain(text)}], is_reply_next=False)
        if whole.startswith(asked) and whole[len(asked) :].strip() != text.strip():
            return self._encode(whole[len(asked) :].rstrip())
        return [*self._encode(self._plain(text)), *ends]

    def _templated(self, messages: list[dict[str, str]], *, is_reply_next: bool = True) -> str:
        import jinja2  # noqa: PLC0415  (with transformers)

        options: dict[str, Any] = {"add_generation_prompt": is_reply_next, "tokenize": False, "enable_thinking": False}
        try:
            return str(self._tokenizer.apply_chat_template(messages, **options))
        except jinja2.TemplateError:  # templates that know no system: what it says opens the first turn
            merged = _without_system(messages)
        try:
            return str(self._tokenizer.apply_chat_template(merged, **options))
        except jinja2.TemplateError as exc:
            raise ModelError(f"The chat template of {self._name} does not work ({exc}). Choose another model.") from exc

    def _plain(self, text: str) -> str:
        return self._control.sub(lambda match: f"{match.group()[0]} {match.group()[1:]}", text)

    def _encode(self, text: str, *, add_special_tokens: bool = False) -> list[int]:
        with self._mutex:
            return list(self._tokenizer(text, add_special_tokens=add_special_tokens)["input_ids"])

    # ------------------------------------------------------------------------------------- tokens to tokens

    def _tokens(
        self, prompt: list[int], limit: int, is_cancelled: IsCancelled, *, logs: list[float] | None = None
    ) -> Iterator[int]:
        """Yield up to `limit` tokens, greedily, until the model ends its turn; `logs` takes the log of each chance.

        What it has read is kept for the next prompt, however this one ends: `read` is always what `past` holds.
        """
        past, n_read = self._prefixes.take(prompt)
        read, fresh = prompt[:n_read], prompt[n_read:]
        said: list[int] = []
        try:
            for _ in range(limit):
                for first in range(0, len(fresh), self._prefill):
                    if is_cancelled():
                        return
                    piece = fresh[first : first + self._prefill]
                    before, past = past, None  # while it grows it holds neither this nor that
                    logits, past = self._step(piece, before)
                    read += piece
                token = self._best(logits, said)
                if logs is not None:
                    logs.append(float(logits.log_softmax(-1)[token]))
                if token in self._ends:
                    return
                yield token
                said.append(token)
                fresh = [token]
        finally:
            self._prefixes.give(read, past)

    def _step(self, tokens: list[int], past: Any) -> tuple[Any, Any]:
        """Read tokens; return the logits after the last one, shape (vocabulary,), and the grown cache."""
        import torch  # noqa: PLC0415  (heavy)

        with torch.inference_mode():  # never around a yield: it would leak into whoever asks for the next piece
            ids = torch.tensor([tokens], device=self._model.device)
            out = self._model(input_ids=ids, past_key_values=past, use_cache=True, **self._last_only)
            if getattr(out, "past_key_values", None) is None:
                raise ModelError(f"{self._name} keeps no cache of what it has read. Choose another model.")
            return out.logits[0, -1].float(), out.past_key_values

    def _best(self, logits: Any, said: list[int]) -> int:
        """Return the likeliest token after the penalty. Source: Keskar et al., CTRL, 2019, section 4.1."""
        import torch  # noqa: PLC0415  (heavy)

        if said and self._penalty != 1:
            with torch.inference_mode():
                seen = torch.tensor(sorted(set(said)), device=logits.device)
                scores = logits[seen]
                logits[seen] = torch.where(scores > 0, scores / self._penalty, scores * self._penalty)
        return int(logits.argmax())

    # --------------------------------------------------------------------------------------- tokens to text

    def _pieces(self, tokens: Iterable[int]) -> Iterator[str]:
        """Yield the text of tokens as soon as it is whole characters.

        A token's text depends on the one before it (spaces), so both are decoded together.
        """
        ids: list[int] = []
        start = told = 0  # ids[start:told] are told; they are decoded again with what follows
        for token in tokens:
            ids.append(token)
            before, now = self._decode(ids[start:told]), self._decode(ids[start:])
            if len(now) > len(before) and not now.endswith(_HALF):
                yield now[len(before) :]
                start, told = told, len(ids)
        rest = self._decode(ids[start:])[len(self._decode(ids[start:told])) :]
        if rest:
            yield rest

    def _decode(self, ids: list[int]) -> str:
        with self._mutex:
            return str(self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def _context(config: Any, tokenizer: Any) -> int:
    """Return the tokens that a model can hold: the smaller of what its configuration and its tokenizer say."""
    said = (getattr(config, "max_position_embeddings", None), tokenizer.model_max_length)
    return min((int(n) for n in said if n and n < _ENDLESS), default=2048)


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return the tokens that end a turn."""
    ends = model.generation_config.eos_token_id
    listed = list(ends) if isinstance(ends, (list, tuple)) else [ends]
    return frozenset(end for end in [*listed, tokenizer.eos_token_id] if end is not None)


def _control_tokens(tokenizer: Any) -> re.Pattern[str]:
    """Return what finds the tokens by which a conversation is steered: special ones, and those of the template."""
    template = str(tokenizer.chat_template or "")
    contents = {
        token.content
        for token in tokenizer.added_tokens_decoder.values()
        if len(token.content.strip()) > 1 and (token.special or token.content in template)
    }
    longest_first = sorted(contents, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _without_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    said = [dict(message) for message in messages if message["role"] != "system"]
    if system and said:
        said[0]["content"] = f"{system}\n\n{said[0]['content']}"
    return said
