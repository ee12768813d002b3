"""The reader, ready to be asked: a question and texts in, for each its relevance, whether it answers, and where."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.models import checked_device, quickest_precision
from rag.networks.backbone import Pair, Pieces, PieceTokenizer, read_weights
from rag.networks.reader.groups import MAX_PAIR, MAX_QUESTION
from rag.types import Floats, Reading

if TYPE_CHECKING:
    from rag.networks.reader.network import ReaderNetwork

NAME = "reader"  # of its files
BATCH_TOKENS = 2_048  # of the pairs that are computed together, padding included
MAX_ANSWER = 32  # word pieces
_OVERLAP = 64  # word pieces that two windows of a long text share


class Reader:
    """The network with its tokenizer.

    Args:
        network: trained; it is moved to `device` and to the precision that is quickest there.
        temperature, bias: calibrate the probability that a text answers: sigmoid(logit / temperature + bias).
    """

    def __init__(
        self,
        network: ReaderNetwork,
        tokenizer: PieceTokenizer,
        *,
        device: str,
        temperature: float = 1.0,
        bias: float = 0.0,
    ) -> None:
        import torch  # noqa: PLC0415  (heavy)

        self._network = network.to(device, getattr(torch, quickest_precision(device))).eval()
        self._tokenizer, self._device = tokenizer, device
        self._temperature, self._bias = temperature, bias
        self._mutex = threading.Lock()  # its tokenizer serves one thread at a time
        self.card: dict[str, Any] = {}

    @classmethod
    def load(cls, encoder_folder: Path, folder: Traversable | None = None, *, device: str = "auto") -> Reader:
        """Return the reader in `folder`, by default the one that is shipped, over the encoder's embeddings.

        Raises:
            ModelMissing: a file is missing, or is not the one that its card names.
            InputError: this machine has no such device.
        """
        from rag.networks.reader.network import ReaderNetwork  # noqa: PLC0415  (torch)

        network = ReaderNetwork(encoder_folder)
        card = read_weights(folder or resources.files("rag").joinpath("assets"), NAME, network)
        calibration = card.get("answered", {})
        reader = cls(
            network,
            PieceTokenizer(encoder_folder),
            device=checked_device(device),
            temperature=float(calibration.get("temperature", 1.0)),
            bias=float(calibration.get("bias", 0.0)),
        )
        reader.card = card
        return reader

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what the network makes of each text, in their order. A long text is read in windows that overlap."""
        if not texts:
            return []
        with self._mutex:
            asked, *pieces = self._tokenizer.cut([question, *texts])
            asked = asked.part(0, MAX_QUESTION)
            windows = [
                (i, window)
                for i, of_text in enumerate(pieces)
                for window in _windows(of_text, MAX_PAIR - len(asked) - 3)
            ]
            pairs = [self._tokenizer.pair(asked, window) for _, window in windows]
            heads = self._heads(pairs)
        best: dict[int, tuple[float, Reading]] = {}
        for (i, window), pair, (start, end, relevance, answered) in zip(windows, pairs, heads, strict=True):
            score, reading = self._reading(texts[i], window, pair, start, end, relevance, answered)
            if i not in best or score > best[i][0]:
                best[i] = score, reading
        return [best[i][1] for i in range(len(texts))]

    def _reading(
        self, text: str, window: Pieces, pair: Pair, start: Floats, end: Floats, relevance: float, answered: float
    ) -> tuple[float, Reading]:
        """Return a window's reading, and what it is worth beside other windows of its text."""
        probability = float(1 / (1 + np.exp(-(answered / self._temperature + self._bias))))
        if not len(window):
            return relevance, Reading(relevance, probability, 0, 0, 0.0)
        of_passage = slice(pair.start, pair.start + len(window))
        first, last, log_p = best_span(start[of_passage], end[of_passage])
        a, b = whole_words(text, window.offsets[first][0], window.offsets[last][1])
        return relevance, Reading(relevance, probability, a, b, float(np.exp(log_p)))

    def _heads(self, pairs: Sequence[Pair]) -> list[tuple[Floats, Floats, float, float]]:
        """Return start (L,), end (L,), relevance and answered of each pair; those of like length share a batch."""
        import torch  # noqa: PLC0415  (heavy)

        found: list[Any] = [None] * len(pairs)
        with torch.inference_mode():
            for batch in _batches(pairs):
                ids, segments, mask = (x.to(self._device) for x in self._tokenizer.padded([pairs[i] for i in batch]))
                heads = self._network(ids, segments, mask)
                start, end = heads.start.cpu().numpy(), heads.end.cpu().numpy()
                relevance, answered = heads.relevance.tolist(), heads.answered.tolist()
                for row, i in enumerate(batch):
                    found[i] = start[row], end[row], relevance[row], answered[row]
        return found


def best_span(start: Floats, end: Floats) -> tuple[int, int, float]:
    """Return the first and last token of the likeliest span of at most MAX_ANSWER tokens, and its log probability.

    `start` and `end` are logits (L,) of the passage's tokens; both ends are taken as independent.
    """
    log_start, log_end = start - _log_sum(start), end - _log_sum(end)
    best, first, last = -np.inf, 0, 0
    for i in range(min(MAX_ANSWER, len(start))):  # spans of i + 1 tokens
        sums = log_start[: len(start) - i] + log_end[i:]
        at = int(np.argmax(sums))
        if sums[at] > best:
            best, first, last = float(sums[at]), at, at + i
    return first, last, best


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the characters widened to whole words: word pieces may begin inside one."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _log_sum(logits: Floats) -> float:
    highest = float(logits.max())
    return highest + float(np.log(np.exp(logits - highest).sum()))


def _windows(pieces: Pieces, n: int) -> list[Pieces]:
    """Return a text's pieces, at most n at once; what stands at the end of one window begins the next."""
    if len(pieces) <= n:
        return [pieces]
    firsts = range(0, len(pieces) - _OVERLAP, n - _OVERLAP)
    return [pieces.part(first, first + n) for first in firsts]


def _batches(pairs: Sequence[Pair]) -> list[list[int]]:
    """Return the places of pairs, those of like length together."""
    batches: list[list[int]] = []
    for i in sorted(range(len(pairs)), key=lambda i: len(pairs[i].ids)):
        if not batches or (len(batches[-1]) + 1) * len(pairs[i].ids) > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(i)
    return batches
