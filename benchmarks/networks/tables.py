"""Reading tables that were kept aside, the gold table given: EM and F1 of questions that one cell or span answers.

    python -m benchmarks.networks.tables [--limit N] [--checkpoint FILE] [--alone]

A table of several passages: the span of the passage that the reader finds most relevant. What stood before: the best
row by rules, and of it the number under the heading that is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.data import data_folder
from benchmarks.networks.common import drawn, kept_encoder, named, progress, reader_of, reader_options
from benchmarks.networks.contexts import Context, Question, of_kind, tatqa, wikitables
from benchmarks.networks.figures import gains, head, shares
from benchmarks.networks.rules import Rules, filled
from rag.evaluate.cache import CachedEncoder
from rag.evaluate.metrics import exact_match, f1
from rag.library import Library
from rag.networks.reader.reader import Reader
from rag.types import Passage, Reading

Given = tuple[Context, Question]
Scores = Sequence[Sequence[float]]  # EM, then F1, of each question
TABLE, PARAGRAPHS = "table", "paragraphs"
LOOKED_UP = "looked up"
NO_ARITHMETIC = ("compared", LOOKED_UP)


def main() -> None:
    """Print a table a set."""
    parser = reader_options(__doc__)
    parser.add_argument("--alone", action="store_true", help="leave out what stood before")
    arguments = parser.parse_args()
    data = data_folder()
    reader = reader_of(arguments.checkpoint, arguments.threads)
    of_reports, of_wikipedia = tatqa(data), wikitables(data)
    groups = {
        "TAT-QA, the table given, which answers": (of_kind(of_reports, {TABLE}), {TABLE}),
        "TAT-QA, the paragraphs given, which answer": (of_kind(of_reports, {PARAGRAPHS}), {PARAGRAPHS}),
        "TAT-QA, table and paragraphs given": (of_kind(of_reports, {TABLE, PARAGRAPHS}), {TABLE, PARAGRAPHS}),
        "WikiTableQuestions, a cell answers, no arithmetic": (of_kind(of_wikipedia, NO_ARITHMETIC), {TABLE}),
    }
    encoder = None if arguments.alone else kept_encoder(arguments.threads)
    for title, (found, given) in groups.items():
        asked = drawn(found, arguments.limit)
        new = _scores([_read(reader, one, given) for one in asked], asked)
        old = None if encoder is None else _scores(_by_rules(asked, given, encoder, arguments.threads), asked)
        _print(title, named(reader), asked, new, old)
        simple = [i for i, (_, question) in enumerate(asked) if question.kind == LOOKED_UP]
        if simple:
            some = [[[one[i] for i in simple] for one in scores] for scores in (new, old) if scores is not None]
            _print("of these, nothing is compared", named(reader), [asked[i] for i in simple], *some)
    if encoder is not None:
        encoder.close()


def _print(title: str, name: str, asked: Sequence[Given], new: Scores, old: Scores | None = None) -> None:
    print(f"\n{title}: {len(asked):,} questions to {len({c.name for c, _ in asked})} tables; 95 % intervals\n")
    print(head("", "EM", "F1"))
    if old is not None:
        print(shares("row or sentence and rules, as before", old))
    print(shares(name, new))
    if old is not None:
        print(gains("gained", new, old))
    sys.stdout.flush()


def best(readings: Sequence[Reading]) -> int:
    """Return which text the reader finds most relevant; the first of those that are equal."""
    return max(range(len(readings)), key=lambda i: readings[i].relevance)


def _read(reader: Reader, asked: Given, given: set[str]) -> str:
    context, question = asked
    texts = [*(context.table_texts() if TABLE in given else []), *(context.paragraphs if PARAGRAPHS in given else [])]
    readings = reader.read(question.text, texts)
    won = best(readings)
    return texts[won][readings[won].start : readings[won].end]


def store(library: Library, context: Context) -> None:
    """Put a table with its paragraphs into a library, ready to be asked."""
    document = library.catalog.begin(context.sha256, context.name, 0)
    document = library.catalog.store_parsed(document, context.document())
    texts = [passage.index_text for passage in library.catalog.passages_of(document.key)]
    library.catalog.store_vectors(document, library.encoder.id, library.encoder.encode(texts))


def _by_rules(asked: Sequence[Given], given: set[str], encoder: CachedEncoder, n_threads: int) -> list[str]:
    """Return what the rules answer; how rare a word is they take from the table and its paragraphs."""
    told, kinds = progress("rules", len(asked)), {"table" if one == TABLE else "text" for one in given}

    def fill(library: Library) -> None:
        for context in {context.name: context for context, _ in asked}.values():
            store(library, context)

    answers = []
    with filled(encoder, n_threads, fill) as library:
        rules = Rules(library)
        for i, (context, question) in enumerate(asked, 1):
            passages: list[Passage] = [one for one in rules.passages(context.name) if one.kind in kinds]
            answers.append(rules.tell(question.text, context.name, passages).text)
            told(i)
    return answers


def _scores(said: Sequence[str], asked: Sequence[Given]) -> tuple[list[float], list[float]]:
    """Return EM and F1 of each question."""
    pairs = [(one, question.answers) for one, (_, question) in zip(said, asked, strict=True)]
    return [exact_match(*pair) for pair in pairs], [f1(*pair) for pair in pairs]


if __name__ == "__main__":
    main()
