"""Sentences, words and the language of text in every script."""

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from rag.index.catalog import Catalog
from rag.index.lexical import TantivyIndex
from rag.language import NAMES, language_note, language_of
from rag.library import Library
from rag.text import sentence_spans, spaced, words
from tests.index.made import put


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["中国经济增长了6.6%。", "第二句话在这里！", "iPhone很好？"],
        ["「はい。」と言った。", "次の文です。"],
        ["彼は言った。", "「行こう。」", "雨が降る。"],
        ["หนึ่งสองสาม"],
    ],
)
def test_sentences_without_spaces_end_at_their_stops(expected: list[str]) -> None:
    assert sentences("".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["هل تعرف ذلك؟", "نعم، أعرفه."],
        ["یہ ایک جملہ ہے۔", "یہ دوسرا ہے۔"],
        ["यह एक वाक्य है।", "यह दूसरा है।"],
        ["האור כבה.", "השומר ירד!"],
        ["등대는 1874년에 불을 밝혔다.", "등대지기는 바꾸었다."],
    ],
)
def test_sentences_of_other_scripts_end_at_their_stops(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中国经济", ["中国", "国经", "经济"]),
        ("在2018年", ["在", "2018", "年"]),
        ("ｉＰｈｏｎｅ１２", ["iphone12"]),
        ("ﻣﺮﺣﺒﺎ بِالعَالَمِ", ["مرحبا", "بالعالم"]),
        (
            "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
            ["\u05e9\u05dc\u05d5\u05dd"],
        ),  # shalom, with and without its points
        ("ｶﾒﾗ", ["カメ", "メラ"]),
    ],
)
def test_words_are_compared_in_plain_letters_and_pairs(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_latin_text_is_searched_as_it_is() -> None:
    text = "Schrödinger’s “café” costs 10 € – naïvely x² ≤ 5"
    assert spaced(text) is text


TEXTS = {
    "zh": "海角灯塔于1874年首次点亮。守塔人后来改用煤油。",
    "ja": "灯台は1874年に初めて点灯した。船は汽笛を鳴らした。",
    "ko": "등대는 1874년에 처음 불을 밝혔다. 등대지기는 등유로 바꾸었다.",
    "ar": "أُضيئت المنارة لأول مرة في عام 1874. ثم استبدل الحارس الزيت.",
    "he": "המגדלור הואר לראשונה בשנת 1874. הספינות הודו על האור.",
    "th": "ประภาคารถูกจุดไฟครั้งแรกในปี 1874 และเรือก็ขอบคุณสำหรับแสงสว่าง",
}


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("灯塔什么时候点亮？", "zh"),
        ("汽笛", "ja"),
        ("등대지기", "ko"),
        ("المنارة", "ar"),
        ("ﺍﻟﻤﻨﺎﺭﺓ", "ar"),
        ("הספינות", "he"),
        ("ประภาคาร", "th"),
        ("１８７４年守塔人", "zh"),
    ],
)
def test_words_of_every_script_are_found(tmp_path: Path, question: str, language: str) -> None:
    catalog = Catalog(tmp_path)
    document = put(catalog, 1, list(TEXTS.values()), vectors=False)
    index = TantivyIndex(tmp_path, "passages")
    index.reconcile(catalog)
    best = index.search(question, 3)[0][0]
    assert [passage.text for passage in catalog.passages_of(document.key) if passage.id == best] == [TEXTS[language]]
    catalog.close()


@pytest.mark.parametrize("language", ["zh", "ja", "ko", "he", "th"])
def test_a_script_tells_its_language(language: str) -> None:
    assert language_of({1: TEXTS[language] * 2}) == language


def test_numbers_and_too_little_text_have_no_language() -> None:
    assert language_of({1: "1,577 1,373 204 (198) $ 31 29 % " * 200}) is None
    assert language_of({1: "Revenue 2018 2017"}) is None
    assert language_of({}) is None
    assert language_of({1: "aaaa " * 500}) is None


def test_tables_of_an_english_report_are_english() -> None:
    row = "Purchases of property, plant and equipment (1,577) (1,373) Proceeds from sale of marketable securities 2,497 1,945 "
    more = "Net income attributable to the company Depreciation and amortization Interest expense Effective tax rate "
    assert language_of(dict.fromkeys(range(1, 9), (row + more) * 5)) == "en"


def test_a_note_names_the_language_unless_it_is_english_or_unknown() -> None:
    note = language_note("de")
    assert note is not None
    assert note.startswith("It is in German, which the built-in encoder understands poorly")
    assert language_note("en") is None
    assert language_note(None) is None
    assert all(language_note(code) for code in NAMES if code != "en")


@pytest.mark.usefixtures("minilm")
def test_adding_a_document_in_german_says_what_its_encoder_does_not_know(tmp_path: Path) -> None:
    german = [
        "Der Leuchtturm am Kap wurde im Jahre 1874 zum ersten Mal angezündet.",
        "Seine Lampe brannte mit Öl, bis der Wärter zum Petroleum überging.",
        "Die Schiffe dankten für das Licht mit drei langen Pfiffen im Morgengrauen.",
        "Ein Sturm zerbrach das westliche Fenster, und das Licht fiel neun Tage aus.",
    ]
    canvas = Canvas(str(tmp_path / "leuchtturm.pdf"))
    for i, line in enumerate(german):
        canvas.drawString(72, 700 - 14 * i, line)
    canvas.save()
    library = Library(tmp_path / "library")
    added = library.add(tmp_path / "leuchtturm.pdf", with_vectors=False)
    assert added.reason == language_note("de")
    assert library.document(added.document).language == "de"
    assert library.report(added.document).warnings == (language_note("de"),)
    library.close()
