from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieve.mentions import names, phrases
from rag.retrieve.rewrite import Exchange, Rewritten, standalone

REVENUE = Exchange("What was 3M's revenue in 2018?", "$32,765 million")
TRANSISTOR = Exchange("Who invented the transistor?", "William Shockley")
STAFF = Exchange("How many employees did Boeing have in 2019?", "161,100")
QUARTER = Exchange("What was Q1 2019 revenue?", "$5 million")


def query(question: str, *history: Exchange) -> str:
    return standalone(question, history).query


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        (REVENUE, "and in 2019?", "What was 3M's revenue in 2019?"),
        (REVENUE, "2019?", "What was 3M's revenue in 2019?"),
        (REVENUE, "What about FY2019?", "What was 3M's revenue in FY2019?"),
        (REVENUE, "what about Boeing?", "What was Boeing's revenue in 2018?"),
        (REVENUE, "And Boeing in 2020?", "What was Boeing's revenue in 2020?"),
        (REVENUE, "and net income?", "What was 3M's net income in 2018?"),
        (REVENUE, "compared to 2017?", "What was 3M's revenue in 2018, compared to 2017?"),
        (STAFF, "and Airbus?", "How many employees did Airbus have in 2019?"),
        (STAFF, "And in Europe?", "How many employees did Boeing have in 2019 in Europe?"),
        (STAFF, "and factories?", "How many factories did Boeing have in 2019?"),
        (QUARTER, "and Q2?", "What was Q2 2019 revenue?"),
        (QUARTER, "in the third quarter?", "What was third quarter 2019 revenue?"),
        (Exchange("What does Table 3 show?", ""), "and table 4?", "What does table 4 show?"),
        (Exchange("what was 3m's revenue?", ""), "what about boeing?", "what was boeing's revenue?"),
    ],
)
def test_what_a_question_names_takes_the_place_of_its_like_in_the_last_one(
    last: Exchange, question: str, expected: str
) -> None:
    assert query(question, last) == expected


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        (Exchange("Did 3M close the Decatur plant?", "Yes"), "why?", "Why did 3M close the Decatur plant?"),
        (Exchange("When did 3M close the plant?", "2022"), "Why?", "Why did 3M close the plant?"),
        (REVENUE, "why?", "Why? (What was 3M's revenue in 2018?)"),
        (REVENUE, "in which year?", "In which year? (What was 3M's revenue in 2018?)"),
        (TRANSISTOR, "when?", "When? (Who invented the transistor?)"),
    ],
)
def test_a_bare_question_word_asks_the_last_question_again(last: Exchange, question: str, expected: str) -> None:
    assert query(question, last) == expected


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        (TRANSISTOR, "When was he born?", "When was William Shockley born?"),
        (TRANSISTOR, "Who was his wife?", "Who was William Shockley's wife?"),
        (Exchange("Who founded Apple?", "Steve Jobs and Steve Wozniak"), "When did they meet?",
         "When did Steve Jobs and Steve Wozniak meet?"),
        (Exchange("What company did 3M buy in 2008?", "Aearo Technologies"), "When was it founded?",
         "When was Aearo Technologies founded? (3M)"),
        (Exchange("Where did Shockley work?", "Bell Labs"), "Where is it located?", "Where is Bell Labs located?"),
        (Exchange("What is backpropagation?", "An algorithm."), "Who invented it?", "Who invented backpropagation?"),
        (REVENUE, "What are its risks?", "What are 3M's risks?"),
        (REVENUE, "how much was it in 2017?", "how much was 3M's revenue in 2017?"),
        (Exchange("Did Marie Curie meet Einstein?", ""), "Did she write to him?", "Did Marie Curie write to him?"),
        (Exchange("Who was Curie's mother?", "Bronisława Skłodowska"), "When did she die?",
         "When did Bronisława Skłodowska die?"),
    ],
)  # fmt: skip
def test_a_pronoun_is_replaced_by_the_name_that_it_stands_for(last: Exchange, question: str, expected: str) -> None:
    assert query(question, last) == expected


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        (REVENUE, "What did the company pay in tax?", "What did the company (3M) pay in tax?"),
        (REVENUE, "Is this a good result?", "Is this a good result? (3M, revenue)"),
        (REVENUE, "tell me more", "tell me more (3M, revenue)"),
        (REVENUE, "What happened in that year?", "What happened in that year? (3M, revenue, 2018)"),
        (Exchange("What risks does the report list?", ""), "How are they managed?", "How are they managed? (risks)"),
        (Exchange("How are they managed? (risks)", ""), "Who is responsible for that?",
         "Who is responsible for that? (risks)"),
        (Exchange("Did 3M close the Decatur plant?", ""), "When did the company open it?",
         "When did the company open it? (3M, Decatur, plant)"),
    ],
)  # fmt: skip
def test_what_fits_nowhere_follows_in_brackets(last: Exchange, question: str, expected: str) -> None:
    assert query(question, last) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What was Boeing's revenue in 2018?",
        "What is overfitting?",
        "What did Tesla do when he left Edison?",
        "After he left Edison, what did Tesla build?",
        "Why do plants close their stomata at night?",
        "How long does it take to train the model with dropout?",
        "Is it possible to train a network without labels?",
        "Which company sold its plants to a competitor?",
        "Is there a test for the presence of asbestos in buildings?",
        "What is the name of the treaty that ended the war in Europe?",
        "Explain the difference between dense and lexical search.",
        "May I see the balance sheet of the parent company?",
    ],
)
def test_a_question_that_stands_alone_is_left_exactly_as_it_is(question: str) -> None:
    assert standalone(question, [REVENUE, TRANSISTOR]) == Rewritten(question)


