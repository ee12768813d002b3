"""`footnote train checker`: pairs -> network -> temperature, thresholds, weights and their card."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from rag.models import checked_device
from rag.networks import backbone
from rag.networks.backbone import PieceTokenizer, own_weights, write_weights
from rag.networks.checker import measure
from rag.networks.checker.articles import read_squad, verbs_of
from rag.networks.checker.built import build
from rag.networks.checker.network import NAME, CheckerNetwork, encode, logits_of, softmax
from rag.networks.checker.pairs import LABELS, SOURCES, SQUAD, Pair, may_train, of_parts, read_nli
from rag.networks.checker.tabled import build_tabled
from rag.networks.steps import Plan, Step, Steps, autocast
from rag.types import Floats

ASIDE, CALIBRATES, LEARNT = range(1), range(1, 2), range(2, 10)  # parts of ten
_BUCKET = 60  # batches whose pairs are put in order of length
_MOST_CALIBRATE = _MOST_ASIDE = 3000  # pairs

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]  # ids, segments, mask (B, L); wanted (B,)


@dataclass(frozen=True, slots=True)
class Training:
    """What is trained: folders, how many pairs are built, how long."""

    data: Path
    out: Path
    work: Path  # checkpoint
    encoder_folder: Path
    device: str = "auto"
    passes: float = 1.0  # over all pairs
    per_article: int = 70  # questions of an article of SQuAD
    n_tabled: int = 4000
    batch: int = 32
    learning_rate: float = 2e-4
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs by what they are for."""

    learnt: list[Pair]
    calibrates: list[Pair]
    aside: list[Pair]  # that the card's figures are made of


def read_pairs(training: Training) -> Pairs:
    """Return the pairs of every set under `training.data`.

    Raises:
        InputError: a set is missing, or is none.
    """
    articles = read_squad(training.data / SQUAD)
    verbs = verbs_of(articles)
    pairs = build(articles, verbs, per_article=training.per_article, seed=training.seed)
    pairs += build_tabled(training.data, verbs, seed=training.seed, n=training.n_tabled)
    pairs += read_nli(training.data)
    allowed = [pair for pair in pairs if may_train(pair)]
    calibrates, aside = of_parts(allowed, CALIBRATES), of_parts(allowed, ASIDE)
    rng = random.Random(training.seed)
    rng.shuffle(calibrates)
    rng.shuffle(aside)
    return Pairs(of_parts(allowed, LEARNT), calibrates[:_MOST_CALIBRATE], aside[:_MOST_ASIDE])


