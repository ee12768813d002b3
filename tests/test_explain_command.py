"""What `footnote search --explain` says, and the options that say where to look."""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from rag import asking, explain
from rag.asking import Found
from rag.commands import options
from rag.commands.common import scope_of
from rag.commands.explaining import explained_text, explained_to_json, put_marked, repairs_of
from rag.errors import EmptyLibrary
from rag.library import Library
from rag.retrieve import rerank
from rag.retrieve.retriever import OF_PAGES
from rag.types import Expansion, Hint, Scope, Twin, Understood
from tests.test_library import FACTS

QUESTION = "When was Mont Blanc first climbed?"


@pytest.fixture
def found(library: Library, make_pdf: Callable[..., Path]) -> Found:
    library.add(make_pdf([*FACTS, ["Snow is cold."], ["Mont Blanc has a long shadow."]], "facts.pdf"))
    return library.find(QUESTION)


def shown(found: Found, capsys: pytest.CaptureFixture[str]) -> str:
    put_marked(explained_text(found))
    return capsys.readouterr().out


def test_every_signal_has_words_of_its_own(library: Library) -> None:
    retriever = asking.retriever(library.parts)
    names = {*retriever.proposers, *retriever.signals, *retriever.close, *OF_PAGES, rerank.SIGNAL}
    assert not names - explain.SIGNALS.keys(), "say in rag/explain.py what they are called"


def test_shares_add_up_to_the_score(found: Found) -> None:
    assert found.hits
    for hit in found.hits:
        assert sum(value for _, value in hit.signals) == pytest.approx(hit.score)


def test_the_questions_words_are_matched_in_their_forms(found: Found) -> None:
    hit = found.hits[0]
    words = [hit.passage.text[start:end] for start, end in hit.matched]
    assert {"Mont", "Blanc", "climbed"} <= set(words)
    assert "was" not in words


def test_matched_words_stand_in_brackets_and_bars_beside_plain_names(
    found: Found, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(found, capsys)
    assert "[Mont Blanc]" in text
    assert re.search(r"^   words  +█+.* \+\d+\.\d$", text, re.MULTILINE)
    assert "Above 2 because" in text
    assert "\x1b" not in text


def test_on_a_terminal_they_are_bold(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.delenv("NO_COLOR", raising=False)
    put_marked(explained_text(found))
    assert "\x1b[1mMont Blanc\x1b[22m" in out.getvalue()


def test_what_a_document_holds_cannot_steer_the_terminal_or_forge_a_mark(
    found: Found, capsys: pytest.CaptureFixture[str]
) -> None:
    passage = replace(found.hits[0].passage, text="\x1b[2J\ue000forged\ue003 words")
    hostile = replace(found, hits=[replace(found.hits[0], passage=passage, matched=())])
    text = shown(hostile, capsys)
    assert "\x1b" not in text
    assert "[forged" not in text
    assert "forged words" in text


def test_what_was_understood_is_said_with_how_to_take_it_away(found: Found, capsys: pytest.CaptureFixture[str]) -> None:
    understood = Understood(
        QUESTION,
        QUESTION,
        hints=(Hint("page", "on page 2", "page 2", ("2",)), Hint("period", "in 1786", "1786", ("1786",))),
        repaired=(("Blank", "Blanc"),),
        expansions=(Expansion("climbed", ("ascended", "scaled"), "meaning"),),
        answer_type="date",
        evidence=(("prose", 0.9),),
    )
    twins = (Twin("facts.pdf", 12, None), Twin("facts.pdf", 40, None))
    text = shown(replace(found, understood=understood, hits=[replace(found.hits[0], also=twins)]), capsys)
    assert 'Understood: page 2; period: 1786 (take one away: --without "page 2")' in text
    assert repairs_of(understood) == ['Searched for: Blanc instead of Blank (as typed: --without "Blank")']
    assert 'Searched for: Blanc instead of Blank (as typed: --without "Blank")' in text
    assert "Looked for besides climbed: ascended, scaled (meaning)" in text
    assert "Marked: [words of the question], {other words for them}" in text
    assert "Expected: a date, probably in prose" in text
    assert "Also on p. 12, 40." in text


def test_the_json_line_has_the_keys_of_search_and_those_that_explain(found: Found) -> None:
    line = explained_to_json(QUESTION, found)
    first, last = line["hits"][0], line["hits"][-1]
    assert line["question"] == QUESTION
    assert sum(value for _, value in first["signals"]) == pytest.approx(first["score"], abs=1e-4)
    assert "Blanc" in {first["text"][start:end] for start, end in first["matched"]}
    assert first["above_next"]["rank"] == 2
    assert first["above_next"]["by"] == pytest.approx(first["score"] - line["hits"][1]["score"], abs=1e-5)
    assert last["above_next"] is None
    assert line["understood"]["question"] == QUESTION


def test_nothing_found_is_said(found: Found, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(replace(found, hits=[]), capsys).strip().endswith("Nothing was found.")


# ------------------------------------------------------------------------------------------------- where to look


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    options.add_where(parser)
    options.add_without(parser)
    return parser.parse_args(arguments)


def test_tags_and_days_are_a_scope_and_hints_are_ignored() -> None:
    asked = scope_of(parsed("--tag", "tax", "--tag", "2023", "--since", "2026-03-01", "--without", "page 2"))
    assert asked["ignored"] == ["page 2"]
    assert asked["scope"] == Scope(tags=("tax", "2023"), since=datetime(2026, 3, 1).timestamp())
    assert scope_of(parsed()) == {"ignored": []}


def test_a_day_lasts_until_its_end() -> None:
    scope = scope_of(parsed("--until", "2026-03-01"))["scope"]
    assert datetime(2026, 3, 1, 23, 59, 59).timestamp() < scope.until < datetime(2026, 3, 2).timestamp()
    moment = scope_of(parsed("--until", "2026-03-01T12:30"))["scope"]
    assert moment.until == datetime(2026, 3, 1, 12, 30).timestamp()


def test_what_is_no_date_is_refused_with_how_to_write_one() -> None:
    with pytest.raises(argparse.ArgumentError, match="2026-03-31"):
        parsed("--since", "yesterday")


def test_days_leave_out_documents(found: Found, library: Library) -> None:
    today = date.today()
    later = scope_of(parsed("--since", str(today)))
    assert found.hits
    assert library.find(QUESTION, **later).hits
    with pytest.raises(EmptyLibrary, match="added"):
        library.find(QUESTION, **scope_of(parsed("--until", str(today - timedelta(days=1)))))
