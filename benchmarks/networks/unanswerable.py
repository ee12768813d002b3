"""Does it know when a document does not say? mixed: unanswerable questions against those that its text answers.

    python -m benchmarks.networks.unanswerable [--limit N] [--checkpoint FILE]

Each question is asked of its own document. The area is that of the probability by which an answer is held back; beside
it how often it abstained, rightly and wrongly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from benchmarks.data import data_folder
from benchmarks.finding.libraries import library
from benchmarks.networks.common import drawn, named, reader_of, reader_options
from benchmarks.networks.ends import NONE, Networks, confidence
from benchmarks.networks.figures import area, area_gained, head, line, percent, plain, plain_gain
from rag.evaluate.intervals import interval

_NO_ANSWER = "Not answerable"
_OF_TEXT = "Pure-text"
THRESHOLD = 0.5  # below it an answer is held back


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a document, and whether that answers it."""

    text: str
    document: str
    is_answered: bool


def main() -> None:
    """Print the table."""
    arguments = reader_options(__doc__).parse_args()
    reader = reader_of(arguments.checkpoint, arguments.threads)
    questions = drawn(asked(), arguments.limit)
    answered = [one.is_answered for one in questions]
    filled = library("mixed")
    print(f"\nmixed, each of its own document: {len(questions)} questions, {sum(answered)} of them answered by text\n")
    print(head("", "AUROC", "abstained, rightly", "abstained, wrongly"))
    told = {}
    for name, networks in (("without networks", NONE), (f"with {named(reader)}", Networks(reader))):
        told[name] = [confidence(filled, one.text, one.document, networks) for one in questions]
        held = {
            kind: [float(p < THRESHOLD) for p, of in zip(told[name], answered, strict=True) if of == kind]
            for kind in (False, True)
        }
        shown = (percent(interval(held[kind])) for kind in (False, True))
        print(line(name, plain(area(told[name], answered)), *shown), flush=True)
    old, new = told.values()
    print(line("gained", plain_gain(area_gained(new, old, answered)), "", ""))
    filled.close()


def asked() -> list[Asked]:
    """Return the questions that the document's text answers, and those that nothing in it does."""
    lines = (data_folder() / "mixed" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(one) for one in lines]
    found = []
    for row in rows:
        is_answered = row["answer"] != _NO_ANSWER
        kinds = row["evidence_kinds"]
        if not is_answered or (kinds and all(kind.startswith(_OF_TEXT) for kind in kinds)):
            found.append(Asked(row["question"], row["doc"], is_answered))
    return found


if __name__ == "__main__":
    main()
