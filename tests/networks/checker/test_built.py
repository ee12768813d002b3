"""Pairs built from questions: each is what its label says."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from rag.errors import InputError
from rag.networks.checker.articles import articles_of, read_squad, verbs_of
from rag.networks.checker.built import build
from rag.networks.checker.pairs import LABELS, NOT_SUPPORTED, Pair, check_data, may_train, of_parts, plain, read_nli
from rag.networks.checker.recipes import RECIPES
from rag.networks.checker.tabled import build_tabled

from .made import TOWNS, squad, write_data


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    articles = articles_of(squad(120)["data"])
    return build(articles, verbs_of(articles), per_article=10, seed=0)


def of_kind(pairs: list[Pair], kind: str) -> list[Pair]:
    found = [pair for pair in pairs if pair.kind == kind]
    assert found, kind
    return found


def town(text: str) -> set[str]:
    return {name for name in TOWNS if name in text}


def test_most_recipes_are_used_and_every_label_is_there(pairs: list[Pair]) -> None:
    assert len({pair.kind for pair in pairs}) >= len(RECIPES) - 4
    labels = Counter(pair.label for pair in pairs)
    assert all(labels[label] > 0.15 * len(pairs) for label in LABELS)


def test_the_same_seed_builds_the_same_pairs_and_another_one_others(pairs: list[Pair]) -> None:
    articles = articles_of(squad(120)["data"])
    again = build(articles, verbs_of(articles), per_article=10, seed=0)
    assert again == pairs
    assert build(articles, verbs_of(articles), per_article=10, seed=1) != pairs


def test_a_supported_answer_stands_in_its_evidence(pairs: list[Pair]) -> None:
    for pair in of_kind(pairs, "answer"):
        assert town(pair.claim) <= town(pair.evidence)


def test_another_answer_is_not_the_one_that_the_evidence_gives(pairs: list[Pair]) -> None:
    for kind in ("other answer", "other answer in evidence"):
        for pair in of_kind(pairs, kind):
            assert pair.label == "contradicted"
            assert pair.claim.rstrip(".").split()[-1] not in pair.evidence


def test_what_is_changed_in_both_stays_supported(pairs: list[Pair]) -> None:
    for pair in of_kind(pairs, "other figure in both"):
        assert pair.claim in pair.evidence
        assert pair.label == "supported"


def test_a_denied_claim_and_its_evidence_differ_in_the_denial(pairs: list[Pair]) -> None:
    for pair in [*of_kind(pairs, "denied"), *of_kind(pairs, "denied in evidence")]:
        assert (" not " in pair.claim) != (" not " in pair.evidence)
    for pair in of_kind(pairs, "denied in both"):
        assert " not " in pair.claim
        assert " not " in pair.evidence


def test_unsupported_claims_have_an_answer_that_the_evidence_lacks(pairs: list[Pair]) -> None:
    for kind in ("neighbour", "elsewhere"):
        for pair in of_kind(pairs, kind):
            assert pair.label == "unsupported"
            assert pair.claim.rstrip(".").split()[-1] not in pair.evidence


def test_an_article_is_learnt_whole_or_kept_aside_whole(pairs: list[Pair]) -> None:
    learnt, aside = of_parts(pairs, range(2, 10)), of_parts(pairs, range(1))
    assert learnt
    assert aside
    assert not {pair.group for pair in learnt} & {pair.group for pair in aside}


def test_pairs_of_tables_hold_the_value_or_do_not(tmp_path: Path) -> None:
    articles = articles_of(squad(2)["data"])
    found = build_tabled(write_data(tmp_path / "data"), verbs_of(articles), seed=0, n=100)
    assert {pair.label for pair in found} == set(LABELS)
    for pair in found:
        value = pair.claim.rstrip(".").split()[-1]
        if pair.label == "supported":
            assert value in pair.evidence or value in pair.claim
        if pair.label == "unsupported":
            assert f": {value}" not in pair.evidence.replace(" |", "")


def test_sets_of_inference_are_read_as_they_are_written(tmp_path: Path) -> None:
    found = read_nli(write_data(tmp_path / "data"))
    assert Counter(pair.label for pair in found) == {
        "supported": 30, "contradicted": 30, "unsupported": 30, NOT_SUPPORTED: 1,
    }  # fmt: skip
    assert found[0].evidence == "a man sees 0 dogs."
    assert found[-1].evidence == "a (b)."
    assert [may_train(pair) for pair in found[-2:]] == [True, False]


def test_tokens_are_put_together_as_they_are_written() -> None:
    assert plain("He did n't say `` no '' -LRB- yet -RRB- , Ann 's dog .") == "He didn't say \" no \" (yet), Ann's dog."


def test_missing_and_broken_sets_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nli\.jsonl\.gz"):
        check_data(tmp_path)
    data = write_data(tmp_path / "data")
    check_data(data)
    (data / "nli/nli.jsonl.gz").write_bytes(gzip.compress(json.dumps({"source": "nobody's"}).encode()))
    with pytest.raises(InputError, match=r"nli\.jsonl\.gz"):
        read_nli(data)
    (data / "squad/train-v1.1.json.gz").write_bytes(b"no gzip")
    with pytest.raises(InputError, match=r"train-v1\.1"):
        read_squad(data / "squad/train-v1.1.json.gz")
