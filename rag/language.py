"""Which language a text is in, by its code and English name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_LEAST, _LEAST_WORDS = 200, 20  # letters, and distinct words: of less the language is not told
_LEAST_ELSEWHERE, _LEAST_EASTERN = 40, 15  # of scripts that tell it by themselves
_N_PLACES, _PLACE = 4, 3000  # that are looked at, and characters of each
_LETTERS = re.compile(r"(?<!\w)(?:[^\W\d_][\u0300-\u036f\u0591-\u05c7\u064b-\u0670\u0900-\u0dff\u0e31-\u0e4e]*)+(?!\w)")
_PLAIN_ENGLISH = ("the", "of", "and", "to")
_SCRIPTS = {
    code: re.compile(f"[{letters}]")
    for code, letters in {
        "ja": "\u3041-\u30ff\uff66-\uff9d",
        "ko": "\u1100-\u11ff\uac00-\ud7a3",
        "zh": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
        "he": "\u05d0-\u05ea\ufb1d-\ufb4f",
        "el": "\u0370-\u03ff\u1f00-\u1fff",
        "th": "\u0e00-\u0e7f",
        "lo": "\u0e80-\u0eff",
        "ka": "\u10a0-\u10ff",
        "hy": "\u0530-\u058f",
        "km": "\u1780-\u17ff",
        "ta": "\u0b80-\u0bff",
        "te": "\u0c00-\u0c7f",
        "kn": "\u0c80-\u0cff",
        "ml": "\u0d00-\u0d7f",
        "gu": "\u0a80-\u0aff",
        "pa": "\u0a00-\u0a7f",
        "or": "\u0b00-\u0b7f",
        "si": "\u0d80-\u0dff",
        "am": "\u1200-\u137f",
    }.items()
}

_NAMES = (
    "af Afrikaans am Amharic an Aragonese ar Arabic as Assamese az Azerbaijani be Belarusian bg Bulgarian bn Bengali"
    " br Breton bs Bosnian ca Catalan cs Czech cy Welsh da Danish de German dz Dzongkha el Greek en English"
    " eo Esperanto es Spanish et Estonian eu Basque fa Persian fi Finnish fo Faroese fr French ga Irish gl Galician"
    " gu Gujarati he Hebrew hi Hindi hr Croatian ht Haitian hu Hungarian hy Armenian id Indonesian is Icelandic"
    " it Italian ja Japanese jv Javanese ka Georgian kk Kazakh km Khmer kn Kannada ko Korean ku Kurdish ky Kyrgyz"
    " la Latin lb Luxembourgish lo Lao lt Lithuanian lv Latvian mg Malagasy mk Macedonian ml Malayalam mn Mongolian"
    " mr Marathi ms Malay mt Maltese nb Norwegian ne Nepali nl Dutch nn Norwegian no Norwegian oc Occitan or Odia"
    " pa Punjabi pl Polish ps Pashto pt Portuguese qu Quechua ro Romanian ru Russian rw Kinyarwanda se Sami"
    " si Sinhala sk Slovak sl Slovenian sq Albanian sr Serbian sv Swedish sw Swahili ta Tamil te Telugu th Thai"
    " tl Tagalog tr Turkish ug Uyghur uk Ukrainian ur Urdu vi Vietnamese vo Volapük wa Walloon xh Xhosa zh Chinese"
    " zu Zulu"
).split()
NAMES = dict(zip(_NAMES[::2], _NAMES[1::2], strict=True))


def language_of(texts: Mapping[int, str]) -> str | None:
    """Return the ISO 639-1 code of the language that pages are written in; None when there is too little text.

    Words with letters alone tell, from four places of the document: covers, lists of references and tables are often
    in another language, or in none. What a script tells of itself, and plain English, needs no model.
    """
    words = _sample(texts)
    letters = "".join(words)
    by_script = _by_script(letters)
    if by_script is not None:
        return by_script
    if len(letters) < _LEAST or len(set(words)) < _LEAST_WORDS:
        return None
    counts = Counter(word.lower() for word in words)
    n_plain = sum(counts[word] for word in _PLAIN_ENGLISH)
    if n_plain > 0.08 * len(words) and all(counts[word] > 1 for word in _PLAIN_ENGLISH):
        return "en"
    import py3langid  # noqa: PLC0415  (reads its model when it is imported)

    code = str(py3langid.classify(" ".join(words))[0])
    return code if code in NAMES else None


def language_note(language: str | None) -> str | None:
    """Return what to say of a document in this language where the encoder knows English alone; None if nothing."""
    if language in {None, "en"}:
        return None
    name = NAMES.get(language or "", "another language")
    return (
        f"It is in {name}, which the built-in encoder understands poorly: searching by its own words works, questions"
        " in other words may miss."
    )


def _sample(texts: Mapping[int, str]) -> list[str]:
    """Return the words of letters alone from four places of the pages' texts."""
    whole = "\n".join(texts.values())
    if len(whole) <= _N_PLACES * _PLACE:
        return _LETTERS.findall(whole)
    step = len(whole) // (_N_PLACES + 1)
    starts = range(step, step * _N_PLACES + 1, step)
    return [word for start in starts for word in _LETTERS.findall(whole, start, min(start + _PLACE, start + step))]


def _by_script(letters: str) -> str | None:
    """Return the language of a script that one language is written in, where most letters are of it."""
    if letters.isascii():
        return None
    shares = {code: len(script.findall(letters)) / len(letters) for code, script in _SCRIPTS.items()}
    east = shares["ja"] + shares["ko"] + shares["zh"]
    if east > 0.3 and len(letters) >= _LEAST_EASTERN:
        if shares["ko"] > 0.3 * east:
            return "ko"
        return "ja" if shares["ja"] > 0.1 * east else "zh"
    code, share = max(shares.items(), key=lambda item: item[1])
    return code if share > 0.5 and code not in {"ja", "ko", "zh"} and len(letters) >= _LEAST_ELSEWHERE else None
