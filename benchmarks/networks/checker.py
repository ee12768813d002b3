"""Judging: is a claim supported by its evidence? Held out premises of nli/, pairs built from SQuAD's dev articles.

    python -m benchmarks.networks.checker [--limit N] [--network FOLDER] [--threads N]

Beside the network stand what was there before it (rules: the numbers, names and denials of a claim, and the share of
its words that the evidence holds) and saying the commonest verdict always. Then 500 claims with a false number or
name, judged as answers are: what the evidence lacks is never supported, whatever the network says. Sets that may not
be learnt from for their licence are measured whole: they show how it does on what it was never taught.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.data import data_folder
from benchmarks.networks.common import SEED, drawn
from benchmarks.networks.common import options as common_options
from benchmarks.networks.figures import head, line, percent
from rag import models
from rag.answer.facts import denies_alike, holds_facts
from rag.errors import ModelMissing
from rag.evaluate.intervals import interval
from rag.networks.checker import corrupt, measure
from rag.networks.checker.articles import Article, read_squad, verbs_of
from rag.networks.checker.built import build
from rag.networks.checker.network import Checker
from rag.networks.checker.pairs import SOURCES, Label, Pair, may_train, of_parts, read_nli
from rag.networks.checker.train import ASIDE
from rag.text import content_words, stem
from rag.types import Floats

DEV = "squad/dev-v1.1.json.gz"
PER_ARTICLE = 60
N_FALSE = 500
_SHORTEST = 3  # characters of a name that is no abbreviation: not "St"
_SAME_MATTER = 0.6  # share of a claim's words that the evidence holds, for rules to judge it


def main() -> None:
    """Print the tables."""
    parser = common_options(__doc__)
    parser.add_argument("--network", type=Path, metavar="FOLDER", help="with checker.safetensors; else what is shipped")
    arguments = parser.parse_args()
    folder = data_folder()
    checker = _checker(arguments.network, arguments.threads)
    articles = read_squad(folder / DEV)
    of_nli = read_nli(folder)
    aside = of_parts([pair for pair in of_nli if may_train(pair)], ASIDE)
    never = of_parts([pair for pair in of_nli if not may_train(pair)], ASIDE)
    built = build(articles, verbs_of(articles), per_article=PER_ARTICLE, seed=SEED)
    _print_scores("A tenth of nli/, held out by premise", [*aside, *never], checker, arguments.limit)
    _print_scores("Pairs built from SQuAD 1.1 dev", built, checker, arguments.limit)
    _print_false(articles, checker)


def _checker(folder: Path | None, n_threads: int) -> Checker:
    import torch

    torch.set_num_threads(n_threads)
    try:
        return Checker.load(models.path_of(models.MINILM), folder, device="cpu")
    except ModelMissing as exc:
        print(f"skipped: {exc}")
        sys.exit(0)


def by_rules(pair: Pair) -> Label:
    """Return what rules say of a pair: what was there before the network."""
    said, there = ({stem(word) for word in content_words(text)} for text in (pair.claim, pair.evidence))
    if len(said & there) < _SAME_MATTER * len(said):
        return "unsupported"
    if holds_facts(pair.claim, pair.evidence) and denies_alike(pair.claim, pair.evidence):
        return "supported"
    return "contradicted"


def probabilities(checker: Checker, pairs: Sequence[Pair]) -> Floats:
    """Return what the network makes of pairs, shape (n, 3)."""
    return checker.probabilities([(pair.claim, pair.evidence) for pair in pairs])


def _print_scores(title: str, pairs: Sequence[Pair], checker: Checker, limit: int | None) -> None:
    pairs = drawn(pairs, limit)
    found = probabilities(checker, pairs)
    network = measure.most_likely(found)
    careful = measure.told_by(found, checker.card["thresholds"])
    rules = [by_rules(pair) for pair in pairs]
    commonest = Counter(pair.label for pair in pairs if pair.label in measure.LABELS).most_common(1)[0][0]
    columns = {
        "network": network,
        "with its thresholds": careful,
        "thresholds and facts": measure.told_by(measure.as_judged(pairs, found), checker.card["thresholds"]),
        "rules": rules,
        f"always {commonest}": [commonest] * len(pairs),
    }
    print(f"\n## {title}: macro F1\n\n{head('set', 'n', *columns, 'right: network', 'rules')}")
    taught = [i for i, pair in enumerate(pairs) if may_train(pair)]
    groups: dict[str, list[int]] = {"all that was learnt from": taught}
    for key in dict.fromkeys(pair.source for pair in pairs):
        name = key if SOURCES[key].may_train else f"{key} (never learnt)"
        groups[name] = [i for i, pair in enumerate(pairs) if pair.source == key]
    if len(taught) < len(pairs):
        groups["all"] = list(range(len(pairs)))
    for name, chosen in groups.items():
        labels = [pairs[i].label for i in chosen]
        f1 = [measure.scores(labels, [told[i] for i in chosen]).macro_f1 for told in columns.values()]
        right = [measure.scores(labels, [told[i] for i in chosen]).right for told in (network, rules)]
        print(line(name, f"{len(chosen):,}", *(f"{value:.3f}" for value in f1), *(f"{100 * v:.1f} %" for v in right)))
    _print_kinds(pairs, network, rules)
    known = [i for i in taught if pairs[i].label in measure.LABELS]
    told = measure.reliability(found[known], measure.targets([pairs[i] for i in known]))
    print(f'\nProbability of "supported": expected error {told["expected error"]:.3f}\n\n{head("said", "right", "n")}')
    for row in told["bins"]:
        print(line(f"{row['said']:.2f}", f"{row['right']:.2f}", str(row["n"])))


def _print_kinds(pairs: Sequence[Pair], network: Sequence[Label], rules: Sequence[Label]) -> None:
    kinds = sorted({pair.kind for pair in pairs if pair.kind})
    if not kinds:
        return
    print(f"\n{head('how it was built', 'is', 'n', 'network right', 'rules right')}")
    for kind in kinds:
        chosen = [i for i, pair in enumerate(pairs) if pair.kind == kind]
        labels = [pairs[i].label for i in chosen]
        shares = [measure.scores(labels, [told[i] for i in chosen]).right for told in (network, rules)]
        print(line(kind, labels[0], str(len(chosen)), *(f"{100 * share:.0f} %" for share in shares)))


# ------------------------------------------------------------------------------------------------ false claims


def false_claims(articles: Sequence[Article], n: int) -> list[tuple[Pair, Pair]]:
    """Return claims with a false number or name beside the true ones; the false value is not in the evidence."""
    verbs = verbs_of(articles)
    found: list[tuple[Pair, Pair]] = []
    for article in articles:
        rng = random.Random(f"{SEED} {article.title}")
        names = [name for name in article.names() if len(name) > _SHORTEST]
        for true in build([article], verbs, per_article=3 * PER_ARTICLE, seed=SEED + 1):
            if true.label != "supported" or true.kind not in {"answer", "own sentence"} or "?" in true.claim:
                continue  # a question is never corrupted: it is the user's own
            known = f"{true.evidence} {article.title}"
            new = (
                corrupt.other_number(true.claim, rng, known=known)
                if rng.random() < 0.5
                else corrupt.other_name(true.claim, names, rng, known=known)
            )
            if new:
                found.append((true, Pair(new, true.evidence, "contradicted", "squad", article.title)))
    return drawn(found, n)


def _print_false(articles: Sequence[Article], checker: Checker) -> None:
    both = false_claims(articles, N_FALSE)
    least, _ = checker.thresholds
    print(f"\n## {len(both)} claims of SQuAD 1.1 dev with a false number or name, and the same ones true\n")
    print(head("judged by", "false ones caught", "true ones supported"))
    lacks = [
        measure.as_judged(some, np.ones((len(some), 3), np.float32))[:, 0] == 0 for some in zip(*both, strict=True)
    ]
    passes = [probabilities(checker, pairs)[:, 0] >= least for pairs in zip(*both, strict=True)]
    rules = [np.array([by_rules(pair) == "supported" for pair in pairs]) for pairs in zip(*both, strict=True)]
    supported = {
        "rules, as before": rules,
        "facts alone": [~one for one in lacks],
        "the network alone": passes,
        "facts and network": [a & ~b for a, b in zip(passes, lacks, strict=True)],
    }
    for name, (true, false) in supported.items():
        print(line(name, percent(interval((~false).astype(float))), percent(interval(true.astype(float)))))


if __name__ == "__main__":
    main()
