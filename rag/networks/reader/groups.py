"""What the reader learns from: a question with passages, of which one may answer it, cut into word pieces.

A group is a question and one to three passages. Passages are whole paragraphs or some sentences of them, with or
without the heading over them, as they come from a library.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.networks.backbone import Pair, Pieces, PieceTokenizer
from rag.networks.reader.corrupted import corrupted, names_in, numbers_in
from rag.networks.reader.squad import Article, occurrences
from rag.networks.reader.tables import Asked
from rag.text import sentence_spans

MAX_QUESTION, MAX_PAIR = 48, 320  # word pieces
_SHORT = 90  # words of a passage that is cut from a paragraph
_SORTED_AT_ONCE = 4_096  # groups: sorting all of them would make every batch one of a kind
Place = tuple[int, int]  # start and end: characters of a text, or its word pieces (end included)


@dataclass(frozen=True, slots=True)
class Text:
    """A passage with the places of the answer in it; none: it does not answer."""

    text: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A question and passages. `ranked`: the first one answers and the others do not."""

    question: str
    passages: tuple[Text, ...]
    ranked: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """A group in word pieces, and where each pair is answered: its tokens, first and last."""

    pairs: tuple[Pair, ...]
    places: tuple[tuple[Place, ...], ...]
    ranked: bool

    @property
    def length(self) -> int:
        """Return the tokens of its longest pair."""
        return max(len(pair.ids) for pair in self.pairs)


def squad_groups(
    articles: Sequence[Article],
    negatives: Mapping[str, Sequence[int]],
    seed: int,
    *,
    with_negative: float = 0.35,
    with_corrupted: float = 0.25,
) -> Iterator[Group]:
    """Yield a group for every question, and for some of them one that is corrupted and thus not answered."""
    for article in articles:
        rng = random.Random(f"{seed} {article.title}")
        held = [[*names_in(one), *numbers_in(one)] for one in article.paragraphs]
        for question in article.questions:
            paragraph = article.paragraphs[question.paragraph]
            is_short, heading = rng.random() < 0.8, article.title if rng.random() < 0.5 else ""
            places = occurrences(question.answers, paragraph)
            if not places:
                continue
            passages = [_passage(paragraph, places, heading, is_short, rng)]
            others = negatives.get(question.id, ())
            if others and rng.random() < with_negative:
                other = article.paragraphs[_early(others, rng)]
                passages.append(_passage(other, (), heading, is_short, rng))
            yield Group(question.text, tuple(passages), ranked=True)
            if rng.random() < with_corrupted:
                elsewhere = held[rng.randrange(len(held))]
                changed = corrupted(question.text, paragraph, elsewhere, rng)
                if changed is not None:
                    text = passages[0].text
                    yield Group(changed, (Text(text),), ranked=False)


def table_groups(asked: Sequence[Asked], seed: int, *, with_negative: float = 0.5) -> Iterator[Group]:
    """Yield a group for every question to a table: passages that hold the answer first, another of the table's."""
    for one in asked:
        rng = random.Random(f"{seed} {one.id}")
        texts = [Text(text, places) for text, places in zip(one.passages, one.places, strict=True)]
        right, wrong = [t for t in texts if t.places], [t for t in texts if not t.places]
        passages = [rng.choice(right)]
        if wrong and rng.random() < with_negative:
            passages.append(rng.choice(wrong))
        yield Group(one.text, tuple(passages), ranked=True)


def _early(others: Sequence[int], rng: random.Random) -> int:
    """Return one of them, an early one more often."""
    return others[min(len(others) - 1, int(rng.random() ** 2 * len(others)))]


def _passage(paragraph: str, places: Sequence[Place], heading: str, is_short: bool, rng: random.Random) -> Text:
    """Return a paragraph, or some sentences of it that hold one of the answers, under its heading."""
    start, end = 0, len(paragraph)
    if is_short and len(paragraph.split()) > _SHORT:
        start, end = _some_sentences(paragraph, rng.choice(list(places)) if places else None, rng)
    before = f"{heading}\n" if heading else ""
    moved = len(before) - start
    return Text(
        before + paragraph[start:end],
        tuple((a + moved, b + moved) for a, b in places if start <= a and b <= end),
    )


