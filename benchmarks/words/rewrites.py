"""Follow-up questions of dialogues kept aside: rewritten by the taught model, by rules, and as the app does it.

    python -m benchmarks.words.rewrites [--limit N] [--adapter FOLDER]

By words: ROUGE-1 F1 and BLEU against what people wrote (CANARD, one of five dialogues; none of them was learnt from).
Sources: Lin, ROUGE, 2004; Papineni et al., BLEU, 2002, of the whole set, to four words. By what is found: every
dialogue's answers as a document of its own, and whether one of the five passages found is of the dialogue asked about.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.articles import Article, fill
from benchmarks.data import data_folder
from benchmarks.networks.common import drawn, progress
from benchmarks.networks.figures import head, line, percent, points
from benchmarks.words.common import SEED, options, remembering
from rag.answer.language import SharedModel
from rag.answer.prompts import MODEL_NO_ANSWER, rewrite_turns
from rag.evaluate.intervals import difference, interval
from rag.library import Library
from rag.networks.llm.rewrites import CANARD, FollowUp, read_follow_ups
from rag.retrieve.rewrite import Exchange, standalone
from rag.rewriting import MAX_TOKENS, rewritten
from rag.text import fold, words

K = 5
Way = Callable[[FollowUp], str]


def main() -> None:
    """Print the table."""
    arguments = options(__doc__).parse_args()
    every = read_follow_ups(data_folder() / CANARD)
    asked = drawn([one for one in every if one.is_aside and one.history], arguments.limit, SEED)
    taught = remembering(arguments.adapter, is_tuned=True, n_threads=arguments.threads)
    shared = SharedModel(taught.name, lambda: taught.model)
    with shared.turn():
        pass  # it is asked only when it is loaded
    ways: dict[str, Way] = {
        "as asked": lambda one: one.question,
        "rules": lambda one: standalone(one.question, _exchanges(one)).query,
        "model": lambda one: "".join(
            taught.stream(rewrite_turns(one.history, one.question), max_tokens=MAX_TOKENS, is_cancelled=lambda: False)
        ).strip(),
        "the app: model where sure, else rules": lambda one: (
            rewritten(one.question, _exchanges(one), shared, is_cancelled=lambda: False).query
        ),
        "as people wrote it": lambda one: one.rewrite,
    }
    said: dict[str, list[str]] = {}
    for name, way in ways.items():
        told = progress(name, len(asked))
        said[name] = []
        for number, one in enumerate(asked, 1):
            said[name].append(way(one))
            told(number)
    print(f"{len(asked)} follow-up questions; 95 % intervals in brackets\n")
    found = _found(every, asked, said)
    print(head("", "ROUGE-1 F1", "BLEU", f"recall@{K}", f"recall@{K}, less as asked"))
    for name, texts in said.items():
        rouge = np.array([rouge1(text, one.rewrite) for text, one in zip(texts, asked, strict=True)])
        gained = points(difference(found[name], found["as asked"])) if name != "as asked" else ""
        score = f"{100 * bleu(texts, [one.rewrite for one in asked]):.1f}"
        print(line(name, percent(interval(rouge)), score, percent(interval(found[name])), gained), flush=True)


def rouge1(said: str, wanted: str) -> float:
    """Return the F1 of single words."""
    a, b = Counter(words(fold(said))), Counter(words(fold(wanted)))
    both = (a & b).total()
    return 2 * both / (a.total() + b.total()) if both else 0.0


def bleu(said: Sequence[str], wanted: Sequence[str]) -> float:
    """Return BLEU-4 of a set, without smoothing."""
    tokens = [(words(fold(a)), words(fold(b))) for a, b in zip(said, wanted, strict=True)]
    logs = 0.0
    for n in range(1, 5):
        hit = total = 0
        for a, b in tokens:
            grams = Counter(tuple(a[i : i + n]) for i in range(len(a) - n + 1))
            hit += (grams & Counter(tuple(b[i : i + n]) for i in range(len(b) - n + 1))).total()
            total += grams.total()
        if not hit:
            return 0.0
        logs += math.log(hit / total) / 4
    n_said, n_wanted = sum(len(a) for a, _ in tokens), sum(len(b) for _, b in tokens)
    return math.exp(logs + min(0.0, 1 - n_wanted / n_said))


def _exchanges(one: FollowUp) -> list[Exchange]:
    pairs = zip(one.history[::2], one.history[1::2], strict=True)
    return [Exchange(q.text, "" if a.text == MODEL_NO_ANSWER else a.text) for q, a in pairs]


def _found(every: Sequence[FollowUp], asked: Sequence[FollowUp], said: dict[str, list[str]]) -> dict[str, list[float]]:
    """Return for each way whether a passage of the right dialogue is among the first K."""
    dialogues: dict[str, list[str]] = {}
    for one in every:  # the last question of a dialogue has heard all its answers
        answers = [turn.text for turn in one.history if turn.role == "assistant" and turn.text != MODEL_NO_ANSWER]
        dialogues[one.group] = max(dialogues.get(one.group, []), answers, key=len)
    articles = [
        Article(group, tuple(f"{group.replace('|', ', ')}. {text}" for text in texts), ())
        for group, texts in dialogues.items()
        if texts
    ]
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder), n_threads=2, reads=False)
        fill(library, articles)
        found = {
            name: [
                float(any(hit.document == one.group for hit in library.search(text or one.question, K)))
                for text, one in zip(texts, asked, strict=True)
            ]
            for name, texts in said.items()
        }
        library.close()
    return found


if __name__ == "__main__":
    main()
