from __future__ import annotations

import random
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from rag.index import purging
from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.lexical import FIELDS, TantivyIndex
from rag.index.lock import WriterLock
from rag.index.verify import verify

from .crash_child import EXACT_UP_TO, N_PASSAGES
from .made import N_DIMS

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 20
STEPS = {"add", "words", "vectors", "remove", "purge", "save"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_at_any_instant_the_library_reopens_with_every_document_whole_or_absent(tmp_path: Path) -> None:
    rng = random.Random(7)
    interrupted: Counter[str] = Counter()
    for i in range(ROUNDS):
        step = sorted(STEPS)[i % len(STEPS)]  # whatever the machine is busy with, each is hit three times
        interrupted[kill_while_it_works(tmp_path, step, rng)] += 1
        check(tmp_path)
    assert len(interrupted) >= 3  # how long a step takes is the machine's affair, but not all fall into one
    catalog = Catalog(tmp_path)
    assert catalog.generation() > 3 * ROUNDS
    assert "ready" in {document.state for document in catalog.documents()}


def kill_while_it_works(folder: Path, step: str, rng: random.Random) -> str:
    """Kill the child a moment after it has begun a step; return what it had begun last."""
    command = [sys.executable, "-m", "tests.index.crash_child", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        began, took, last = [], [0.02], ""
        for _ in range(rng.randint(1, 2)):
            last = ""
            while last != step:
                last = child.stdout.readline().strip()
                assert last, "it ended by itself"
                began.append(time.perf_counter())
        took += [after - before for before, after in pairwise(began)]  # a step, on this machine as it is now
        time.sleep(rng.uniform(0, statistics.median(took)))
        child.kill()
        said = [last, *child.stdout.read().split()]
    assert child.returncode == -signal.SIGKILL  # it was at work until then
    return next(word for word in reversed(said) if word in STEPS)


def check(folder: Path) -> None:
    catalog = Catalog(folder)
    words = [TantivyIndex(folder, kind) for kind in FIELDS]
    dense = FaissIndex(folder, N_DIMS, exact_up_to=EXACT_UP_TO)
    with WriterLock(folder).acquire("checking", 0):  # the system gave the dead process's lock back
        assert catalog.problems() == []
        for document in catalog.documents():
            promised = {"reading": 0, "searchable": N_PASSAGES, "ready": N_PASSAGES}[document.state]
            assert len(catalog.passages_of(document.key)) == len(catalog.pages(document.key)) == promised
        dense.reconcile(catalog)
        assert dense.ids().tolist() == catalog.passage_ids(with_vectors=True).tolist()
        for index in words:
            index.reconcile(catalog)
        removal = purging.noted(catalog.database)
        if removal is not None:  # what a killed purge left is finished by whoever opens the library next
            for index in words:
                index.purge(catalog)
            assert catalog.forget_log()
            purging.done(catalog.database, removal)
        if dense.holds_removed():
            dense.save()
        (folder / "files").mkdir(exist_ok=True)
        ids = {document.id for document in catalog.documents()}
        for document_id in ids:  # verify looks for our copies too
            (folder / "files" / f"{document_id}.pdf").touch()
        for path in (folder / "files").iterdir():
            if path.stem not in ids:
                path.unlink()
        assert verify(catalog, folder, dense, words) == []
    catalog.close()
