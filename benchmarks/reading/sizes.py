"""How long passages should be: the same documents cut to passages of several sizes, and asked the same questions.

python -m benchmarks.reading.sizes [--targets 450 700 1000] [--n 400] [--reports 10] [--sets squad48 filings]

Every file is read once; what was laid out is then cut to passages of each size, the shortest and the longest in
proportion, put into a library of its own, and asked as the library asks: squad48 of the question's own document and of
all together, filings of their own. Long on one thread, so that it is no part of `benchmarks.reading`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pypdfium2
from tokenizers import Tokenizer

from benchmarks.answers import K, pages_of
from benchmarks.data import Question, pdfs, questions, share
from benchmarks.reading.common import lexicon
from rag import models
from rag.index.encoder import SentenceEncoder
from rag.ingest import reading
from rag.ingest.extras import read_extras
from rag.ingest.passages import passages, units
from rag.ingest.passages.setting import PlacedBlock
from rag.library import Library
from rag.types import Encoder, Floats, ParsedDocument, Passage

TARGET, LEAST, MOST = units.TARGET, passages.LEAST, units.MOST
MAX_PIECES = 256  # that the encoder reads of a text
SEED = 1


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A file as read, and what its passages are made of."""

    parsed: ParsedDocument
    blocks: Sequence[PlacedBlock]
    levels: Mapping[int, int]
    texts: Mapping[int, str]

    def cut(self, target: int) -> ParsedDocument:
        """Return it in passages of about `target` characters."""
        with sized(target):
            return replace(self.parsed, passages=passages.make_passages(self.blocks, self.levels, self.texts))


@dataclass(slots=True)
class Found:
    """What one size gives: of every question, whether a right page is among the first pages of its hits."""

    n_passages: int
    n_long: int  # passages of which the encoder does not read the end
    hits: dict[tuple[str, int], list[bool]]  # by where it is asked and number of pages


class Remembering:
    """An encoder that encodes a text once: many passages are the same in every size."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, Floats] = {}
        self.id, self.n_dims = encoder.id, encoder.n_dims

    def encode(self, texts: Sequence[str], *, on_done: Callable[[int], None] | None = None) -> Floats:
        """Return unit vectors, shape (len(texts), n_dims), in the order of `texts`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors |= zip(new, self._encoder.encode(new, on_done=on_done), strict=True)
        return np.array([self._vectors[text] for text in texts], np.float32).reshape(-1, self.n_dims)


