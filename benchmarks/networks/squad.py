"""Reading: SQuAD 1.1 dev with the gold paragraph given (EM, F1); 2.0 dev: does the paragraph answer at all (AUROC)?

    python -m benchmarks.networks.squad [--limit N] [--checkpoint FILE] [--sets 1.1 2.0] [--alone]

What stood before: of the sentence that the rules of the extractive reader rank first, the part that they mark; its
confidence is the one that it abstained by. EM and F1 as in the authors' script; nothing of the dev sets was learnt.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import articles
from benchmarks.data import data_folder
from benchmarks.networks.common import drawn, kept_encoder, named, progress, reader_of, reader_options
from benchmarks.networks.figures import area, area_gained, gains, head, line, plain, plain_gain, shares
from benchmarks.networks.rules import Rules, Told, filled
from rag.evaluate.metrics import exact_match, f1
from rag.library import Library
from rag.networks.reader.squad import Article, read_squad
from rag.types import ReaderNet, Reading

FILES = {"1.1": "squad/dev-v1.1.json.gz", "2.0": "squad/dev-v2.0.json.gz"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the paragraph that is given with it, and the answers that count as right; none: it has no answer."""

    text: str
    article: str
    paragraph: int
    given: str
    answers: tuple[str, ...]


def main() -> None:
    """Print a table a set."""
    parser = reader_options(__doc__)
    parser.add_argument("--sets", nargs="+", choices=tuple(FILES), default=list(FILES))
    parser.add_argument("--alone", action="store_true", help="leave out what stood before")
    arguments = parser.parse_args()
    folder = data_folder()
    reader = reader_of(arguments.checkpoint, arguments.threads)
    for name in arguments.sets:
        found = read_squad(folder / FILES[name])
        questions = drawn(asked_of(found), arguments.limit)
        started, cpu = time.perf_counter(), time.process_time()
        readings = read_all(reader, questions)
        took = time.perf_counter() - started, time.process_time() - cpu
        before = None if arguments.alone else told_before(found, questions, arguments.threads)
        (_print_answers if name == "1.1" else _print_abstention)(named(reader), questions, readings, before)
        wall, cpu = (1000 * seconds / len(questions) for seconds in took)
        print(
            f"\nreading a paragraph, one at a time, {arguments.threads} threads: {wall:.1f} ms wall, {cpu:.1f} ms CPU",
            flush=True,
        )


def asked_of(found: Sequence[Article]) -> list[Asked]:
    """Return every question of the articles with its paragraph."""
    return [
        Asked(
            question.text, article.title, question.paragraph, article.paragraphs[question.paragraph], question.answers
        )
        for article in found
        for question in article.questions
    ]


def read_all(reader: ReaderNet, questions: Sequence[Asked]) -> list[Reading]:
    """Return what the network makes of each question's paragraph."""
    told, readings = progress("read", len(questions)), []
    for i, asked in enumerate(questions, 1):
        readings += reader.read(asked.text, [asked.given])
        told(i)
    return readings


def told_before(found: Sequence[Article], questions: Sequence[Asked], n_threads: int) -> list[Told]:
    """Return what the rules make of each question's paragraph; how rare a word is they take from the article."""
    wanted = {asked.article for asked in questions}
    chosen = [articles.Article(one.title, one.paragraphs, ()) for one in found if one.title in wanted]
    encoder, told = kept_encoder(n_threads), progress("rules", len(questions))

    def fill(library: Library) -> None:
        encoder.encode([*(asked.text for asked in questions), *(asked.given for asked in questions)])
        articles.fill(library, chosen)

    answers = []
    with filled(encoder, n_threads, fill) as library:
        rules = Rules(library)
        for i, asked in enumerate(questions, 1):
            passage = rules.passages(asked.article)[asked.paragraph]
            answers.append(rules.tell(asked.text, asked.article, [passage]))
            told(i)
    encoder.close()
    return answers


def scores(said: Sequence[str], questions: Sequence[Asked]) -> tuple[list[float], list[float]]:
    """Return EM and F1 of each question."""
    pairs = list(zip(said, (asked.answers for asked in questions), strict=True))
    return [exact_match(*pair) for pair in pairs], [f1(*pair) for pair in pairs]


def _print_answers(
    name: str, questions: Sequence[Asked], readings: Sequence[Reading], before: Sequence[Told] | None
) -> None:
    said = [asked.given[one.start : one.end] for asked, one in zip(questions, readings, strict=True)]
    new = scores(said, questions)
    print(f"\nSQuAD 1.1 dev, gold paragraph given: {len(questions):,} questions; 95 % intervals in brackets\n")
    print(head("", "EM", "F1"))
    if before is not None:
        old = scores([one.text for one in before], questions)
        print(shares("sentence and rules, as before", old))
    print(shares(name, new))
    if before is not None:
        print(gains("gained", new, old))


def _print_abstention(
    name: str, questions: Sequence[Asked], readings: Sequence[Reading], before: Sequence[Told] | None
) -> None:
    has_answer = [bool(asked.answers) for asked in questions]
    print(f"\nSQuAD 2.0 dev, does the paragraph answer? {len(questions):,} questions, {sum(has_answer):,} answered\n")
    print(head("", "AUROC"))
    new = np.array([one.answered for one in readings])
    if before is not None:
        old = np.array([one.confidence for one in before])
        print(line("as it abstained before", plain(area(old, has_answer))))
    print(line(f"{name}: answered", plain(area(new, has_answer))))
    of_span = new * np.array([one.probability for one in readings])
    print(line(f"{name}: answered, times that of the span", plain(area(of_span, has_answer))))
    if before is not None:
        print(line("gained by answered", plain_gain(area_gained(new, old, has_answer))))


if __name__ == "__main__":
    main()
