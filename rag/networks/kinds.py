"""`footnote train questions`: examples -> vectors -> network -> weights and their card."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.networks.examples import Example, in_other_clothes, part, read_examples
from rag.networks.metrics import auroc
from rag.networks.questions import (
    ANSWER_TYPES,
    CARD,
    EVIDENCE_KINDS,
    WEIGHTS,
    QuestionKinds,
    network_input,
    words_digest,
)
from rag.networks.training import Epoch, Recipe, train
from rag.networks.vectors import VectorCache
from rag.types import Encoder, Floats

if TYPE_CHECKING:
    import torch

_KEPT_ASIDE, _SAYS_WHEN_TO_STOP = 0, 1  # parts of ten
_NO_LABEL = -1
_DROPOUT = 0.3
# How much a question of a set counts for the kind of evidence: tables, prose and figures about alike in all.
_EVIDENCE_WEIGHT = {"SQuAD": 0.25, "WikiTableQuestions": 0.5, "TAT-QA": 3.0, "own wording": 1.0}
_SOURCES = {
    "SQuAD": "SQuAD 1.1, train (Rajpurkar et al. 2016), CC BY-SA 4.0",
    "TAT-QA": "TAT-QA, dev (Zhu et al. 2021), CC BY 4.0",
    "WikiTableQuestions": "WikiTableQuestions, training (Pasupat and Liang 2015), CC BY-SA 4.0",
    "own wording": "rag/networks/wording.py",
}


@dataclass(frozen=True, slots=True)
class Training:
    """What is trained: the folders, the size and the recipe."""

    data: Path
    out: Path
    work: Path  # vectors and checkpoint
    worded_each: int = 80  # questions of our own a template
    hidden: int = 64  # units of the hidden layer; 0: none
    recipe: Recipe = field(default_factory=Recipe)


OnVectors = Callable[[int, int], None]
OnEpoch = Callable[[Epoch], None]


def train_questions(
    training: Training, encoder: Encoder, *, on_vectors: OnVectors | None = None, on_epoch: OnEpoch | None = None
) -> dict[str, Any]:
    """Train, write weights and card to `training.out`, and return the card.

    Raises:
        InputError: the data are missing or unreadable.
    """
    import torch  # noqa: PLC0415  (heavy)

    seed = training.recipe.seed
    examples = read_examples(training.data, seed, worded_each=training.worded_each)
    examples += in_other_clothes(examples, seed)
    vectors = VectorCache(training.work, encoder).vectors([e.question for e in examples], on_done=on_vectors)
    inputs = network_input([e.question for e in examples], vectors)
    parts = np.array([part(e.group) for e in examples])
    learnt = torch.from_numpy(np.flatnonzero((parts != _KEPT_ASIDE) & (parts != _SAYS_WHEN_TO_STOP)))
    torch.manual_seed(seed)
    network = _network(inputs.shape[1], training.hidden)
    last = train(
        network,
        _loss(examples, inputs),
        learnt,
        torch.from_numpy(np.flatnonzero(parts == _SAYS_WHEN_TO_STOP)),
        training.recipe,
        checkpoint=training.work / f"questions-{_digest(examples, encoder.id, training.hidden)}.pt",
        on_epoch=on_epoch,
    )
    weights = {name: value.detach().numpy().astype(np.float32) for name, value in network.state_dict().items()}
    card: dict[str, Any] = {
        "what": "a question -> the kind of its answer, and whether that stands in a table, in prose or in a figure",
        "made by": f"footnote train questions --data FOLDER --seed {seed} --epochs {training.recipe.epochs} "
        f"--hidden {training.hidden}",
        "data": {_SOURCES[source]: n for source, n in Counter(e.source for e in examples).items()},
        "encoder": encoder.id,
        "n_dims": encoder.n_dims,
        "words": words_digest(),
        "answer types": ANSWER_TYPES,
        "evidence kinds": EVIDENCE_KINDS,
        "recipe": asdict(training.recipe),
        "stopped after": last.number,
        "best epoch": last.best,
    }
    aside = np.flatnonzero(parts == _KEPT_ASIDE)
    card["figures, on articles, tables and templates kept aside"] = measure(
        QuestionKinds(weights, card), [examples[i] for i in aside], vectors[aside]
    )
    _write(training.out, weights, card)
    return card


def _network(n_inputs: int, hidden: int) -> torch.nn.Module:
    """Return the network: a hidden layer if there is one, and two heads that see the same."""
    from torch import nn  # noqa: PLC0415  (heavy)

    layers: dict[str, nn.Module] = {"hidden": nn.Linear(n_inputs, hidden)} if hidden else {}
    layers["answer_type"] = nn.Linear(hidden or n_inputs, len(ANSWER_TYPES))
    layers["evidence"] = nn.Linear(hidden or n_inputs, len(EVIDENCE_KINDS))
    return nn.ModuleDict(layers)


def _loss(examples: Sequence[Example], inputs: Floats) -> Callable[[torch.nn.Module, torch.Tensor], torch.Tensor]:
    """Return the loss of a batch: cross-entropy of both heads; a head learns nothing where there is no label."""
    import torch  # noqa: PLC0415  (heavy)
    from torch.nn import functional  # noqa: PLC0415

    x = torch.from_numpy(inputs)
    types = torch.tensor([_NO_LABEL if e.answer_type is None else ANSWER_TYPES.index(e.answer_type) for e in examples])
    kinds = torch.tensor([_NO_LABEL if e.evidence is None else EVIDENCE_KINDS.index(e.evidence) for e in examples])
    counts = torch.tensor([_EVIDENCE_WEIGHT[e.source] for e in examples])

    def loss(network: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
        layers: Any = network
        seen = x[batch]  # (B, n_inputs)
        if "hidden" in layers:
            seen = functional.dropout(torch.relu(layers["hidden"](seen)), _DROPOUT, network.training)
        of_type = functional.cross_entropy(layers["answer_type"](seen), types[batch], ignore_index=_NO_LABEL)
        each = functional.cross_entropy(
            layers["evidence"](seen), kinds[batch], ignore_index=_NO_LABEL, reduction="none"
        )  # (B,), 0 without a label
        return of_type + (each * counts[batch]).sum() / counts[batch].sum()

    return loss


def measure(network: QuestionKinds, examples: Sequence[Example], vectors: Floats) -> dict[str, Any]:
    """Return how often the answer type is right, by set and by type, and how well tables are told from prose."""
    of_type, of_evidence = network.probabilities([e.question for e in examples], vectors)
    told = [ANSWER_TYPES[i] for i in of_type.argmax(axis=1)]
    figures: dict[str, Any] = {"answer type right": {}, "AUROC, table against prose": {}}
    for source in dict.fromkeys(e.source for e in examples):
        of_set = [i for i, e in enumerate(examples) if e.source == source]
        known = [i for i in of_set if examples[i].answer_type is not None]
        figures["answer type right"][source] = _share(told[i] == examples[i].answer_type for i in known)
        prose_or_table = [i for i in of_set if examples[i].evidence in {"table", "prose"}]
        is_table = np.array([examples[i].evidence == "table" for i in prose_or_table])
        if is_table.any() and not is_table.all():
            figures["AUROC, table against prose"][source] = round(auroc(is_table, of_evidence[prose_or_table, 0]), 4)
    figures["by type: right of those asked for (recall), of those told (precision), n"] = {
        kind: [
            _share(told[i] == kind for i, e in enumerate(examples) if e.answer_type == kind),
            _share(e.answer_type == kind for i, e in enumerate(examples) if told[i] == kind and e.answer_type),
            sum(e.answer_type == kind for e in examples),
        ]
        for kind in ANSWER_TYPES
    }
    kinds = [EVIDENCE_KINDS[i] for i in of_evidence.argmax(axis=1)]
    figures["by evidence: right of those that stand there"] = {
        kind: _share(kinds[i] == kind for i, e in enumerate(examples) if e.evidence == kind) for kind in EVIDENCE_KINDS
    }
    return figures


def _share(hits: Any) -> float:
    return round(float(np.mean(list(hits) or [np.nan])), 4)


def _digest(examples: Sequence[Example], encoder_id: str, hidden: int) -> str:
    """Return what names the checkpoint of these examples, so that none of others is gone on from."""
    said = json.dumps([encoder_id, hidden, words_digest(), _EVIDENCE_WEIGHT, [asdict(e) for e in examples]])
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _write(out: Path, weights: dict[str, Floats], card: dict[str, Any]) -> None:
    """Write the weights, then the card that names them."""
    from safetensors.numpy import save  # noqa: PLC0415

    content = save({name: np.ascontiguousarray(value) for name, value in weights.items()})
    card["sha256"] = hashlib.sha256(content).hexdigest()
    out.mkdir(parents=True, exist_ok=True)
    for name, data in ((WEIGHTS, content), (CARD, (json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode())):
        temporary = out / f"{name}.part"
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(out / name)
