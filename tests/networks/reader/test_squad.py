"""SQuAD's layout, and where answers stand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from rag.errors import InputError
from rag.networks.reader.squad import occurrences, read_squad

ARTICLE = {
    "title": "North_Sea",
    "paragraphs": [
        {
            "context": "The North Sea is 970 km long.",
            "qas": [
                {"id": "q1", "question": " How  long is it? ", "answers": [{"text": "970 km"}, {"text": "970 km"}]},
                {"id": "q2", "question": "How deep is it?", "answers": []},
            ],
        }
    ],
}


def test_articles_paragraphs_and_questions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "squad.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"data": [ARTICLE]}).encode()))
    (article,) = read_squad(path)
    assert (article.title, article.group) == ("North Sea", "North_Sea")
    assert [(q.text, q.answers, q.paragraph) for q in article.questions] == [
        ("How long is it?", ("970 km",), 0),
        ("How deep is it?", (), 0),
    ]


def test_another_file_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "other.json.gz"
    path.write_bytes(gzip.compress(b'{"rows": []}'))
    with pytest.raises(InputError, match=r"other\.json\.gz"):
        read_squad(path)


@pytest.mark.parametrize(
    ("answer", "text", "found"),
    [
        ("in", "Born in Berlin in 1900", ["in", "in"]),
        ("1900", "19001 and 1900.", ["1900"]),
        ("C++", "C and C++.", ["C++"]),
        ("gold", "a marigold", ["gold"]),  # nowhere a word of its own: better a part than nothing
        ("silver", "gold", []),
    ],
)
def test_an_answer_is_found_wherever_it_stands_as_whole_words(answer: str, text: str, found: list[str]) -> None:
    places = occurrences([answer], text)
    assert [text[start:end] for start, end in places] == found
    if answer == "in":
        assert [start for start, _ in places] == [5, 15]
