"""Strict mode: what the documents do not bear out is left out, and nothing is lost silently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answer.language import SharedModel
from rag.answer.strict import DECLINED, is_borne_out, strictly
from rag.errors import ModelError
from rag.export.markdown import to_markdown
from rag.library import Library
from rag.records import answer_from_json, answer_to_json
from rag.settings import Settings, load_settings, manner
from rag.terminal import answer_text
from rag.types import Answer, Claim, IsCancelled, Manner, Turn, Verdict
from tests.answers_made import abstained, citation, claim, exchange, extractive

STRICT = Manner(is_strict=True)
PAGE = "The Danube rises in the Black Forest and flows into the Black Sea. It passes ten countries on its way there."


def written(*claims: Claim, is_abstained: bool = False, note: str | None = None) -> Answer:
    text = " ".join(one.text for one in claims) or "The documents do not say."
    return Answer("Where?", "grounded", text, claims, (), is_abstained, model="SmolLM2", note=note)


def test_an_answer_that_is_wholly_borne_out_stays_as_it_is() -> None:
    answer = written(claim("It rises here.", citation("rises here"), verdict="supported"))
    assert strictly(answer, extractive()) is answer


@pytest.mark.parametrize(
    ("verdict", "cited", "stays"),
    [
        ("verbatim", True, True),
        ("supported", True, True),
        ("contradicted", True, False),
        ("unsupported", True, False),
        ("unsupported", False, False),
        ("unchecked", True, True),  # rules alone: every number and name of it stands in what it cites
        ("unchecked", False, False),
    ],
)
def test_what_is_borne_out_follows_the_verdict(verdict: Verdict, cited: bool, stays: bool) -> None:
    citations = (citation("here"),) if cited else ()
    assert is_borne_out(claim("It is here.", *citations, verdict=verdict)) is stays


def test_a_sentence_that_is_not_borne_out_is_kept_apart_and_the_footnotes_are_counted_anew() -> None:
    wrong = claim("It is short.", citation("2,850 km", marker=1), verdict="contradicted")
    right = claim("It rises in the forest.", citation("Forest", marker=2), verdict="supported", telling=(12, 22))
    last = claim("It is here.", citation("here", marker=3), citation("Forest", marker=2), verdict="supported")
    answer = strictly(written(wrong, right, last), extractive())
    assert [one.text for one in answer.claims] == [right.text, last.text]
    assert [c.marker for one in answer.claims for c in one.citations] == [1, 2, 1]
    assert answer.text == "It rises in the forest. [1] It is here. [2] [1]"
    assert answer.short_answer == "the forest"
    assert answer.left_out == (wrong,)
    assert not answer.stands_in


def test_where_nothing_is_borne_out_the_documents_own_words_stand_in_and_that_is_said() -> None:
    wrong = claim("It is short.", verdict="unsupported")
    answer = strictly(written(wrong, note="Stopped."), extractive())
    assert (answer.claims, answer.text) == (extractive().claims, extractive().text)
    assert answer.stands_in
    assert answer.left_out == (wrong,)
    assert answer.note == "Stopped. The model's sentence was not supported; this is the documents' own."
    assert (answer.reader, answer.model) == ("grounded", "SmolLM2")


def test_a_model_that_finds_nothing_where_the_documents_answer_is_stood_in_for() -> None:
    answer = strictly(written(is_abstained=True), extractive())
    assert (answer.abstained, answer.note, answer.stands_in) == (False, DECLINED, True)


def test_where_the_documents_do_not_answer_either_the_answer_is_that_they_do_not_say() -> None:
    answer = strictly(written(claim("It is short.", verdict="unsupported")), abstained())
    assert answer.abstained
    assert answer.claims == ()
    assert [one.text for one in answer.left_out] == ["It is short."]


def test_what_was_left_out_is_kept_in_the_chats_and_said_in_the_terminal() -> None:
    wrong = claim("It is short.", verdict="unsupported")
    right = claim("It rises.", citation("rises"), verdict="supported")
    answer = strictly(written(right, wrong), extractive())
    assert answer_from_json(answer_to_json(answer)) == answer
    said = answer_text(answer)
    assert "It rises. [1]" in said
    assert "Left out: “It is short.” (no passage supports this)" in " ".join(said.split())
    exported = to_markdown(exchange(answer))
    assert "Left out: “It is short.”" in exported
    assert "In SmolLM2's words" in exported
    assert "In the documents' words, for SmolLM2's" in to_markdown(exchange(strictly(written(wrong), extractive())))


# ------------------------------------------------------------------------------------------------ in a library


class Says:
    """A model that says what it was told to."""

    name = "says"
    n_context = 4096

    def __init__(self, text: str) -> None:
        self.text = text
        self.heard: list[Sequence[Turn]] = []

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        del max_tokens, is_cancelled
        self.heard.append(turns)
        yield self.text


@pytest.fixture
def rivers(library: Library, make_pdf: Callable[..., Path]) -> Library:
    library.add(make_pdf([["# Rivers", PAGE]], "rivers.pdf"))
    return library


def ask(library: Library, text: str, how: Manner = STRICT) -> Answer:
    library.model = SharedModel("says", lambda: Says(text))
    return library.ask("Where does the Danube rise?", reader="grounded", manner=how)


def test_strictly_an_invention_gives_way_to_the_documents_own_words(rivers: Library) -> None:
    answer = ask(rivers, "The Danube rises in Lake Geneva near the castle of Chillon.")
    assert answer.stands_in
    assert "Black Forest" in answer.text
    assert all(one.verdict == "verbatim" for one in answer.claims)
    assert "Geneva" in answer.left_out[0].text
    assert "Geneva" not in answer.text


def test_without_strictness_an_invention_is_shown_as_one(rivers: Library) -> None:
    answer = ask(rivers, "The Danube rises in Lake Geneva near the castle of Chillon.", Manner())
    assert "Geneva" in answer.text
    assert answer.claims[0].verdict in {"unsupported", "contradicted"}
    assert not answer.left_out


def test_strictly_a_refusal_gives_way_to_what_the_documents_answer(rivers: Library) -> None:
    answer = ask(rivers, "The documents do not say.")
    assert answer.stands_in
    assert answer.note == DECLINED
    assert ask(rivers, "The documents do not say.", Manner()).abstained


def test_where_the_documents_do_not_say_the_model_is_not_asked(rivers: Library) -> None:
    answer = rivers.ask("zyzzyva quux plumbago?", reader="grounded", manner=STRICT)
    assert answer.abstained


def test_a_style_stands_in_the_prompt(rivers: Library) -> None:
    model = Says("The Danube rises in the Black Forest.")
    rivers.model = SharedModel("says", lambda: model)
    rivers.write("Where?", rivers.search("Where does the Danube rise?"), manner=Manner(style="as a pirate"))
    assert "as a pirate" in model.heard[-1][-1].text


def test_another_model_writes_beside_the_first_and_one_that_fails_leaves_the_other(rivers: Library) -> None:
    def broken() -> Says:
        raise ModelError("No such model.")

    rivers.model = SharedModel("says", lambda: Says("The Danube rises in the Black Forest."))
    hits = rivers.search("Where does the Danube rise?")
    with pytest.raises(ModelError, match="No other language model is set"):
        rivers.write("Where?", hits, readers=("grounded", "other"))
    rivers.other = SharedModel("other", lambda: Says("It flows into the Black Sea."))
    both = rivers.write("Where does the Danube rise?", hits, readers=("grounded", "other"))
    assert [one.text for one in both.values() if isinstance(one, Answer)] == [
        "The Danube rises in the Black Forest. [1]",
        "It flows into the Black Sea. [1]",
    ]
    rivers.other = SharedModel("broken", broken)
    found = rivers.write("Where?", hits, readers=("grounded", "other"))
    assert isinstance(found["grounded"], Answer)
    assert str(found["other"]) == "No such model."


@pytest.mark.parametrize(
    ("settings", "is_strict"),
    [
        (Settings(), True),  # the built-in model
        (Settings(strict="off"), False),
        (Settings(model="someone/large"), False),
        (Settings(server="http://localhost:1/v1"), False),
        (Settings(server="http://localhost:1/v1", strict="on"), True),
    ],
)
def test_strictness_is_for_the_built_in_model_unless_it_is_set(settings: Settings, is_strict: bool) -> None:
    assert manner(settings).is_strict is is_strict


def test_a_style_is_one_line_and_short() -> None:
    assert load_settings({"FOOTNOTE_STYLE": " as a\n pirate "}).style == "as a pirate"
    with pytest.raises(Exception, match="at most 120 characters"):
        load_settings({"FOOTNOTE_STYLE": "arr " * 40})


def test_a_model_that_answers_rightly_is_untouched(rivers: Library) -> None:
    answer = ask(rivers, "The Danube rises in the Black Forest. [1]")
    assert not answer.stands_in
    assert answer.left_out == ()
    assert replace(answer, timings={}).claims[0].citations[0].page == 1
