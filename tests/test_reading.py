"""What a network reads in the best passages: it ranks them, marks what answers, and speaks against an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answer.abstain import Evidence, probability_of_answer
from rag.answer.extractive import MARGIN, ExtractiveReader
from rag.answer.located import told
from rag.errors import ModelMissing
from rag.library import Library
from rag.parts import Parts
from rag.retrieve.ranking import Candidate
from rag.retrieve.readings import read_best
from rag.text import content_words, stem
from rag.types import Hit, Manner, Page, PageSpan, Passage, Reading, Words
from tests.conftest import WordEncoder

MakePdf = Callable[..., Path]
FILLER = "Much more could be said of this, and much was said by those who went there in their time. " * 5
PAGES = [
    ["# Rivers", f"The Danube rises in the Black Forest. It is 2,850 km long. It passes ten countries. {FILLER}"],
    ["# Ships", f"Ships on the Danube carry grain. The first steamer was built by Andrews and Prichard. {FILLER}"],
    ["# Towns", f"Vienna, Budapest and Belgrade stand on the Danube. They are its largest towns by far. {FILLER}"],
]


class Marker:
    """A network that finds one phrase: texts that hold it are relevant and answer, the others are and do not."""

    def __init__(self, phrase: str, *, answered: float = 0.95) -> None:
        self.phrase, self.answered, self.asked = phrase, answered, list[tuple[str, tuple[str, ...]]]()

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        self.asked.append((question, tuple(texts)))
        places = [text.find(self.phrase) for text in texts]
        return [
            Reading(5.0, self.answered, at, at + len(self.phrase), 0.9) if at >= 0 else Reading(-5.0, 0.02, 0, 3, 0.1)
            for at in places
        ]


@pytest.fixture
def filled(library: Library, make_pdf: MakePdf) -> Library:
    library.add(make_pdf(PAGES, "danube.pdf"))
    return library


def test_the_passage_that_the_network_finds_nearest_rises_and_says_why(filled: Library) -> None:
    before = [hit.passage.text for hit in filled.search("What of the Danube?")]
    assert len(before) >= 3
    last = before[-1]
    filled.parts.given_reader = Marker(last[:30])
    found = filled.find("What of the Danube?")
    (risen,) = [hit for hit in found.hits if hit.passage.text == last]
    assert risen.rank < len(before)
    assert dict(risen.signals)["reranker"] > 0
    assert found.reranking.n_read == len(before)
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_where_a_table_is_asked_for_the_network_does_not_rank(filled: Library) -> None:
    question = "What was revenue on the Danube in 2018?"
    before = [hit.passage.text for hit in filled.search(question)]
    filled.parts.given_reader = Marker(before[-1][:30])
    assert [hit.passage.text for hit in filled.search(question)] == before


def test_for_a_topic_of_many_words_the_network_does_not_rank(filled: Library) -> None:
    topic = "What of the Danube " + "and of all that there is to be said of it, of old and now, " * 3
    before = [hit.passage.text for hit in filled.search(topic)]
    filled.parts.given_reader = Marker(before[-1][:30])
    assert [hit.passage.text for hit in filled.search(topic)] == before


def test_the_words_that_the_network_marks_are_the_short_answer_with_their_page_and_box(filled: Library) -> None:
    question = "What of the first steamer?"
    assert filled.ask(question).short_answer != "by Andrews"
    filled.parts.given_reader = Marker("by Andrews")
    answer = filled.ask(question)
    assert answer.short_answer == "by Andrews"
    first = answer.claims[0]
    assert first.text == "The first steamer was built by Andrews and Prichard."
    assert first.telling is not None and first.text[slice(*first.telling)] == "by Andrews"
    (citation,) = first.citations
    assert citation.page == 2
    (focus,) = citation.focus
    (whole,) = citation.boxes
    assert whole.x0 < focus.x0 < focus.x1 <= whole.x1
    assert answer.timings["rerank"] >= 0


def test_every_passage_is_read_once_for_a_question(filled: Library) -> None:
    net = Marker("ten countries")
    filled.parts.given_reader = net
    filled.ask("How many countries does the Danube pass?")
    texts = [text for _, texts in net.asked for text in texts]
    assert len(texts) == len(set(texts)) > 0
    assert {question for question, _ in net.asked} == {"How many countries does the Danube pass?"}


def test_a_fast_question_and_a_library_without_networks_read_nothing(
    filled: Library, tmp_path: Path, encoder: WordEncoder
) -> None:
    net = Marker("Andrews and Prichard")
    filled.parts.given_reader = net
    plain = Library(filled.folder, encoder=encoder, n_threads=1, reads=False)
    plain.parts.given_reader = net
    question = "What of the Danube?"
    fast = filled.ask(question, manner=Manner(is_fast=True))
    assert [claim.text for claim in fast.claims] == [claim.text for claim in plain.ask(question).claims]
    assert [hit.passage.id for hit in filled.search(question, fast=True)] == [
        hit.passage.id for hit in plain.search(question)
    ]
    assert net.asked == []
    plain.close()


def test_a_network_that_cannot_be_loaded_is_said_and_rules_answer(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled.ask("Where does the Danube rise?")

    def broken(_parts: Parts) -> None:
        raise ModelMissing("reader.safetensors is damaged. Install Footnote again.")

    monkeypatch.setattr(Parts, "reader", property(broken))
    answer = filled.ask("Where does the Danube rise?")
    assert answer.text == before.text
    assert answer.note is not None and "reader.safetensors is damaged" in answer.note


def test_an_answer_is_less_probable_where_the_network_doubts_every_passage(filled: Library) -> None:
    question, told_of = "Where does the Danube rise?", {}
    for phrase in ("the Black Forest", "no such words"):
        filled.parts.given_reader = Marker(phrase)
        found = filled.find(question)
        reader = filled.extractive_reader(found=found)
        told_of[phrase] = reader.evidence(question, reader.rank(question, found.hits), found.hits)
    sure, doubted = told_of["the Black Forest"], told_of["no such words"]
    assert (sure.answered, doubted.answered) == (0.95, 0.02)
    assert 0 < sure.prose <= 1
    assert probability_of_answer(doubted) < probability_of_answer(sure)


def test_the_network_speaks_against_an_answer_only_as_far_as_prose_is_asked_for() -> None:
    plain = Evidence(meaning=0.5, passage_meaning=0.5, words=0.6, passage_words=0.6)
    doubted = replace(plain, answered=0.05)
    assert probability_of_answer(doubted) < probability_of_answer(plain)
    of_table = replace(doubted, prose=0.0)
    assert probability_of_answer(of_table) == probability_of_answer(plain)
    sure = replace(plain, answered=0.99)
    assert probability_of_answer(sure) > probability_of_answer(plain)
    assert probability_of_answer(replace(sure, prose=0.0)) == probability_of_answer(sure)


def test_what_time_does_not_allow_is_not_read_and_has_no_reading() -> None:
    candidates = [Candidate(i, 9.0 - i, None, ()) for i in range(3)]
    passages = [Passage(i, f"text {i}", f"text {i}", (PageSpan(1, 0, 6),), id=i) for i in range(3)]
    order, done, readings = read_best(Marker("text 2"), "?", candidates, passages, weight=1.0, budget_s=0.0)
    assert ([c.id for c in order], done.n_read, dict(readings)) == ([0, 1, 2], 0, {})
    order, done, readings = read_best(Marker("text 2"), "?", candidates, passages, weight=1.0)
    assert ([c.id for c in order], done.n_read, sorted(readings)) == ([2, 0, 1], 3, [0, 1, 2])


def test_what_is_not_read_keeps_its_place() -> None:
    candidates = [Candidate(i, 9.0 - i, None, ()) for i in range(4)]
    passages = [Passage(i, f"text {i}", f"text {i}", (PageSpan(1, 0, 6),), id=i) for i in (0, 2)]
    order, _, readings = read_best(Marker("text 2"), "?", candidates, passages, weight=1.0)
    assert ([c.id for c in order], sorted(readings)) == ([2, 1, 0, 3], [0, 2])


def test_documents_in_another_language_are_not_read(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    net = Marker("Andrews and Prichard")
    filled.parts.given_reader = net
    german = tuple(replace(document, language="de") for document in filled.documents())
    monkeypatch.setattr(filled.parts, "documents_among", lambda _keys: german)
    answer = filled.ask("What of the Danube?")
    assert answer.claims
    assert net.asked == []


TEXT = (
    "The old mill stood by the river for years. The old mill burned in 1901, says a letter of the river master."
    " The old mill by the river was loved."
)


def reader_of(phrase: str, question_kind: str | None = None) -> tuple[ExtractiveReader, Hit]:
    passage = Passage(0, TEXT, TEXT, (PageSpan(1, 0, len(TEXT)),), document_id="d", id=7)
    reading = Marker(phrase).read("?", [TEXT])[0]
    reader = ExtractiveReader(
        encoder=None,
        terms=lambda text: [stem(word) for word in content_words(text)],
        idf=lambda terms: dict.fromkeys(terms, 1.0),
        known=set,
        page_of=lambda _document, number: Page(number, None, TEXT, 600, 800, Words.none()),
        headings=lambda _document: frozenset(),
        told=told([(passage, reading)], lambda *_: TEXT),
        expected=question_kind,  # type: ignore[arg-type]
    )
    return reader, Hit(1, 1.0, passage, "d.pdf", 1, None)


def test_the_marked_sentence_comes_first_and_the_others_are_those_that_rules_choose() -> None:
    reader, hit = reader_of("1901")
    question = "What of the old mill by the river?"
    plain = replace(reader, told=()).read(question, [hit])
    marked = reader.read(question, [hit])
    assert marked.claims[0].text.startswith("The old mill burned in 1901")
    assert plain.claims[0].text in {claim.text for claim in marked.claims[1:]}
    assert MARGIN > 0


def test_a_question_for_yes_or_no_is_told_by_rules() -> None:
    question = "Was the old mill loved by the river?"
    by_net, hit = reader_of("1901")
    by_rules, _ = reader_of("1901", "yes/no")
    assert by_net.read(question, [hit]).short_answer == "1901"
    assert by_rules.read(question, [hit]).short_answer != "1901"
