"""Questions whose answer is a cell: tables written row by row as ingest writes them, cut into passages.

    Total sales | 2019: $1,496.5 | 2018: $1,202.9

Read from TAT-QA and WikiTableQuestions in the layout of their authors, and made from the tables themselves.
Sources: Zhu et al., TAT-QA, 2021; Pasupat and Liang, WikiTableQuestions, 2015.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.errors import InputError

TATQA, WIKI_QUESTIONS, WIKI_TABLES = (
    "tables/tatqa.json.gz",
    "tables/wikitables_train.tsv.gz",
    "tables/wikitables_csv.tar.gz",
)
MAX_CHARACTERS = 900  # of a passage of rows
_VALUE = re.compile(r"[$€£¥]?\s*\(?\s*[$€£¥]?\s*[-–—]?\d[\d,.]*\s*%?\s*\)?\s*%?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MOST_PLACES = 3  # an answer that stands in more cells is no help in learning where
_ASKED_OF_CELLS = (
    "What was {label} in {column}?",
    "What is the {column} of {label}?",
    "What is {label} for {column}?",
    "How much was {label} in {column}?",
    "{label} {column}",
    "In {column}, what was the {label}?",
    "What was the amount of {label} for {column}?",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as ingest writes it; `cells` are the places, start and end, of its values in `text`."""

    text: str
    label: str
    headings: tuple[str, ...]
    cells: tuple[tuple[int, int], ...]

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield heading and value of each cell."""
        for heading, (start, end) in zip(self.headings, self.cells, strict=True):
            yield heading, self.text[start:end]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a table or to prose beside it."""

    id: str
    text: str
    answers: tuple[str, ...]
    passages: tuple[str, ...]
    places: tuple[tuple[tuple[int, int], ...], ...]  # a passage, where the answer stands in it
    group: str
    source: str


def row(label: str, headings: Sequence[str], values: Sequence[str]) -> Row:
    """Return a row: its label, then heading and value of each cell that is not empty."""
    text, kept, cells = label, [], []
    for heading, value in zip(headings, values, strict=True):
        if value:
            text += " | " if text else ""
            text += f"{heading}: " if heading else ""
            cells.append((len(text), len(text) + len(value)))
            text += value
            kept.append(heading)
    return Row(text, label, tuple(kept), tuple(cells))


def passages_of(title: str, rows: Sequence[Row]) -> list[tuple[str, list[tuple[int, Row]]]]:
    """Return passages of whole rows under their title: the text, and where each row begins in it."""
    passages: list[tuple[str, list[tuple[int, Row]]]] = []
    for one in rows:
        if not passages or len(passages[-1][0]) + len(one.text) > MAX_CHARACTERS:
            passages.append((title, []))
        text, held = passages[-1]
        text += "\n" if text else ""
        passages[-1] = (text + one.text, [*held, (len(text), one)])
    return passages


def read_tables(data: Path, rng: random.Random, *, made_each: int = 6) -> list[Asked]:
    """Return the questions of both sets that a cell or a span answers, and `made_each` of our own a table of TAT-QA.

    Raises:
        InputError: a set is missing, or is none.
    """
    try:
        return [*_of_tatqa(data / TATQA, rng, made_each), *_of_wiki(data, rng)]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, tarfile.TarError) as exc:
        raise InputError(
            f"The tables in {data / 'tables'} cannot be read ({exc!r}). Take {TATQA}, {WIKI_QUESTIONS} and "
            f"{WIKI_TABLES} as their authors publish them."
        ) from exc


def tatqa_rows(table: Sequence[Sequence[str]]) -> tuple[str, list[Row]]:
    """Return title and rows of a table of TAT-QA: its first lines, up to the first with numbers, are headings."""
    lines = [[" ".join(cell.split()) for cell in line] for line in table]
    n_heads = next((i for i, line in enumerate(lines) if any(map(_is_value, line[1:]))), 1)
    heads = lines[: max(1, n_heads)]
    width = max(len(line) for line in lines)
    headings = [
        " ".join(dict.fromkeys(head[column] for head in heads if column < len(head) and head[column]))
        for column in range(1, width)
    ]
    title = " ".join(head[0] for head in heads if head and head[0])
    shared = [head for head in heads if sum(bool(cell) for cell in head[1:]) == 1]  # a line over all columns
    title = " ".join([title, *(cell for head in shared for cell in head[1:] if cell)]).strip()
    rows, section = [], ""
    for line in lines[len(heads) :]:
        values = [*line[1:], *[""] * (width - len(line))]
        if not any(values):
            section = line[0]
            rows.append(Row(section, section, (), ()))
        else:
            rows.append(row(line[0], headings, values))
    return title, [one for one in rows if one.text]


