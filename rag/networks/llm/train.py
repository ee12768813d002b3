"""`footnote train llm`: lessons -> LoRA adapter of a language model -> weights, card, and what it does since."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag.answer.adapter import Plan as Layout
from rag.answer.adapter import sample, write_adapter
from rag.answer.llm import LocalModel
from rag.answer.prompts import grounded_turns, rewrite_turns
from rag.errors import InputError
from rag.networks.examples import part
from rag.networks.llm.answers import QA2D, Answers, read_asked
from rag.networks.llm.batches import Batch, cut, in_batches, padded, reply_loss
from rag.networks.llm.definitions import GLOSSARY, SUMMARIES, definition_lessons
from rag.networks.llm.examples import Count, Lesson
from rag.networks.llm.lora import add_lora, learnt
from rag.networks.llm.measure import measure
from rag.networks.llm.rewrites import CANARD, read_follow_ups, rewrite_lessons
from rag.networks.reader.negatives import hard_negatives, kept_negatives
from rag.networks.reader.squad import TRAIN, Article, read_squad
from rag.networks.steps import Plan, Step, Steps
from rag.networks.vectors import VectorCache
from rag.types import Encoder

FILES = (TRAIN, QA2D, CANARD, GLOSSARY, SUMMARIES)
NAME = "llm"
_KEPT_ASIDE = 0  # part of ten, of the articles
_SHARES = {"answers": 0.6, "rewrites": 0.3, "definitions": 0.1}
_FIT = 1.45  # questions asked for each lesson wanted: of some none can be made
_MEASURED = 120  # lessons of articles kept aside that the card's figures are made of
_SOURCES = {
    "SQuAD": "SQuAD 1.1, train (Rajpurkar et al. 2016), CC BY-SA 4.0",
    "QA2D": "sentences of questions of SQuAD train (Demszky et al. 2018, votes of abaheti95/QADialogSystem)",
    "CANARD": "CANARD, dev, four of five dialogues (Elgohary et al. 2019), CC BY-SA 4.0",
    "OpenStax": "glossaries and summaries of OpenStax books, CC BY 4.0",
}


@dataclass(frozen=True, slots=True)
class Training:
    """What is trained, and how long."""

    data: Path
    out: Path
    work: Path  # vectors, negatives and checkpoint
    model: str  # a folder or hub id
    name: str  # what users call it
    device: str = "auto"
    lessons: int = 4_000
    passes: float = 1.0
    batch: int = 8
    learning_rate: float = 1e-3
    decay: float = 0.9  # share of the steps over which the rate falls
    seed: int = 0
    layout: Layout = field(default_factory=Layout)


def check_data(data: Path) -> None:
    """Look whether the sets are there, before anything heavy is loaded.

    Raises:
        InputError: one is missing.
    """
    for name in FILES:
        if not (data / name).is_file():
            raise InputError(f"{data / name} is missing. --data names the folder with {', '.join(FILES)}.")


def train_llm(
    training: Training,
    encoder: Callable[[], Encoder],
    *,
    code: dict[str, Any] | None = None,
    on_vectors: Callable[[int, int], None] | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> dict[str, Any]:
    """Train, or go on from the checkpoint; write adapter and card to `training.out`, and return the card.

    Args:
        encoder: finds what looks like an answer and is none.
        code: says in the card what it was trained with.

    Raises:
        InputError: the data are missing or unreadable, or this machine has no such device.
        ModelError: the model cannot be loaded.
    """
    model = LocalModel(training.model, name=training.name, device=training.device)
    lessons, aside = read_lessons(training, encoder(), model.count, on_vectors=on_vectors)
    cuts = cut(model, lessons)
    if len(cuts) < len(lessons) / 2:
        raise InputError(
            f"{training.name} can hold {model.n_context:,} tokens, which is too few for most lessons. Choose another "
            "model."
        )
    batches = in_batches(cuts, size=training.batch, passes=training.passes, seed=training.seed)
    base = sample(model.network)
    add_lora(model.network, training.layout, seed=training.seed)
    plan = Plan(len(batches), training.learning_rate, decay=training.decay, weight_decay=0.0, seed=training.seed)
    checkpoint = training.work / f"llm-{_digest(training)}.pt"
    steps: Steps[Batch] = Steps(model.network, reply_loss, plan, checkpoint=checkpoint, device=model.device)
    last = steps.run(lambda number: padded(batches[number], model.device), on_step=on_step)
    card = {
        "what": "beside a language model: answers from passages with [n], or says that they do not say; rewrites "
        "follow-up questions; defines",
        "made by": f"footnote train llm --data FOLDER --seed {training.seed} --passes {training.passes:g} "
        f"--lessons {training.lessons}",
        "code": code,
        "base": training.name,
        "base sample": base,
        "data": {_SOURCES[source]: n for source, n in Counter(one.source for one in lessons).items()},
        "kinds": dict(Counter(one.kind for one in lessons)),
        "tokens seen": sum(len(one) for batch in batches for one in batch),
        "plan": asdict(plan) | asdict(training.layout) | {"batch": training.batch},
        "minutes": round(last.seconds / 60, 1),
        "device": model.device,
        "loss by step": steps.curve,
    }
    weights = learnt(model.network)
    write_adapter(training.out, weights, plan=training.layout, base=training.name, card=card)  # kept, come what may
    card["figures, on articles and dialogues kept aside"] = measure(model, aside[:_MEASURED])
    write_adapter(training.out, weights, plan=training.layout, base=training.name, card=card)
    return card


def read_lessons(
    training: Training, encoder: Encoder, count: Count, *, on_vectors: Callable[[int, int], None] | None = None
) -> tuple[list[Lesson], list[Lesson]]:
    """Return the lessons that are learnt, and some of articles that are kept aside.

    Raises:
        InputError: the data are missing or unreadable.
    """
    rng = random.Random(training.seed)
    everything = read_squad(training.data / TRAIN)
    cache = VectorCache(training.work, encoder)
    negatives = kept_negatives(
        training.work / "negatives.json", lambda: hard_negatives(everything, cache, on_vectors=on_vectors)
    )
    articles = [article for article in everything if part(article.group) != _KEPT_ASIDE]
    others = [article for article in everything if part(article.group) == _KEPT_ASIDE]
    n = {kind: round(share * training.lessons) for kind, share in _SHARES.items()}

    def of(some: Sequence[Article], wanted: int) -> list[Lesson]:
        asked = read_asked(training.data, some, round(wanted * _FIT), rng)
        return Answers(some, negatives, cache, count, rng).lessons(asked)[:wanted]

    follow_ups = read_follow_ups(training.data / CANARD)
    alone = [question.text for article in articles for question in article.questions]
    lessons = [
        *of(articles, n["answers"]),
        *rewrite_lessons(follow_ups, alone, n["rewrites"], rng),
        *definition_lessons(training.data, n["definitions"], rng),
    ]
    return lessons, of(others, _MEASURED) if others else []


def _digest(training: Training) -> str:
    """Return what names the checkpoint, so that none of another training is gone on from.

    The lessons themselves are no part of it: which paragraphs are nearest to a question hangs on how many threads add
    up. Nor is how long it is trained: until the end a run may be made longer or shorter.
    """
    plan = [training.batch, training.learning_rate, training.seed, training.lessons, training.name]
    sizes = [(training.data / name).stat().st_size for name in FILES]
    prompts = [turn.text for turn in (*grounded_turns("", []), *rewrite_turns([], ""))]
    said = json.dumps([plan, asdict(training.layout), sizes, prompts])
    return hashlib.sha256(said.encode()).hexdigest()[:12]
