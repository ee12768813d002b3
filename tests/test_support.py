"""Verdicts: of claims with citations and without, by a network whose outputs the test fixes, and by rules alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from rag.answer.cite import Source, cite
from rag.answer.generative import GenerativeReader
from rag.answer.support import Judge
from rag.answer.ungrounded import UngroundedReader
from rag.types import Answer, Claim, Floats, Hit, PageSpan, Passage
from tests.test_generative import HITS, QUESTION, TEXTS, Scripted, page_of, written

BUILT = "The Neocognitron was built by Kunihiko Fukushima in 1980."


@dataclass
class Checker:
    """Says of each (claim, evidence) what it was told to, by a word of the evidence; else that it is unsupported."""

    supports: dict[str, float] = field(default_factory=dict)  # word of the evidence -> probability
    contradicts: dict[str, float] = field(default_factory=dict)
    thresholds: tuple[float, float] = (0.7, 0.8)
    asked: list[list[tuple[str, str]]] = field(default_factory=list)

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        self.asked.append(list(pairs))
        rows = []
        for _, evidence in pairs:
            supported = max((p for word, p in self.supports.items() if word in evidence), default=0.1)
            contradicted = max((p for word, p in self.contradicts.items() if word in evidence), default=0.1)
            rows.append((supported, contradicted, max(0.0, 1 - supported - contradicted)))
        return np.array(rows, np.float32).reshape(-1, 3)


def judged(
    said: str, checker: Checker | None = None, *, reader: str = "grounded", hits: Sequence[Hit] = HITS
) -> Answer:
    writer = GenerativeReader(Scripted(said), page_of) if reader == "grounded" else UngroundedReader(Scripted(said))  # type: ignore[arg-type]
    return Judge(page_of, checker).judged(written(writer), hits)


def only(answer: Answer) -> Claim:
    (claim,) = answer.claims
    return claim


# --------------------------------------------------------------------------------------------- with a network


def test_a_verbatim_claim_stays_verbatim_and_the_network_is_not_asked() -> None:
    checker = Checker()
    assert only(judged(BUILT, checker)).verdict == "verbatim"
    assert checker.asked == []


@pytest.mark.parametrize(
    ("supported", "contradicted", "verdict"),
    [(0.9, 0.0, "supported"), (0.71, 0.0, "supported"), (0.69, 0.0, "unsupported"), (0.1, 0.85, "contradicted"),
     (0.1, 0.79, "unsupported"), (0.75, 0.9, "supported")],
)  # fmt: skip
def test_the_thresholds_of_the_network_decide(supported: float, contradicted: float, verdict: str) -> None:
    checker = Checker({"Fukushima": supported}, {"Fukushima": contradicted})
    claim = only(judged("Kunihiko Fukushima built the Neocognitron in 1980.", checker))
    assert claim.verdict == verdict
    assert claim.support == pytest.approx(supported)
    assert claim.citations[0].support == pytest.approx(supported)
    assert claim.citations[0].page == 2


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ("Kunihiko Fukushima built the Neocognitron in 1981.", ("1981",)),
        ("David Hubel built the Neocognitron in 1980.", ("David",)),
        ("Yann LeCun built the Neocognitron on 3 May 1980.", ("Yann LeCun", "3 May 1980")),
    ],
)
def test_a_number_a_date_or_a_name_that_stands_nowhere_is_never_supported(said: str, lacks: tuple[str, ...]) -> None:
    claim = only(judged(said, Checker(dict.fromkeys(("Neo", "Hubel", "Adam", "Dropout", "."), 0.99))))
    assert claim.verdict == "unsupported"
    assert claim.lacks == lacks
    assert claim.support == 0.0


def test_a_claim_without_a_citation_gets_that_which_supports_it() -> None:
    answer = judged("Randomly, units are disabled by the method.", Checker({"switches units off": 0.93}))
    claim = only(answer)
    assert (claim.verdict, claim.citations[0].page, claim.citations[0].quote) == (
        "supported", 1, "Dropout switches units off at random.",
    )  # fmt: skip
    assert answer.text == "Randomly, units are disabled by the method. [1]"


def test_a_claim_without_a_citation_gets_that_which_contradicts_it() -> None:
    claim = only(judged("The Neocognitron was built by Hubel and Wiesel.", Checker({}, {"Fukushima": 0.95})))
    assert (claim.verdict, claim.citations[0].page) == ("contradicted", 2)
    assert "Fukushima" in claim.citations[0].quote


def test_a_sentence_of_another_matter_contradicts_nothing() -> None:
    claim = only(judged("The Neocognitron had seven layers of cells.", Checker({}, {"Adam": 0.99, "Dropout": 0.99})))
    assert (claim.verdict, claim.citations) == ("unsupported", ())


def test_all_pairs_of_an_answer_go_to_the_network_at_once() -> None:
    checker = Checker()
    said = f"{BUILT} Hubel and Wiesel looked at cells of cats. Cheese is made of milk. Units are off at random."
    answer = judged(said, checker)
    assert [claim.verdict for claim in answer.claims] == ["verbatim", "unsupported", "unsupported", "unsupported"]
    assert len(checker.asked) == 1
    assert len(set(checker.asked[0])) == len(checker.asked[0])
    assert all(claim != BUILT for claim, _ in checker.asked[0])


def test_a_few_words_are_read_with_their_question() -> None:
    checker = Checker({"Fukushima": 0.9})
    assert only(judged("In 1980.", checker)).verdict == "supported"
    assert {claim for claim, _ in checker.asked[0]} == {f"{QUESTION} In 1980."}


def test_citations_are_read_alone_and_together_and_the_best_counts() -> None:
    cited = [
        cite(n, Source(hit, 0, len(text), verbatim=False), page_of)
        for n, (hit, text) in enumerate(zip(HITS[:2], TEXTS[:2], strict=True), 1)
    ]
    claim = Claim("Dropout came in 2012, the Neocognitron in 1980.", tuple(cited), "unchecked")
    answer = Answer("When?", "grounded", claim.text, (claim,), HITS, abstained=False)
    checker = Checker({"Dropout switches": 0.9, "The Neocognitron was": 0.8})
    found = only(Judge(page_of, checker).judged(answer, HITS))
    assert found.verdict == "supported"  # by both together: neither holds both years
    evidence = [text for _, text in checker.asked[0]]
    assert " ".join(TEXTS[:2]) in evidence
    assert "Dropout switches units off at random." in evidence
    assert all(citation.support == 0.0 for citation in found.citations)


def test_the_row_of_a_table_is_read_with_its_title_and_headings() -> None:
    row = "Purchases of property, plant and equipment (1,577) (1,373)"
    passage = Passage(
        1, row, row, (PageSpan(1, 0, len(row)),), kind="table", document_id="d" * 64, id=1,
        title="Cash flows, years ended December 31 (Millions) 2018 2017",
    )  # fmt: skip
    citation = replace(cite(1, Source(HITS[0], 0, 7, verbatim=False), page_of), quote=row)
    claim = Claim("It spent $1,577 million on property in 2018.", (citation,), "unchecked")
    answer = Answer("How much?", "grounded", claim.text, (claim,), (), abstained=False)
    checker = Checker({"Purchases": 0.9})
    assert only(Judge(page_of, checker).judged(answer, [replace(HITS[0], passage=passage)])).verdict == "supported"
    assert "(Millions) 2018 2017 Purchases" in checker.asked[0][0][1]


def test_names_of_short_forms_that_the_documents_explain_are_known() -> None:
    said = "The KF built the Neocognitron in 1980."
    checker = Checker({"Fukushima": 0.9})
    answer = written(GenerativeReader(Scripted(said), page_of))
    assert only(Judge(page_of, checker, known="KF").judged(answer, HITS)).verdict == "supported"


def test_an_abstention_is_left_alone() -> None:
    answer = Answer(QUESTION, "grounded", "no", (), HITS, abstained=True)
    assert Judge(page_of, Checker()).judged(answer, HITS) is answer


def test_what_the_model_says_alone_is_held_against_the_hits() -> None:
    checker = Checker({"Fukushima": 0.9}, {"Adam": 0.9})
    said = "Fukushima built the Neocognitron in 1980. Adam was published in 2019. It was much loved."
    answer = judged(said, checker, reader="ungrounded")
    assert [(claim.verdict, [c.page for c in claim.citations]) for claim in answer.claims] == [
        ("supported", [2]),
        ("contradicted", [3]),
        ("unsupported", []),
    ]
    assert answer.text == said  # what it said is not given our marks
    assert [c.marker for claim in answer.claims for c in claim.citations] == [1, 2]


# -------------------------------------------------------------------------------------------------- rules alone


@pytest.mark.parametrize(
    ("said", "verdict", "pages", "lacks"),
    [
        (BUILT, "verbatim", [2], ()),
        ("Fukushima built the Neocognitron in 1980.", "unchecked", [2], ()),
        ("Fukushima built the Neocognitron in 1981.", "unsupported", [], ("1981",)),
        ("It was much loved by all.", "unchecked", [], ()),
    ],
)
def test_without_a_network_rules_say_what_they_can_of_the_model_alone(
    said: str, verdict: str, pages: list[int], lacks: tuple[str, ...]
) -> None:
    claim = only(judged(said, reader="ungrounded"))
    assert (claim.verdict, [c.page for c in claim.citations], claim.lacks) == (verdict, pages, lacks)
    assert claim.support is None


def test_without_a_network_a_cited_claim_stays_unchecked() -> None:
    claim = only(judged("Kunihiko Fukushima built the Neocognitron in 1980."))
    assert (claim.verdict, claim.support, len(claim.citations)) == ("unchecked", None, 1)
