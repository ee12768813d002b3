"""The sentences that say most: near the middle of what the document says, spread over it, none said twice.

A passage is central when many others are near it (LexRank over the passages' vectors); a sentence is chosen from the
central passages by how near it is to the document and to its own part of it, by what it looks like, and against those
chosen before it (MMR). Sources: Erkan and Radev, LexRank, 2004; Carbonell and Goldstein, The Use of MMR, 1998.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from rag.guide.english import AUXILIARIES, VERBS
from rag.guide.reading import Reading, Sentence
from rag.text import content_words, stem, stems, words
from rag.types import Floats

Encode = Callable[[Sequence[str]], Floats]

MOST = 8
_N_CANDIDATES = 72  # sentences that are encoded
_NOVELTY = 0.45  # weight of not repeating what was chosen
_SAME = 0.85  # inner product from which two sentences say the same
_LEXRANK_UP_TO = 2_000  # passages; of more, every second, third, ...
POINTING = re.compile(
    r"^(?:this|that|these|those|it|its|they|their|he|she|his|her|such|however|therefore|thus|hence|moreover"
    r"|furthermore|in addition|additionally|also|but|and|or|so|then|for example|for instance|instead|similarly"
    r"|conversely|consequently|as a result|in contrast|on the other hand|second|third|finally|here|there|if so|note"
    r"|specifically|in particular|meanwhile|nevertheless|otherwise|what|why|how|the (?:former|latter"
    r"|following|above)|(?:we|I) (?:believe|think) (?:this|these|that|it))\b",
    re.I,
)
_ENDS = re.compile(r"[.!?](?:[”\"’')]|\[\d[\d, –-]*\])*$")
_OUTWARD = re.compile(
    r"\b(?:figure|fig\.|table|appendix|eq\.|equation|section|chapter|page|exhibit|note|item) [\dA-Z]"
    r"|\baccompanying\b|for details"
    r"|\b(?:tables?|charts?|schedules?|sections?|pages?|discussions?) (?:\w+ )?(?:below|that follow"
    r"|above)\b|\bfollowing\b|\bearlier\b"
    r"|(?:provided|described|discussed|presented|included|set forth) in\b|additional information",
    re.I,
)
_ASIDE = re.compile(
    r"\bnotes? (?:to|\d)|accounting|governance|methodology|^methods$|related work|limitations|tax", re.I
)
_OPENING = re.compile(
    r"\b(?:abstract|(?:executive |overall )?summary|overview|introduction|(?:main|key) (?:findings"
    r"|points|messages)|highlights"
    r"|conclusions?|in brief|at a glance|business|general|background|purpose|mission)\b",
    re.I,
)
_CLAIMS = re.compile(
    r"\b(?:we (?:propose|present|introduce|show|find|found|demonstrate|describe|examine|investigate)"
    r"|this (?:paper|report"
    r"|study|guide|manual|document) |our (?:results|findings|mission|strategy)|the (?:main|primary|key"
    r"|overall|purpose|aim|goal)"
    r"|in (?:summary|conclusion)|overall|most important|is (?:a|an|the)\b)",
    re.I,
)
_VERBISH = re.compile(r"[a-z]{2,}(?:ed|es|[^s]s)$")


def telling_sentences(
    reading: Reading, encode: Encode | None, *, most: int = MOST, among: Sequence[int] | None = None
) -> list[Sentence]:
    """Return up to `most` sentences, in reading order.

    Args:
        encode: texts to unit vectors, as those of the passages; None: words alone decide.
        among: indexes of the passages of the part that is asked about; None: the whole document.
    """
    allowed = None if among is None else set(among)
    sentences = [s for s in reading.statements if allowed is None or s.passage in allowed]
    shapes = {s.number: shape_of(s.text, in_english=reading.language in {None, "en"}) for s in sentences}
    sentences = [s for s in sentences if shapes[s.number] > 0]
    if not sentences:
        return []
    central = centrality(reading, allowed)
    opening = {
        i
        for i, passage in enumerate(reading.passages)
        if any(_OPENING.search(t) and len(t) < 60 for t in passage.headings[-1:])
    }
    aside = {
        i
        for i, passage in enumerate(reading.passages)
        if any(_ASIDE.search(t) and len(t) < 90 for t in passage.headings)
    }
    subject = {stem(word) for word in content_words(reading.document.title)}
    value = {
        s.number: central[s.passage]
        + 0.6 * shapes[s.number]
        + 0.25 * (s.passage in opening)
        - 0.3 * (s.passage in aside)
        + 0.3 * len(subject & set(stems(s.text))) / max(3, len(subject))
        + _early(reading, s)
        for s in sentences
    }
    chosen = _spread(reading, sorted(sentences, key=lambda s: (-value[s.number], s.number)), _N_CANDIDATES)
    vectors = _sentence_vectors(reading, chosen, encode)
    return sorted(_mmr(reading, chosen, vectors, value, most), key=lambda s: s.number)


def shape_of(text: str, *, in_english: bool) -> float:
    """Return how good a sentence looks as one that is read alone: 0 it does not, 1 it does."""
    tokens = text.split()
    if not 7 <= len(tokens) <= 48 or not _ENDS.search(text) or not (text[0].isupper() or text[0] in '“"'):
        return 0.0
    if (
        "  " in text
        or text.count("(") != text.count(")")
        or _figures(tokens) > 0.3
        or text.isupper()
        or text.endswith(("etc.", "?”"))
    ):
        return 0.0
    if sum(token[:1].isupper() for token in tokens) > 0.6 * len(tokens):
        return 0.0
    if in_english and not _has_verb(tokens):
        return 0.0
    shape = 1.0 if 12 <= len(tokens) <= 34 else 0.75
    shape -= 0.6 * bool(POINTING.match(text)) + 0.35 * bool(_OUTWARD.search(text)) + 0.15 * (":" in text or ";" in text)
    shape += 0.25 * bool(_CLAIMS.search(text)) - 0.3 * text.endswith("?") - 0.3 * bool(re.search(r"\b(?:I|my)\b", text))
    return max(0.05, shape)


def _figures(tokens: Sequence[str]) -> float:
    return sum(any(c.isdigit() for c in token) for token in tokens) / len(tokens)


def _has_verb(tokens: Sequence[str]) -> bool:
    inner = [token.strip(".,;:()").lower() for token in tokens[1:]]
    return any(token in AUXILIARIES or token in VERBS for token in inner) or any(
        _VERBISH.fullmatch(token) for token in inner
    )


def _early(reading: Reading, sentence: Sentence) -> float:
    """Return a small gift for what stands early: most documents say first what they are about."""
    return 0.5 * max(0.0, 1 - sentence.passage / max(6.0, 0.08 * len(reading.passages)))


def centrality(reading: Reading, allowed: set[int] | None = None) -> list[float]:
    """Return for each passage how central it is among those allowed, 0 to 1; the others have 0."""
    n = len(reading.passages)
    rows = [i for i in range(n) if (allowed is None or i in allowed) and not reading.is_back_matter(i)]
    result = [0.0] * n
    if not rows:
        return result
    if reading.vectors is None:
        scores = _wordcentrality(reading, rows)
    else:
        step = -(-len(rows) // _LEXRANK_UP_TO)
        scores = _lexrank(reading.vectors[rows], reading.vectors[rows[::step]])
    low, high = float(scores.min()), float(scores.max())
    for i, score in zip(rows, scores.tolist(), strict=True):
        result[i] = (score - low) / (high - low) if high > low else 1.0
    return result


def _lexrank(vectors: Floats, anchors: Floats) -> Floats:
    """Return how central each of (n, d) vectors is in the graph of (m, d) anchors: continuous LexRank.

    An edge weighs what two passages share beyond what any two of the document do.
    """
    near_AA = anchors @ anchors.T
    floor = float(np.median(near_AA))
    near_AA = np.maximum(near_AA - floor, 0)
    rank_A = np.full(len(anchors), 1 / len(anchors), np.float32)
    step_AA = near_AA / np.maximum(near_AA.sum(1, keepdims=True), 1e-6)
    for _ in range(20):
        rank_A = 0.15 / len(anchors) + 0.85 * (rank_A @ step_AA)
    scores: Floats = np.maximum(vectors @ anchors.T - floor, 0) @ rank_A
    return scores


def _wordcentrality(reading: Reading, rows: Sequence[int]) -> Floats:
    """Return how much of what many passages speak of each passage holds."""
    held = [{stem(word) for word in words(reading.passages[i].text) if len(word) > 3} for i in rows]
    spread = Counter(word for found in held for word in found)
    return np.array([sum(spread[word] for word in found) / (len(found) + 8) for found in held], np.float32)


def _spread(reading: Reading, ranked: Sequence[Sentence], n: int) -> list[Sentence]:
    """Return the n best, few of one passage, and a sixth of them of one twelfth of the document."""
    per_passage: Counter[int] = Counter()
    per_part: Counter[int] = Counter()
    part = max(1.0, len(reading.passages) / 12)
    most_of_one = max(2, n // max(1, len({sentence.passage for sentence in ranked})))
    chosen: list[Sentence] = []
    for sentence in ranked:
        where = int(sentence.passage / part)
        if per_passage[sentence.passage] < most_of_one and per_part[where] < max(most_of_one, n // 6):
            chosen.append(sentence)
            per_passage[sentence.passage] += 1
            per_part[where] += 1
            if len(chosen) == n:
                break
    return chosen


def _sentence_vectors(reading: Reading, sentences: Sequence[Sentence], encode: Encode | None) -> Floats:
    if encode is not None and reading.vectors is not None:
        return encode([s.text for s in sentences])
    vocabulary: dict[str, int] = {}
    bags = [
        [vocabulary.setdefault(stem(word), len(vocabulary)) for word in words(s.text) if len(word) > 3]
        for s in sentences
    ]
    vectors = np.zeros((len(sentences), max(1, len(vocabulary))), np.float32)
    for row, bag in enumerate(bags):
        vectors[row, bag] = 1
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return unit


def _mmr(
    reading: Reading, sentences: Sequence[Sentence], vectors: Floats, value: dict[int, float], most: int
) -> list[Sentence]:
    """Choose one after the other what says most and least repeats those chosen, no two from one place."""
    middle = vectors.mean(0)
    middle /= max(float(np.linalg.norm(middle)), 1e-6)
    relevance = vectors @ middle + 0.5 * np.array([value[s.number] for s in sentences], np.float32)
    chosen: list[int] = []
    while len(chosen) < min(most, len(sentences)):
        repeats = vectors @ vectors[chosen].T if chosen else np.zeros((len(sentences), 1), np.float32)
        score = relevance - _NOVELTY * repeats.max(1)
        for i, sentence in enumerate(sentences):
            same_part = sum(_is_near(reading, sentence, sentences[j]) for j in chosen)
            score[i] -= 0.12 * same_part
        score[[i for i in range(len(sentences)) if i in chosen or (chosen and repeats[i].max() > _SAME)]] = -np.inf
        best = int(score.argmax())
        if not np.isfinite(score[best]):
            break
        chosen.append(best)
    return [sentences[i] for i in chosen]


def _is_near(reading: Reading, one: Sentence, other: Sentence) -> bool:
    """Tell whether two sentences stand under one heading, or within a twentieth of the document."""
    if one.passage == other.passage or abs(one.passage - other.passage) < len(reading.passages) / 20:
        return True
    return reading.path_of(one) == reading.path_of(other) != ()
