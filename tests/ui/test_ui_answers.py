"""The HTML of an answer: verbatim, escaped, every footnote with the right words."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import Answer, Box, Citation, Claim, Document, DocumentState, Hit, PageSpan, Passage, Verdict
from rag.wording import page_name
from ui.answers import claim_table, error_html, footnotes, question_html, summary
from ui.words import library_line, reason_words, shortened, size_words

SHA = "a" * 64


class Seen(HTMLParser):
    """Text, tags and attributes of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self.attributes, self._inside = "", [], [], []
        self.claims = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))
        self._inside.append("fn-claim" in (dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if any(self._inside):
            self.claims += data


def answer(text: str = "The Danube rises here.", verdict: Verdict = "verbatim", label: str | None = "9") -> Answer:
    span = (PageSpan(12, 100, 122),)
    citation = Citation(1, SHA, "a.pdf", 12, label, text, span, (Box(12, 0.1, 0.2, 0.5, 0.22),))
    return Answer(
        "Where?", "extractive", f"{text} [1]", (Claim(text, (citation,), verdict, telling=(0, 1)),), hits(), False
    )


def hits() -> tuple[Hit, ...]:
    used = Passage(3, "The Danube rises here.", "", (PageSpan(12, 90, 200),), document_id=SHA, id=3)
    other = Passage(4, "Something <else>.", "", (PageSpan(13, 0, 17),), document_id=SHA, id=4)
    return (Hit(1, 2.0, used, "a.pdf", 12, "9"), Hit(2, 1.0, other, "a.pdf", 13, None))


def laid_out(given: Answer, documents: tuple[str, ...] = (SHA,)) -> Seen:
    return Seen(footnotes(given, 7, documents=documents).answer)


@given(st.text(min_size=1, max_size=80))
def test_a_claim_is_shown_character_by_character_and_makes_no_tag(text: str) -> None:
    clean = text.replace("\r", " ").replace("\x00", " ")
    seen = laid_out(answer(clean))
    assert seen.claims == clean
    assert set(seen.tags) <= {"article", "p", "span", "strong", "a", "b"}


@given(st.text(max_size=80))
def test_questions_and_errors_make_no_tag_either(text: str) -> None:
    assert set(Seen(question_html(text)).tags) == {"h3"}
    assert set(Seen(error_html(text)).tags) == {"article", "p"}


def test_a_footnote_says_number_printed_page_and_pdf_page() -> None:
    seen = laid_out(answer())
    assert "1p. 9 (PDF 12)" in seen.text
    link = seen.attributes[seen.tags.index("a")]
    assert link["href"] == "#cite-7-1"
    assert link["aria-label"] == "Footnote 1: a.pdf, p. 9 (PDF 12): the document's own words"


@pytest.mark.parametrize("verdict", ["verbatim", "supported", "contradicted", "unsupported", "unchecked"])
def test_the_verdict_is_in_the_style_and_in_words(verdict: Verdict) -> None:
    seen = laid_out(answer(verdict=verdict))
    link = seen.attributes[seen.tags.index("a")]
    assert link["class"] == f"fn-chip {verdict}"
    assert str(link["aria-label"]).split(": ")[-1]


def test_a_footnote_says_how_probably_it_supports_its_sentence_to_eyes_and_ears() -> None:
    given = answer(verdict="supported")
    (claim,) = given.claims
    (citation,) = claim.citations
    judged = replace(given, claims=(replace(claim, support=0.934, citations=(replace(citation, support=0.934),)),))
    link = next(a for a in laid_out(judged).attributes if "href" in a)
    assert link["title"] == "supported by this passage (support 93 %)"
    assert str(link["aria-label"]).endswith(": supported by this passage (support 93 %)")


def test_what_is_said_against_a_sentence_stands_in_words_beside_it() -> None:
    assert laid_out(answer(verdict="contradicted")).text.endswith("the passage says otherwise")
    (claim,) = answer(verdict="unsupported").claims
    bare = replace(answer(), claims=(replace(claim, citations=(), lacks=("1981", "Hubel")),))
    assert laid_out(bare).text.endswith("no passage holds 1981 and Hubel")
    cited = replace(answer(), claims=(replace(claim, lacks=("1981",), support=0.0),))
    said = next(a for a in laid_out(cited).attributes if "href" in a)["title"]
    assert said == "this passage does not support the sentence; it does not hold 1981 (support under 1 %)"


def alone(*verdicts: Verdict) -> Answer:
    """An answer without the documents, a claim for each verdict."""
    (claim,) = answer(text="<b>It</b> rises.").claims
    claims = []
    for n, verdict in enumerate(verdicts, 1):
        cited = tuple(replace(c, marker=n) for c in claim.citations) if verdict in {"supported", "contradicted"} else ()
        claims.append(
            replace(claim, verdict=verdict, citations=cited, lacks=("1981",) if verdict == "unsupported" else ())
        )
    return Answer("Where?", "ungrounded", "It rises.", tuple(claims), (), False, model="m")


def test_each_claim_of_a_model_alone_stands_in_a_table_beside_what_the_documents_say() -> None:
    html, cites = claim_table(alone("supported", "contradicted", "unsupported", "unchecked"), "7u", documents=(SHA,))
    seen = Seen(html)
    assert seen.text.count("<b>It</b> rises.") == 4
    assert (
        [a["href"] for a in seen.attributes if "href" in a]
        == ["#cite-7u-1", "#cite-7u-2"]
        == [f"#cite-{c}" for c in cites]
    )
    assert seen.tags.count("th") == 2
    assert {a.get("scope") for a in seen.attributes if "scope" in a} == {"col"}
    for words in ("✓ support it1p. 9", "✗ say otherwise2p. 9", "– do not say itno passage holds 1981", "? not checked"):
        assert words in seen.text


def test_where_nothing_of_a_model_alone_was_checked_there_is_no_table() -> None:
    assert claim_table(alone("unchecked", "unchecked"), "7u", documents=(SHA,)) == ("", {})


def test_the_viewer_gets_the_boxes_with_their_page() -> None:
    cites = footnotes(answer(), 7, documents=(SHA,)).cites
    assert cites["7-1"]["boxes"] == [[12, 0.1, 0.2, 0.5, 0.22]]
    assert (cites["7-1"]["doc"], cites["7-1"]["page"]) == (SHA, 12)


def test_a_document_that_is_gone_says_removed() -> None:
    notes = footnotes(answer(), 7, documents=())
    assert "removed" in Seen(notes.answer).text
    assert notes.cites["7-1"]["gone"]


def test_what_was_found_but_not_used_is_listed_apart() -> None:
    notes = footnotes(answer(), 7, documents=(SHA,))
    assert notes.n_unused == 1
    used, unused = Seen(notes.why).text.split("Retrieved, not used · 1")
    assert used.startswith("Cited · 1")
    assert "The Danube rises here." in used
    assert "Something <else>." in unused
    assert notes.cites.keys() == {"7-1", "7-h1", "7-h2"}


def test_an_abstention_says_so_and_lists_the_nearest_passages() -> None:
    abstained = replace(answer(), text="The documents do not say.", claims=(), abstained=True)
    notes = footnotes(abstained, 7, documents=(SHA,))
    seen = Seen(notes.answer)
    assert "The documents do not say." in seen.text
    assert "Nearest passages" in seen.text
    assert list(notes.cites) == ["7-h1", "7-h2"]


def test_documents_are_named_only_when_an_answer_cites_several() -> None:
    one = answer()
    (claim,) = one.claims
    other = replace(claim.citations[0], marker=2, document_id="b" * 64, document="b.pdf")
    both = replace(one, claims=(claim, replace(claim, citations=(other,))))
    assert "1p. 9 (PDF 12)" in Seen(footnotes(one, 7, documents=(SHA,)).answer).text
    said = Seen(footnotes(both, 7, documents=(SHA, "b" * 64)).answer).text
    assert "1a.pdfp. 9 (PDF 12)" in said
    assert "2b.pdfp. 9 (PDF 12)" in said


def test_only_the_first_footnote_holds_on_to_the_last_word() -> None:
    (claim,) = answer().claims
    two = replace(claim, citations=(claim.citations[0], replace(claim.citations[0], marker=2)))
    said = Seen(footnotes(replace(answer(), claims=(two,)), 7, documents=(SHA,)).answer).text
    assert said == "The Danube rises here.\u20601p. 9 (PDF 12) 2p. 9 (PDF 12)"


def test_the_line_under_an_answer_counts_passages_and_pages() -> None:
    assert summary(replace(answer(), timings={"total": 0.216})) == "Read 2 passages · 2 pages · 0.22 s"


@pytest.mark.parametrize(
    ("page", "label", "name"), [(12, "12", "p. 12"), (12, None, "p. 12"), (3, "iii", "p. iii (PDF 3)")]
)
def test_page_names(page: int, label: str | None, name: str) -> None:
    assert page_name(page, label) == name


@given(st.text(max_size=200), st.integers(8, 60))
def test_shortened_text_is_short_and_begins_alike(text: str, n: int) -> None:
    short = shortened(text, n)
    assert len(short) <= n + 1
    assert " ".join(text.split()).startswith(short.removesuffix("…"))


def test_sizes_are_said_in_units_of_people() -> None:
    assert [size_words(n) for n in (10, 832_000, 3_000_000)] == ["1 KB", "832 KB", "3.0 MB"]


def test_unreadable_files_are_counted_apart() -> None:
    assert (
        library_line([document("ready"), document("failed")])
        == "1 document · 28 pages · 1.0 MB · 1 file needs attention"
    )
    assert library_line([document("reading")]) == "1 being read"
    assert library_line([]).startswith("No documents yet")


@pytest.mark.parametrize("name", ["a.pdf", "Report v. 2.pdf", "footnote add.pdf"])
def test_reasons_on_the_page_name_no_command(name: str) -> None:
    reason = f'{name} is locked. Give its password: footnote add --password PASSWORD "{name}", or type it here.'
    assert reason_words(reason, is_locked=True) == f"{name} is locked. Type its password below."
    assert reason_words(f"{name} is empty.") == f"{name} is empty."


def document(state: DocumentState) -> Document:
    n_pages = 28 if state in {"ready", "searchable"} else 0
    return Document(SHA, "a.pdf", "A", state, n_pages, 100, 0.0, 1_000_000)


FIGURE = Box(12, 0.1, 0.4, 0.6, 0.7)


def of_figure(caption: str = "Figure 1: The <old> tower.") -> Answer:
    """An answer that cites the caption of a figure, twice, and found another."""
    given = answer(caption)
    (claim,) = given.claims
    citation = replace(claim.citations[0], figure=FIGURE, focus=(Box(12, 0.2, 0.2, 0.3, 0.22),))
    other = replace(given.hits[1], passage=replace(given.hits[1].passage, kind="caption", figure=FIGURE))
    second = replace(claim, citations=(replace(citation, marker=2),))
    return replace(given, claims=(replace(claim, citations=(citation,)), second), hits=(given.hits[0], other))


def paper_at(document_id: str) -> str:
    return f"/paper/x/{document_id}/key"


def test_a_cited_caption_shows_its_figure_once_with_the_caption_as_its_text() -> None:
    seen = Seen(footnotes(of_figure(), 7, documents=(SHA,), paper_at=paper_at).answer)
    (image,) = [attributes for tag, attributes in zip(seen.tags, seen.attributes, strict=True) if tag == "img"]
    assert image["src"] == f"/paper/x/{SHA}/key/page/12?w=1100&clip=0.1000,0.4000,0.6000,0.7000"
    assert image["alt"] == "Figure 1: The <old> tower."
    assert image["loading"] == "lazy"
    around = seen.attributes[seen.tags.index("img") - 1]
    assert around == {"class": "fn-figure", "href": "#cite-7-1"}


def test_a_caption_that_was_only_found_shows_its_figure_in_the_list() -> None:
    found = replace(of_figure(), claims=answer().claims)
    assert "img" in Seen(footnotes(found, 7, documents=(SHA,), paper_at=paper_at).why).tags


def test_no_figure_is_shown_of_a_document_that_is_gone() -> None:
    assert "img" not in Seen(footnotes(of_figure(), 7, documents=(), paper_at=paper_at).answer).tags


def test_the_viewer_gets_the_part_that_answers_and_the_figure() -> None:
    cite = footnotes(of_figure(), 7, documents=(SHA,)).cites["7-1"]
    assert cite["focus"] == [[12, 0.2, 0.2, 0.3, 0.22]]
    assert cite["figure"] == [12, 0.1, 0.4, 0.6, 0.7]
    plain = footnotes(answer(), 7, documents=(SHA,)).cites
    assert [plain[key][name] for key in ("7-1", "7-h2") for name in ("focus", "figure")] == [[], None, [], None]


def test_a_page_that_was_read_by_ocr_says_so_wherever_it_is_cited() -> None:
    given = answer()
    (claim,) = given.claims
    scanned = replace(
        given,
        claims=(replace(claim, citations=(replace(claim.citations[0], source="ocr"),)),),
        hits=tuple(replace(hit, source="ocr") for hit in given.hits),
    )
    notes = footnotes(scanned, 7, documents=(SHA,))
    assert "p. 9 (PDF 12), read by OCR" in Seen(notes.answer).text
    assert "p. 13, read by OCR" in Seen(notes.why).text
    assert {cite["source"] for cite in notes.cites.values()} == {"ocr"}
    listed = Seen(footnotes(replace(scanned, kind="list"), 7, documents=(SHA,)).answer)
    assert listed.text.count("read by OCR") == 2  # over the page's sentences, and in the footnote
    assert "read by OCR" not in Seen(footnotes(given, 7, documents=(SHA,)).answer).text