def main() -> None:
    """Print a table a set."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--targets", nargs="+", type=int, default=[450, TARGET, 1000], help="characters of a passage")
    parser.add_argument("--n", type=int, default=400, help="questions of squad48")
    parser.add_argument("--reports", type=int, default=10, help="filings, those with most questions for their size")
    parser.add_argument("--sets", nargs="+", default=["squad48", "filings"])
    arguments = parser.parse_args()
    encoder = Remembering(SentenceEncoder(models.path_of(models.MINILM), device="cpu", n_threads=1))
    for name in arguments.sets:
        asked = questions(name)
        paths = pdfs(name)
        if name == "filings":
            paths = most_asked(asked, arguments.reports)
            asked = [question for question in asked if question.document in {path.name for path in paths}]
        elif len(asked) > arguments.n:
            asked = random.Random(SEED).sample(asked, arguments.n)
        laid_out = read_all(paths)
        found = {target: measure(laid_out, asked, encoder, target, name == "squad48") for target in arguments.targets}
        print_table(f"{name}: {len(paths)} files, {len(asked)} questions", found)


def most_asked(asked: Sequence[Question], n: int) -> list[Path]:
    """Return the n filings that have most questions for their size: of the time a run takes most goes to encoding."""
    counts = Counter(question.document for question in asked)
    paths = [path for path in pdfs("filings") if counts[path.name]]
    return sorted(paths, key=lambda path: path.stat().st_size / counts[path.name])[:n]


def read_all(paths: Sequence[Path]) -> dict[str, LaidOut]:
    """Return files by name, read as adding them reads them, OCR aside."""
    words = lexicon()
    started = time.process_time()
    found = {path.name: _read(path, words) for path in paths}
    n_pages = sum(len(one.parsed.pages) for one in found.values())
    print(f"read {len(found)} files, {n_pages} pages in {time.process_time() - started:.0f} s", flush=True)
    return found


def _read(path: Path, words: frozenset[str]) -> LaidOut:
    kept: list[tuple[Sequence[PlacedBlock], Mapping[int, int], Mapping[int, str]]] = []

    def keep(blocks: Sequence[PlacedBlock], levels: Mapping[int, int], texts: Mapping[int, str]) -> tuple[Passage, ...]:
        kept.append((blocks, levels, texts))
        return ()

    document = pypdfium2.PdfDocument(path)
    try:
        with patch.object(reading, "make_passages", keep):
            parsed = reading.read_document(
                document, name=path.name, lexicon=words, read_extras=partial(read_extras, path)
            )
    finally:
        document.close()
    return LaidOut(parsed, *kept[0])


@contextlib.contextmanager
def sized(target: int) -> Iterator[None]:
    """Cut passages of about `target` characters meanwhile; the least and the most keep their proportion to it."""
    least, most = round(target * LEAST / TARGET), round(target * MOST / TARGET)
    with (
        patch.multiple(units, TARGET=target, MOST=most),
        patch.multiple(passages, TARGET=target, MOST=most, LEAST=least),
    ):
        yield


def measure(
    laid_out: Mapping[str, LaidOut], asked: Sequence[Question], encoder: Encoder, target: int, in_all: bool
) -> Found:
    """Put the documents in passages of one size into a library, and ask."""
    tokenizer = Tokenizer.from_file(str(models.path_of(models.MINILM) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    started = time.process_time()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Library(folder, encoder=encoder, n_threads=1)) as library,
    ):
        n_passages = n_long = 0
        for name, one in laid_out.items():
            document = library.catalog.begin(hashlib.sha256(name.encode()).hexdigest(), name, 0)
            document = library.catalog.store_parsed(document, one.cut(target))
            texts = [passage.index_text for passage in library.catalog.passages_of(document.key)]
            n_passages += len(texts)
            n_long += sum(len(found.ids) > MAX_PIECES for found in tokenizer.encode_batch(texts))
            library.catalog.store_vectors(document, encoder.id, encoder.encode(texts))
        scopes = {"own document": True} | ({"all documents": False} if in_all else {})
        hits: dict[tuple[str, int], list[bool]] = {}
        for scope, is_own in scopes.items():
            found = [
                library.search(question.text, K, documents=[question.document] if is_own else None)
                for question in asked
            ]
            for k in (1, 5):
                hits[scope, k] = [bool(set(q.pages) & set(pages_of(f)[:k])) for q, f in zip(asked, found, strict=True)]
    print(
        f"  {target} characters: {n_passages} passages, {time.process_time() - started:.0f} s,",
        *(f"{scope} @{k} {share(hit)};" for (scope, k), hit in hits.items()),
        flush=True,
    )
    return Found(n_passages, n_long, hits)


def print_table(title: str, found: Mapping[int, Found]) -> None:
    """Print a row a size; beside every share, how many questions are won and lost against the size that is shipped."""
    print(f"\n{title}; 95 % intervals in brackets, questions won and lost against {TARGET} characters")
    shipped = found.get(TARGET)
    columns = list(next(iter(found.values())).hits)
    heads = [f"{scope}, @{k}" for scope, k in columns]
    print("| " + " | ".join(["characters", "passages", f"over {MAX_PIECES} pieces", *heads]) + " |")
    print("|---" * (3 + len(heads)) + "|")
    for target, one in found.items():
        cells = [str(target), f"{one.n_passages:,}", f"{100 * one.n_long / one.n_passages:.1f} %"]
        for column in columns:
            cell = share(one.hits[column])
            if shipped is not None and one is not shipped:
                pairs = list(zip(one.hits[column], shipped.hits[column], strict=True))
                cell += f" +{sum(a > b for a, b in pairs)} -{sum(a < b for a, b in pairs)}"
            cells.append(cell)
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
