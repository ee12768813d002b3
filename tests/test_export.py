"""Exports: Markdown, HTML and the clipboard say the same, footnote everything, and let no character act as mark-up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import PurePath
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import InputError
from rag.export import (
    FORMATS,
    Exchange,
    Note,
    Transcript,
    file_name,
    format_of,
    from_chat,
    from_notes,
    one_answer,
    one_answer_html,
    to_html,
    to_markdown,
)
from rag.export.layout import clean
from rag.index.chats import Chat, Message
from rag.index.notes import Note as StoredNote
from rag.records import answer_to_json
from rag.types import Answer, Box, Verdict
from rag.wording import VERDICT
from tests.answers_made import (
    DATE,
    abstained,
    citation,
    claim,
    exchange,
    extractive,
    grounded,
    listed,
    transcript,
    ungrounded,
)

Write = Callable[[Transcript], str]
HOSTILE = (
    "a|b *c* _d_ [e](http://f) <script>alert(1)</script> `g` &amp; # h\n- i\n1. j\n> k $l$ ~m~ ![n](o) \\ **p** [^1]"
)
TEXTS = (
    st.text(st.sampled_from("ab1 .*_`[]()<>#+-=!|~&;:@/w\\\n\t\"'$^“é中א😀\x00\x0b"), max_size=40)
    | st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            ["http://a.b", "www.a.bc", "a.b_c@d.ef", "@ann", ":smile:", "#12", "ftp:", "//", " ", "*", "."]
        ),
        max_size=8,
    ).map("".join)
)
# What GitHub makes links, mentions and pictures of, though CommonMark knows nothing of it.
LATE = re.compile(r"(?i)(?<!\\)://|\bwww\.|@[\w.-]|(?<!\\)#\d|:(?!\d+:)[\w+-]+:|:100:")


def flat(text: str) -> str:
    return " ".join(text.split())


def saying(text: str, *, like: Answer) -> Answer:
    """An answer that says a text, and says it twice where it is a list."""
    return replace(
        like, text="", note=None, claims=(claim(text, verdict="supported"),) * (2 if like.kind == "list" else 1)
    )


def judged(verdict: Verdict) -> Answer:
    answer = extractive()
    return replace(answer, claims=(replace(answer.claims[0], verdict=verdict),))


# ---------------------------------------------------------------------------------------------------- markdown


class Shown(HTMLParser):
    """What a reader sees of a piece of HTML: text, tags, attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))
        if tag in {"br", "p", "li", "h1", "h2", "h3"}:
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(markdown: str) -> Shown:
    """What CommonMark, with GitHub's tables and strike-through, makes of it."""
    markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py reads the Markdown back")
    return Shown(markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))


@given(TEXTS)
@settings(deadline=None)
def test_no_character_of_an_answer_acts_as_markdown(text: str) -> None:
    shown = rendered(to_markdown(exchange(saying(f"begin {text} end", like=grounded()))))
    assert set(shown.tags) <= {"h1", "h2", "h3", "p", "em", "br"}
    assert flat(shown.text).endswith(flat(f"begin {clean(text)} end"))


@given(TEXTS)
@settings(deadline=None)
def test_nor_does_one_at_the_beginning_of_a_line_in_a_heading_or_in_a_list(text: str) -> None:
    first, title = clean(text).strip(), " ".join(clean(text).split())
    made = transcript(Note(f"Heading\n\n{first}"), Exchange(text, (saying(text, like=listed()),)), title=text)
    shown = rendered(to_markdown(made))
    assert set(shown.tags) <= {"h1", "h2", "p", "em", "br", "blockquote", "ul", "li"}
    assert flat(shown.text).startswith(flat(f"{title or 'Untitled'} 3 May 2026 Heading {first} {title or 'Untitled'}"))


@given(TEXTS)
@settings(deadline=None)
def test_a_footnote_quotes_verbatim_and_stays_one_footnote(text: str) -> None:
    quote = clean(text).strip()
    written = to_markdown(exchange(extractive("It does.", quote)))
    notes = written[written.index("\n[^1]: ") :].strip().split("\n\n")
    assert len(notes) == 1
    assert all(line.startswith("    ") for line in notes[0].split("\n")[1:])
    shown = rendered(re.sub(r"(?m)^    ", "", notes[0].removeprefix("[^1]: ")))
    assert set(shown.tags) <= {"p", "strong", "em", "br"}
    quoted = f": “{quote}”" if quote else ""
    assert flat(shown.text) == flat(f"rivers.pdf, p. 9 (PDF 12){quoted} (the document's own words)")


