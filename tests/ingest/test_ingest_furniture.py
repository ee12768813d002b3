"""Running heads, feet and page numbers go; headings at the head of a page stay."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ingest_pdfs import HEIGHT, SENTENCES, WIDTH, lines, make, read, titles
from reportlab.pdfgen.canvas import Canvas

LEFT, TOP, FOOT = 72, HEIGHT - 40, 30
NAMES = ("Rivers", "Floods", "Glaciers", "Deserts", "Harbours", "Winds", "Salt")
Draw = Callable[[Canvas], None]


def told(canvas: Canvas, n: int, *, y: float = 700, times: int = 3) -> None:
    canvas.setFont("Helvetica", 10)
    lines(canvas, [f"On page {n} it is told. {sentence}" for sentence in SENTENCES * times], y=y)


def headed(heading: str, n: int, *, font: str, size: float, y: float = TOP) -> Draw:
    """A page that begins with a heading at its very top."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        canvas.drawString(LEFT, y, heading)
        told(canvas, n, y=y - 2.4 * size)

    return draw


@pytest.mark.parametrize(("font", "size"), [("Helvetica-Bold", 10), ("Helvetica-Bold", 12), ("Helvetica", 14)])
@pytest.mark.parametrize("pattern", ["{n} {name}", "Chapter {n} {name}", "{name}"])
def test_headings_at_the_top_of_consecutive_pages_stay(tmp_path: Path, pattern: str, font: str, size: float) -> None:
    wanted = [pattern.format(n=n, name=name) for n, name in enumerate(NAMES, 1)]
    pages = [headed(heading, n, font=font, size=size) for n, heading in enumerate(wanted, 1)]
    assert titles(read(make(tmp_path / "a.pdf", *pages))) == wanted


def test_chapters_that_have_a_number_and_no_name_stay(tmp_path: Path) -> None:
    wanted = [f"Chapter {n}" for n in range(1, 7)]
    pages = [headed(heading, n, font="Times-Bold", size=16) for n, heading in enumerate(wanted, 1)]
    assert titles(read(make(tmp_path / "a.pdf", *pages))) == wanted


def test_the_title_of_slides_that_goes_on_over_some_of_them_stays(tmp_path: Path) -> None:
    said = ["Rivers"] * 3 + ["Floods"] * 2 + list(NAMES[2:])
    pages = [headed(title, n, font="Helvetica", size=24, y=HEIGHT - 60) for n, title in enumerate(said, 1)]
    parsed = read(make(tmp_path / "a.pdf", *pages))
    assert [page.text.split("\n")[0] for page in parsed.pages] == said


