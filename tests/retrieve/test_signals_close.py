"""Signals that read passages: the best words in a row, neighbours, rows of tables, years."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.candidates import Asked, Candidates, Ids, Scores
from rag.retrieve.signals import periods
from rag.retrieve.signals.periods import PassagePeriods
from rag.retrieve.signals.texts import Texts
from rag.retrieve.signals.windows import BestRow, BestWindow, SideBySide, best_window, neighbours
from rag.text import content_words, stem
from rag.types import Expansion, Hint, PageSpan, Passage, PassageKind, Understood


@dataclass
class MadePlaces:
    stored: Sequence[Passage]
    n_read: int = 0

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        self.n_read += 1
        return [passage for id_ in ids for passage in self.stored if passage.id == id_]

    def index_texts(self, ids: Sequence[int] | Ids) -> dict[int, str]:
        return {passage.id: passage.index_text for passage in self.passages([int(id_) for id_ in ids])}

    def passage_ids(self, document_keys: Sequence[int] | None, *, with_vectors: bool = False) -> Ids:
        raise NotImplementedError

    def passage_places(self, ids: Sequence[int] | Ids) -> Ids:
        raise NotImplementedError

    def passages_on(self, pages: Sequence[tuple[int, int]]) -> list[int]:
        raise NotImplementedError

    def shares_of_digits(self, ids: Sequence[int] | Ids) -> Scores:
        raise NotImplementedError


class MadeVocabulary:
    def terms(self, question: str) -> list[str]:
        return list(dict.fromkeys(map(stem, content_words(question))))

    def idf(self, terms: Sequence[str], documents: Sequence[int] | None = None) -> Mapping[str, float]:
        return {term: 3.0 if term == "anvil" else 1.0 for term in terms}


def passage(id_: int, text: str, kind: PassageKind = "text", *, title: str = "", index_text: str = "") -> Passage:
    return Passage(id_, text, index_text or text, (PageSpan(1, 0, len(text)),), (), kind, id=id_, title=title)


def texts(*passages: Passage) -> tuple[Texts, Candidates, MadePlaces]:
    places = MadePlaces(passages)
    rows = np.array([(p.id, 1, 1, 1) for p in passages], np.int64)
    return Texts(places, MadeVocabulary()), Candidates.of(rows), places


def asked(question: str, *hints: Hint, also: tuple[Expansion, ...] = ()) -> Asked:
    return Asked(Understood(question, question, hints, expansions=also))


FAR = " and so on" * 20


def test_words_that_stand_together_win_over_words_that_are_scattered() -> None:
    read, candidates, _ = texts(
        passage(1, f"The heavy anvil was sold. {FAR} It was paid in silver."),
        passage(2, f"The heavy anvil was sold and paid in silver. {FAR}"),
        passage(3, "Nothing of it."),
    )
    scores = BestWindow(read)(asked("Who sold the heavy anvil, paid in silver?"), candidates)
    assert scores[1] == 1.0 > scores[0] > scores[2] == 0.0


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    read, candidates, _ = texts(passage(1, "an anvil"), passage(2, "a hammer"))
    scores = BestWindow(read)(asked("hammer or anvil"), candidates)
    assert scores.tolist() == [0.75, 0.25]


def test_forms_of_a_word_in_any_dress_are_found() -> None:
    read, candidates, _ = texts(passage(1, "(ANVILS), heavy/selling;"))
    assert BestWindow(read)(asked("heavy anvil sells"), candidates)[0] == 1.0


def test_other_words_for_the_question_s_count_half() -> None:
    read, candidates, _ = texts(passage(1, "plant"), passage(2, "factory"), passage(3, "works"))
    also = (Expansion("factory", ("plant",), "meaning"),)
    scores = BestWindow(read)(asked("factory", also=also), candidates)
    assert scores.tolist() == [0.5, 1.0, 0.0]


def test_neighbours_of_the_question_that_are_neighbours_in_the_text_count() -> None:
    read, candidates, _ = texts(
        passage(1, "cash flow statement"),
        passage(2, "flow of cash in a statement"),
        passage(3, "statement, flow, cash"),
    )
    scores = SideBySide(read)(asked("cash flow statement"), candidates)
    assert scores[0] == 1.0
    assert scores[1] < 1.0
    assert scores[2] == 0.0


def test_a_row_counts_with_what_stands_above_it() -> None:
    read, candidates, _ = texts(
        passage(1, "Anvils  3  4\nHammers  5  6", "table", title="Sales by product"),
        passage(2, "Anvils  3  4\nHammers  5  6", "table", title="Costs"),
        passage(3, "Sales of anvils", "text"),
    )
    scores = BestRow(read)(asked("anvil sales"), candidates)
    assert scores[0] > scores[1] > scores[2] == 0.0


def test_passages_are_read_once_for_all_signals_and_gone_ones_are_left_out() -> None:
    read, candidates, places = texts(passage(1, "an anvil"), passage(2, "a hammer"))
    places.stored = places.stored[:1]
    question = asked("anvil")
    scores = [signal(question, candidates) for signal in (BestWindow(read), SideBySide(read), BestRow(read))]
    assert places.n_read == 1
    assert all(np.isnan(score[1]) for score in scores)
    assert scores[0][0] == 1.0


def test_a_passage_that_names_the_year_wins_over_one_of_another_year() -> None:
    read, candidates, _ = texts(
        passage(1, "Net sales  5", "table", index_text="Net sales | 2022: 5"),
        passage(2, "In 2019 sales fell."),
        passage(3, "Sales fell."),
        passage(4, "Part 2022.5 and $2022"),
    )
    scores = PassagePeriods(read)(asked("sales", Hint("period", "2022", "2022", ("2022",))), candidates)
    assert scores[0] == 1.0 > scores[2] > scores[1] == 0.0
    assert scores[3] == scores[2]


def test_a_quarter_is_looked_for_beside_its_year() -> None:
    read, candidates, _ = texts(
        passage(1, "In the second quarter of 2022 it rose"), passage(2, "In 2022 it rose"), passage(3, "Q3 2022")
    )
    scores = PassagePeriods(read)(asked("sales", Hint("period", "Q2 2022", "Q2 2022", ("2022Q2",))), candidates)
    assert scores[0] == 1.0 > scores[1] == scores[2] > 0.0


@given(st.text("12059.,$% \nQ", max_size=30))
def test_years_are_found_as_by_looking_back_first(text: str) -> None:
    plainly = re.compile(r"(?<![\d.,$])(?:1[5-9]|20)\d\d(?![\d%]|[.,]\d)")
    assert periods._YEAR.findall(text) == plainly.findall(text)


def test_without_a_period_all_are_level() -> None:
    read, candidates, places = texts(passage(1, "In 2022"), passage(2, "In 2019"))
    assert not PassagePeriods(read)(asked("sales"), candidates).any()
    assert places.n_read == 0


SPOTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 4)), max_size=30).map(sorted)


@given(SPOTS, st.integers(1, 30))
def test_the_best_window_is_the_best_of_all_windows(spots: list[tuple[int, int]], width: int) -> None:
    weights = [1.0, 2.0, 3.5, 0.5, 1.5]
    every = [sum(weights[t] for t in {t for at, t in spots if start <= at < start + width}) for start in range(-30, 61)]
    assert best_window(spots, weights, width) == max(every, default=0.0)


@given(SPOTS)
def test_neighbours_are_in_order_and_near(spots: list[tuple[int, int]]) -> None:
    at = {term: [a for a, t in spots if t == term] for _, term in spots}
    for first, second in neighbours(spots):
        assert any(0 <= b - a <= 2 for a in at[first] for b in at[second])
