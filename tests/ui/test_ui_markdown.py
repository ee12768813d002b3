"""Text of others stays text: no mark-up, no link, no image, no formula, no emoji survives `plain`."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ui.markdown import plain

HOSTILE = st.lists(
    st.sampled_from(
        [
            "![x](http://host/leak)", "[a](http://b)", "<b>", "</b>", "$a$", "$$", "~~", "~", "*", "_", "`", "#", "# ", ">",
            ":material/home:", ":red[", "]", ":smile:", ":streamlit:", "http://a.b", "www.a.b", "a@b.c", " -> ", " <- ",
            " -- ", " <-> ", " >= ", " ~= ", "\\", "|", "&amp;", "1. ", "- ", "\n", "\n\n", "word", " ", "…",
        ]
    ),
    max_size=12,
).map("".join)  # fmt: skip
TEXT = st.one_of(HOSTILE, st.text(max_size=60))


def shown(markdown: str) -> str:
    """What CommonMark shows of text in which every mark is escaped."""
    return re.sub(r"\\(.)", r"\1", markdown).replace("\u2060", "")


@given(TEXT)
def test_plain_shows_the_same_words(text: str) -> None:
    assert shown(plain(text)) == " ".join(text.replace("\u2060", "").split())


@given(TEXT)
def test_no_active_mark_survives_without_its_backslash(text: str) -> None:
    unescaped = re.sub(r"\\.", "", plain(text))
    assert not re.search(r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]", unescaped)


@given(TEXT)
def test_what_streamlit_replaces_after_the_backslashes_are_gone_is_broken_up(text: str) -> None:
    late = re.sub(r"\\(.)", r"\1", plain(text))
    assert not re.search(r":[\w+\-/]+:", late), "emoji, icon"
    assert not re.search(r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)", late), "typographic symbol"
    assert not re.search(r"https?://|www\.|\w@\w", late, re.I), "bare address"


def test_a_label_is_one_line() -> None:
    assert "\n" not in plain("a\n\n# b")
