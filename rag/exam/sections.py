"""Questions made from headings: what the section below one says. Any page of the section is right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from rag.exam.candidates import Candidate, reads_well
from rag.guide.english import is_noun_phrase
from rag.guide.phrasing import is_fluent, of_heading
from rag.guide.reading import Reading, Sentence
from rag.guide.voice import Voice
from rag.text import fold

_LEAST = 3  # sentences below a heading
_MOST_PAGES = 5  # of a section: with more, any page would do
_NUMBERED = re.compile(
    r"^(?:(?:chapter|section|part|item|note)\s*)?(?:[A-Z]?\.?\d+(?:\.\d+)*|[IVX]+|[A-Z])[.):]?\s+", re.I
)
_GENERAL = re.compile(
    r"^(?:the )?(?:introduction|overview|background|summary|conclusions?|discussion|results?|methods?|methodology"
    r"|general|other|notes?|details|description|definitions?|appendix|contents|preface|abstract|history|references|scope|purpose"
    r"|objectives?|limitations?|business|exhibits?|index|glossary|examples?|questions|answers|misc\w*|part|item|main"
    r" findings|key findings|more information|related work|future work|experiments?|analysis|evaluation|tips|warnings?"
    r"|cautions?|important|about .*|total|page)$",
    re.I,
)
_NO_TOPIC = re.compile(
    r"\b(?:very|not|names?|signed|welcome|thanks?|address|correspondence|contact|call|click|see|visit)\b|[.!…]$", re.I
)


def questions_of(voice: Voice, reading: Reading) -> Iterator[Candidate]:
    """Yield a question a heading that stands once in the document, says what it is about, and has a text below."""
    if reading.language not in {None, "en"}:
        return
    counts = Counter(fold(heading.title) for heading in reading.outline)
    below: dict[tuple[str, ...], list[Sentence]] = {}
    for sentence in reading.statements:
        path = reading.path_of(sentence)
        if path:
            below.setdefault(path, []).append(sentence)
    leaves = Counter(fold(path[-1]) for path in below)
    for path, sentences in below.items():
        title = path[-1]
        if leaves[fold(title)] > 1 or counts[fold(title)] > 1 or len(sentences) < _LEAST:
            continue
        candidate = _question(voice, reading, title, sentences)
        if candidate is not None:
            yield candidate


def _question(voice: Voice, reading: Reading, title: str, sentences: list[Sentence]) -> Candidate | None:
    asked = of_heading(voice, title)
    plain = " ".join(_NUMBERED.sub("", title).split()).strip(" .:")
    topic = _calm(plain, reading) if plain.isupper() else plain  # as it is printed
    if asked is not None:
        question = asked.text
    elif _is_topic(plain, topic) and reads_well(plain.lower(), reading.ranks):
        question = f"What does the section on {topic} say?"
    else:
        return None
    pages = sorted({sentence.page for sentence in sentences})
    is_small = len(pages) <= min(_MOST_PAGES, max(1, reading.document.n_pages // 3))
    first = sentences[0]
    is_typed = reading.page_of(reading.document.id, first.page).source == "text"
    if not is_fluent(question) or not is_small or not is_typed or fold(plain) == fold(reading.document.title):
        return None
    return Candidate(
        "heading", question, plain, first.page, reading.spans_of(first), plain, fold(question), tuple(pages)
    )


def _calm(title: str, reading: Reading) -> str:
    """Return a title in capitals without them, but for words that English does not know: GAAP."""
    known = re.sub(r"[A-Z]+", lambda word: word[0].lower() if word[0].lower() in reading.ranks else word[0], title)
    return known[0].upper() + known[1:]


def _is_topic(plain: str, topic: str) -> bool:
    """Tell whether a heading names something particular, in words that can stand after "the section on"."""
    words = plain.split()
    if not plain[0].isupper() or _NO_TOPIC.search(plain):
        return False
    return 2 <= len(words) <= 8 and len(plain) <= 60 and not _GENERAL.match(plain) and is_noun_phrase(topic)
