"""Documents come and go, are purged and saved, while threads and another process search."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.lexical import TantivyIndex
from rag.index.verify import verify

from .made import N_DIMS, put, unit_vectors

ROOT = Path(__file__).parent.parent.parent
LASTING = [f"lasting words of passage {i}" for i in range(60)]


def test_threads_and_another_process_search_while_documents_come_and_go(
    catalog: Catalog, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.lexical.index._PURGED_AT_ONCE", 0)
    monkeypatch.setattr("rag.index.dense.index._SMALL", 50)
    dense, words = FaissIndex(folder, N_DIMS, exact_up_to=150), TantivyIndex(folder, "passages")
    put(catalog, 1, LASTING)
    words.reconcile(catalog)
    dense.reconcile(catalog)
    dense.save()
    stop, problems = threading.Event(), []
    query = unit_vectors(1, 3)[0]

    def search() -> None:
        while not stop.is_set():
            if len(dense.search(query, 20)) != 20 or len(words.search("lasting words", 20)) != 20:
                problems.append("too few")

    threads = [threading.Thread(target=search) for _ in range(2)]
    command = [sys.executable, "-m", "tests.index.searching_child", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        for thread in threads:
            thread.start()
        for seed in range(10, 22):
            put(catalog, seed, [f"passing text {i} of {seed}" for i in range(40)])
            words.reconcile(catalog)
            dense.reconcile(catalog)
            if seed % 3 == 0:
                catalog.remove(catalog.documents()[1])
                words.reconcile(catalog)
                dense.reconcile(catalog)
                words.purge(catalog)
                dense.save()
        stop.set()
        for thread in threads:
            thread.join()
        said, _ = child.communicate("\n", timeout=60)
    n_searches, wrong = json.loads(said)
    assert problems == []
    assert wrong == []
    assert n_searches > 0
    assert catalog.forget_log()
    (folder / "files").mkdir()
    for document in catalog.documents():
        (folder / "files" / f"{document.id}.pdf").touch()
    dense.save()
    assert verify(catalog, folder, FaissIndex(folder, N_DIMS, exact_up_to=150), [words]) == []
