"""The real built-in encoder. Skipped where it was not fetched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag import models
from rag.errors import InputError, ModelMissing
from rag.index.encoder import BATCH, SentenceEncoder

pytestmark = pytest.mark.models

TEXTS = [
    "The Neocognitron was proposed by Fukushima in 1980.",
    "Dropout switches off random units while a network is trained.",
    "Revenue rose by 12.5 % to 1,577 million dollars.",
    "A cat sleeps on the warm windowsill.",
    "",
    "word " * 2_000,
]


@pytest.fixture(scope="module")
def weights() -> Path:
    try:
        return models.path_of(models.MINILM)
    except ModelMissing as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="module")
def encoder(weights: Path) -> SentenceEncoder:
    return SentenceEncoder(weights, device="cpu", n_threads=1)


def test_vectors_have_length_one_and_stand_in_the_order_of_the_texts(encoder: SentenceEncoder) -> None:
    texts = [*TEXTS, *(f"Sentence number {i}." for i in range(BATCH))]
    together = encoder.encode(texts)
    assert together.shape == (len(texts), encoder.n_dims) == (len(texts), 384)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert np.all((together * alone).sum(axis=1) > 0.99)
    assert np.all((together @ alone.T).argmax(axis=1)[:4] == np.arange(4))


def test_near_meanings_are_nearer_than_far_ones(encoder: SentenceEncoder) -> None:
    question = encoder.encode(["Who invented the Neocognitron?"])[0]
    scores = encoder.encode(TEXTS[:4]) @ question
    assert scores.argmax() == 0
    assert scores[0] > scores[1:].max() + 0.2


def test_half_precision_gives_the_same_vectors_as_full(weights: Path) -> None:
    full = SentenceEncoder(weights, device="cpu", n_threads=1, precision="float32").encode(TEXTS)
    half = SentenceEncoder(weights, device="cpu", n_threads=1, precision="bfloat16").encode(TEXTS)
    assert (full * half).sum(axis=1).min() > 0.99


def test_no_text_gives_no_vector(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_it_tells_after_each_batch_how_many_are_done(encoder: SentenceEncoder) -> None:
    done: list[int] = []
    encoder.encode(["short"] * (2 * BATCH + 1), on_done=done.append)
    assert done == [BATCH, 2 * BATCH, 2 * BATCH + 1]


def test_the_id_names_model_weights_and_length_and_not_the_folder(encoder: SentenceEncoder) -> None:
    assert encoder.id == f"all-MiniLM-L6-v2@{models.MINILM.weights.sha256[:12]}/256"


def test_other_weights_under_the_same_name_have_another_id(weights: Path, tmp_path: Path) -> None:
    import shutil

    from safetensors.numpy import load_file, save_file

    copy = tmp_path / "all-MiniLM-L6-v2"
    shutil.copytree(weights, copy)
    tensors = load_file(copy / "model.safetensors")
    tensors["embeddings.word_embeddings.weight"][5] += 1
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    assert SentenceEncoder(copy, device="cpu").id.startswith("all-MiniLM-L6-v2@")
    assert SentenceEncoder(copy, device="cpu").id != SentenceEncoder(weights, device="cpu").id


def test_nothing_is_printed(weights: Path, capfd: pytest.CaptureFixture[str]) -> None:
    SentenceEncoder(weights, device="cpu").encode(["hello"])
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_is_missing_or_holds_no_model_names_the_command(tmp_path: Path) -> None:
    for folder in (tmp_path / "nothing", tmp_path):
        with pytest.raises(ModelMissing, match="footnote models fetch"):
            SentenceEncoder(folder)


@pytest.mark.parametrize("device", ["cuda:99", "cuda", "mps"])
def test_a_device_that_is_not_here_is_an_error_that_says_what_to_set(device: str, weights: Path) -> None:
    import torch

    if (device == "cuda" and torch.cuda.is_available()) or (device == "mps" and torch.backends.mps.is_available()):
        pytest.skip(f"{device} is here")
    with pytest.raises(InputError, match="FOOTNOTE_DEVICE=auto"):
        SentenceEncoder(weights, device=device)


def test_auto_is_a_device_that_is_here() -> None:
    assert models.checked_device(models.checked_device("auto")) == models.checked_device("auto")
    assert models.checked_device("cpu") == "cpu"
