"""Questions with what is known of them: which kind their answer has, and whether it stands in a table or in prose.

Read from SQuAD 1.1 (train), TAT-QA and WikiTableQuestions, in the layout of their authors; and from wording.py.
Sources: Rajpurkar et al., SQuAD, 2016; Zhu et al., TAT-QA, 2021; Pasupat and Liang, WikiTableQuestions, 2015.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.networks.labels import Names, answer_type
from rag.networks.wording import around, without_period, worded
from rag.types import AnswerType, EvidenceKind

SQUAD, TATQA, WIKITABLES = "squad/train-v1.1.json.gz", "tables/tatqa.json.gz", "tables/wikitables_train.tsv.gz"
_LAYOUT = f"--data names the folder with {SQUAD}, {TATQA} and {WIKITABLES}."
_PER_ARTICLE = 120  # questions of SQuAD: the large articles would drown the others
_OTHER_CLOTHES = 0.25  # share of the sets' questions that are also learnt in other clothes
_UNITS = ("thousand", "million", "billion")


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its labels; None where nothing is known."""

    question: str
    answer_type: AnswerType | None
    evidence: EvidenceKind | None
    source: str  # the set
    group: str  # article, table or template: the questions of a group are learnt together or left out together


def read_examples(data: Path, seed: int, *, worded_each: int = 80) -> list[Example]:
    """Return the examples of every set under `data`, and those of our own wording, `worded_each` a template.

    Raises:
        InputError: a set is missing, or is none.
    """
    try:
        squad = _squad(_read(data / SQUAD))
        names = Names.of((question, answer) for question, answer, _ in squad)
        tatqa, wikitables = _of_tatqa(_read(data / TATQA), names), _of_wikitables(_read(data / WIKITABLES), names)
    except (KeyError, IndexError, TypeError) as exc:
        raise InputError(
            f"{SQUAD} or {TATQA} in {data} has not the layout that its authors gave it: {exc!r}. Take their file."
        ) from exc
    return [
        *_of_squad(squad, names, random.Random(seed)),
        *tatqa,
        *wikitables,
        *_of_own_wording(worded_each, seed),
    ]


def check_data(data: Path) -> None:
    """Look whether the sets are there, before anything heavy is loaded.

    Raises:
        InputError: one is missing.
    """
    for name in (SQUAD, TATQA, WIKITABLES):
        if not (data / name).is_file():
            raise InputError(f"{data / name} is missing. {_LAYOUT}")


def part(group: str) -> int:
    """Return to which of ten parts a group belongs: 0 is kept aside, 1 says when to stop, the rest is learnt."""
    return zlib.crc32(group.encode()) % 10


def in_other_clothes(examples: Iterable[Example], seed: int) -> list[Example]:
    """Return some of the examples put differently: other surroundings, or without the years that they name."""
    rng = random.Random(seed)
    others = []
    for example in examples:
        if example.source != "own wording" and rng.random() < _OTHER_CLOTHES:
            others.append(replace(example, question=around(example.question, rng)))
        if example.source == "TAT-QA" and len(bare := without_period(example.question)) > 20:
            others.append(replace(example, question=bare))
            others.append(replace(example, question=around(example.question, rng)))
    return others


def _read(path: Path) -> str:
    try:
        return gzip.decompress(path.read_bytes()).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as exc:
        raise InputError(f"{path} cannot be read ({exc}). {_LAYOUT}") from exc


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as exc:
        raise InputError(f"{name} is no JSON ({exc}). Take the file as its authors publish it, gzipped.") from exc


def _squad(text: str) -> list[tuple[str, str, str]]:
    """Return (question, answer, article)."""
    return [
        (" ".join(qa["question"].split()), qa["answers"][0]["text"], article["title"])
        for article in _json(text, SQUAD)["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]


def _of_squad(squad: Sequence[tuple[str, str, str]], names: Names, rng: random.Random) -> list[Example]:
    articles: dict[str, list[Example]] = {}
    for question, answer, article in squad:
        example = Example(question, answer_type(question, answer, names), "prose", "SQuAD", article)
        articles.setdefault(article, []).append(example)
    return [e for examples in articles.values() for e in rng.sample(examples, min(_PER_ARTICLE, len(examples)))]


def _of_tatqa(text: str, names: Names) -> list[Example]:
    return [
        Example(
            " ".join(asked["question"].split()),
            _type_of_tatqa(asked, names),
            "prose" if asked["answer_from"] == "text" else "table",
            "TAT-QA",
            context["table"]["uid"],
        )
        for context in _json(text, TATQA)
        for asked in context["questions"]
    ]


def _type_of_tatqa(asked: dict[str, Any], names: Names) -> AnswerType | None:
    """Return the kind of its answer; None where the set does not tell (a change of what?)."""
    answers = asked["answer"] if isinstance(asked["answer"], list) else [asked["answer"]]
    kinds = [answer_type(asked["question"], str(answer), names) for answer in answers]
    if asked["answer_type"] == "count":
        return "number"
    if asked["scale"] == "percent":
        return "percentage"
    if (
        asked["scale"] in _UNITS
        and kinds[0] in {"number", "date", "entity"}
        and "share" not in asked["question"].lower()
    ):
        return "money"
    if asked["answer_type"] == "arithmetic":
        return None
    if len(answers) > 1:
        return "list" if kinds[0] not in {"number", "money", "percentage", "date"} else kinds[0]
    return kinds[0] if kinds[0] != "number" else None


def _of_wikitables(text: str, names: Names) -> list[Example]:
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    examples = []
    for row in rows:
        if None in row.values() or not {"utterance", "targetValue", "context"} <= set(row):
            raise InputError(f"{WIKITABLES} has a line without its columns. Take the file as its authors publish it.")
        answers = row["targetValue"].split("|")
        kind = answer_type(row["utterance"], answers[0], names)
        kind = "list" if len(answers) > 1 and kind not in {"number", "date"} else kind
        examples.append(Example(row["utterance"], kind, "table", "WikiTableQuestions", row["context"]))
    return examples


def _of_own_wording(n_each: int, seed: int) -> list[Example]:
    return [Example(w.question, w.answer_type, w.evidence, "own wording", w.template) for w in worded(n_each, seed)]