def _is_value(cell: str) -> bool:
    return bool(_VALUE.fullmatch(cell)) and not _YEAR.fullmatch(cell)


def _of_tatqa(path: Path, rng: random.Random, made_each: int) -> Iterator[Asked]:
    for context in json.loads(gzip.decompress(path.read_bytes())):
        uid = context["table"]["uid"]
        title, rows = tatqa_rows(context["table"]["table"])
        cut = passages_of(title, rows)
        prose = [paragraph["text"] for paragraph in context["paragraphs"]]
        for asked in context["questions"]:
            if asked["answer_type"] != "span" or not isinstance(asked["answer"], list) or len(asked["answer"]) != 1:
                continue
            answer, text = str(asked["answer"][0]), " ".join(asked["question"].split())
            if asked["answer_from"] == "text":
                places = tuple(_in_prose(answer, one) for one in prose)
                if any(places):
                    yield Asked(asked["uid"], text, (answer,), tuple(prose), places, uid, "TAT-QA text")
            elif found := _asked_of(asked["uid"], text, answer, cut, uid, "TAT-QA"):
                yield found
        yield from _made(uid, title, rows, cut, rng, made_each)


def _in_prose(answer: str, text: str) -> tuple[tuple[int, int], ...]:
    return tuple((match.start(), match.end()) for match in re.finditer(re.escape(answer), text))


def _asked_of(
    id_: str, text: str, answer: str, cut: Sequence[tuple[str, list[tuple[int, Row]]]], group: str, source: str
) -> Asked | None:
    """Return a question with the cells, or labels, that are its answer; None where there are none or too many."""
    wanted = _plain(answer)
    places = [
        tuple(
            (at + start, at + end)
            for at, one in held
            for start, end in [*one.cells, (0, len(one.label))]
            if _plain(one.text[start:end]) == wanted
        )
        for _, held in cut
    ]
    if not wanted or not 0 < sum(map(len, places)) <= _MOST_PLACES:
        return None
    return Asked(id_, text, (answer,), tuple(passage for passage, _ in cut), tuple(places), group, source)


def _plain(text: str) -> str:
    return re.sub(r"[\s$€£]", "", text).lower()


def _made(
    uid: str,
    title: str,
    rows: Sequence[Row],
    cut: Sequence[tuple[str, list[tuple[int, Row]]]],
    rng: random.Random,
    n: int,
) -> Iterator[Asked]:
    """Yield questions to cells whose row and column name them alone."""
    labels = [one.label for one in rows]
    cells = [
        (p, at, one, heading, place)
        for p, (_, held) in enumerate(cut)
        for at, one in held
        if one.label and labels.count(one.label) == 1 and len(one.label) < 90
        for heading, place in zip(one.headings, one.cells, strict=True)
        if heading and one.headings.count(heading) == 1
    ]
    for number, (p, at, one, heading, (start, end)) in enumerate(rng.sample(cells, min(n, len(cells)))):
        column = f"FY{heading}" if re.fullmatch(r"20\d\d", heading) and rng.random() < 0.2 else heading
        label = one.label.lower() if rng.random() < 0.6 else one.label
        text = rng.choice(_ASKED_OF_CELLS).format(label=label.rstrip(":"), column=column)
        places = tuple(((at + start, at + end),) if i == p else () for i in range(len(cut)))
        passages = tuple(passage for passage, _ in cut)
        yield Asked(f"{uid}-{number}", text, (one.text[start:end],), passages, places, uid, "cells of tables")


def _of_wiki(data: Path, rng: random.Random) -> Iterator[Asked]:
    tables = dict(wiki_tables(data / WIKI_TABLES))
    text = gzip.decompress((data / WIKI_QUESTIONS).read_bytes()).decode("utf-8")
    cut_of: dict[str, list[tuple[str, list[tuple[int, Row]]]]] = {}
    for line in csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        name = line["context"]
        if name not in tables:
            continue
        if name not in cut_of:
            cut_of[name] = passages_of("", tables[name])
            yield from _made(name, "", tables[name], cut_of[name], rng, 1)
        answers = line["targetValue"].split("|")
        if len(answers) == 1 and (
            found := _asked_of(line["id"], line["utterance"], answers[0], cut_of[name], name, "WikiTableQuestions")
        ):
            yield found


def wiki_tables(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield name and rows of each table; the first column is the label, the first line holds the headings."""
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".csv") else None
            if file is None:
                continue
            text = file.read().decode("utf-8", "replace").replace('\\"', '""')
            lines = [[" ".join(cell.split()) for cell in line] for line in csv.reader(io.StringIO(text))]
            if len(lines) < 2:
                continue
            heads = lines[0]
            yield (
                member.name,
                [row(line[0], heads[1:], line[1:]) for line in lines[1:] if len(line) == len(heads) and any(line)],
            )
