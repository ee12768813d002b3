"""Questions made from sentences: turned into questions by the rules of guides, or left with a gap."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from rag.exam.candidates import Candidate, is_particular, reads_well
from rag.exam.items import GAP, ItemKind
from rag.guide.phrasing import of_statement
from rag.guide.reading import Reading, Sentence
from rag.guide.telling import POINTING, shape_of
from rag.guide.voice import DATE, Asked, Kind, Voice
from rag.text import content_words, fold

KIND_OF: dict[Kind, ItemKind] = {
    "what": "definition",
    "how much": "figure",
    "share": "figure",
    "change": "figure",
    "when": "name",
    "who": "name",
    "where": "name",
    "does": "statement",
    "why": "statement",
    "how": "statement",
    "likely": "statement",
}
_SHAPELY = 0.2
_CLOZE_WORDS = (8, 24)
_LEAST_ASKED = 6  # words of a question for what something does
_LEFT_TO_SAY = 5  # content words that stand beside a gap
_VALUE = re.compile(
    r"(?<![\w.,$€£-])(?:(?:US)?[$€£]\s?)?\d+(?:,\d{3})*(?:\.\d+)?(?: ?%| percent| (?:million|billion|trillion)\b)?"
    r"(?![\w-]|[.,]\d)"
)
_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][\w’'-]+(?: (?:of|the|de|van|von|and) (?=[A-Z]))? ?){1,5}(?<! )(?=[ ,.;]|$)")
_RARE = 1_000  # rank in English from which a word with a capital is taken for a name
_MAY = re.compile(r"What (?:may|can|could|might)\b")
_DEFINES = re.compile(
    r"(?:defined as|an? |one of |any |those |when |how |to |that |the (?:act|ability|amount|area|art|average|branch"
    r"|capacity|degree|difference|distance|field|form|idea|length|level|likelihood|measure|name|number|part"
    r"|percentage|period|point"
    r"|portion|practice|price|probability|process|property|proportion|rate|ratio|science|set|share|state|study|sum|system"
    r"|tendency|term|theory|time|total|unit|use|value|way)s?\b)",
    re.I,
)
_ATTRIBUTE = re.compile(
    r"an? (?:very |more |most |less )?(?:significant|key|major|important|critical|common|good|great|big|large|small"
    r"|party|member|result|part|matter|way|cause|source|sign|risk|challenge|concern|problem|factor|popular|strong"
    r"|new|long|high"
    r"|low|non-?factor|reflection|priority|must|need|necessary|useful|better|integral|essential"
    r"|central|vital|crucial|one of many)\b",
    re.I,
)
_GLUED = re.compile(r"[a-z]{3,} (?:We|This|These|It|If|You|In addition|However)\b (?=[a-zA-Z])|respectively|\[")
_POINTS = re.compile(
    r"§|\b(?:this|these|those|such|above|below|following|it|its|they|their|them|he|she|his|her|him|respectively|herein"
    r"|hereof|aforementioned|former|latter|table|figure|note|exhibit|page|section|chapter|appendix)\b",
    re.I,
)


def questions_of(voice: Voice, reading: Reading, sentence: Sentence) -> Iterator[Candidate]:
    """Yield the plainest question that a sentence answers, if it answers one whose answer is told apart."""
    if reading.language not in {None, "en"} or not _is_sound(reading, sentence):
        return
    for asked in of_statement(voice, sentence.text):
        answer = " ".join(asked.answer.split()).strip(" ,;:.")
        if asked.kind in KIND_OF and _says_enough(asked, answer) and _stands_alone(voice, asked, answer):
            spans = reading.spans_of(sentence)
            kind = _kind(asked)
            yield Candidate(kind, asked.text, answer, sentence.page, spans, asked.subject, fold(asked.text))
            return


def _kind(asked: Asked) -> ItemKind:
    """Return the kind of a question; "What may affect X?" asks for no definition."""
    return "statement" if asked.kind == "what" and _MAY.match(asked.text) else KIND_OF[asked.kind]


def _stands_alone(voice: Voice, asked: Asked, answer: str) -> bool:
    """Tell whether a question is understood without its page, and a definition says what a thing is."""
    if re.fullmatch(r"[a-z]+ed", asked.subject):
        return False
    is_vague = asked.subject.startswith("the ") and not is_particular(asked.text, asked.subject, voice)
    if is_vague:
        return False
    if _kind(asked) != "definition":
        is_open = asked.kind == "does" and len(asked.text.split()) < _LEAST_ASKED  # "What does the club use?"
        return not is_open and is_particular(asked.text, asked.subject, voice)
    is_defined = _DEFINES.match(answer) is not None and _ATTRIBUTE.match(answer) is None
    is_name = " " in asked.subject or voice.ranks.get(asked.subject.lower(), 0) != 0 or len(asked.subject) > 3
    is_company = voice.company is not None and fold(asked.subject) == fold(voice.company)
    return is_defined and is_name and not is_company and not re.match(r"What (?:was|were) an? ", asked.text)


def _is_sound(reading: Reading, sentence: Sentence) -> bool:
    is_long_enough = len(sentence.text.split()) >= 6
    shape = shape_of(sentence.text, in_english=reading.language in {None, "en"})
    is_whole = _GLUED.search(sentence.text) is None and sentence.text.count("“") == sentence.text.count("”")
    return is_long_enough and is_whole and shape > _SHAPELY and reads_well(sentence.text, reading.ranks)


def _says_enough(asked: Asked, answer: str) -> bool:
    """Tell whether an answer can be told when it is seen: a figure, a name, or words that the question has not."""
    if KIND_OF[asked.kind] in {"figure", "name"}:
        return bool(answer) and fold(answer) not in fold(asked.text)
    return len(set(content_words(answer)) - set(content_words(asked.text))) >= 2


# ------------------------------------------------------------------------------------------------------- gaps


def cloze_of(voice: Voice, reading: Reading, sentence: Sentence, rng: random.Random) -> Candidate | None:
    """Return a sentence with a gap where a number, a date or a name stands; None where none can be left out."""
    text = " ".join(sentence.text.split())
    low, high = _CLOZE_WORDS
    if not low <= len(text.split()) <= high or _POINTS.search(text) or POINTING.match(text):
        return None
    if not _is_sound(reading, sentence):
        return None
    gaps = [gap for gap in _gaps(voice, text) if text.count(gap.group()) == 1 and _is_apart(text, gap)]
    if not gaps:
        return None
    gap = rng.choice(gaps)
    rest = f"{text[: gap.start()]}{GAP}{text[gap.end() :]}"
    if len(set(content_words(rest))) - 1 < _LEFT_TO_SAY:
        return None
    longest = max(rest.split(GAP), key=len).strip(" .,;:")
    return Candidate("cloze", rest, gap.group(), sentence.page, reading.spans_of(sentence), longest, fold(rest))


def _is_apart(text: str, gap: re.Match[str]) -> bool:
    """Tell whether a gap is a thing of its own: no part of a longer name, date or range."""
    before, after = text[: gap.start()], text[gap.end() :]
    return not re.search(r"[–—(-]$|\d, $|\b[A-Z][\w’'-]*, $", before) and not re.match(
        r"[–—-]|,? and [A-Z]| [A-Z]", after
    )


def _gaps(voice: Voice, text: str) -> list[re.Match[str]]:
    """Return what can be left out: all numbers of a sentence that has one or two, else dates, else names."""
    values = [found for found in _VALUE.finditer(text) if len(re.sub(r"\D", "", found.group())) >= 2]
    if 1 <= len(values) <= 2:
        return [found for found in values if not re.fullmatch(r"\d{1,2}", found.group())]
    dates = list(re.finditer(rf"\b{DATE}\b", text))
    if len(dates) == 1 or values:
        return dates if len(dates) == 1 else []
    return [found for found in _NAME.finditer(text) if _is_name(voice, text, found)]


def _is_name(voice: Voice, text: str, found: re.Match[str]) -> bool:
    """Tell whether capitals mean a name, and one that others do not bear in turn: no "the Issuer"."""
    words = found.group().split()
    if re.search(r"[’']s?$", found.group()) or not all(voice.casing.is_name(word) or word.islower() for word in words):
        return False
    is_role = len(words) == 1 and text[: found.start()].endswith(("the ", "The "))
    return len(words) > 1 or (not is_role and voice.ranks.get(words[0].lower(), _RARE) >= _RARE)