@given(TEXTS)
@settings(deadline=None)
def test_no_address_mention_or_emoji_comes_about_where_a_text_has_one(text: str) -> None:
    written = to_markdown(
        transcript(Note(text), Exchange(text, (saying(text, like=grounded()), extractive("Yes.", text))), title=text)
    )
    assert not LATE.search(re.sub(r"\\([_~*])", r"\1", written))


def test_addresses_mentions_and_emoji_are_shown_and_are_nothing_else() -> None:
    text = "See https://a.org/b_c, www.a.org, ann@b.org or @ann: :tada: at 12:30:45, #12."
    written = to_markdown(exchange(saying(text, like=grounded())))
    assert (
        "See https\\://a.org/b\\_c, www\\.a.org, ann@<!-- -->b.org or @<!-- -->ann: :<!-- -->tada: at 12:30:45, "
        "#<!-- -->12." in written
    )
    shown = rendered(written)
    assert flat(shown.text).endswith(text)
    assert set(shown.tags) <= {"h1", "h2", "h3", "p", "em", "br"}


@given(TEXTS, st.integers(0, 40), st.integers(0, 40))
@settings(deadline=None)
def test_emphasis_never_leaves_a_star_behind(text: str, start: int, end: int) -> None:
    text = clean(text).replace("*", "").strip() or "x"
    telling = (min(start, end, len(text)), min(max(start, end), len(text)))
    answer = extractive()
    said = replace(answer.claims[0], text=text, telling=telling)
    body = to_markdown(exchange(replace(answer, claims=(said,)))).split("\n\n[^1]: ")[0]
    shown = rendered(body)
    assert "*" not in shown.text
    assert flat(shown.text).endswith(flat(f"{text}[^1]"))


def test_markdown_reads_as_it_should() -> None:
    assert to_markdown(exchange(grounded())) == (
        "# Rivers\n\n*3 May 2026*\n\n## Where does the Danube rise?\n\n### In SmolLM2's words\n\n"
        "It rises there.[^1][^2] It is blue. *(no passage supports this)* It is short.[^3] "
        "*(the passage says otherwise)* It is calm.[^4]\n\n*Stopped before it was finished.*\n\n"
        "[^1]: **rivers.pdf**, p. 9 (PDF 12): “rises here” *(supported by this passage)*\n\n"
        "[^2]: **rivers.pdf**, p. 9 (PDF 12): “Black Forest” *(supported by this passage)*\n\n"
        "[^3]: **rivers.pdf**, p. 9 (PDF 12): “2,850 km” *(this passage says otherwise)*\n\n"
        "[^4]: **rivers.pdf**, p. 9 (PDF 12): “calm” *(not checked against the passage)*\n"
    )


def test_a_mark_after_an_exclamation_is_no_picture() -> None:
    assert "It does\\![^1]" in to_markdown(exchange(extractive("It does!")))


def test_footnotes_are_counted_through_all_answers() -> None:
    written = to_markdown(transcript(Exchange("a", (extractive(),)), Exchange("b", (extractive(), grounded()))))
    assert re.findall(r"(?m)^\[\^(\d+)\]:", written) == [str(n) for n in range(1, 7)]
    body = written.partition("\n[^1]: ")[0]
    assert re.findall(r"\[\^(\d+)\]", body) == [str(n) for n in range(1, 7)]


# ------------------------------------------------------------------------------------------- what is said at all


@pytest.mark.parametrize("write", [to_markdown, to_html])
def test_answers_of_several_readers_are_told_apart(write: Write) -> None:
    written = clean(Shown(write(exchange(extractive(), grounded(), ungrounded()))).text)
    order = ["In the documents' words", "In SmolLM2's words", "Without the documents, in SmolLM2's words"]
    assert [written.index(label) for label in order] == sorted(written.index(label) for label in order)
    alone = write(exchange(extractive()))
    assert "words\n" not in Shown(alone).text.replace("own words", "")


@pytest.mark.parametrize("write", [to_markdown, to_html])
def test_a_list_stands_under_its_documents_and_pages(write: Write) -> None:
    written = flat(re.sub(r"[#*\\]|\[\^\d\]|- ", "", Shown(write(exchange(listed()))).text))
    body = re.sub(r"(?<=May)\d", "", written.partition("Footnotes")[0])
    assert "Four dates on three pages. rivers.pdf p. 1 1 May 2 May p. ii (PDF 2) 3 May other.pdf p. 2 4 May" in body