def train_checker(
    training: Training,
    *,
    code: dict[str, Any] | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> dict[str, Any]:
    """Train, write weights and card to `training.out`, and return the card.

    Killed at any instant it goes on from its last checkpoint. `code` says in the card what it was trained with.

    Raises:
        InputError: the data are missing or unreadable, or this machine has no such device.
        ModelMissing: there is no encoder to build upon.
    """
    device = checked_device(training.device)
    pairs = read_pairs(training)
    tokenizer = PieceTokenizer(training.encoder_folder)
    network = CheckerNetwork(training.encoder_folder, seed=training.seed).to(device)
    encoded = encode([(pair.claim, pair.evidence) for pair in pairs.learnt], tokenizer)
    batches = in_batches([len(pair.ids) for pair in encoded], training)
    plan = Plan(len(batches), training.learning_rate, seed=training.seed)
    checkpoint = training.work / f"checker-{_digest(pairs.learnt, training)}.pt"
    wanted = measure.targets(pairs.learnt)
    steps: Steps[Batch] = Steps(network, loss, plan, checkpoint=checkpoint, device=device)
    last = steps.run(
        lambda number: _batch([encoded[i] for i in batches[number]], wanted[batches[number]], tokenizer, device),
        on_step=on_step,
    )
    card = {
        "what": "a claim and its evidence -> supported, contradicted, unsupported",
        "made by": f"footnote train checker --data FOLDER --seed {training.seed} --passes {training.passes:g}",
        "code": code,
        "encoder": training.encoder_folder.name,
        "labels": LABELS,
        "data": _counted(pairs),
        "plan": asdict(plan) | {"batch": training.batch},
        "pairs seen": last.number * training.batch,
        "minutes": round(last.seconds / 60, 1),
        "device": device,
        "loss by step": steps.curve,
    }
    card |= judge(network, pairs, tokenizer, device)
    write_weights(training.out, NAME, own_weights(network), card)
    return card


def loss(network: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """Return the mean of -log p of what is wanted; "not supported" is wanted as p(contradicted) + p(unsupported)."""
    ids, segments, mask, wanted = batch
    log_p = functional.log_softmax(network(ids, segments, mask), dim=-1)  # (B, 3)
    not_supported = torch.logsumexp(log_p[:, 1:], dim=-1, keepdim=True)
    of_wanted = torch.cat([log_p, not_supported], dim=-1).gather(1, wanted[:, None])
    return -of_wanted.mean()


def in_batches(lengths: Sequence[int], training: Training) -> list[list[int]]:
    """Return the indices of each step's batch: every pair once a pass, in an order of the seed, of like length."""
    rng = random.Random(training.seed)
    n_steps = max(1, round(training.passes * len(lengths) / training.batch))
    batches: list[list[int]] = []
    while len(batches) < n_steps:
        order = list(range(len(lengths)))
        rng.shuffle(order)
        of_pass: list[list[int]] = []
        for first in range(0, len(order), training.batch * _BUCKET):
            near = sorted(order[first : first + training.batch * _BUCKET], key=lambda i: lengths[i])
            of_pass += [near[i : i + training.batch] for i in range(0, len(near), training.batch)]
        rng.shuffle(of_pass)
        batches += of_pass
    return batches[:n_steps]


def judge(network: CheckerNetwork, pairs: Pairs, tokenizer: PieceTokenizer, device: str) -> dict[str, Any]:
    """Return temperature, thresholds, and figures on what was kept aside."""
    with autocast(device):
        calibrates, aside = (
            logits_of(network.eval(), encode([(p.claim, p.evidence) for p in some], tokenizer), tokenizer, device)
            for some in (pairs.calibrates, pairs.aside)
        )
    wanted = measure.targets(pairs.calibrates)
    temperature = measure.fitted_temperature(calibrates, wanted)
    thresholds = measure.fitted_thresholds(
        measure.as_judged(pairs.calibrates, softmax(calibrates, temperature)), wanted
    )
    return {
        "temperature": temperature,
        "thresholds": thresholds,
        "figures, on premises, articles and tables kept aside": figures(
            pairs.aside, softmax(aside, temperature), thresholds
        ),
    }


def figures(pairs: Sequence[Pair], probabilities: Floats, thresholds: dict[str, float]) -> dict[str, Any]:
    """Return macro F1 by set and by how a pair was built, and how far the probabilities can be believed."""
    told = measure.most_likely(probabilities)
    by_threshold = measure.told_by(measure.as_judged(pairs, probabilities), thresholds)
    found: dict[str, Any] = {"by set": {}, "by set, with thresholds and facts": {}, "by kind: right of n": {}}
    for source in dict.fromkeys(pair.source for pair in pairs):
        of_set = [i for i, pair in enumerate(pairs) if pair.source == source]
        labels = [pairs[i].label for i in of_set]
        found["by set"][source] = measure.scores(labels, [told[i] for i in of_set]).as_dict()
        by = measure.scores(labels, [by_threshold[i] for i in of_set])
        found["by set, with thresholds and facts"][source] = {"macro_f1": by.macro_f1, "right": by.right}
    for kind in dict.fromkeys(pair.kind for pair in pairs if pair.kind):
        of_kind = [i for i, pair in enumerate(pairs) if pair.kind == kind]
        score = measure.scores([pairs[i].label for i in of_kind], [told[i] for i in of_kind])
        found["by kind: right of n"][kind] = [score.right, score.n]
    found["reliability of supported"] = measure.reliability(probabilities, measure.targets(pairs))
    return found


def _batch(encoded: Sequence[backbone.Pair], wanted: Any, tokenizer: PieceTokenizer, device: str) -> Batch:
    ids, segments, mask = (part.to(device) for part in tokenizer.padded(encoded))
    return ids, segments, mask, torch.from_numpy(wanted).to(device)


def _counted(pairs: Pairs) -> dict[str, Any]:
    """Return for each set its title, licence, and how many pairs were learnt."""
    learnt = Counter(pair.source for pair in pairs.learnt)
    return {
        source.title: {"licence": source.licence, "to learn from": learnt[key]}
        | ({"why": source.why} if source.why else {})
        for key, source in SOURCES.items()
    }


def _digest(pairs: Sequence[Pair], training: Training) -> str:
    """Return what names the checkpoint, so that none of others is gone on from.

    How long it is trained is no part of it: until the rate falls, a run may be made longer or shorter.
    """
    plan = [training.batch, training.learning_rate, training.seed, training.encoder_folder.name]
    said = json.dumps([plan, [[pair.claim, pair.evidence, pair.label] for pair in pairs]])
    return hashlib.sha256(said.encode()).hexdigest()[:12]
