"""Peers: found by the name of their package, asked the same questions, and missing with a reason."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from rag.errors import InputError, ModelMissing
from rag.evaluate import peers
from rag.evaluate.datasets import Place, load
from rag.evaluate.measuring import Wanted, measure
from rag.evaluate.overriding import Configuration
from rag.settings import Settings
from tests.conftest import WordEncoder

SETTINGS = Configuration(Settings(ocr="none", threads=1))


class LastPageFirst:
    """Finds the pages backwards, whatever is asked."""

    name = "backwards"

    def __init__(self) -> None:
        self.files: list[str] = []
        self.asked: list[str | None] = []

    def build(self, pdfs: Sequence[Path]) -> None:
        self.files = [path.name for path in pdfs]

    def pages(self, question: str, k: int, *, document: str | None = None) -> Sequence[Place]:
        self.asked.append(document)
        return [("alps.pdf", page) for page in (3, 3, 2, 1)][:k]


@pytest.fixture
def backwards(monkeypatch: pytest.MonkeyPatch) -> LastPageFirst:
    peer = LastPageFirst()
    package = ModuleType("made_peers")
    package.peers = lambda: [peer]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "made_peers", package)
    monkeypatch.setattr(peers, "HOME", "made_peers")
    return peer


def test_a_peer_is_asked_the_same_questions(alps: Path) -> None:
    peer, dataset = LastPageFirst(), load(alps)
    found = peers.measure(peer, dataset.pdfs, dataset.questions, k=10, whole=False)
    assert peer.files == ["alps.pdf"]
    assert peer.asked == ["alps.pdf"] * 4
    assert {id_: row["MRR"] for id_, row in found["rows"].items() if row} == {"a": 1 / 2, "b": 1 / 3, "c": 1.0}


def test_a_run_holds_what_peers_found(alps: Path, own_cache: WordEncoder, backwards: LastPageFirst) -> None:
    run = measure(Wanted(alps, SETTINGS, with_peers=True))
    assert run.peers["backwards"]["rows"]["c"]["hit@1"] == 1.0


def test_peers_that_are_not_installed_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelMissing, match=r"pip install '.\[bench\]'"):
        peers.load("no.such.package")
    monkeypatch.setitem(sys.modules, "empty_peers", ModuleType("empty_peers"))
    with pytest.raises(ModelMissing, match="empty_peers offers none"):
        peers.load("empty_peers")


def test_peers_read_pdfs_only(collection: Path, own_cache: WordEncoder) -> None:
    with pytest.raises(InputError, match="Leave --peers out"):
        measure(Wanted(collection, SETTINGS, with_peers=True))
