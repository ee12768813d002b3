"""Glossaries and summaries of text books as lessons: a term asked for, entries to read, its definition with [n].

Source: OpenStax, CC BY 4.0.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.answer.prompts import MODEL_NO_ANSWER, grounded_turns
from rag.errors import InputError
from rag.networks.llm.examples import Lesson, json_lines
from rag.networks.llm.sentences import plain
from rag.text import sentence_spans
from rag.types import Length

GLOSSARY, SUMMARIES = "openstax/glossary.jsonl.gz", "openstax/summaries.jsonl.gz"
SOURCE = "OpenStax"
_ABSTAINS = 0.25
_SUMMARIES = 0.2  # share of the lessons
_ASKED = ("What is {}?", "What is meant by {}?", "Define {}.", "What does {} mean?", "Explain {}.")
_ASKED_TO_SUM_UP = ("What is said about {}?", "Summarise what is said about {}.", "What should be known about {}?")
_ENTRY = ("{}: {}.", "{} – {}.", "{} {}.", "{} is {}.")
_LONGEST = 40  # words of a definition
_NOUN_PHRASE = re.compile(r"(?:an?|the|any|one of) \w")
_ODD = re.compile(r"[\[\]{}\\]|^see ", re.I)


def definition_lessons(data: Path, n: int, rng: random.Random) -> list[Lesson]:
    """Return up to n lessons.

    Raises:
        InputError: the files are missing, or are none.
    """
    try:
        books = _by_book(json_lines(data / GLOSSARY), "term", "meaning")
        summaries = _by_book(json_lines(data / SUMMARIES), "section", "summary")
    except (KeyError, TypeError) as exc:
        raise InputError(f"{GLOSSARY} or {SUMMARIES} in {data} has not its layout ({exc!r}).") from exc
    terms = [(book, i) for book, entries in books.items() for i, entry in enumerate(entries) if _is_plain(*entry)]
    sections = [
        (book, i) for book, entries in summaries.items() for i in range(len(entries)) if not _ODD.search(entries[i][1])
    ]
    sections = [(book, i) for book, i in sections if len(summaries[book]) > 2]
    rng.shuffle(terms)
    rng.shuffle(sections)
    n_sections = round(n * _SUMMARIES)
    lessons = [_summed_up(book, summaries[book], i, rng) for book, i in sections[:n_sections]]
    lessons += [_defined(book, books[book], i, rng) for book, i in terms[: n - len(lessons)]]
    return lessons


def _by_book(rows: Sequence[dict[str, Any]], key: str, value: str) -> dict[str, list[tuple[str, str]]]:
    books: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        books.setdefault(row["book"], []).append((" ".join(row[key].split()), " ".join(row[value].split()).rstrip(".")))
    return books


def _is_plain(term: str, meaning: str) -> bool:
    is_short = len(meaning.split()) <= _LONGEST and len(term.split()) <= 5
    return is_short and _NOUN_PHRASE.match(meaning) is not None and not _ODD.search(f"{meaning}{term}")


def _defined(book: str, entries: Sequence[tuple[str, str]], i: int, rng: random.Random) -> Lesson:
    """Return a lesson of one term: its entry among those beside it, and entries from elsewhere in the book."""
    term, meaning = entries[i]
    form = rng.choice(_ENTRY)
    others = [j for j in range(len(entries)) if abs(j - i) > 3 and term.lower() not in " ".join(entries[j]).lower()]
    beside = [j for j in range(max(0, i - rng.randrange(3)), min(len(entries), i + rng.randrange(3))) if j != i]
    groups = [rng.sample(others, min(2, len(others))) for _ in range(rng.randrange(1, 4))]
    is_there = rng.random() >= _ABSTAINS
    place = rng.randrange(len(groups) + 1)
    groups.insert(place, [*beside, i] if is_there else rng.sample(others, min(2, len(others))))
    texts = [" ".join(plain(form.format(*entries[j])) for j in group) for group in groups]
    question = rng.choice(_ASKED).format(term)
    turns = tuple(grounded_turns(question, texts, rng.choice(_PLAIN_LENGTHS)))
    if not is_there:
        return Lesson("abstain", turns, MODEL_NO_ANSWER, SOURCE, book)
    said = plain(f"{term} is {meaning}")
    return Lesson("define", turns, f"{said[:-1]} [{place + 1}].", SOURCE, book, place + 1, (meaning,))


def _summed_up(book: str, summaries: Sequence[tuple[str, str]], i: int, rng: random.Random) -> Lesson:
    """Return a lesson of one section: its summary among others, and its first sentences as the answer."""
    section, summary = summaries[i]
    others = rng.sample([j for j in range(len(summaries)) if j != i], min(2, len(summaries) - 1))
    place = rng.randrange(len(others) + 1)
    texts = [" ".join(_sentences(summaries[j][1])[:3]) for j in others]
    own = _sentences(summary)[:4]
    texts.insert(place, " ".join(own))
    length: Length = rng.choice(("normal", "detailed"))
    n = 2 if length == "normal" else 4
    reply = " ".join(f"{text[:-1]} [{place + 1}]." for text in own[:n])
    turns = tuple(grounded_turns(rng.choice(_ASKED_TO_SUM_UP).format(section), texts, length))
    return Lesson("define", turns, reply, SOURCE, book, place + 1)


def _sentences(text: str) -> list[str]:
    return [plain(text[start:end]) for start, end in sentence_spans(text)]


_PLAIN_LENGTHS: tuple[Length, ...] = ("normal", "normal", "succinct")
