"""What many tests need: a made PDF, a quick encoder, the real one where it was fetched."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from rag import models
from rag.answer.language import SharedModel
from rag.answer.prompts import FENCE_END, FENCE_START
from rag.errors import ModelMissing
from rag.library import Library
from rag.networks.shipped import is_shipped
from rag.text import stems
from rag.types import Floats, IsCancelled, Turn

DATA = Path(__file__).parent.parent.parent / "shared" / "data"


class WordEncoder:
    """A quick stand-in for the encoder: a text's vector is the sum of fixed random vectors of its stems.

    Texts that share words are near each other, so that dense search means something.
    """

    id = "words-64"
    n_dims = 64

    def encode(self, texts: Sequence[str], *, on_done: Callable[[int], None] | None = None) -> Floats:
        vectors = np.zeros((len(texts), self.n_dims), np.float32)
        for i, text in enumerate(texts):
            for stem in stems(text) or ["nothing"]:
                seed = int.from_bytes(hashlib.blake2s(stem.encode(), digest_size=4).digest())
                vectors[i] += np.random.default_rng(seed).standard_normal(self.n_dims).astype(np.float32)
            vectors[i] /= np.linalg.norm(vectors[i]) or 1
        if on_done is not None:
            on_done(len(texts))
        return vectors


class Parrot:
    """A quick stand-in for a language model: it repeats the first sentence of the first passage, else what it knows."""

    name = "parrot"
    n_context = 4096
    KNOWS = "The Danube is 2,850 kilometres long, said Humboldt."

    def __init__(self, pause_s: float = 0.0) -> None:
        self.pause_s = pause_s

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        asked = turns[-1].text
        passages = asked.partition(FENCE_START)[2].partition(FENCE_END)[0].strip()
        said = f"{passages.removeprefix('[1] ').partition('. ')[0].rstrip('.')}. [1]" if passages else self.KNOWS
        for word in said.split()[:max_tokens]:
            if is_cancelled():
                return
            time.sleep(self.pause_s)
            yield f"{word} "


@pytest.fixture(autouse=True)
def no_reader_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the network that reads passages out, but for slow tests: it would be loaded by every question."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr("rag.parts.is_shipped", lambda name: name != "reader" and is_shipped(name))


@pytest.fixture
def parrot() -> SharedModel:
    """A language model that costs nothing."""
    return SharedModel("parrot", Parrot)


@pytest.fixture
def encoder() -> WordEncoder:
    return WordEncoder()


@pytest.fixture
def library(tmp_path: Path, encoder: WordEncoder) -> Iterator[Library]:
    """An empty library with the quick encoder."""
    library = Library(tmp_path / "library", encoder=encoder, n_threads=1)
    yield library
    library.close()


@pytest.fixture
def make_pdf(tmp_path: Path) -> Callable[..., Path]:
    """A function that typesets paragraphs, one list a page, to a PDF."""
    reportlab = pytest.importorskip("reportlab", reason="reportlab makes the test PDFs: pip install '.[dev]'")
    assert reportlab

    def make(pages: Sequence[Sequence[str]], name: str = "made.pdf", *, title: str = "A made document") -> Path:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import getSampleStyleSheet
        from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

        styles = getSampleStyleSheet()
        story: list[object] = []
        for page in pages:
            for text in page:
                style = styles["Heading1"] if text.startswith("# ") else styles["BodyText"]
                story += [Paragraph(text.removeprefix("# "), style), Spacer(1, 8)]
            story.append(PageBreak())
        path = tmp_path / name
        SimpleDocTemplate(str(path), pagesize=A4, title=title, invariant=1).build(story)
        return path

    return make


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of the built-in encoder."""
    try:
        return models.path_of(models.MINILM)
    except ModelMissing as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the measuring data."""
    if not DATA.is_dir():
        pytest.skip("the measuring data are not beside the checkout (../shared/data)")
    return DATA
