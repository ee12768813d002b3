"""`footnote train reader`: questions and passages -> groups -> network -> weights and their card."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.models import checked_device
from rag.networks.backbone import PieceTokenizer, own_weights, write_weights
from rag.networks.examples import part
from rag.networks.metrics import reliability
from rag.networks.reader.groups import Batches, Cut, cut_groups, squad_groups, table_groups
from rag.networks.reader.measure import Judged, as_card, calibrated, measure_prose, measure_tables
from rag.networks.reader.negatives import hard_negatives, kept_negatives
from rag.networks.reader.reader import NAME, Reader
from rag.networks.reader.squad import TRAIN, Article, read_squad
from rag.networks.reader.tables import TATQA, WIKI_QUESTIONS, WIKI_TABLES, Asked, read_tables
from rag.networks.steps import Plan, Step, Steps
from rag.networks.vectors import VectorCache
from rag.types import Encoder

FILES = (TRAIN, TATQA, WIKI_QUESTIONS, WIKI_TABLES)
_KEPT_ASIDE = 0  # part of ten
_MEASURED = 1_000  # questions kept aside that the card's figures are made of
_SOURCES = {
    "SQuAD": "SQuAD 1.1, train (Rajpurkar et al. 2016), CC BY-SA 4.0",
    "TAT-QA": "TAT-QA, dev (Zhu et al. 2021), CC BY 4.0",
    "TAT-QA text": "the paragraphs beside them",
    "WikiTableQuestions": "WikiTableQuestions, training (Pasupat and Liang 2015), CC BY-SA 4.0",
    "cells of tables": "questions made of the cells of both sets of tables",
}


@dataclass(frozen=True, slots=True)
class Training:
    """What is trained, and how long."""

    data: Path
    out: Path
    work: Path  # vectors, negatives and checkpoint
    encoder_folder: Path
    device: str = "auto"
    passes: float = 1.0  # over all groups
    tokens: int = 5_000  # of a batch
    learning_rate: float = 2e-4
    decay: float = 0.3
    seed: int = 0


def check_data(data: Path) -> None:
    """Look whether the sets are there, before anything heavy is loaded.

    Raises:
        InputError: one is missing.
    """
    for name in FILES:
        if not (data / name).is_file():
            raise InputError(f"{data / name} is missing. --data names the folder with {', '.join(FILES)}.")


def train_reader(
    training: Training,
    encoder: Callable[[], Encoder],
    *,
    code: dict[str, Any] | None = None,
    on_vectors: Callable[[int, int], None] | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> dict[str, Any]:
    """Train, or go on from the checkpoint; write weights and card to `training.out`, and return the card.

    Args:
        encoder: is called when hard negatives are to be found, which is once.
        code: says in the card what it was trained with.

    Raises:
        InputError: the data are missing or unreadable, or this machine has no such device.
        ModelMissing: there is no encoder to build upon.
    """
    from rag.networks.reader.losses import reader_loss  # noqa: PLC0415  (torch)
    from rag.networks.reader.network import ReaderNetwork  # noqa: PLC0415  (torch)

    device = checked_device(training.device)
    articles = read_squad(training.data / TRAIN)
    negatives = kept_negatives(
        training.work / "negatives.json",
        lambda: hard_negatives(articles, VectorCache(training.work, encoder()), on_vectors=on_vectors),
    )
    learnt, aside = _parted(articles)
    tables, tables_aside = _tables(training)
    tokenizer = PieceTokenizer(training.encoder_folder)
    groups = [*squad_groups(learnt, negatives, training.seed), *table_groups(tables, training.seed)]
    batches = Batches(cut_groups(groups, tokenizer), training.seed, tokens=training.tokens)
    network = ReaderNetwork(training.encoder_folder, seed=training.seed).to(device)
    plan = Plan(
        round(batches.a_pass * training.passes), training.learning_rate, decay=training.decay, seed=training.seed
    )
    steps: Steps[Sequence[Cut]] = Steps(
        network, reader_loss(tokenizer, device), plan, checkpoint=training.work / "reader.pt", device=device
    )
    last = steps.run(batches, on_step=on_step)
    weights = own_weights(network)  # before the reader takes the network to the precision that is quickest
    reader = Reader(network, tokenizer, device=device)
    prose, judged = measure_prose(reader, aside, negatives, n=_MEASURED, seed=training.seed)
    fitted = calibrated(judged)
    card = {
        "what": "a question and a passage -> how relevant it is, whether it answers, and which characters do",
        "made by": f"footnote train reader --data FOLDER --seed {training.seed} --passes {training.passes:g}",
        "code": code,
        "data": {_SOURCES[source]: n for source, n in _counted(learnt, tables).items()},
        "encoder": training.encoder_folder.name,
        "plan": asdict(plan),
        "minutes": round(last.seconds / 60, 1),
        "device": device,
        "loss by step": steps.curve,
        "answered": fitted,
        "figures, on articles and tables kept aside": {
            "SQuAD 1.1 train, gold paragraph given": as_card(prose),
            "reliability of answered: said, true, n": _reliability(judged, fitted),
            **{
                f"{source}, gold table given": as_card(measure_tables(reader, of_source))
                for source in dict.fromkeys(one.source for one in tables_aside)
                if (of_source := [one for one in tables_aside if one.source == source][:_MEASURED])
            },
        },
    }
    write_weights(training.out, NAME, weights, card)
    return card


def _parted(articles: Sequence[Article]) -> tuple[list[Article], list[Article]]:
    """Return the articles that are learnt, and those kept aside."""
    aside = [article for article in articles if part(article.group) == _KEPT_ASIDE]
    return [article for article in articles if part(article.group) != _KEPT_ASIDE], aside


def _tables(training: Training) -> tuple[list[Asked], list[Asked]]:
    """Return the questions to tables that are learnt, of the large set a share, and those kept aside."""
    rng = random.Random(training.seed)
    asked = read_tables(training.data, rng)
    learnt = [
        one
        for one in asked
        if part(one.group) != _KEPT_ASIDE
        and (
            one.source.startswith("TAT")
            or (one.source == "cells of tables" and (not one.group.startswith("csv") or rng.random() < 0.5))
            or rng.random() < 0.4
        )
    ]
    return learnt, [one for one in asked if part(one.group) == _KEPT_ASIDE]


def _counted(articles: Sequence[Article], tables: Sequence[Asked]) -> dict[str, int]:
    return {"SQuAD": sum(len(article.questions) for article in articles), **Counter(one.source for one in tables)}


def _reliability(judged: Sequence[Judged], fitted: dict[str, float]) -> list[list[float]]:
    import numpy as np  # noqa: PLC0415

    logits = np.array([one.logit for one in judged])
    said = 1 / (1 + np.exp(-(logits / fitted["temperature"] + fitted["bias"])))
    bins = reliability(said.astype(np.float32), np.array([one.answers for one in judged]))
    return [[round(said, 4), round(true, 4), n] for said, true, n in bins]
