"""Adds, encodes, removes and saves made documents for ever, until it is killed. Run by test_crash."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rag.index.catalog import Catalog
from rag.index.dense import FaissIndex
from rag.index.lexical import TantivyIndex
from rag.index.lock import WriterLock

from .made import ENCODER, N_DIMS, made_document, unit_vectors

N_PASSAGES = 200


def main(folder: Path) -> None:
    catalog, dense = Catalog(folder), FaissIndex(folder, N_DIMS)
    words = (TantivyIndex(folder, "passages"), TantivyIndex(folder, "pages"))
    texts = [f"passage {i} of many words" for i in range(N_PASSAGES)]
    with WriterLock(folder).acquire("adding", 30):
        sys.stdout.write("go\n")
        sys.stdout.flush()
        for n in range(1_000_000):
            document = catalog.begin(os.urandom(32).hex(), "made.pdf", 1)
            document = catalog.store_parsed(document, made_document(texts))
            for index in words:
                index.reconcile(catalog)
            catalog.store_vectors(document, ENCODER, unit_vectors(N_PASSAGES, n))
            if n % 3 == 2:
                catalog.remove(catalog.documents()[0])
            dense.reconcile(catalog)
            dense.save()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
