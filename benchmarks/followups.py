"""Are follow-up questions understood? Measures `rag/retrieve/rewrite.py`, by words and by what is found.

    python -m benchmarks.followups [--half even] [--words-only] [--model]

By words: follow-up questions that people rewrote to stand alone (CANARD, dev part; its odd rows: the rules were chosen
on the even ones). A term is the stem of a content word that the rewrite has and the question has not. The article's
title opens each conversation, as those who asked saw it; of SQuAD's questions, which stand alone, none should change.

By what is found: pairs of SQuAD questions of one article that share a name; in the second one the name becomes "it".
"ours, and as asked" is what the app does: what is near to the question as it was asked is looked for too.

`--model` lets the language model that is set rewrite as well, where it is sure (`rag/rewriting.py`).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.articles import Article, fill, squad_articles
from benchmarks.data import data_folder, share
from rag import asking
from rag.answer.language import language_model
from rag.library import Library
from rag.retrieve.mentions import AUX, names
from rag.retrieve.rewrite import Exchange, standalone
from rag.rewriting import can_rewrite, rewritten
from rag.settings import load_settings, model_choice
from rag.text import stems

Rewrite = Callable[[str, Sequence[Exchange]], str]
N_PAIRS = 20  # an article
SILENCE = "I don't know."  # how an answer of the set says that there is none


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question, what was said before it, and how a person rewrote it."""

    question: str
    history: tuple[Exchange, ...]
    rewrite: str


def as_asked(question: str, history: Sequence[Exchange]) -> str:
    """Return the question as it is."""
    return question


def with_last(question: str, history: Sequence[Exchange]) -> str:
    """Return the question behind the last one: what can be done without rules."""
    return f"{history[-1].question} {question}"


def with_all(question: str, history: Sequence[Exchange]) -> str:
    """Return the question behind everything that was said: no recall can be higher."""
    return " ".join([*(f"{exchange.question} {exchange.answer_text}" for exchange in history), question])


def ours(question: str, history: Sequence[Exchange]) -> str:
    """Return the question as Footnote completes it."""
    return standalone(question, history).query


WAYS: dict[str, Rewrite] = {"as asked": as_asked, "last question": with_last, "everything": with_all, "ours": ours}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", choices=("even", "odd"), default="odd")
    parser.add_argument("--words-only", action="store_true")
    parser.add_argument("--articles", type=int, default=24)
    parser.add_argument("--model", action="store_true")
    arguments, _ = parser.parse_known_args()
    if arguments.model:
        WAYS["model"] = _by_model()
    _report_words(follow_ups(arguments.half))
    articles = squad_articles("dev-v1.1.json.gz", arguments.articles, seed=2)
    _report_alarms(articles)
    if not arguments.words_only:
        _report_found(articles)


def _by_model() -> Rewrite:
    """Return the rewriting by the language model that is set, with the rules where it is not sure."""
    shared = language_model(model_choice(load_settings()))
    with shared.turn() as model:
        print(f"model: {model.name}{'' if can_rewrite(model) else ', which was not taught to rewrite'}", flush=True)
    return lambda question, history: rewritten(question, history, shared, is_cancelled=lambda: False).query


def follow_ups(half: str) -> list[FollowUp]:
    """Return the even or the odd rows of the set."""
    packed = (data_folder() / "rewrite" / "canard_dev.jsonl.gz").read_bytes()
    rows = [json.loads(line) for line in gzip.decompress(packed).decode().splitlines()]
    found = []
    for row in rows[half == "odd" :: 2]:
        title, _, *said = row["history"]
        answered = zip(said[::2], said[1::2], strict=True)
        history = [Exchange(question, "" if answer == SILENCE else answer) for question, answer in answered]
        found.append(FollowUp(row["question"], (Exchange(f"Tell me about {title}.", ""), *history), row["rewrite"]))
    return found


def _report_words(asked: Sequence[FollowUp]) -> None:
    n_leaning = sum(bool(set(stems(a.rewrite)) - set(stems(a.question))) for a in asked)
    print(f"{len(asked)} follow-up questions, {n_leaning} rewritten by people with new terms")
    print(
        f"{'':15} {'recall':>7} {'precision':>9} {'terms added':>11} {'left alone':>10} {'changed, should not be':>22}"
    )
    for name, way in WAYS.items():
        n_missing = n_added = n_right = n_left = n_changed = 0
        for a in asked:
            raw = set(stems(a.question))
            missing, added = set(stems(a.rewrite)) - raw, set(stems(way(a.question, a.history))) - raw
            n_missing, n_added, n_right = n_missing + len(missing), n_added + len(added), n_right + len(missing & added)
            n_left += bool(missing) and not added
            n_changed += bool(added) and not missing
        precision = f"{100 * n_right / n_added:7.1f} %" if n_added else "-"
        left, changed = 100 * n_left / n_leaning, 100 * n_changed / (len(asked) - n_leaning)
        recall = 100 * n_right / n_missing
        print(f"{name:15} {recall:5.1f} % {precision:>9} {n_added / len(asked):11.1f} {left:8.1f} % {changed:13.1f} %")


def _report_alarms(articles: Sequence[Article]) -> None:
    rng = random.Random(3)
    changed = []
    for article in articles:
        for _ in range(100):
            (first, answers, _), (second, _, _) = rng.sample(article.questions, 2)
            changed.append(standalone(second, [Exchange(first, answers[0])]).query != second)
    print(
        f"\nSQuAD questions changed after another one of their article: {share(changed)} of {len(changed)}", flush=True
    )


def _pairs(article: Article, rng: random.Random) -> list[tuple[Exchange, str, str, int]]:
    """Return (first question, second one, the same with "it" for their common name, paragraph of the second)."""
    found = []
    questions = rng.sample(article.questions, len(article.questions))
    about = [(names(question)[:1], question, answers) for question, answers, _ in questions]
    for second, _, paragraph in questions:
        name = next((name.text for name in names(second)[:1]), "")
        alone = re.compile(rf"\b(did|does|is|was|has|of|in|for) {re.escape(name)}(?= (?:{AUX})\b|\W*$| [a-z]+e\b)")
        if not name or not alone.search(second):
            continue
        for named, first, answers in about:  # an answer with a name could be what "it" means
            if first != second and [n.text for n in named] == [name] and not names(answers[0]):
                found.append((Exchange(first, answers[0]), second, alone.sub(r"\1 it", second, count=1), paragraph))
                break
    return found[:N_PAIRS]


def _report_found(articles: Sequence[Article]) -> None:
    rng = random.Random(4)
    ways = [name for name in WAYS if name != "everything"]
    both = [f"{name}, and as asked" for name in ("ours", "model") if name in WAYS]
    firsts: dict[str, list[bool]] = {name: [] for name in ("with the name", *ways, *both)}
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=2)
        fill(library, articles)
        for article in articles:
            for exchange, named, follow_up, paragraph in _pairs(article, rng):
                queries = {"with the name": named} | {name: WAYS[name](follow_up, [exchange]) for name in ways}
                for name, right in firsts.items():
                    query = queries[name.removesuffix(", and as asked")]
                    said = follow_up if name in both else None
                    hit = asking.find(library.parts, query, 1, None, said=said).hits[0]
                    right.append((hit.document, hit.passage.number) == (article.name, paragraph))
        library.close()
    print(f"\nthe right paragraph first, of {len(articles)} articles together")
    for name, right in firsts.items():
        print(f"{name:20} {share(right)} of {len(right)}")


if __name__ == "__main__":
    main()
