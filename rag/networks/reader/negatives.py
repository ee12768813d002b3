"""Hard negatives: the passages of an article that our own way of finding ranks first, yet do not hold the answer.

Meaning and words are standardised and added, as in rag/retrieve/fuse.py.
Source: Karpukhin et al., Dense Passage Retrieval for Open-Domain Question Answering, 2020 (BM25 negatives).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from rag.networks.reader.squad import Article
from rag.networks.vectors import VectorCache
from rag.text import content_words, fold
from rag.types import Floats

_K1, _B = 1.2, 0.75
_KEPT = 6  # negatives a question


def hard_negatives(
    articles: Sequence[Article], cache: VectorCache, *, on_vectors: Callable[[int, int], None] | None = None
) -> dict[str, list[int]]:
    """Return for each question's id the paragraphs of its article that look most like an answer and hold none."""
    paragraphs = [paragraph for article in articles for paragraph in article.paragraphs]
    questions = [question.text for article in articles for question in article.questions]
    vectors = cache.vectors([*paragraphs, *questions], on_done=on_vectors)
    found: dict[str, list[int]] = {}
    p, q = 0, len(paragraphs)
    for article in articles:
        n_p, n_q = len(article.paragraphs), len(article.questions)
        found |= _of_article(article, vectors[p : p + n_p], vectors[q : q + n_q])
        p, q = p + n_p, q + n_q
    return found


def kept_negatives(path: Path, make: Callable[[], dict[str, list[int]]]) -> dict[str, list[int]]:
    """Return the negatives that a file keeps, made first where there is none."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        temporary.write_text(json.dumps(make()), encoding="utf-8")
        temporary.replace(path)
    kept: dict[str, list[int]] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _of_article(article: Article, paragraphs: Floats, questions: Floats) -> dict[str, list[int]]:
    folded = [fold(paragraph) for paragraph in article.paragraphs]
    bm25 = _bm25(article)
    meaning = questions @ paragraphs.T  # (n_questions, n_paragraphs)
    found = {}
    for i, question in enumerate(article.questions):
        scores = _standardised(meaning[i]) + _standardised(bm25[i])
        answers = [fold(answer) for answer in question.answers]
        found[question.id] = [
            int(n)
            for n in np.argsort(-scores, kind="stable")
            if n != question.paragraph and not any(answer in folded[n] for answer in answers)
        ][:_KEPT]
    return found


def _bm25(article: Article) -> Floats:
    """Return BM25 of every question and paragraph of an article, shape (n_questions, n_paragraphs)."""
    counts = [Counter(content_words(paragraph)) for paragraph in article.paragraphs]
    lengths = np.array([sum(count.values()) for count in counts], np.float32)
    in_how_many = Counter(word for count in counts for word in count)
    scores = np.zeros((len(article.questions), len(counts)), np.float32)
    norm = _K1 * (1 - _B + _B * lengths / max(1.0, float(lengths.mean())))
    for i, question in enumerate(article.questions):
        for word in set(content_words(question.text)) & in_how_many.keys():
            idf = math.log(1 + (len(counts) - in_how_many[word] + 0.5) / (in_how_many[word] + 0.5))
            times = np.array([count[word] for count in counts], np.float32)
            scores[i] += idf * times * (_K1 + 1) / (times + norm)
    return scores


def _standardised(scores: Floats) -> Floats:
    spread = float(scores.std())
    raised: Floats = (scores - scores.mean()) / (spread or 1.0)
    return raised