@pytest.mark.parametrize("write", [to_markdown, to_html])
def test_an_abstention_shows_the_nearest_passages_with_their_pages(write: Write) -> None:
    written = Shown(write(exchange(abstained()))).text
    assert "The documents do not say." in written
    assert "r.pdf, p. iii (PDF 3): “The Rhine flows north.”" in written


@pytest.mark.parametrize("write", [to_markdown, to_html])
def test_why_there_is_no_answer_is_said_and_so_is_that_there_is_none_yet(write: Write) -> None:
    made = transcript(
        Exchange("a", (), "The model is gone."), Exchange("b"), Exchange("c", (extractive(),), "No model.")
    )
    written = Shown(write(made)).text
    assert (
        written.count("The model is gone.")
        == written.count("There is no answer yet.")
        == written.count("No model.")
        == 1
    )


def test_how_probably_a_footnote_supports_its_sentence_is_told_in_every_format() -> None:
    (said,) = judged("supported").claims
    cited = tuple(replace(one, support=0.871) for one in said.citations)
    answer = replace(judged("supported"), claims=(replace(said, support=0.871, citations=cited),))
    for written in (
        to_markdown(exchange(answer)),
        to_html(exchange(answer)),
        one_answer(answer),
        one_answer_html(answer),
    ):
        assert "supported by this passage (support 87 %)" in Shown(written).text


@pytest.mark.parametrize("verdict", VERDICT)
def test_every_verdict_is_told(verdict: Verdict) -> None:
    made = exchange(judged(verdict))
    for written in (to_markdown(made), to_html(made), one_answer(judged(verdict)), one_answer_html(judged(verdict))):
        assert VERDICT[verdict] in Shown(written).text


def test_a_footnote_without_a_quote_names_the_page_alone() -> None:
    counted = claim("rivers.pdf has 12 pages.", citation(""), verdict="unchecked")
    answer = replace(extractive(), claims=(counted,))
    made = exchange(answer)
    for written in (to_markdown(made), to_html(made), one_answer(answer), one_answer_html(answer)):
        assert "rivers.pdf, p. 9 (PDF 12) (not checked against the passage)" in (
            Shown(written).text.replace("*", "").replace("\\", "")
        )
        assert "“" not in Shown(written).text


def test_a_note_holds_own_words_and_its_answer() -> None:
    written = to_markdown(transcript(Note("Look *here*.", extractive()), Note("Call Ann\nabout it", None)))
    assert "## Where does the Danube rise?\n\nThe Danube rises here.[^1]\n\n### Note\n\n> Look \\*here\\*." in written
    assert "## Call Ann\n\n> about it" in written


# -------------------------------------------------------------------------------------------------------- html


@given(TEXTS)
def test_no_character_of_an_answer_acts_as_html(text: str) -> None:
    made = transcript(
        Exchange(text, (extractive(f"begin {text} end", text), saying(text, like=grounded()))), Note(text), title=text
    )
    shown = Shown(to_html(made))
    allowed = set(
        "html head meta title style body main h1 h2 h3 p span strong sup a section ol li b bdi blockquote".split()
    )
    assert set(shown.tags) <= allowed
    assert flat(f"begin {clean(text)} end") in flat(shown.text)
    quote = flat(clean(text))
    assert (f"“{quote}”" if quote else "p. 9 (PDF 12) (the document's own words)") in flat(shown.text)


def test_marks_lead_to_footnotes_and_footnotes_lead_back() -> None:
    shown = Shown(to_html(transcript(Exchange("a", (extractive(), grounded())), Exchange("b", (listed(),)))))
    names = [given["id"] for given in shown.attributes if "id" in given]
    links = [str(given["href"]) for given in shown.attributes if "href" in given]
    assert len(names) == len(set(names)) == len(links) == 18
    assert sorted(links) == sorted(f"#{name}" for name in names)


def test_the_file_fetches_nothing_and_runs_nothing() -> None:
    written = to_html(transcript(Exchange(HOSTILE, (extractive(HOSTILE),)), title=HOSTILE))
    shown = Shown(written)
    assert "script" not in shown.tags
    assert not [given for given in shown.attributes for name in given if name in {"src", "onload", "onclick", "style"}]
    assert all(str(given["href"]).startswith("#") for given in shown.attributes if "href" in given)
    assert "url(" not in written
    assert "@import" not in written
    assert "default-src 'none'" in written


# --------------------------------------------------------------------------------------------------- clipboard


def test_a_footnote_to_a_caption_says_so_and_one_to_a_scanned_page_too() -> None:
    answer = extractive()
    (only,) = answer.claims
    cited = replace(only.citations[0], figure=Box(12, 0.1, 0.3, 0.5, 0.6), source="ocr")
    said = one_answer(replace(answer, claims=(replace(only, citations=(cited,)),)))
    assert "rivers.pdf, p. 9 (PDF 12), read by OCR, caption of a figure: “The Danube rises here.”" in said