def test_what_is_talked_of_is_kept_over_several_questions() -> None:
    history = [TRANSISTOR]
    asked = ["When was he born?", "Where did he work?", "Did he win a prize?", "why?", "And what did he write?"]
    for question in asked:
        history.append(Exchange(question, ""))
    assert query("Who was his wife?", *history) == "Who was William Shockley's wife?"


def test_a_history_of_rewritten_questions_gives_what_the_questions_as_asked_give() -> None:
    asked = ["What was 3M's revenue in 2018?", "and in 2019?", "what about Boeing?", "why?", "and in 2020?"]
    rewritten: list[Exchange] = []
    for question in asked:
        rewritten.append(Exchange(query(question, *rewritten), ""))
    assert query("and 2021?", *rewritten) == query("and 2021?", *(Exchange(question, "") for question in asked))
    assert query("and 2021?", *rewritten) == "What was Boeing's revenue in 2021?"


def test_he_and_she_are_kept_apart() -> None:
    history = [
        Exchange("Where did Pierre Curie teach?", "Paris"),
        Exchange("Who was his wife?", "Marie Curie"),
        Exchange("When did she die?", "1934"),
    ]
    assert query("When did he die?", *history) == "When did Pierre Curie die?"
    assert query("Where was she born?", *history) == "Where was Marie Curie born?"


def test_a_comparison_names_what_was_asked_about_before() -> None:
    found = query("Which is larger?", STAFF, Exchange("And Airbus?", "134,931"))
    assert found == "Which is larger? (Airbus, Boeing, employees, 2019)"


def test_the_terms_that_were_carried_over_stand_in_the_query_and_not_in_the_question() -> None:
    assert standalone("and in 2019?", [REVENUE]).carried == ("3M", "revenue")
    assert standalone("When was he born?", [TRANSISTOR]).carried == ("William Shockley",)
    assert standalone("Who is that?", [REVENUE]).carried == ("3M", "revenue")


def test_without_anything_said_before_nothing_is_changed() -> None:
    for history in ([], [Exchange("", "")], [Exchange("  ", "Paris")]):
        assert standalone("and in 2019?", history) == Rewritten("and in 2019?")
    assert standalone(" ", [REVENUE]) == Rewritten(" ")


def test_a_long_question_leans_on_nothing_and_does_not_take_long() -> None:
    long = "Tell me about the company and it " * 3000
    assert standalone(long, [REVENUE]) == Rewritten(long)
    assert query("why?", Exchange(long, long)).startswith("Why?")


WORDS = st.sampled_from(
    "what why who did it he they that this the of in 2018 2019 Q2 3M Boeing revenue company and about ? , . ( ) ' \" — é"
    " was is there else X's".split()
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join))


@given(question=TEXTS, history=st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_any_text_gives_a_query_that_holds_what_it_says_was_carried(
    question: str, history: list[tuple[str, str]]
) -> None:
    found = standalone(question, [Exchange(*exchange) for exchange in history])
    assert bool(found.query.strip()) == bool(question.strip())
    assert all(term.lower() in found.query.lower() for term in found.carried)
    if not found.carried and not any(asked.strip() for asked, _ in history):
        assert found.query == question


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What was 3M's revenue in 2018?", ["3M"]),
        ("Did Tesla work for Thomas Edison?", ["Tesla", "Thomas Edison"]),
        ("Who wrote \"the art of war\" in March?", ["the art of war"]),
        ("Where is the University of Oxford?", ["University of Oxford"]),
        ("Revenue grew by 5 %. However, J. R. McDonald left in FY2019.", ["J. R. McDonald"]),
        ("WHAT WAS REVENUE IN 2018", []),
    ],
)  # fmt: skip
def test_names_are_capitalised_spans_and_titles_but_not_the_first_word_or_a_month(
    text: str, expected: list[str]
) -> None:
    assert [name.text for name in names(text)] == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the battery life of the camera?", ["battery life", "camera"]),
        ("When did the first neural network learn?", ["neural network"]),
        ("What is photosynthesis?", ["photosynthesis"]),
        ("Why was the treaty signed?", ["treaty"]),
        ("What happened in that year?", []),
    ],
)
def test_phrases_are_nouns_without_determiner_or_verb(question: str, expected: list[str]) -> None:
    assert phrases(question) == expected
