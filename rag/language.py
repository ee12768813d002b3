"""Which language a text is in, by its English name."""

from __future__ import annotations

from collections.abc import Mapping

_LEAST = 200  # characters: of less the language is not told
_MOST = 20_000

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
    """Return the ISO 639-1 code of the language that the pages are written in; None when there is too little text.

    The middle of the document tells: covers and lists of references are often in another language.
    """
    import py3langid  # noqa: PLC0415  (reads its model when it is imported)

    whole = "\n".join(texts.values())
    if len(whole) < _LEAST:
        return None
    start = max(0, (len(whole) - _MOST) // 2)
    return str(py3langid.classify(whole[start : start + _MOST])[0])
