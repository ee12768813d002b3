"""Pairs built from questions with answers, by recipes drawn at random. The same seed builds the same pairs.

A claim is a question and its answer as one sentence, or beside each other, or a sentence of the passage. Whatever
makes a claim false (another answer, number, name, a "not") is done to the evidence as often, and to both: so a claim
alone never tells its verdict, the evidence has to be read.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from rag.networks.checker.articles import Article, stems_of
from rag.networks.checker.pairs import Pair
from rag.networks.checker.recipes import RECIPES, Case
from rag.networks.checker.verbs import Verbs

_SPOKEN_OF = 0.25  # of what a question names, at least this share stands in the sentence with its answer
_TRIES = 4


def build(articles: Sequence[Article], verbs: Verbs, *, per_article: int, seed: int) -> list[Pair]:
    """Return pairs built from `per_article` questions of each article, by recipes drawn by their weights."""
    pairs: list[Pair] = []
    for article in articles:
        rng = random.Random(f"{seed} {article.title}")
        names = article.names()
        for asked in rng.sample(article.asked, min(per_article, len(article.asked))):
            if (pair := _pair(Case(article, asked, names, verbs, rng))) is not None:
                pairs.append(pair)
    return pairs


def _pair(case: Case) -> Pair | None:
    if len(stems_of(case.asked.question) & stems_of(case.sentence)) < _SPOKEN_OF * len(stems_of(case.asked.question)):
        return None  # what was asked stands elsewhere: the sentence alone supports no claim
    for recipe in case.rng.choices(list(RECIPES), list(RECIPES.values()), k=_TRIES):
        made = recipe(case)
        if made is not None and made[0] and made[1]:
            return Pair(*made, "squad", case.article.title, recipe.__name__.replace("_", " "))
    return None
