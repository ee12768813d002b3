from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.layout.kinds import BlockKind
from rag.ingest.passages.passages import make_passages
from rag.ingest.passages.setting import PlacedBlock, Row
from rag.text import sentence_spans
from rag.types import PageSpan, Passage


def passages(*blocks: tuple[BlockKind, str] | tuple[BlockKind, str, int], title: str = "") -> tuple[Passage, ...]:
    """Passages of blocks (kind, text, level of a heading) that stand on one page; `title` is that of their tables."""
    text, placed, levels = "", [], {}
    for kind, words, *level in blocks:
        span = PageSpan(1, len(text), len(text) + len(words))
        block = PlacedBlock(kind, 10, False, words if kind == "heading" else "", [span])
        if kind == "row":
            at = span.start
            for row in words.split("\n"):
                block.rows.append(Row(PageSpan(1, at, at + len(row)), row.replace("  ", " | "), title=title))
                at += len(row) + 1
        if kind == "heading":
            levels[len(placed)] = int(level[0]) if level else 1
        placed.append(block)
        text += words + "\n"
    return make_passages(placed, levels, {1: text})


def sentence(n: int, mark: str = "x") -> str:
    """A sentence of n characters."""
    return ("S" + mark * 9 + " " + mark * n)[: n - 1].rstrip() + "."


lengths = st.lists(st.integers(20, 300), min_size=1, max_size=40)


@given(st.lists(lengths, min_size=1, max_size=5))
def test_no_sentence_is_ever_split_and_none_is_lost(paragraphs: list[list[int]]) -> None:
    texts = [" ".join(sentence(n, "abcdefgh"[i % 8]) for i, n in enumerate(paragraph)) for paragraph in paragraphs]
    found = passages(*(("text", text) for text in texts))
    wanted = [text[a:b] for text in texts for a, b in sentence_spans(text)]
    assert [passage.text[a:b] for passage in found for a, b in sentence_spans(passage.text)] == wanted
    assert all(len(passage.text) <= 900 for passage in found)


@given(st.integers(8, 60))
def test_a_long_paragraph_is_cut_into_pieces_of_about_one_size(n: int) -> None:
    found = passages(("text", " ".join(sentence(140) for _ in range(n))))
    assert all(350 <= len(passage.text) <= 900 for passage in found)


def test_short_neighbours_are_merged() -> None:
    (one,) = passages(("text", sentence(100)), ("text", sentence(200)), ("text", sentence(150)))
    assert one.text.count("\n") == 2


def test_a_heading_opens_a_passage_when_the_current_one_is_more_than_half_full() -> None:
    first, second = passages(("text", sentence(400)), ("heading", "The storm"), ("text", sentence(100)))
    assert "The storm" not in first.text
    assert second.text.startswith("The storm\n")
    assert len(passages(("text", sentence(200)), ("heading", "The storm"), ("text", sentence(100)))) == 1


def test_a_heading_never_ends_a_passage() -> None:
    first, second = passages(("text", sentence(300)), ("heading", "The storm"), ("text", sentence(850)))
    assert first.text == sentence(300)
    assert second.text.startswith("The storm\n")


def test_the_heading_path_holds_the_open_sections_only() -> None:
    found = passages(
        ("heading", "One", 1),
        ("heading", "One and a half", 2),
        ("text", sentence(800)),
        ("heading", "Two", 1),
        ("text", sentence(800)),
    )
    assert [passage.headings for passage in found] == [("One", "One and a half"), ("Two",)]


def test_later_passages_of_a_section_are_searched_with_its_heading_and_quoted_without() -> None:
    first, second = passages(("heading", "The storm"), ("text", sentence(800)), ("text", sentence(800)))
    assert first.index_text == first.text
    assert second.text == sentence(800)
    assert second.index_text == f"The storm\n{second.text}"


def test_a_long_table_is_cut_between_rows_and_each_part_keeps_title_and_path() -> None:
    rows = "\n".join(f"Lamp oil of the year {1870 + n}  {n},577" for n in range(80))
    found = passages(("heading", "Costs"), ("text", "(in pounds)"), ("row", rows), title="Costs (in pounds)")
    assert {passage.kind for passage in found} == {"table"}
    assert [row for passage in found for row in passage.text.split("\n") if "Lamp" in row] == rows.split("\n")
    assert all("Costs" in passage.index_text and "(in pounds)" in passage.index_text for passage in found)
    assert {passage.title for passage in found} == {"Costs (in pounds)"}
    assert all(len(passage.text) <= 1000 for passage in found)


def test_a_caption_alone_is_a_caption() -> None:
    long = "Figure 2: " + sentence(300)
    found = passages(("text", sentence(800)), ("caption", long), ("text", sentence(850)))
    assert [passage.kind for passage in found] == ["text", "caption", "text"]


def test_small_print_stands_by_itself() -> None:
    found = passages(("text", sentence(300, "a")), ("small", "1 See below."), ("text", sentence(300, "b")))
    assert [passage.text for passage in found] == [f"{sentence(300, 'a')}\n {sentence(300, 'b')}", "1 See below."]
