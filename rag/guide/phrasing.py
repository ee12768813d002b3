"""A statement to questions that it answers, by rules that keep its own words in their own order.

Only shapes that can be turned without parsing are turned: what comes out must read as if a person had asked it. All
else gives no question at all; a document has more sentences than it needs questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from rag.guide import doing, events, figures, things
from rag.guide.english import base_of_gerund, is_noun_phrase, is_plural
from rag.guide.voice import TIME, Asked, Voice

_RULES = (
    figures.share,
    figures.moved,
    figures.amount,
    figures.count,
    doing.likely,
    things.because,
    events.person,
    events.office,
    doing.we,
    doing.we_do,
    doing.lets,
    doing.to_do,
    doing.if_so,
    events.located,
    things.used,
    things.may,
    things.made,
    events.passive,
    things.does,
    things.did,
    things.is_,
)
_LEAD = re.compile(rf"^(?P<time>{TIME}),? (?P<rest>[A-Za-z].+)$", re.I)
_MARKS = re.compile(
    r"\s*(?:\[[\d, –-]+\]|\(\d{4}\))+|\s\((?:the |collectively)?[^)]*[\"“”][^)]*\)|[™®]|(?<=[%\w])[*†‡]+"
)
_ADVERB = re.compile(
    r"^(?:Overall|Today|Currently|In general|Generally|However|Moreover|Additionally|In addition|Also"
    r"|Notably|Indeed|In fact"
    r"|In particular|Furthermore|Historically|Traditionally|Specifically|Unlike [^,]+|In this (?:work"
    r"|paper|report|study)|In short"
    r"|At the same time|By comparison|Meanwhile|As in the past|Importantly|On average|Among other things), (?=\w)"
)
_ASIDE = re.compile(
    r"^([A-Z][\w.’'& -]{2,60}), (?:an?|the|former|\d\d|who|which) ?[^,]*(?:, [^,]*)?, (?=(?:is|are|was"
    r"|were|has|have|had|will|can)\b)"
)
_GERUND_HEADING = re.compile(
    r"^(?P<verb>[A-Z][a-z]+ing) (?P<what>(?:up |on |off |in |out )?(?:the |your |an? |or )?[A-Za-z][\w’'’ /-]{3,60})$"
)
_TOPIC = re.compile(
    r"^(?:the )?(?P<head>benefits|advantages|disadvantages|types|effects|causes|impacts?|features|goals"
    r"|objectives|limitations|challenges"
    r"|requirements|symptoms|consequences|risks|drivers|stages|steps|components|principles|role|purpose"
    r"|definition|characteristics) (?:of|for|in)"
    r" [\w’' -]{4,60}$",
    re.I,
)
_NUMBERED = re.compile(
    r"^(?:(?:chapter|section|part|item|question|q)\s*)?(?:\d+(?:\.\d+)*|[IVX]+|[A-Z])[.):]?\s+", re.I
)
_ASKING = re.compile(r"^(?:what|who|where|when|why|how|which|is|are|does|do|can|should|will|did|has|have)\b", re.I)
_MOST_WORDS = 17


def of_statement(voice: Voice, sentence: str) -> Iterator[Asked]:
    """Yield the questions that a sentence answers, the plainest first."""
    text = " ".join(_MARKS.sub("", sentence.strip().lstrip("•●–—- ").rstrip(" .")).split())
    text = _ADVERB.sub("", _ASIDE.sub(r"\1 ", text))
    text = _named(voice, text[:1].upper() + text[1:])
    lead = _LEAD.match(text)
    time = ""
    if lead is not None:
        time = " " + lead["time"][0].lower() + lead["time"][1:]
        text = lead["rest"][0].upper() + lead["rest"][1:]
    made = chain.from_iterable(rule(voice, text, time) for rule in _RULES)
    if not time:
        made = chain(made, events.done_on(voice, text))
    yield from (asked for asked in made if is_fluent(asked.text))


def of_heading(voice: Voice, title: str) -> Asked | None:
    """Return the question that a heading asks, or that the part under "Charging your watch" answers."""
    title = " ".join(_NUMBERED.sub("", re.sub(r"\([^)]*\)\s*$", "", title.strip())).split())
    if title.endswith("?") and 4 <= len(title.split()) <= _MOST_WORDS and _ASKING.match(title):
        calm = voice.casing.sentence_case(title)
        text = calm[0].upper() + calm[1:]
        return Asked(text, "heading", text) if is_fluent(text) else None
    found = _GERUND_HEADING.match(title)
    base = base_of_gerund(found["verb"], voice.ranks) if found else None
    if found is None or base is None or len(title.split()) < 3:
        return _of_topic(voice, title)
    if base not in voice.verbs and not re.match(r"(?:the|your|an?) ", found["what"], re.I):
        return None
    what = voice.casing.sentence_case(found["what"])
    what = re.sub(r"\byour\b", "my", what, flags=re.I)
    text = f"How do {'the authors' if voice.has_authors else 'I'} {base} {what}?"
    return Asked(text, "how", what) if is_fluent(text) and not re.search(r"ing\b.*ing\b", text) else None


def _of_topic(voice: Voice, title: str) -> Asked | None:
    found = _TOPIC.match(title)
    if found is None:
        return None
    what = voice.casing.sentence_case(title)
    what = re.sub(r"^the ", "", what, flags=re.I)
    text = f"What {'are' if found['head'].lower().endswith('s') else 'is'} the {what}?"
    return Asked(text, "heading", what) if is_fluent(text) else None


def of_cell(voice: Voice, label: str, year: str) -> Asked | None:
    """Return the question that one cell of a row answers."""
    what = of_label(voice, label)
    return (
        None if what is None else Asked(f"What {'were' if is_plural(what) else 'was'} {what} in {year}?", "table", what)
    )


def of_label(voice: Voice, label: str) -> str | None:
    """Return the label of a row as a question names it; None where it says too little, or is no name of anything."""
    label = re.sub(r"\s*\(\d\)$|\s*[*†]+$|:$", "", label.strip())
    words = label.split()
    if (
        not 2 <= len(words) <= 6
        or not is_noun_phrase(label)
        or re.match(r"(?:total|other|less|net of|basic|diluted|add)\b", label, re.I)
    ):
        return None
    what = voice.casing.sentence_case(label)
    if re.search(r"(?:rate|adjustment|ratio|margin|number|price|average|balance)$|^(?:number|amount|rate) of ", what):
        what = f"the {what}"
    return what


def _named(voice: Voice, text: str) -> str:
    """Put the company's name where it speaks of itself as "we" or "the Company"."""
    if voice.company is None:
        return text
    text = re.sub(
        rf"\b{re.escape(voice.company)},? (?:Inc|Corp|Co|Ltd|plc|Company|Corporation)\b\.?,?", voice.company, text
    )
    text = re.sub(r"^(?:We|The Company|The company|The Corporation|The Group)(?= )", voice.company, text)
    text = re.sub(r"(?<=, )(?:we|the Company)(?= )", voice.company, text)
    text = re.sub(r"^(?:Our|The Company[’']s)(?= )", f"{voice.company}'s", text)
    return re.sub(
        rf"^({re.escape(voice.company)}) are ",
        r"\1 is ",
        re.sub(rf"^({re.escape(voice.company)}) have ", r"\1 has ", text),
    )


def is_fluent(question: str) -> bool:
    """Tell whether a question reads well: short, whole, without marks, glued figures or words that point elsewhere."""
    words = question.rstrip("?").split()
    if not 3 <= len(words) <= _MOST_WORDS or len(question) > 120:
        return False
    if re.search(r"[\[\]{}<>|•*†‡§=_\"“”;]|[a-z]\d|\d[a-z]{3,}|  |\.\.|\(|\)|https?|@|�", question):
        return False
    if words[-1].lower() in {"the", "a", "an", "of", "and", "or", "to", "its", "their", "his", "her"}:
        return False
    if not question.startswith(("How do I ", "What should I do ")) and re.search(r"\b(?:I|my|me)\b", question):
        return False
    pointing = re.search(
        r"\b(?:this|these|those|such|above|below|following|it|its|they|their|them|we|our|us|he|she|his|her"
        r"|said|respectively|herein|here|there|also|former|latter)\b",
        question,
        re.I,
    )
    return pointing is None and not re.search(r"\b(\w+) \1\b", question)
