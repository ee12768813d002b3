"""Adds, encodes, removes, purges and saves made documents for ever, until it is killed. Run by test_crash.

Says what it begins. The sizes from which on an index is a large one are small here, so that every way is gone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rag.index import purging
from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.dense import index as dense_index
from rag.index.lexical import FIELDS, TantivyIndex
from rag.index.lexical import index as lexical_index
from rag.index.lock import WriterLock

from .made import ENCODER, N_DIMS, made_document, unit_vectors

N_PASSAGES = 60
EXACT_UP_TO = 400


def say(step: str) -> None:
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


def main(folder: Path) -> None:
    dense_index._SMALL, lexical_index._PURGED_AT_ONCE = 100, 0
    catalog, dense = Catalog(folder), FaissIndex(folder, N_DIMS, exact_up_to=EXACT_UP_TO)
    words = [TantivyIndex(folder, kind) for kind in FIELDS]
    texts = [f"passage {i} of many words" for i in range(N_PASSAGES)]
    with WriterLock(folder).acquire("adding", 30):
        for n in range(1_000_000):
            say("add")
            document = catalog.begin(os.urandom(32).hex(), "made.pdf", 1)
            document = catalog.store_parsed(document, made_document(texts))
            say("words")
            for index in words:
                index.reconcile(catalog)
            say("vectors")
            catalog.store_vectors(document, ENCODER, unit_vectors(N_PASSAGES, n))
            dense.reconcile(catalog)
            if n % 3 == 2:
                say("remove")
                catalog.remove(catalog.documents()[0])
                say("words")
                for index in words:
                    index.reconcile(catalog)
            removal = purging.noted(catalog.database)
            if removal is not None:
                say("purge")
                for index in words:
                    index.purge(catalog)
                dense.reconcile(catalog)
                catalog.forget_log()
            say("save")
            dense.save()
            if removal is not None:
                purging.done(catalog.database, removal)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
