import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from ingest_pdfs import HEIGHT, WIDTH, make, prose, rewritten
from PIL import Image
from pypdf.generic import NumberObject
from reportlab.pdfgen.canvas import Canvas

from rag.errors import DamagedPdf, StorageError
from rag.ingest.files.render import PageRenderer


@pytest.fixture
def renderer() -> Iterator[PageRenderer]:
    made = PageRenderer()
    yield made
    made.shutdown()


def quarters(canvas: Canvas) -> None:
    """Top left red, top right green, foot left blue, foot right white."""
    for colour, x, y in (((1, 0, 0), 0, 0.5), ((0, 1, 0), 0.5, 0.5), ((0, 0, 1), 0, 0)):
        canvas.setFillColorRGB(*colour)
        canvas.rect(x * WIDTH, y * HEIGHT, WIDTH / 2, HEIGHT / 2, stroke=0, fill=1)


def picture(data: bytes) -> Image.Image:
    assert data.startswith(b"\xff\xd8"), "not a JPEG"
    return Image.open(BytesIO(data))


def colour_at(image: Image.Image, x: float, y: float) -> str:
    red, green, blue = image.getpixel((int(x * image.width), int(y * image.height)))
    bright = (red > 128, green > 128, blue > 128)
    return {(True, False, False): "red", (False, True, False): "green", (False, False, True): "blue"}.get(
        bright, "white"
    )


def test_a_page_is_as_wide_as_asked_and_keeps_its_proportions(tmp_path: Path, renderer: PageRenderer) -> None:
    image = picture(renderer.jpeg(make(tmp_path / "a.pdf", quarters), 1, 400))
    assert abs(image.width - 400) <= 1
    assert image.height / image.width == pytest.approx(HEIGHT / WIDTH, rel=0.01)
    colours = [colour_at(image, x, y) for x, y in ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))]
    assert colours == ["red", "green", "blue", "white"]


def test_the_width_has_bounds(tmp_path: Path, renderer: PageRenderer) -> None:
    path = make(tmp_path / "a.pdf", quarters)
    assert abs(picture(renderer.jpeg(path, 1, 1)).width - 80) <= 1
    assert abs(picture(renderer.jpeg(path, 1, 100_000)).width - 2400) <= 1


@pytest.mark.parametrize(("turn", "wanted"), [(0, "green"), (90, "red"), (180, "blue"), (270, "white")])
def test_a_clip_is_cut_from_the_page_as_displayed(
    tmp_path: Path, renderer: PageRenderer, turn: int, wanted: str
) -> None:
    plain = make(tmp_path / "plain.pdf", quarters)
    path = rewritten(plain, tmp_path / "a.pdf", lambda writer: writer.pages[0].rotate(turn) and None)
    image = picture(renderer.jpeg(path, 1, 300, (0.6, 0.1, 0.9, 0.4)))
    assert abs(image.width - 300) <= 1
    assert {colour_at(image, x, y) for x in (0.1, 0.9) for y in (0.1, 0.9)} == {wanted}


def test_an_empty_clip_still_gives_an_image(tmp_path: Path, renderer: PageRenderer) -> None:
    assert picture(renderer.jpeg(make(tmp_path / "a.pdf", quarters), 1, 100, (1.0, 1.0, 1.0, 1.0))).width >= 1


@pytest.mark.parametrize("page", [-1, 0, 2])
def test_a_page_out_of_range_is_an_index_error(tmp_path: Path, renderer: PageRenderer, page: int) -> None:
    with pytest.raises(IndexError, match=rf"^There is no page {page}: the document's pages are 1 to 1\.$"):
        renderer.jpeg(make(tmp_path / "a.pdf", quarters), page, 100)


def test_a_page_that_cannot_be_loaded_is_damaged_and_the_others_are_drawn(
    tmp_path: Path, renderer: PageRenderer
) -> None:
    def break_second(writer: pypdf.PdfWriter) -> None:
        writer.root_object["/Pages"]["/Kids"][1] = NumberObject(7)

    path = rewritten(make(tmp_path / "whole.pdf", prose(), prose(), prose()), tmp_path / "a.pdf", break_second)
    with pytest.raises(DamagedPdf, match="Page 2 cannot be shown") as raised:
        renderer.jpeg(path, 2, 100)
    assert isinstance(raised.value.__cause__, pypdfium2.PdfiumError)
    assert picture(renderer.jpeg(path, 3, 100)).width >= 99
    with pytest.raises(DamagedPdf, match="Page 2"):
        renderer.sizes(path)


def test_a_file_that_was_removed_is_not_shown_from_memory(tmp_path: Path, renderer: PageRenderer) -> None:
    path = make(tmp_path / "0123456789abcdef.pdf", quarters)
    renderer.jpeg(path, 1, 100)
    path.unlink()
    with pytest.raises(StorageError, match=r"^The document's file cannot be read") as raised:
        renderer.jpeg(path, 1, 100)
    assert "0123456789abcdef" not in str(raised.value)


def test_sizes_are_as_displayed(tmp_path: Path, renderer: PageRenderer) -> None:
    plain = make(tmp_path / "plain.pdf", quarters, quarters)
    path = rewritten(plain, tmp_path / "a.pdf", lambda writer: writer.pages[1].rotate(90) and None)
    first, second = renderer.sizes(path)
    assert first == pytest.approx((WIDTH, HEIGHT), abs=0.01)
    assert second == pytest.approx((HEIGHT, WIDTH), abs=0.01)


def test_a_closed_document_is_opened_again_and_a_new_file_under_its_name_is_seen(
    tmp_path: Path, renderer: PageRenderer
) -> None:
    path = make(tmp_path / "a.pdf", quarters)
    renderer.jpeg(path, 1, 100)
    renderer.close(path)
    path.unlink()
    with pytest.raises(StorageError):
        renderer.jpeg(path, 1, 100)
    make(path, quarters, prose())
    assert len(renderer.sizes(path)) == 2


def test_many_threads_and_more_documents_than_stay_open(tmp_path: Path, renderer: PageRenderer) -> None:
    paths = [make(tmp_path / f"{n}.pdf", quarters, prose(y=500 + n)) for n in range(12)]
    alone = {(n, page): renderer.jpeg(path, page, 120) for n, path in enumerate(paths) for page in (1, 2)}
    wrong: list[tuple[int, int]] = []

    def work(seed: int) -> None:
        for i in range(24):
            n, page = (i * 5 + seed) % 12, i % 2 + 1
            if renderer.jpeg(paths[n], page, 120) != alone[n, page]:
                wrong.append((n, page))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
