from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.lexical import TantivyIndex
from rag.index.lock import WriterLock
from rag.index.verify import verify

from .crash_child import N_PASSAGES
from .made import N_DIMS

ROOT = Path(__file__).parent.parent.parent


def test_killed_at_any_instant_the_library_reopens_with_every_document_whole_or_absent(tmp_path: Path) -> None:
    rng = random.Random(7)
    for _ in range(12):
        kill_while_it_works(tmp_path, rng.uniform(0.01, 0.6))
        check(tmp_path)
    catalog = Catalog(tmp_path)
    assert catalog.generation() > 24  # the rounds were not empty
    assert "ready" in {document.state for document in catalog.documents()}


def kill_while_it_works(folder: Path, after_s: float) -> None:
    command = [sys.executable, "-m", "tests.index.crash_child", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        time.sleep(after_s)
        child.kill()
    assert child.returncode == -signal.SIGKILL  # it was at work until then


def check(folder: Path) -> None:
    catalog, dense = Catalog(folder), FaissIndex(folder, N_DIMS)
    words = (TantivyIndex(folder, "passages"), TantivyIndex(folder, "pages"))
    with WriterLock(folder).acquire("checking", 0):  # the system gave the dead process's lock back
        assert catalog.problems() == []
        for document in catalog.documents():
            promised = {"reading": 0, "searchable": N_PASSAGES, "ready": N_PASSAGES}[document.state]
            assert len(catalog.passages_of(document.key)) == len(catalog.pages(document.key)) == promised
        dense.reconcile(catalog)
        for index in words:
            index.reconcile(catalog)
        for document in catalog.documents():  # verify looks for our copies too
            (folder / "files").mkdir(exist_ok=True)
            (folder / "files" / f"{document.id}.pdf").touch()
        removed = {path.stem for path in (folder / "files").iterdir()} - {d.id for d in catalog.documents()}
        for sha256 in removed:
            (folder / "files" / f"{sha256}.pdf").unlink()
        assert verify(catalog, folder, dense, words) == []
        assert dense.ids().tolist() == catalog.passage_ids(with_vectors=True).tolist()
    catalog.close()
