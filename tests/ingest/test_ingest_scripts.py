"""Writing that runs to the left, down the page, or without spaces; and text that is none."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from ingest_pdfs import SENTENCES, lines, make, prose, read
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from rag.ingest.characters.garbled import is_one_sign, makes_no_words, makes_words
from rag.ingest.characters.scripts import in_reading_direction, line_gap, tokens
from rag.spans import page_boxes
from rag.text import sentence_spans
from rag.types import Box, Page

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
needs_dejavu = pytest.mark.skipif(not DEJAVU.is_file(), reason="needs the DejaVu fonts")
RIGHT = 520.0


def boxes_of(page: Page, text: str) -> list[Box]:
    start = page.text.index(text)
    return list(page_boxes(page, start, start + len(text)))


# ---------------------------------------------------------------------------------------------- right to left

HEBREW = (
    "המגדלור בכף מורניי הואר לראשונה בשנת 1874.",
    "המנורה שלו בערה בשמן עד שהשומר עבר לנפט.",
    "הספינות הודו על האור בשלוש שריקות עם שחר.",
    "סערה שברה את החלון והאור כבה לתשעה ימים.",
)


def is_latin(word: str) -> bool:
    return word.isascii() and word[0].isalpha()


def shown(text: str) -> str:
    """Return a line of Hebrew as producers draw it: from left to right as it is seen, numbers and Latin kept."""
    words = [w if w[0].isascii() else w[::-1] for w in text.split()]
    ordered: list[str] = []
    for word in words:  # what is Latin keeps its order
        at = 0
        while at < len(ordered) and is_latin(word) and is_latin(ordered[at]):
            at += 1
        ordered.insert(at, word)
    return " ".join(ordered)


def hebrew(texts: tuple[str, ...], *, right: float = RIGHT, y: float = 700) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        pdfmetrics.registerFont(TTFont("DejaVu", str(DEJAVU)))
        canvas.setFont("DejaVu", 11)
        for i, text in enumerate(texts):
            canvas.drawRightString(right, y - 14 * i, shown(text))

    return draw


@needs_dejavu
def test_hebrew_is_read_from_right_to_left_and_its_lines_make_a_paragraph(tmp_path: Path) -> None:
    (page,) = read(make(tmp_path / "a.pdf", hebrew(HEBREW))).pages
    assert page.text == " ".join(HEBREW) + "\n"
    for sentence in HEBREW:
        (box,) = boxes_of(page, sentence)
        assert box.x0 < box.x1
        assert box.x1 == pytest.approx(RIGHT / page.width, abs=0.01)
    first, second = boxes_of(page, "המגדלור")[0], boxes_of(page, "בכף")[0]
    assert second.x1 < first.x0


@needs_dejavu
def test_latin_words_within_hebrew_keep_their_order_and_stand_in_one_line(tmp_path: Path) -> None:
    text = "אני קורא Hello World Again ואז ממשיך עד הסוף"
    (page,) = read(make(tmp_path / "a.pdf", hebrew((text,)))).pages
    assert page.text == text + "\n"
    (parsed,) = read(tmp_path / "a.pdf").passages
    assert parsed.text == text


@needs_dejavu
def test_hebrew_words_within_english_keep_their_order(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, SENTENCES, y=600)
        pdfmetrics.registerFont(TTFont("DejaVu", str(DEJAVU)))
        canvas.setFont("DejaVu", 10)
        canvas.drawString(72, 700, f"They say {'שלום עולם'[::-1]} when they meet.")

    (page,) = read(make(tmp_path / "a.pdf", draw)).pages
    assert "They say שלום עולם when they meet.\n" in page.text


@needs_dejavu
def test_columns_of_hebrew_are_read_from_the_right_one_on_even_when_drawn_row_by_row(tmp_path: Path) -> None:
    right, left = HEBREW * 5, tuple(f"{text[:-1]} שוב ושוב." for text in HEBREW) * 5

    def draw(canvas: Canvas) -> None:
        for i in range(20):
            hebrew((left[i],), right=270, y=700 - 14 * i)(canvas)
            hebrew((right[i],), right=560, y=700 - 14 * i)(canvas)

    (page,) = read(make(tmp_path / "a.pdf", draw)).pages
    assert " ".join(page.text.split()) == " ".join((*right, *left))


@needs_dejavu
def test_a_table_in_hebrew_keeps_its_rows(tmp_path: Path) -> None:
    rows = [("שמן למנורה", "1,577", "1,373"), ("שכר עבודה", "204", "198"), ("זכוכית", "31", "29")]

    def draw(canvas: Canvas) -> None:
        hebrew(HEBREW[:2], y=760)(canvas)
        for i, (label, new, old) in enumerate(rows):
            canvas.drawRightString(RIGHT, 700 - 14 * i, shown(label))
            canvas.drawRightString(350, 700 - 14 * i, new)
            canvas.drawRightString(250, 700 - 14 * i, old)

    (page,) = read(make(tmp_path / "a.pdf", draw)).pages
    assert "\n".join("  ".join(row) for row in rows) in page.text


@pytest.mark.parametrize(
    ("base", "seen", "expected"),
    [
        (-1, "א Again World Hello ב", "א Hello World Again ב"),
        (-1, "א 95 Windows ב", "א Windows 95 ב"),
        (-1, "א 1874 ב 12", "א 1874 ב 12"),
        (-1, "hello means א ב word The", "The word א ב means hello"),
        (1, "say ב א now", "say א ב now"),
        (1, "say ב 12 א now", "say א 12 ב now"),
        (1, "ב א", "א ב"),
        (1, "1 2 3", "1 2 3"),
    ],
)
def test_words_are_put_in_the_order_they_are_read_in(base: int, seen: str, expected: str) -> None:
    words = seen.split()
    assert " ".join(in_reading_direction(words, words, base=base)) == expected


# ------------------------------------------------------------------------------------- Chinese, Japanese, Korean

CHINESE = "海角灯塔于1874年首次点亮。守塔人后来改用煤油！船只在黎明时鸣笛三声致谢，风暴打破了西窗。"
JAPANESE = "灯台は1874年に初めて点灯した。ランプの油は後に灯油に変わった。船は夜明けに汽笛を三回鳴らした。"
KOREAN = "등대는 1874년에 처음 불을 밝혔다. 등대지기는 나중에 등유로 바꾸었다."


def eastern(
    font: str, texts: list[str], *, size: float = 12, x: float = 72, y: float = 700
) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(font))
        canvas.setFont(font, size)
        lines(canvas, texts, x=x, y=y, pitch=1.4 * size)

    return draw


def cut(text: str, n: int) -> list[str]:
    return [text[i : i + n] for i in range(0, len(text), n)]


@pytest.mark.parametrize(("font", "text"), [("STSong-Light", CHINESE), ("HeiseiMin-W3", JAPANESE)])
def test_lines_without_spaces_are_joined_without_spaces(tmp_path: Path, font: str, text: str) -> None:
    (page,) = read(make(tmp_path / "a.pdf", eastern(font, cut(text, 20)))).pages
    assert page.text == text + "\n"
    assert [text[a:b][-1] for a, b in sentence_spans(text)] == [c for c in text if c in "。！"]


def test_every_character_of_chinese_has_a_box_of_its_own(tmp_path: Path) -> None:
    (page,) = read(make(tmp_path / "a.pdf", eastern("STSong-Light", cut(CHINESE, 20)))).pages
    (box,) = boxes_of(page, "灯塔")
    assert (box.x0, box.x1) == (
        pytest.approx((72 + 24) / page.width, abs=0.002),
        pytest.approx((72 + 48) / page.width, abs=0.002),
    )
    assert len(boxes_of(page, CHINESE[15:25])) == 2


def test_korean_keeps_its_spaces(tmp_path: Path) -> None:
    cut_at = KOREAN.index("등대지기는")
    first, second = KOREAN[:cut_at].rstrip(), KOREAN[cut_at:]
    (page,) = read(make(tmp_path / "a.pdf", eastern("HYSMyeongJo-Medium", [first, second]))).pages
    assert " ".join(page.text.split()) == KOREAN


def test_a_paragraph_of_chinese_over_two_pages_is_whole_in_its_passage(tmp_path: Path) -> None:
    pieces = cut(CHINESE.replace("。", "，").replace("！", "，")[:-1] + "。", 16)
    parsed = read(
        make(tmp_path / "a.pdf", eastern("STSong-Light", pieces[:2], y=100), eastern("STSong-Light", pieces[2:], y=780))
    )
    (passage,) = parsed.passages
    assert passage.text == "".join(pieces)
    assert passage.pages == (1, 2)


def test_a_heading_of_chinese_is_one(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        eastern("STSong-Light", ["海角灯塔的历史与守塔人的生活记录"], size=18, y=760)(canvas)
        eastern("STSong-Light", cut(CHINESE, 20))(canvas)

    parsed = read(make(tmp_path / "a.pdf", draw))
    assert [heading.title for heading in parsed.outline] == ["海角灯塔的历史与守塔人的生活记录"]


def test_vertical_writing_is_read_from_the_right_column_on(tmp_path: Path) -> None:
    columns = cut(JAPANESE, 16)

    def draw(canvas: Canvas) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5", isVertical=True))
        canvas.setFont("HeiseiKakuGo-W5", 12)
        for i, text in enumerate(columns):
            canvas.drawString(500 - 20 * i, 700, text)

    (page,) = read(make(tmp_path / "a.pdf", draw)).pages
    assert page.text == JAPANESE + "\n"
    first, last = boxes_of(page, JAPANESE[:3])[0], boxes_of(page, JAPANESE)[-1]
    assert last.x1 < first.x0
    assert (first.x0 + first.x1) / 2 == pytest.approx(500 / page.width, abs=0.005)
    assert first.y0 == pytest.approx((page.height - 700) / page.height, abs=0.005)
    assert (first.y1 - first.y0) * page.height == pytest.approx(36, abs=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", ["plain", "words"]),
        ("在2018年 增长", ["在", "+2018", "+年", "增", "+长"]),
        ("开 票 通 知 单", ["开", "+票", "+通", "+知", "+单"]),
        ("山田 太郎", ["山", "+田", "太", "+郎"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("light\ufffehouse", ["light\ufffe", "house"]),
    ],
)
def test_words_without_spaces_are_glued_characters(text: str, expected: list[str]) -> None:
    assert ["+" * glued + text[start:end] for start, end, glued in tokens(text)] == expected


@pytest.mark.parametrize(
    ("before", "after", "gap"),
    [
        ("light", "house", " "),
        ("灯", "塔", ""),
        ("年", "2018", ""),
        ("등대는", "처음", " "),
        ("灯塔。", "Then", ""),
        ("ｏｆ", "ｗａ", " "),
    ],
)
def test_lines_are_joined_as_their_script_wants(before: str, after: str, gap: str) -> None:
    assert line_gap(before, after) == gap


# ---------------------------------------------------------------------------------------- language and garbled


def test_a_document_knows_its_language(tmp_path: Path) -> None:
    german = [
        "Der Leuchtturm am Kap wurde im Jahre 1874 zum ersten Mal angezündet.",
        "Seine Lampe brannte mit Öl, bis der Wärter zum Petroleum überging.",
        "Die Schiffe dankten für das Licht mit drei langen Pfiffen im Morgengrauen.",
        "Ein Sturm zerbrach das westliche Fenster, und das Licht fiel neun Tage aus.",
    ]
    assert read(make(tmp_path / "de.pdf", lambda canvas: lines(canvas, german))).language == "de"
    assert read(make(tmp_path / "en.pdf", prose())).language == "en"
    assert read(make(tmp_path / "zh.pdf", eastern("STSong-Light", cut(CHINESE, 20)))).language == "zh"
    assert read(make(tmp_path / "ja.pdf", eastern("HeiseiMin-W3", cut(JAPANESE, 20)))).language == "ja"
    assert (
        read(make(tmp_path / "few.pdf", lambda canvas: lines(canvas, ["1,577 1,373 204", "Total 31 29"]))).language
        is None
    )


TEXT = " ".join(SENTENCES * 4).split()


def rewritten_letters(change: Callable[[str], str]) -> list[str]:
    return "".join(" " if word == " " else change(word) for word in " ".join(TEXT)).split()


def test_text_whose_codes_were_shifted_makes_no_words() -> None:
    shifted = rewritten_letters(lambda c: chr(ord(c) - 29) if ord(c) > 61 else c)
    assert makes_no_words(shifted)
    assert not makes_no_words(TEXT)
    assert makes_words(TEXT)


def test_letters_changed_one_for_another_make_no_words() -> None:
    rotated = rewritten_letters(lambda c: chr((ord(c.lower()) - 97 + 3) % 26 + 97) if c.isalpha() else c)
    assert makes_no_words(rotated)


def test_code_formulas_numbers_and_other_languages_read_well() -> None:
    code = Path(os.__file__).read_text(encoding="utf-8").split()
    rng = random.Random(5)
    digests = [f"{rng.getrandbits(64):016x}" for _ in range(200)]
    parts = [f"{rng.choice('BCDFGHKL')}{rng.choice('XZR')}{rng.randint(10, 9999)}-K" for _ in range(200)]
    formulas = "x = ( a + b ) 2 log n ≤ ∑ p i ln ( q ) d f / d t = sin θ cos φ exp ( − k r ) max min lim".split() * 10
    vietnamese = "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi của mình".split() * 6
    czech = (
        "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv jsou nadáni rozumem a svědomím".split() * 6
    )
    for texts in (code, digests, parts, formulas, vietnamese, czech):
        assert not makes_no_words(texts)


def test_one_sign_over_and_over_is_no_text() -> None:
    assert is_one_sign("□" * 200 + "?!")
    assert not is_one_sign("." * 300 + "Contents 1 Summary 2")
    assert not is_one_sign("".join(TEXT))


def test_a_page_of_shifted_letters_is_garbled_and_the_others_are_kept(tmp_path: Path) -> None:
    shifted = rewritten_letters(lambda c: chr(ord(c) - 29) if ord(c) > 61 else c)

    def soup(canvas: Canvas) -> None:
        lines(canvas, [" ".join(shifted[i : i + 10]) for i in range(0, len(shifted), 10)])

    assert [page.source for page in read(make(tmp_path / "a.pdf", prose(), soup)).pages] == ["text", "garbled"]
