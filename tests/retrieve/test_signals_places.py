"""Signals of places: what a hint means ranks higher, everything is level without a hint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from rag.retrieve.candidates import Asked, Candidates, Scores, Signal
from rag.retrieve.hints import read_hints
from rag.retrieve.signals.periods import DocumentPeriods
from rag.retrieve.signals.phrases import Phrases
from rag.retrieve.signals.places import DocumentPlaces, PagePlaces, PartPlaces, SectionPlaces
from rag.text import content_words
from rag.types import Document, PageSpan, Passage, Understood
from tests.retrieve.hints_made import FILINGS, MadeShelf


def passage(id_: int, text: str, page: int = 1, *, headings: tuple[str, ...] = (), title: str = "") -> Passage:
    span = (PageSpan(page, 0, len(text)),)
    return Passage(id_, text, text, span, headings, id=id_, title=title)


@dataclass
class MadeLibrary(MadeShelf):
    """Passages by document; the first line of a page is that of its first passage."""

    stored: Mapping[int, Sequence[Passage]] = field(default_factory=dict)

    def documents(self, keys: Sequence[int] | None = None) -> Sequence[Document]:
        return [document for document in FILINGS if keys is None or document.key in keys]

    def _all(self, keys: Sequence[int] | None) -> list[tuple[int, Passage]]:
        return [(key, p) for key, ps in self.stored.items() if keys is None or key in keys for p in ps]

    def headed(self, words: str, keys: Sequence[int] | None) -> list[tuple[int, tuple[str, ...]]]:
        wanted = set(content_words(words))
        return [(p.id, p.headings) for _, p in self._all(keys) if wanted & set(content_words(" ".join(p.headings)))]

    def holding(self, words: str, keys: Sequence[int] | None) -> list[Passage]:
        wanted = set(content_words(words))
        return [p for _, p in self._all(keys) if wanted & set(content_words(p.text))]

    def topped(self, words: str, keys: Sequence[int] | None) -> dict[tuple[int, int], str]:
        tops: dict[tuple[int, int], str] = {}
        for key, p in self._all(keys):
            tops.setdefault((key, p.pages[0]), p.text)
        return tops

    def passages_on(self, pages: Sequence[tuple[int, int]]) -> list[int]:
        return sorted(p.id for key, p in self._all(None) if any((key, page) in pages for page in p.pages))

    def candidates(self) -> Candidates:
        rows = [(p.id, key, p.pages[0], p.pages[-1]) for key, p in self._all(None)]
        return Candidates.of(np.array(sorted(rows), np.int64))


LIBRARY = MadeLibrary(
    numbers={1: {page: str(page - 2) if page > 2 else None for page in range(1, 121)}},
    stored={
        1: [
            passage(10, "Contents\nBalance sheets 14\nCash flows 15", 2),
            passage(11, "Acme and Subsidiaries Consolidated Balance Shee t\nAssets  12  13", 14),
            passage(12, "Consolidated Statements of Cash Flows\nDepreciation  5  6", 15),
            passage(13, "Anvils are sold, as table 4 shows.", 16, headings=("2 Business", "2.1 Anvils")),
            passage(14, "Table 4: Anvils by weight\nsmall  3", 17, headings=("2 Business",)),
            passage(15, "We are “capital-intensive” and heavy.", 18, headings=("3 Outlook",)),
        ],
        2: [passage(20, "Acme in 2022", 14), passage(21, "Acme grew.", 12)],
        4: [passage(40, "Blue Harbor\nConsolidated balance sheets\n1 2", 14), passage(41, "capital is intensive", 3)],
        9: [passage(90, "A glacier flows", 14)],
    },
)


def asked(question: str, keys: Sequence[int] | None = None) -> Asked:
    documents = [document for document in FILINGS if keys is None or document.key in keys]
    return Asked(Understood(question, question, read_hints(question, documents, LIBRARY)), keys=keys)


def best(signal: Signal, question: str, keys: Sequence[int] | None = None) -> list[int]:
    """The candidates that score highest; none when all are level."""
    candidates = LIBRARY.candidates()
    scores = signal(asked(question, keys), candidates)
    assert scores.shape == (len(candidates),)
    return [] if np.ptp(scores) == 0 else candidates.ids[scores == np.nanmax(scores)].tolist()


def score(signal: Signal, question: str) -> dict[int, float]:
    candidates = LIBRARY.candidates()
    scores: Scores = signal(asked(question), candidates)
    return dict(zip(candidates.ids.tolist(), scores.tolist(), strict=True))


@pytest.mark.parametrize(
    "signal",
    [PagePlaces(LIBRARY), SectionPlaces(LIBRARY), PartPlaces(LIBRARY), DocumentPlaces(LIBRARY), Phrases(LIBRARY)],
)
def test_without_a_hint_all_are_level_and_nothing_is_proposed(signal: Signal) -> None:
    assert best(signal, "How heavy are they?") == []
    if not isinstance(signal, DocumentPlaces):
        assert list(signal.propose(asked("How heavy are they?"))) == []  # type: ignore[attr-defined]


def test_the_printed_page_wins_and_the_pdf_page_comes_second() -> None:
    scores = score(PagePlaces(LIBRARY), "What is on page 14 of Acme's 2018 10-K?")
    assert scores[15 - 3] < scores[15 - 3 + 1] or scores[14] == 0
    assert scores[15] == 0.0
    printed = score(PagePlaces(LIBRARY), "What is on page 14?")
    assert printed[13] == 1.0  # PDF page 16 bears the number 14
    assert printed[11] == 0.5
    assert printed[40] == 0.0  # this document has no page numbers at all, nor pages that are known


def test_pages_of_the_document_that_is_named_are_proposed() -> None:
    ids = PagePlaces(LIBRARY).propose(asked("What is on page 14 of Acme's 2018 10-K?"))
    assert ids == [11, 13]


def test_a_section_is_proposed_with_what_stands_below_it() -> None:
    assert best(SectionPlaces(LIBRARY), "What does section 2 say?") == [13, 14]
    assert best(SectionPlaces(LIBRARY), "What does section 2.1 say?") == [13]
    assert SectionPlaces(LIBRARY).propose(asked("What is in the section on the outlook?")) == [15]


def test_a_statement_is_the_page_that_begins_with_its_name_though_its_letters_are_set_apart() -> None:
    scores = score(PartPlaces(LIBRARY), "What does the balance sheet of the companies show?")
    assert scores[11] == scores[40] == 1.0
    assert 0 < scores[10] < 1  # the table of contents names it
    assert scores[12] == 0.0


def test_a_statement_of_the_document_that_is_named_is_proposed_alone() -> None:
    ids = PartPlaces(LIBRARY).propose(asked("What does the balance sheet of Blue Harbor show?"))
    assert ids == [40]


def test_a_table_is_its_caption_before_its_mention() -> None:
    scores = score(PartPlaces(LIBRARY), "What does table 4 show?")
    assert scores[14] > scores[13] > scores[15] == 0.0


def test_the_named_document_wins_and_its_other_years_come_second() -> None:
    scores = score(DocumentPlaces(LIBRARY), "What did Acme pay in 2018?")
    assert scores[11] == 1.0
    assert scores[20] == 0.5
    assert scores[40] == 0.0


def test_a_document_hint_that_was_taken_away_says_nothing() -> None:
    candidates = LIBRARY.candidates()
    question = "What did Acme pay in 2018?"
    hints = tuple(hint for hint in asked(question).understood.hints if hint.kind != "document")
    assert not DocumentPlaces(LIBRARY)(Asked(Understood(question, question, hints)), candidates).any()


def test_a_phrase_is_found_however_its_quotes_dashes_and_capitals_are() -> None:
    assert best(Phrases(LIBRARY), 'Is it "Capital-Intensive"?') == [15]
    assert Phrases(LIBRARY).propose(asked('Is it "capital–intensive"?')) == [15]
    assert best(Phrases(LIBRARY), 'Is it "capital intens"?') == []  # half a word is none


def test_a_report_of_the_year_wins_then_those_of_the_next_years() -> None:
    scores = score(DocumentPeriods(LIBRARY), "What was paid in 2022?")
    assert scores[20] == scores[40] == 1.0
    assert scores[11] == 0.0
    assert np.isnan(scores[90])
    later = score(DocumentPeriods(LIBRARY), "What was paid in 2021?")
    assert 0 < later[20] < 1
