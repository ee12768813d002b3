"""`footnote train`: the small networks, trained again from their data."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rag import models
from rag.commands.common import put, tell, wants_json
from rag.index.encoder import SentenceEncoder
from rag.networks.examples import check_data
from rag.networks.kinds import Training, train_questions
from rag.networks.questions import CARD, WEIGHTS
from rag.networks.training import Epoch, Recipe
from rag.settings import Settings


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
    if wants_json(arguments):
        put(json.dumps(card, ensure_ascii=False))
    else:
        figures = {name: value for name, value in card.items() if name.startswith("figures")}
        put(json.dumps(figures, indent=2, ensure_ascii=False))
    tell(f"{out / WEIGHTS} and {out / CARD} are written.")
    return 0


def _line(epoch: Epoch) -> str:
    gained = "best so far" if epoch.best == epoch.number else f"best: epoch {epoch.best}"
    return (
        f"epoch {epoch.number} of at most {epoch.of}: loss {epoch.train_loss:.4f}, left out {epoch.left_out_loss:.4f}"
        f" ({gained}), at most {epoch.seconds_left:.0f} s left"
    )