def _some_sentences(paragraph: str, place: Place | None, rng: random.Random) -> Place:
    """Return a run of sentences with at most some hundred words; it holds `place`, if there is one."""
    spans = sentence_spans(paragraph)
    at = rng.randrange(len(spans))
    if place is not None:
        at = next((i for i, (_, end) in enumerate(spans) if end >= place[1]), len(spans) - 1)
    first = last = at
    while True:
        grown = [(first - 1, last)] * (first > 0) + [(first, last + 1)] * (last + 1 < len(spans))
        grown = [(a, b) for a, b in grown if len(paragraph[spans[a][0] : spans[b][1]].split()) <= _SHORT]
        if not grown:
            break
        first, last = rng.choice(grown)
    start, end = spans[first][0], spans[last][1]
    if place is not None:
        start, end = min(start, place[0]), max(end, place[1])
    return start, end


def cut_groups(groups: Sequence[Group], tokenizer: PieceTokenizer) -> list[Cut]:
    """Return the groups in word pieces; a passage that is too long is cut around its answer."""
    questions = tokenizer.cut([group.question for group in groups])
    passages = iter(tokenizer.cut([text.text for group in groups for text in group.passages]))
    found = []
    for group, question in zip(groups, questions, strict=True):
        kept = question.part(0, MAX_QUESTION)
        pairs, places = [], []
        for text in group.passages:
            pieces, where = _within(next(passages), text.places, MAX_PAIR - len(kept) - 3)
            pairs.append(tokenizer.pair(kept, pieces))
            places.append(tuple((a + len(kept) + 2, b + len(kept) + 2) for a, b in where))
        if group.ranked and not places[0]:
            continue  # its answer is no whole word pieces
        found.append(Cut(tuple(pairs), tuple(places), group.ranked))
    return found


def _within(pieces: Pieces, places: Sequence[Place], n: int) -> tuple[Pieces, list[Place]]:
    """Return at most n pieces, around the first answer, and the answers in them as first and last piece."""
    tokens = [found for place in places if (found := pieces_of(pieces, place)) is not None]
    first = 0
    if len(pieces) > n and tokens:
        first = max(0, min(tokens[0][0] - n // 2, len(pieces) - n))
    part_ = pieces.part(first, first + n)
    return part_, [(a - first, b - first) for a, b in tokens if a >= first and b < first + len(part_)]


def pieces_of(pieces: Pieces, place: Place) -> Place | None:
    """Return the first and the last piece that a place of characters covers; None where it covers none."""
    covered = [i for i, (start, end) in enumerate(pieces.offsets) if start < place[1] and end > place[0]]
    return (covered[0], covered[-1]) if covered else None


class Batches:
    """Groups of like length in batches of at most `tokens`, their padding included; every pass in a new order.

    The same step gives the same batch, whoever goes on.
    """

    def __init__(self, cuts: Sequence[Cut], seed: int, *, tokens: int) -> None:
        self._cuts, self._seed, self._tokens = cuts, seed, tokens
        self._number, self._pass = 0, self._of_pass(0)
        self.a_pass = len(self._pass)  # steps

    def __call__(self, step: int) -> list[Cut]:
        """Return the batch of a step, counted from 0."""
        number, at = divmod(step, self.a_pass)
        if number != self._number:
            self._number, self._pass = number, self._of_pass(number)
        return self._pass[at % len(self._pass)]

    def _of_pass(self, number: int) -> list[list[Cut]]:
        rng = random.Random(f"{self._seed} {number}")
        order = list(range(len(self._cuts)))
        rng.shuffle(order)
        made: list[list[Cut]] = []
        for first in range(0, len(order), _SORTED_AT_ONCE):
            piece = sorted(order[first : first + _SORTED_AT_ONCE], key=lambda i: self._cuts[i].length)
            made += self._batches(self._cuts[i] for i in piece)
        rng.shuffle(made)
        return made

    def _batches(self, cuts: Iterable[Cut]) -> Iterator[list[Cut]]:
        """Yield batches of groups, which come shortest first."""
        batch: list[Cut] = []
        for cut in cuts:
            n_pairs = sum(len(one.pairs) for one in batch) + len(cut.pairs)
            if batch and n_pairs * cut.length > self._tokens:
                yield batch
                batch = []
            batch.append(cut)
        if batch:
            yield batch
