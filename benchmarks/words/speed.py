"""How quickly models write: the built-in one beside transformers' own loop, and on a GPU a model of Qwen3-0.6B's size.

    python -m benchmarks.words.speed [--threads N] [--rounds N]

Both loops read the same prompt and write as many tokens, taking turns; ours streams its text. What ours keeps of a
prompt that it has read is forgotten before each round. The model for the GPU has random weights: speed alone is real.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.words.common import options, remembering
from rag.answer.llm import LocalModel
from rag.types import Turn

N_TOKENS = 64
LEAST = 0.95  # of transformers' speed
PROMPT = "Passages of a book on neural networks follow. " * 25 + "\n\nWrite a long story about a lighthouse."
QWEN3_06B: dict[str, Any] = {
    "vocab_size": 151_936,
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "tie_word_embeddings": True,
}


def main() -> None:
    """Print both tables."""
    import torch

    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = remembering(None, is_tuned=False, n_threads=arguments.threads).model
    beside_generate(model, arguments.rounds)
    if torch.cuda.is_available():
        large(QWEN3_06B, "cuda")
    else:
        print("no GPU here: the model of Qwen3-0.6B's size is not measured")


def beside_generate(model: LocalModel, rounds: int) -> float:
    """Print tokens a second, prompt and reply together, of our loop and of `generate`; return the median ratio."""
    turns = [Turn("user", PROMPT)]
    prompt = model.prompt(turns)
    ours(model, turns)
    theirs(model, prompt)
    mine, plain = [], []
    for i in range(rounds):
        for one in (0, 1) if i % 2 else (1, 0):
            (plain if one else mine).append(N_TOKENS / (theirs(model, prompt) if one else ours(model, turns)))
    ratio = statistics.median(a / b for a, b in zip(mine, plain, strict=True))
    print(f"{model.name} on {model.device}, {len(prompt)} tokens read, {N_TOKENS} written, median of {rounds}:")
    print(f"  Footnote, streaming  {statistics.median(mine):6.1f} tokens/s")
    print(f"  model.generate       {statistics.median(plain):6.1f} tokens/s; ratio {ratio:.2f} (wanted: {LEAST})")
    return ratio


def ours(model: LocalModel, turns: list[Turn]) -> float:
    """Return the seconds that our loop takes, text included."""
    ends, model._ends = model._ends, frozenset()  # both write exactly N_TOKENS
    model._prefixes.forget()
    started = time.perf_counter()
    for _ in model.stream(turns, max_tokens=N_TOKENS, is_cancelled=lambda: False):
        pass
    seconds = time.perf_counter() - started
    model._ends = ends
    return seconds


def theirs(model: LocalModel, prompt: list[int]) -> float:
    """Return the seconds that `generate` takes for as many tokens."""
    import torch

    ids = torch.tensor([prompt], device=model.device)
    wanted: dict[str, Any] = {"max_new_tokens": N_TOKENS, "min_new_tokens": N_TOKENS, "do_sample": False}
    started = time.perf_counter()
    out = model.network.generate(ids, attention_mask=torch.ones_like(ids), **wanted)
    model._tokenizer.decode(out[0, len(prompt) :])
    return time.perf_counter() - started


def large(shape: dict[str, Any], device: str, *, n_prompt: int = 1_500, n_tokens: int = 128) -> None:
    """Print tokens a second and seconds to the first one, of a model of this shape with random weights."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    model = Qwen3ForCausalLM(Qwen3Config(**shape)).to(device, torch.bfloat16).eval()
    size = sum(value.numel() for value in model.parameters()) / 1e6
    print(f"{size:,.0f} million random weights on {device}, {n_prompt:,} tokens read, {n_tokens} written:")
    for batch in (1, 8):
        ids = torch.randint(10, shape["vocab_size"], (batch, n_prompt), device=device)
        seconds = {n: _generated(model, ids, n) for n in (1, n_tokens)}
        rate = batch * (n_tokens - 1) / max(1e-9, seconds[n_tokens] - seconds[1])
        print(f"  batch {batch}: first token after {seconds[1]:.3f} s, then {rate:,.0f} tokens/s", flush=True)
    with tempfile.TemporaryDirectory() as folder:  # our own loop, one chat
        _stream(model, Path(folder), device, n_prompt, n_tokens)


def _generated(model: Any, ids: Any, n: int) -> float:
    import torch

    best = float("inf")
    for _ in range(3):  # the first one warms up
        if ids.is_cuda:
            torch.cuda.synchronize()
        started = time.perf_counter()
        model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=n, min_new_tokens=n, do_sample=False)
        if ids.is_cuda:
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - started)
    return best


def _stream(model: Any, folder: Path, device: str, n_prompt: int, n_tokens: int) -> None:
    """Print what our loop makes of the same weights, with the built-in model's tokenizer."""
    import shutil

    from rag.answer.convert import built_in

    model.save_pretrained(folder)
    for file in built_in().glob("*token*"):
        shutil.copy(file, folder)
    own = LocalModel(folder, name="random", device=device)
    own._ends = frozenset()
    turns = [Turn("user", "words of a passage " * (n_prompt // 4))]
    for _ in range(2):
        own._prefixes.forget()
        started, first, n = time.perf_counter(), None, 0
        for _token in own._tokens(own.prompt(turns), n_tokens, lambda: False):
            first = first or time.perf_counter()
            n += 1
    if first is not None:
        rate = (n - 1) / (time.perf_counter() - first)
        print(f"  Footnote's loop: first token after {first - started:.3f} s, then {rate:,.0f} tokens/s")


if __name__ == "__main__":
    main()
