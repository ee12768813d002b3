"""The built-in language model on two threads: tokens a second beside transformers' own loop, seconds to the first.

python -m benchmarks.language [--threads N] [--questions N]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag import places
from rag.answer.convert import built_in
from rag.answer.generative import GenerativeReader
from rag.answer.language import prompt_room
from rag.answer.llm import LocalModel
from rag.library import Library
from rag.sample import sample_questions
from rag.types import Answer, Hit, Turn
from rag.writing import Writer, never, write

ROUNDS = 5
N_TOKENS = 64
PROMPT = "Passages of a book on neural networks follow. " * 25 + "\n\nWrite a long story about a lighthouse."


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--questions", type=int, default=10)
    arguments, _ = parser.parse_known_args()
    started = time.perf_counter()
    model = LocalModel(built_in(), name="SmolLM2-135M-Instruct", n_threads=arguments.threads)
    print(
        f"{model.name} on {model.device}, {arguments.threads} threads: loaded in {time.perf_counter() - started:.1f} s"
    )
    speed(model)
    first_token(model, arguments.threads, arguments.questions)


def speed(model: LocalModel) -> None:
    """Print tokens a second, prompt and reply together, of our loop and of `generate`, the two taking turns."""
    turns = [Turn("user", PROMPT)]
    prompt = model.prompt(turns)
    ours(model, prompt)
    theirs(model, prompt)
    mine, plain = [], []
    for i in range(ROUNDS):
        for one in (ours, theirs) if i % 2 else (theirs, ours):
            (mine if one is ours else plain).append(N_TOKENS / one(model, prompt))
    ratio = statistics.median(mine) / statistics.median(plain)
    print(f"{len(prompt)} tokens read, {N_TOKENS} written, median of {ROUNDS}:")
    print(f"  Footnote        {statistics.median(mine):6.1f} tokens/s")
    print(f"  model.generate  {statistics.median(plain):6.1f} tokens/s; ratio {ratio:.2f}", flush=True)


def ours(model: LocalModel, prompt: list[int]) -> float:
    """Return the seconds that our loop takes, text included."""
    ends, model._ends = model._ends, frozenset()  # both write exactly N_TOKENS
    started = time.perf_counter()
    for _ in model._pieces(model._tokens(prompt, N_TOKENS, lambda: False)):
        pass
    seconds = time.perf_counter() - started
    model._ends = ends
    return seconds


def theirs(model: LocalModel, prompt: list[int]) -> float:
    """Return the seconds that `generate` takes for as many tokens."""
    import torch

    ids = torch.tensor([prompt])
    options: dict[str, Any] = {"max_new_tokens": N_TOKENS, "min_new_tokens": N_TOKENS, "do_sample": False}
    started = time.perf_counter()
    out = model._model.generate(ids, attention_mask=torch.ones_like(ids), **options)
    model._tokenizer.decode(out[0, len(prompt) :])
    return time.perf_counter() - started


def first_token(model: LocalModel, n_threads: int, n_questions: int) -> None:
    """Print the seconds from the end of the extractive answer to the first token of the grounded one."""
    waits, rates = [], []
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=n_threads)
        library.add(places.asset("primer.pdf"))
        for sample in sample_questions()[:n_questions]:
            answer = library.ask(sample.question)
            reader = GenerativeReader(model, library._parts.page_of, rank=library.extractive_reader().rank)
            pieces: list[str] = []
            timings = timings_of(reader, sample.question, answer.hits, pieces)
            if "first_token" in timings:
                waits.append(timings["first_token"])
                seconds = timings["write"] - timings["first_token"]
                rates += [(model.count("".join(pieces)) - 1) / seconds] if seconds else []
        library.close()
    print(f"{len(waits)} questions to the primer, prompts of at most {prompt_room(model)} tokens:")
    print(
        f"  first token after the extractive answer: median {statistics.median(waits):.2f} s, most {max(waits):.2f} s"
    )
    print(f"  then {statistics.median(rates):.1f} tokens/s")


def timings_of(writer: Writer, question: str, hits: Sequence[Hit], pieces: list[str]) -> dict[str, float]:
    """Return the timings of an answer whose text is added to `pieces`."""
    outcome = write(
        {"grounded": writer}, question, hits, on_piece=lambda _, piece: pieces.append(piece), is_cancelled=never
    )["grounded"]
    if not isinstance(outcome, Answer):
        raise outcome
    return outcome.timings


if __name__ == "__main__":
    main()
