"""What these benchmarks share: their options, the reader that is measured, the encoder whose vectors are kept."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from rag import models
from rag.errors import ModelMissing
from rag.evaluate.cache import CachedEncoder, cache_folder
from rag.evaluate.measuring import VECTORS
from rag.index.encoder import SentenceEncoder
from rag.networks.backbone import PieceTokenizer
from rag.networks.reader.reader import Reader

T = TypeVar("T")

SEED = 1


def options(description: str | None) -> argparse.ArgumentParser:
    """Return the options that all have in common."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--limit", type=int, help="so many questions of each set, drawn with a seed; else all")
    parser.add_argument("--threads", type=int, default=2)
    return parser


def reader_options(description: str | None) -> argparse.ArgumentParser:
    """Return the options of those that measure the reader."""
    parser = options(description)
    parser.add_argument("--checkpoint", type=Path, help="of a training under way; else the reader that is shipped")
    return parser


def drawn(found: Sequence[T], limit: int | None, seed: int = SEED) -> list[T]:
    """Return `limit` of them, drawn with the seed, in their order; all when there are no more."""
    if limit is None or len(found) <= limit:
        return list(found)
    kept = sorted(random.Random(seed).sample(range(len(found)), limit))
    return [found[i] for i in kept]


def reader_of(checkpoint: Path | None, n_threads: int) -> Reader:
    """Return the shipped reader, or that of a checkpoint; end the run with a reason where there is none."""
    import torch

    torch.set_num_threads(n_threads)
    try:
        folder = models.path_of(models.MINILM)
        if checkpoint is None:
            return Reader.load(folder)
        return _of_checkpoint(checkpoint, folder)
    except ModelMissing as exc:
        print(f"skipped: {exc}")
        sys.exit(0)


def _of_checkpoint(file: Path, folder: Path) -> Reader:
    import torch

    from rag.networks.reader.network import ReaderNetwork

    if not file.is_file():
        raise ModelMissing(f"{file} is missing. --checkpoint names the file that `footnote train reader` goes on from.")
    kept = torch.load(file, weights_only=True, map_location="cpu")
    network = ReaderNetwork(folder)
    network.load_state_dict(kept["network"], strict=False)
    reader = Reader(network, PieceTokenizer(folder), device="cpu")
    reader.card = {"step": f"{kept['progress'][0]} of {kept['plan']['n_steps']}"}
    return reader


def named(reader: Reader) -> str:
    """Return what the reader of a run is called in its tables."""
    return f"the reader, step {reader.card['step']}" if "step" in reader.card else "the reader"


def kept_encoder(n_threads: int) -> CachedEncoder:
    """Return the built-in encoder; what it encoded once is kept in the cache folder, as `footnote evaluate` does."""
    encoder = SentenceEncoder(models.path_of(models.MINILM), n_threads=n_threads)
    return CachedEncoder(encoder, cache_folder() / VECTORS)


def progress(what: str, of: int) -> Callable[[int], None]:
    """Return what tells on stderr how far it is, where a person looks."""

    def told(done: int) -> None:
        if sys.stderr.isatty() and (done % 50 == 0 or done == of):
            print(f"\r{what}: {done:,} of {of:,}", end="\n" if done == of else "", file=sys.stderr, flush=True)

    return told
