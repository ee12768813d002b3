"""`footnote train`: the small networks, trained again from their data."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rag import models
from rag.commands.common import put, tell, wants_json
from rag.index.encoder import SentenceEncoder
from rag.networks.examples import check_data
from rag.networks.kinds import Training, train_questions
from rag.networks.steps import Step, use_threads
from rag.networks.training import Epoch, Recipe
from rag.settings import Settings

_TELL_EVERY = 25  # steps


def questions(arguments: argparse.Namespace, settings: Settings) -> int:
    """Train what tells the kind of answer and of evidence from a question, with the built-in encoder."""
    out: Path = arguments.out
    check_data(arguments.data)
    encoder = SentenceEncoder(models.path_of(models.MINILM), device=settings.device, n_threads=settings.threads or None)
    card = train_questions(
        Training(
            data=arguments.data,
            out=out,
            work=models.models_dir().parent / "training",
            hidden=arguments.hidden,
            recipe=Recipe(epochs=arguments.epochs, seed=arguments.seed),
        ),
        encoder,
        on_vectors=lambda done, of: tell(f"vectors: {done:,} of {of:,} new questions"),
        on_epoch=lambda epoch: tell(_line(epoch)),
    )
    _report(arguments, card, out, "questions")
    return 0


def reader(arguments: argparse.Namespace, settings: Settings) -> int:
    """Train the network that reads passages, or go on where an earlier run was stopped."""
    from rag.evaluate.runs import code  # noqa: PLC0415
    from rag.networks.reader import train  # noqa: PLC0415  (not for the other networks)
    from rag.networks.reader.reader import NAME  # noqa: PLC0415

    train.check_data(arguments.data)
    shared = _shared(arguments, settings)
    card = train.train_reader(
        train.Training(**shared),
        lambda: SentenceEncoder(shared["encoder_folder"], device=settings.device),
        code=code(),
        on_vectors=lambda done, of: tell(f"vectors: {done:,} of {of:,} new texts"),
        on_step=_tell_step,
    )
    _report(arguments, card, arguments.out, NAME)
    return 0


def checker(arguments: argparse.Namespace, settings: Settings) -> int:
    """Train the network that judges claims, or go on where an earlier run was stopped."""
    from rag.evaluate.runs import code  # noqa: PLC0415
    from rag.networks.checker import pairs, train  # noqa: PLC0415  (not for the other networks)
    from rag.networks.checker.network import NAME  # noqa: PLC0415

    pairs.check_data(arguments.data)
    card = train.train_checker(train.Training(**_shared(arguments, settings)), code=code(), on_step=_tell_step)
    _report(arguments, card, arguments.out, NAME)
    return 0


def llm(arguments: argparse.Namespace, settings: Settings) -> int:
    """Teach a language model to answer from passages, or go on where an earlier run was stopped."""
    from rag.answer.convert import built_in  # noqa: PLC0415
    from rag.evaluate.runs import code  # noqa: PLC0415
    from rag.networks.llm import train  # noqa: PLC0415  (torch)

    train.check_data(arguments.data)
    if settings.threads:
        use_threads(settings.threads)
    model = arguments.model or str(built_in(on_progress=tell))
    name = arguments.model or models.SMOLLM2.name
    card = train.train_llm(
        train.Training(
            data=arguments.data,
            out=arguments.out,
            work=models.models_dir().parent / "training",
            model=model,
            name=Path(name).name if Path(name).is_dir() else name,
            device=settings.device,
            lessons=arguments.lessons,
            passes=arguments.passes,
            seed=arguments.seed,
        ),
        lambda: SentenceEncoder(models.path_of(models.MINILM), device=settings.device),
        code=code(),
        on_vectors=lambda done, of: tell(f"vectors: {done:,} of {of:,} new texts"),
        on_step=_tell_step,
    )
    if wants_json(arguments):
        put(json.dumps(card, ensure_ascii=False))
    else:
        put(json.dumps({k: v for k, v in card.items() if k.startswith("figures")}, indent=2, ensure_ascii=False))
    tell(f"The adapter is written to {arguments.out}. Use it with: FOOTNOTE_ADAPTER={arguments.out}")
    return 0


def _shared(arguments: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Return what both trainings of hours are told, by the names of their `Training`; set the threads of torch."""
    folder = models.path_of(models.MINILM)
    if settings.threads:
        use_threads(settings.threads)
    return {
        "data": arguments.data,
        "out": arguments.out,
        "work": models.models_dir().parent / "training",
        "encoder_folder": folder,
        "device": settings.device,
        "passes": arguments.passes,
        "seed": arguments.seed,
    }


def _tell_step(step: Step) -> None:
    if step.number % _TELL_EVERY == 0:
        tell(step_line(step))


def step_line(step: Step) -> str:
    """Return how far a training by steps is, in a line."""
    return (
        f"step {step.number:,} of {step.of:,}: loss {step.loss:.4f}, rate {step.rate:.1e}, "
        f"{step.seconds / 60:.0f} min, about {step.seconds_left / 60:.0f} min left"
    )


def _report(arguments: argparse.Namespace, card: dict[str, Any], out: Path, name: str) -> None:
    if wants_json(arguments):
        put(json.dumps(card, ensure_ascii=False))
    else:
        figures = {key: value for key, value in card.items() if key.startswith("figures")}
        put(json.dumps(figures, indent=2, ensure_ascii=False))
    tell(f"{out / name}.safetensors and {out / name}.json are written.")


def _line(epoch: Epoch) -> str:
    gained = "best so far" if epoch.best == epoch.number else f"best: epoch {epoch.best}"
    return (
        f"epoch {epoch.number} of at most {epoch.of}: loss {epoch.train_loss:.4f}, left out {epoch.left_out_loss:.4f}"
        f" ({gained}), at most {epoch.seconds_left:.0f} s left"
    )