def test_one_answer_is_its_sentences_then_its_sources() -> None:
    assert one_answer(grounded()) == (
        "It rises there. [1] [2] It is blue. (no passage supports this) It is short. [3] (the passage says otherwise) "
        "It is calm. [4]\n\nStopped before it was finished.\n\n"
        "[1] rivers.pdf, p. 9 (PDF 12): “rises here” (supported by this passage)\n"
        "[2] rivers.pdf, p. 9 (PDF 12): “Black Forest” (supported by this passage)\n"
        "[3] rivers.pdf, p. 9 (PDF 12): “2,850 km” (this passage says otherwise)\n"
        "[4] rivers.pdf, p. 9 (PDF 12): “calm” (not checked against the passage)"
    )


def test_the_rich_form_says_the_same_as_the_plain_one() -> None:
    for answer in (extractive(), grounded(), ungrounded(), listed(), abstained(), extractive(HOSTILE)):
        rich, as_text = Shown(one_answer_html(answer)), one_answer(answer)
        assert re.sub(r"[\s-]", "", rich.text) == re.sub(r"[\s-]", "", as_text)
        assert set(rich.tags) <= {"p", "ul", "li", "sup", "em", "strong", "br"}
        assert not any(rich.attributes)


# ---------------------------------------------------------------------------------------------- what is stored


def message(id_: int, role: Literal["user", "assistant"], text: str, **payload: Any) -> Message:
    return Message(id_, role, text, payload, 0.0)


def test_a_chat_is_exported_with_all_its_answers_and_errors() -> None:
    chat = Chat("id", "Rivers", 0.0, DATE.timestamp())
    answers = {"answer": extractive(), "grounded": grounded(), "ungrounded": ungrounded()}
    messages = [
        message(1, "user", "Where?"),
        message(2, "assistant", "Here.", **{key: answer_to_json(answer) for key, answer in answers.items()}),
        message(3, "user", "When?"),
        message(4, "assistant", "The question is empty.", error="The question is empty."),
        message(5, "user", "How?"),
        message(6, "assistant", "So.", answer=answer_to_json(extractive()), model_error="The model is gone."),
        message(7, "user", "And now?"),
    ]
    made = from_chat(chat, messages)
    assert (made.title, made.date) == ("Rivers", DATE)
    assert made.items == (
        Exchange("Where?", (extractive(), grounded(), ungrounded())),
        Exchange("When?", (), "The question is empty."),
        Exchange("How?", (extractive(),), "No answer in a model's words: The model is gone."),
        Exchange("And now?"),
    )


def test_notes_are_exported_in_their_order_with_the_date_of_the_last_change() -> None:
    stored = [
        StoredNote(2, "Mine.", None, 0.0, DATE.timestamp()),
        StoredNote(1, "", answer_to_json(listed()), 0.0, 5.0),
    ]
    made = from_notes("Notes", stored)
    assert made.items == (Note("Mine.", None), Note("", listed()))
    assert made.date == DATE
    assert abs((from_notes("Notes", []).date - datetime.now()).total_seconds()) < 60


# -------------------------------------------------------------------------------------------------------- files


@given(st.text(max_size=300))
def test_every_title_makes_a_name_that_every_system_takes(title: str) -> None:
    for format_ in FORMATS:
        name = file_name(title, format_)
        assert name.endswith(format_.ending)
        assert len(name.encode()) <= 255
        assert not re.search(r'[\\/:*?"<>|\x00-\x1f]', name)
        assert name.split(".")[0].strip()
        assert not name.startswith((".", " "))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("What was 3M's revenue in 2018?", "What was 3M's revenue in 2018.md"),
        ("../../etc/passwd", "etc passwd.md"),
        ("多瑙河在哪里？", "多瑙河在哪里？.md"),
        ("CON", "Footnote CON.md"),
        ("???", "Footnote.md"),
    ],
)
def test_names_stay_readable(title: str, name: str) -> None:
    assert file_name(title, FORMATS[0]) == name


def test_the_ending_says_the_format() -> None:
    assert [format_of(PurePath(name)).name for name in ("a.MD", "b.markdown", "c.htm", "d.docx")] == [
        "Markdown",
        "Markdown",
        "Web page",
        "Word",
    ]
    with pytest.raises(InputError, match=r"report\.pdf.*\.md, \.html, \.docx"):
        format_of(PurePath("report.pdf"))
