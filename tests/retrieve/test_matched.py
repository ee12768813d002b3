"""Matched words: exactly those whose terms, as the word index cuts them, are asked for, in any script."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.lexical import TantivyIndex
from rag.retrieve.matched import Matcher


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> TantivyIndex:
    return TantivyIndex(tmp_path_factory.mktemp("words"), "passages")


def matched(index: TantivyIndex, question: str, text: str) -> list[str]:
    return [text[start:end] for start, end in Matcher(index.terms(question), index.terms).spans(text)]


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("Why do gradients vanish?", "The vanishing gradient.", ["vanishing", "gradient"]),
        ("What was 1,577 million?", "Sales of 1,577, not 1,578 or 577.", ["1,577"]),
        ("the resume of Müller", "Muller’s résumé", ["Muller’s", "résumé"]),
        ("中国经济", "关于中国经济的报告", ["中国经济"]),
        ("경제 성장", "한국경제성장 보고서", ["경제", "성장"]),
        ("हिन्दी भाषा", "यह हिन्दी भाषा है", ["हिन्दी", "भाषा"]),
        ("what was it", "It was as it was.", ["It", "was", "it", "was"]),
        ("Danube", "", []),
        ("???", "Nothing is asked.", []),
    ],
)
def test_words_are_matched_in_their_forms(index: TantivyIndex, question: str, text: str, words: list[str]) -> None:
    assert matched(index, question, text) == words


@given(
    text=st.lists(
        st.sampled_from(["sales", "Sale", "rose", "1,577", "the", "PP&E", "中国", "\n", "–", "re\u0301sume\u0301"])
    ).map(" ".join),
    question=st.lists(st.sampled_from(["sales", "rises", "1,577", "PP&E", "中国"]), min_size=1).map(" ".join),
)
def test_what_is_matched_is_what_the_index_would_find(index: TantivyIndex, text: str, question: str) -> None:
    asked = set(index.terms(question))
    spans = Matcher(asked, index.terms).spans(text)
    assert all(a[1] <= b[0] for a, b in pairwise(spans)), "in order, none in another"
    assert all(asked & set(index.terms(text[start:end])) for start, end in spans)
    left = "".join(" " if any(a <= i < b for a, b in spans) else character for i, character in enumerate(text))
    assert not (asked & set(index.terms(left)) if left.strip() else set()), "no word that is asked for is left over"