def test_a_title_stays_although_a_mark_recurs_beside_it(tmp_path: Path) -> None:
    def slide(title: str, n: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            headed(title, n, font="Helvetica-Bold", size=20, y=HEIGHT - 60)(canvas)
            canvas.setFont("Helvetica", 8)
            canvas.drawRightString(WIDTH - 60, HEIGHT - 60, "Mornay Trust")

        return draw

    parsed = read(make(tmp_path / "a.pdf", *(slide(name, n) for n, name in enumerate(NAMES, 1))))
    assert [page.text.split("\n")[0] for page in parsed.pages] == list(NAMES)
    assert not any("Mornay Trust" in page.text for page in parsed.pages)


def book(
    heads: Sequence[Sequence[str]], feet: Sequence[str], *, font: str = "Helvetica", size: float = 8
) -> Callable[[int], Draw]:
    """Pages with heads of one line or more and a foot each."""

    def page(n: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.setFont(font, size)
            for i, head in enumerate(heads[n]):
                canvas.drawString(LEFT, TOP - 11 * i, head)
            canvas.drawCentredString(WIDTH / 2, FOOT, feet[n])
            told(canvas, n)

        return draw

    return page


HEADS: dict[str, list[list[str]]] = {
    "left and right": [
        [f"{n}   The Book of Cape Mornay" if n % 2 else f"Of Keepers and Lamps   {n}"] for n in range(12)
    ],
    "two lines": [["The Book of Cape Mornay", "Second edition, revised"] for _ in range(12)],
    "chapters": [[f"{n + 20}  {['Of lamps', 'Of storms', 'Of keepers'][n // 4]}"] for n in range(12)],
    "numbered chapters": [[f"{1 + n // 4}. {['Of lamps', 'Of storms', 'Of keepers'][n // 4]}"] for n in range(12)],
}


@pytest.mark.parametrize("font", ["Helvetica", "Helvetica-Bold"])
@pytest.mark.parametrize("kind", HEADS)
def test_running_heads_of_all_kinds_go(tmp_path: Path, kind: str, font: str) -> None:
    heads = HEADS[kind]
    page = book(heads, [""] * 12, font=font)
    parsed = read(make(tmp_path / "a.pdf", *map(page, range(12))))
    for n, found in enumerate(parsed.pages):
        assert found.text.startswith(f"On page {n} it is told.")
        assert found.text.rstrip().endswith(SENTENCES[-1])


FEET: dict[str, tuple[list[str], list[str]]] = {
    "of": ([f"Page {n + 3} of 20" for n in range(12)], [str(n + 3) for n in range(12)]),
    "dashes": ([f"- {n + 3} -" for n in range(12)], [str(n + 3) for n in range(12)]),
    "roman": (
        ["i", "ii", "iii", "iv", "v", "vi", "1", "2", "3", "4", "5", "6"],
        ["i", "ii", "iii", "iv", "v", "vi", "1", "2", "3", "4", "5", "6"],
    ),
    "with a title": ([f"Annual Report 1891 | {n + 3}" for n in range(12)], [str(n + 3) for n in range(12)]),
}


@pytest.mark.parametrize("kind", FEET)
def test_page_numbers_go_and_are_kept_as_labels(tmp_path: Path, kind: str) -> None:
    feet, labels = FEET[kind]
    parsed = read(make(tmp_path / "a.pdf", *map(book([[]] * 12, feet), range(12))))
    assert [page.label for page in parsed.pages] == labels
    assert all(page.text.rstrip().endswith(SENTENCES[-1]) for page in parsed.pages)


def test_a_mark_below_a_bold_page_number_goes_with_it(tmp_path: Path) -> None:
    def page(n: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.setFont("Helvetica-Bold", 8)
            canvas.drawCentredString(WIDTH / 2, TOP, str(n))
            canvas.setFont("Helvetica", 8)
            canvas.drawCentredString(WIDTH / 2, TOP - 15, "MORNAY TRUST")
            told(canvas, n, y=TOP - 58)

        return draw

    parsed = read(make(tmp_path / "a.pdf", *map(page, range(1, 13))))
    assert [found.label for found in parsed.pages] == [str(n) for n in range(1, 13)]
    assert not any("MORNAY TRUST" in found.text for found in parsed.pages)


def test_a_foot_with_the_page_number_goes_at_whatever_height_the_text_ends(tmp_path: Path) -> None:
    def page(n: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            told(canvas, n, y=760, times=1 + n % 3)
            canvas.drawRightString(WIDTH - 72, 760 - 13 * 6 * (1 + n % 3) - 25, f"Report of 1891  {n}")

        return draw

    parsed = read(make(tmp_path / "a.pdf", *map(page, range(3, 15))))
    assert all(found.text.rstrip().endswith(SENTENCES[-1]) for found in parsed.pages)
    assert [found.label for found in parsed.pages] == [str(n) for n in range(3, 15)]


def test_numbers_stamped_on_every_page_go(tmp_path: Path) -> None:
    stamps = [f"MORNAY-{4711 + n:07}" for n in range(12)]
    parsed = read(make(tmp_path / "a.pdf", *map(book([[]] * 12, stamps), range(12))))
    assert not any("MORNAY-" in page.text for page in parsed.pages)


def test_the_number_below_the_text_of_a_short_page_goes(tmp_path: Path) -> None:
    """Pages made of web pages have their number after the text, at any height."""

    def page(n: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            told(canvas, n, y=760, times=1 + n % 3)
            canvas.drawCentredString(WIDTH / 2, 760 - 13 * 6 * (1 + n % 3) - 20, str(n))

        return draw

    parsed = read(make(tmp_path / "a.pdf", *map(page, range(1, 10))))
    assert [found.label for found in parsed.pages] == [str(n) for n in range(1, 10)]
    assert all(found.text.rstrip().endswith(SENTENCES[-1]) for found in parsed.pages)


def test_a_running_head_that_begins_with_the_number_of_the_page_goes_although_its_words_stand_once(
    tmp_path: Path,
) -> None:
    heads = [f"{n} {name}" for n, name in enumerate(NAMES, 1)]
    pages = [headed(head, n, font="Helvetica", size=10) for n, head in enumerate(heads, 1)]
    parsed = read(make(tmp_path / "a.pdf", *pages))
    assert not any(name in page.text for name, page in zip(NAMES, parsed.pages, strict=True))
    assert titles(parsed) == []
