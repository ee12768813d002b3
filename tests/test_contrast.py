"""The model alone beside the model with the documents."""

from __future__ import annotations

import pytest

from rag.answer.contrast import unsupported_parts, verdict_line
from rag.types import Answer, Claim, Hit, PageSpan, Passage, ReaderName, Verdict

TEXT = "PReLU was introduced by He et al. in 2015. A dense layer has 100,480 parameters in three blocks."


def hits(text: str = TEXT) -> tuple[Hit, ...]:
    passage = Passage(0, text, text, (PageSpan(1, 0, len(text)),), document_id="d" * 64, id=1)
    return (Hit(1, 1.0, passage, "a.pdf", 1, None),)


def answer(text: str, reader: ReaderName = "ungrounded", *, question: str = "Who introduced PReLU?") -> Answer:
    claims = (Claim(text, (), "unchecked"),) if text else ()
    return Answer(question, reader, text, claims, hits() if reader == "grounded" else (), abstained=not text)


def marked(text: str, question: str = "") -> list[str]:
    return [text[start:end] for start, end in unsupported_parts(text, hits(), question=question)]


def test_numbers_names_and_words_that_no_passage_holds_are_marked_and_neighbours_joined() -> None:
    said = "PReLU was introduced by Geoffrey Hinton, Toronto, in 1998 and has 100480 parameters."
    assert marked(said) == ["Geoffrey Hinton, Toronto", "1998"]


def test_other_spellings_of_what_the_passages_hold_are_not_marked() -> None:
    assert marked("Three blocks. PReLU introduces parameters, 100,480 of them, in 3 block layers.") == []


def test_the_words_of_the_question_are_not_marked() -> None:
    assert marked("Zorblax was introduced in 2015.", "What is Zorblax?") == []
    assert marked("Zorblax was introduced in 2015.") == ["Zorblax"]


def test_a_number_inside_another_is_not_that_number() -> None:
    assert marked("It has 100 parameters.") == ["100"]


@pytest.mark.parametrize(
    ("alone", "line"),
    [
        ("It was Hinton.", "The model alone names 1 name that the passages read do not contain."),
        (
            "Geoffrey Hinton and Yann LeCun did it in 1998, with 12 others.",
            "The model alone names 2 numbers and 2 names that the passages read do not contain.",
        ),
        ("He et al. in 1999, in 1999.", "The model alone names 1 number that the passages read do not contain."),
        (
            "He et al. in 2015.",
            "The model alone gives no number or name that the passages read lack; whether it puts them together rightly "
            "is not checked.",
        ),
        ("it is a layer", "The model alone gives no number and no name that could be checked."),
        ("", "Only your documents answer this: the model alone gives no answer."),
    ],
)
def test_the_line_counts_what_the_passages_do_not_contain(alone: str, line: str) -> None:
    assert verdict_line(answer("He et al. in 2015.", "grounded"), answer(alone)) == line


def test_when_the_documents_do_not_say_the_line_says_so() -> None:
    nothing = answer("", "grounded")
    assert verdict_line(nothing, answer("")) == "Your documents do not say, and the model alone gives no answer either."
    line = verdict_line(nothing, answer("It was Hinton in 1998."))
    assert line == (
        "The model alone answers, and names 1 number and 1 name that the passages do not contain; the passages read do"
        " not answer this question."
    )
    assert verdict_line(nothing, answer("it is a layer")).startswith("The model alone answers; ")


def test_the_passages_may_be_given_when_the_answer_beside_has_none() -> None:
    bare = Answer("q", "extractive", "x", (Claim("x", (), "verbatim"),), (), abstained=False)
    alone = answer("It was He in 2015.")
    assert verdict_line(bare, alone, hits()).startswith("The model alone gives no number or name")
    assert "1 number" in verdict_line(bare, alone)


@pytest.mark.parametrize(
    ("verdicts", "line"),
    [
        (("supported",), "The passages read support what the model alone says."),
        (("unsupported",), "The passages read do not hold what the model alone says."),
        (
            ("supported", "contradicted"),
            "Of the 2 sentences by the model alone, the passages read support 1 and contradict 1.",
        ),
        (
            ("verbatim", "supported", "contradicted", "unsupported"),
            "Of the 4 sentences by the model alone, the passages read support 2, contradict 1 and do not hold 1.",
        ),
    ],
)
def test_when_every_sentence_was_judged_the_line_counts_verdicts(verdicts: tuple[Verdict, ...], line: str) -> None:
    alone = Answer("q", "ungrounded", "x", tuple(Claim("x", (), verdict) for verdict in verdicts), (), abstained=False)
    assert verdict_line(answer("He et al. in 2015.", "grounded"), alone) == line
    assert verdict_line(answer("", "grounded"), alone) == f"{line} They do not answer this question."
