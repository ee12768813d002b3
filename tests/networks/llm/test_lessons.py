"""What a language model is taught from: sentences, excerpts, silence, rewrites, definitions."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rag.answer.prompts import MODEL_NO_ANSWER, grounded_turns, rewrite_turns
from rag.errors import InputError
from rag.networks.llm.answers import Answers, read_asked
from rag.networks.llm.definitions import definition_lessons
from rag.networks.llm.examples import Lesson
from rag.networks.llm.rewrites import CANARD, read_follow_ups, rewrite_lessons
from rag.networks.llm.sentences import plain, restored, stated
from rag.networks.reader.negatives import hard_negatives
from rag.networks.reader.squad import TRAIN, read_squad
from rag.networks.vectors import VectorCache
from rag.types import Turn

from ...conftest import WordEncoder
from .made import write_data


def n_words(text: str) -> int:
    return len(text.split())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture
def lessons(data: Path, tmp_path: Path, encoder: WordEncoder) -> list[Lesson]:
    articles = read_squad(data / TRAIN)
    cache, rng = VectorCache(tmp_path, encoder), random.Random(3)
    asked = read_asked(data, articles, 120, rng)
    return Answers(articles, hard_negatives(articles, cache), cache, n_words, rng).lessons(asked)


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("Who managed the Cubs in 1969?", "Leo Durocher", "Leo Durocher managed the Cubs in 1969."),
        ("What is the capital of Peru?", "Lima", "The capital of Peru is Lima."),
        ("What was Ada's profession?", "mathematics", "Ada's profession was mathematics."),
        ("Who did Ada marry?", "William", ""),
        ("What is the book based on?", "a play", ""),
        ("When was it built?", "1900", ""),
    ],
)
def test_a_question_and_its_answer_become_a_sentence_where_a_rule_is_sure(
    question: str, answer: str, said: str
) -> None:
    assert stated(question, answer) == said


def test_a_lower_cased_sentence_gets_the_letters_and_the_spacing_of_the_passage() -> None:
    passage = "In the US, Dr. O'Neill's firm earned $9.2 million in May 1999."
    said = restored(
        "How much did Dr. O'Neill's firm earn in May 1999?",
        "$9.2 million",
        passage,
        [(5, "it earned $ 9.2 million"), (3, "dr . o'neill's firm earned $ 9.2 million in may 1999")],
    )
    assert said == "Dr. O'Neill's firm earned $9.2 million in May 1999."


def test_a_sentence_with_words_of_nobody_or_few_votes_is_not_taken() -> None:
    passage, question = "Meiosis splits it.", "What splits it?"
    assert restored(question, "Meiosis", passage, [(4, "meiosis splitted it quickly")]) == ""
    assert restored(question, "Meiosis", passage, [(1, "meiosis splits it")]) == ""


def test_a_sentence_stands_without_what_tied_it_to_the_last() -> None:
    assert plain("However, it  rained") == "It rained."
    assert plain("iPhones were sold.") == "iPhones were sold."


def test_a_lesson_that_answers_cites_the_excerpt_that_holds_the_answer(lessons: list[Lesson]) -> None:
    answering = [lesson for lesson in lessons if lesson.kind == "answer"]
    assert len(answering) > 40
    for lesson in answering:
        read = lesson.turns[-1].text
        excerpt = next(line for line in read.splitlines() if line.startswith(f"[{lesson.right}]"))
        assert lesson.answers[0] in excerpt
        assert lesson.reply.endswith(f" [{lesson.right}].")
    assert {lesson.right for lesson in answering} >= {1, 2, 3}


def test_a_lesson_that_abstains_holds_no_answer_anywhere(lessons: list[Lesson]) -> None:
    silent = [lesson for lesson in lessons if lesson.kind == "abstain"]
    assert 0.15 < len(silent) / len(lessons) < 0.45
    for lesson in silent:
        assert lesson.reply == MODEL_NO_ANSWER
        question = lesson.turns[-1].text.splitlines()[0]
        town = question.rpartition(" in ")[2].rstrip("?")
        ship = question.partition("did ")[2].partition(" lie")[0]
        excerpts = [line for line in lesson.turns[-1].text.splitlines() if line.startswith("[")]
        assert excerpts
        assert not any(f"{ship} lay in {town} for" in line for line in excerpts)


def test_a_model_is_taught_with_the_turns_that_it_meets(lessons: list[Lesson]) -> None:
    one = next(lesson for lesson in lessons if "Answer in one to three sentences." in lesson.turns[-1].text)
    user = one.turns[-1].text
    texts = [line.partition("] ")[2] for line in user.splitlines() if line.startswith("[")]
    question = user.splitlines()[0].removeprefix("Question: ")
    assert list(one.turns) == grounded_turns(question, texts)


def test_a_rewrite_that_says_what_nobody_did_is_not_learnt_nor_are_dialogues_kept_aside(data: Path) -> None:
    follow_ups = read_follow_ups(data / CANARD)
    aside = {one.group for one in follow_ups if one.is_aside}
    assert 0 < len(aside) < 20
    taught = rewrite_lessons(follow_ups, ["Where is Mount Lamlam on Guam?"], 100, random.Random(0))
    assert taught
    assert not any("Portsmouth" in lesson.reply or lesson.group in aside for lesson in taught)
    assert "Where is Mount Lamlam on Guam?" in {lesson.reply for lesson in taught}


def test_of_a_long_conversation_the_end_is_read_and_of_its_turns_the_beginning() -> None:
    history = [Turn("user" if i % 2 == 0 else "assistant", f"said {i} " + "word " * 80) for i in range(10)]
    told = rewrite_turns([Turn("system", "Ships"), *history], "And  then?")[-1].text
    assert "said 3" not in told
    assert "said 4" in told
    assert "Topic: Ships" in told
    assert told.count("word") < 6 * 50
    assert "Last question: And then?" in told


def test_definitions_cite_the_entry_and_are_silent_where_there_is_none(data: Path) -> None:
    taught = definition_lessons(data, 20, random.Random(1))
    kinds = {lesson.kind for lesson in taught}
    assert kinds == {"define", "abstain"}
    for lesson in taught:
        excerpts = [line for line in lesson.turns[-1].text.splitlines() if line.startswith("[")]
        if lesson.kind == "define" and lesson.answers:
            assert lesson.right is not None
            assert lesson.answers[0] in excerpts[lesson.right - 1]
            assert lesson.reply.endswith(f"[{lesson.right}].")


@pytest.mark.parametrize("content", [b"no json", b'{"history": []}'])
def test_a_file_that_is_something_else_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"rows\.jsonl"):
        read_follow_ups(file)
