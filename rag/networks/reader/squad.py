"""SQuAD as articles, paragraphs and questions, with every place where an answer stands.

Source: Rajpurkar et al., SQuAD: 100,000+ Questions for Machine Comprehension of Text, 2016; layout of their JSON.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rag.errors import InputError

T = TypeVar("T")

TRAIN = "squad/train-v1.1.json.gz"


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a paragraph. `answers` are all that count as right; none: the paragraph does not answer it."""

    id: str
    text: str
    paragraph: int  # of its article
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """Paragraphs under one title, and what is asked of them."""

    title: str
    paragraphs: tuple[str, ...]
    questions: tuple[Question, ...]
    group: str  # its title as the set writes it: see rag.networks.examples.part


def read_squad(path: Path) -> list[Article]:
    """Return the articles of a gzipped file in SQuAD's layout, 1.1 or 2.0.

    Raises:
        InputError: there is no such file, or it is none.
    """
    return parsed(path, lambda data: [_article(article) for article in data])


def parsed(path: Path, parse: Callable[[list[Any]], list[T]]) -> list[T]:
    """Return what `parse` makes of the articles of a gzipped file in SQuAD's layout.

    Raises:
        InputError: there is no such file, or it is none.
    """
    try:
        return parse(json.loads(gzip.decompress(path.read_bytes()))["data"])
    except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError) as exc:
        raise InputError(
            f"{path} cannot be read as SQuAD ({exc!r}). Take the file as its authors publish it, gzipped."
        ) from exc


def _article(article: dict[str, Any]) -> Article:
    questions = tuple(
        Question(
            qa["id"],
            " ".join(qa["question"].split()),
            number,
            tuple(dict.fromkeys(answer["text"].strip() for answer in qa["answers"])),
        )
        for number, paragraph in enumerate(article["paragraphs"])
        for qa in paragraph["qas"]
    )
    paragraphs = tuple(paragraph["context"] for paragraph in article["paragraphs"])
    return Article(article["title"].replace("_", " "), paragraphs, questions, article["title"])


def occurrences(answers: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return every place, start and end, where one of the answers stands in the text as whole words."""
    places = set()
    for answer in answers:
        if not answer:
            continue
        before, after = r"(?<!\w)" if answer[0].isalnum() else "", r"(?!\w)" if answer[-1].isalnum() else ""
        pattern = re.compile(before + re.escape(answer) + after)
        found = [match.span() for match in pattern.finditer(text)]
        if not found and (at := text.find(answer)) >= 0:
            found = [(at, at + len(answer))]
        places.update(found)
    return sorted(places)
