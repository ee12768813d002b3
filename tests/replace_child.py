"""Replaces a document by its other version for ever, until it is killed. Run by test_replace."""

from __future__ import annotations

import sys
from pathlib import Path

from rag.library import Library
from tests.conftest import WordEncoder


def main(folder: Path, versions: list[Path]) -> None:
    library = Library(folder, encoder=WordEncoder(), n_threads=1)
    library.resume()
    sys.stdout.write("go\n")
    sys.stdout.flush()
    while True:
        for path in versions:
            library.replace("report.pdf", path)
            sys.stdout.write("done\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
