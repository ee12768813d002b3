"""A home in a temporary folder, and a shelf whose libraries use the quick encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.answer.language import SharedModel
from rag.library import Library
from rag.types import Encoder
from tests.ui.patience import WAIT_S
from ui import shelf

FACTS = [
    ["# Rivers", "The Danube rises in the Black Forest and flows into the Black Sea. It passes ten countries."],
    ["# Mountains", "Mont Blanc is 4,806 metres high. It was first climbed in 1786 by Jacques Balmat."],
    ["# Deserts", "The Atacama is the driest desert outside the poles. Rain has never been seen at some stations."],
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a browser test the time that its waits may take, and try it once more when one of them ran out.

    On a machine busy with other work a page may stand still. Only a wait: an assertion that fails has failed.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TimeoutError"]))
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(10 * WAIT_S))


@pytest.fixture
def home(tmp_path: Path, minilm: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own; only the models are shared."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "models").symlink_to(minilm.parent)
    monkeypatch.setenv("FOOTNOTE_HOME", str(folder))
    return folder


@pytest.fixture
def bench(home: Path, encoder: Encoder, parrot: SharedModel) -> Iterator[shelf.Shelf]:
    """The shelf of this process, with quick libraries and a quick language model."""
    bench = shelf.Shelf(open_library=lambda name: Library(name, encoder=encoder, n_threads=1, model=parrot))
    shelf.use(bench)
    yield bench
    bench.close()


@pytest.fixture
def facts(make_pdf: Callable[..., Path]) -> Path:
    """A PDF of three pages."""
    return make_pdf(FACTS, "facts.pdf", title="Facts of the Earth")
