"""What the reader is taught: a loss for each head over a batch of groups. torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch.nn import functional

from rag.networks.backbone import PieceTokenizer
from rag.networks.reader.groups import Cut
from rag.networks.reader.network import Heads

WEIGHTS = {"span": 1.0, "relevance": 1.0, "answered": 1.0}
_NEVER = -1e4  # a logit: exp is 0


def reader_loss(tokenizer: PieceTokenizer, device: str) -> Callable[[torch.nn.Module, Sequence[Cut]], torch.Tensor]:
    """Return the loss of (network, groups): the weighted sum of the heads' means."""

    def loss(network: torch.nn.Module, cuts: Sequence[Cut]) -> torch.Tensor:
        pairs = [pair for cut in cuts for pair in cut.pairs]
        ids, segments, mask = (part.to(device) for part in tokenizer.padded(pairs))
        heads: Heads = network(ids, segments, mask)
        places = [place for cut in cuts for place in cut.places]
        parts = {
            "span": span_loss(heads, segments, places),
            "relevance": relevance_loss(heads.relevance, cuts),
            "answered": answered_loss(heads.answered, places),
        }
        return sum((WEIGHTS[name] * part for name, part in parts.items()), torch.zeros((), device=ids.device))

    return loss


def span_loss(heads: Heads, segments: torch.Tensor, places: Sequence[Sequence[tuple[int, int]]]) -> torch.Tensor:
    """Return the mean of -log P(any right start) and of -log P(any right end), over the pairs that are answered.

    Source: Clark and Gardner, Simple and Effective Multi-Paragraph Reading Comprehension, 2018 (summed objective).
    """
    rows = [i for i, of_pair in enumerate(places) if of_pair]
    if not rows:
        return heads.start.sum() * 0
    total = heads.start.sum() * 0
    for logits, end in ((heads.start, 0), (heads.end, 1)):
        right = torch.full_like(logits[rows], _NEVER)
        for row, i in enumerate(rows):
            right[row, [place[end] for place in places[i]]] = 0
        of_passage = torch.where(segments[rows] == 1, logits[rows], _NEVER)  # (R, L)
        total = total + (of_passage.logsumexp(1) - (of_passage + right).logsumexp(1)).mean()
    return total / 2


def relevance_loss(relevance: torch.Tensor, cuts: Sequence[Cut]) -> torch.Tensor:
    """Return the mean cross-entropy of the passage that answers, the first, among those of its question."""
    total, n, at = relevance.sum() * 0, 0, 0
    for cut in cuts:
        if cut.ranked and len(cut.pairs) > 1:
            total = total - functional.log_softmax(relevance[at : at + len(cut.pairs)], 0)[0]
            n += 1
        at += len(cut.pairs)
    return total / max(1, n)


def answered_loss(answered: torch.Tensor, places: Sequence[Sequence[tuple[int, int]]]) -> torch.Tensor:
    """Return the mean binary cross-entropy of whether a passage answers."""
    labels = torch.tensor([float(bool(of_pair)) for of_pair in places], device=answered.device)
    return functional.binary_cross_entropy_with_logits(answered, labels)
