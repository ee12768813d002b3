"""Every place where a phrase stands in the text of pages, whatever the case and the endings of its words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rag.text import sentence_spans, stem

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BETWEEN = 3  # characters that are no word between two words of a phrase: "filter-then-rerank", "Smith, J."
_LONGEST = 320  # characters of a sentence that is shown


@dataclass(frozen=True, slots=True)
class Mention:
    """A sentence that holds a phrase, or the part of it around the phrase."""

    page: int
    start: int  # of the sentence, in the page's text
    end: int
    first: tuple[int, int]  # where the phrase stands in it, from the sentence's start
    n: int  # how often


class Phrase:
    """A phrase that is looked for.

    Words match when their stems do. An acronym in capitals matches capitals alone: "IT" is not "it".
    """

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        tokens = _TOKEN.findall(self.text)
        self._stems = [stem(token.casefold().replace("’", "'")) for token in tokens]
        self._acronym = tokens[0] if len(tokens) == 1 and tokens[0].isupper() and 1 < len(tokens[0]) <= 5 else None
        self._needle = max(self._stems, key=len)[:4] if tokens else ""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return start and end of every place in `text`, none overlapping."""
        if not self._stems or self._needle not in text.casefold():
            return []
        tokens = list(_TOKEN.finditer(text))
        found: list[tuple[int, int]] = []
        i, n = 0, len(self._stems)
        while i + n <= len(tokens):
            if self._stands_at(text, tokens[i : i + n]):
                found.append((tokens[i].start(), tokens[i + n - 1].end()))
                i += n
            else:
                i += 1
        return found

    def _stands_at(self, text: str, tokens: list[re.Match[str]]) -> bool:
        if self._acronym is not None:
            return self._acronym in {str(tokens[0].group()), str(tokens[0].group()).removesuffix("s")}
        for at, (wanted, token) in enumerate(zip(self._stems, tokens, strict=True)):
            if stem(token.group().casefold().replace("’", "'")) != wanted:
                return False
            if at:
                between = text[tokens[at - 1].end() : token.start()]
                if len(between) > _BETWEEN or "\n" in between:
                    return False
        return True

    def mentions(self, texts: Mapping[int, str]) -> Iterator[Mention]:
        """Yield the sentences that hold the phrase, page by page, in order."""
        for page, text in texts.items():
            places = self.spans(text)
            if places:
                yield from _by_sentence(page, text, places)


def _by_sentence(page: int, text: str, places: list[tuple[int, int]]) -> Iterator[Mention]:
    left = list(places)
    for start, end in sentence_spans(text):
        inside = [place for place in left if start <= place[0] < end]
        if not inside:
            continue
        left = [place for place in left if place not in inside]
        first, last = around(text, start, max(end, inside[-1][1]), inside[0])
        at = inside[0]
        yield Mention(page, first, last, (at[0] - first, min(at[1], last) - first), len(inside))


def around(text: str, start: int, end: int, keep: tuple[int, int], longest: int = _LONGEST) -> tuple[int, int]:
    """Return the part of characters `start` to `end` that holds `keep` and is not too long, cut at white space."""
    if end - start <= longest:
        return start, end
    first = max(start, keep[0] - longest // 3)
    last = min(end, first + longest)
    if first > start:
        space = text.find(" ", first, keep[0])
        first = space + 1 if space >= 0 else first
    if last < end:
        space = text.rfind(" ", max(keep[1], first), last)
        last = space if space >= 0 else max(last, keep[1])
    return first, last
