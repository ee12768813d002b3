"""Requests that need the whole document, told from questions by their words alone. Pure rules, few false alarms.

A request is recognised only where the sentence as a whole has a shape that hardly any question has: "summarise this",
"on which pages is X mentioned". All else is an ordinary question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

RequestKind = Literal["summary", "outline", "mentions", "list", "pages"]

_POLITE = re.compile(
    r"^(?:(?:please|kindly|hi|hello|hey)[,!]? |(?:can|could|would|will) you (?:please )?(?=\w)|i"
    r" (?:want|need|would like|'d like) (?:you to |to (?:see |have )?)?"
    r"|(?:show|give|tell|get|write|make|provide)(?: me| us)? (?=(?:an?|the|all|every|where|how|which|what|on)\b))+",
    re.I,
)
_PLEASE = re.compile(
    r"[,]? (?:please|for me|for us|thanks|thank you|in a few (?:words|sentences|lines)|briefly|in short|in brief)\s*$",
    re.I,
)
_DOC = (
    r"(?:documents?|pdfs?|papers?|files?|reports?|articles?|books?|manuals?|texts?|files?|contracts?"
    r"|slides?|guides?|filings?|publications?|brochures?|library|thes[ie]s)"
)
_IT = (
    rf"(?:it|(?:(?:this|the|these|those|my|all(?: of)? (?:the|these|my)|all|each|every|whole|entire|the"
    rf" whole|the entire|this whole|this entire) ?)+(?:{_DOC})?|them|everything)"
)
_SUMMARY_OF = (
    r"(?:an? |the )?(?:very |short |brief |quick |concise |high-level |general )*(?:summary|overview"
    r"|gist|synopsis|abstract|digest|rundown)"
)
_POINTS = (
    r"(?:what (?:are|were) |list |name )?(?:the |all (?:the )?)?(?:main|key|most important|principal"
    r"|central|major) (?:points?|ideas?|findings|takeaways?|messages?|insights|arguments|conclusions"
    r"|topics|themes|statements)"
)
_SECTION = (
    r"(?P<section>(?:(?:section|chapter|part|item|appendix|article|note|annex)\s+[\w.]+|the (?:section"
    r"|chapter|part|appendix) (?:on|about|called|titled|named|entitled) .+?|the .+ (?:section|chapter"
    r"|part|appendix)|(?:the )?(?:abstract|introduction|conclusions?|discussion|methods?|results"
    r"|appendix|executive summary|preface|background)))"
)
_SAID = (
    r"(?:mentioned|named|discussed|described|cited|referenced|referred to|talked about|addressed"
    r"|covered|listed|quoted|used|brought up|found|spoken of)"
)

_RULES: tuple[tuple[RequestKind, str], ...] = (
    ("pages", rf"how many pages (?:does|do|are (?:there )?in|is|has|have|are there)(?: {_IT})?(?: have| has| long)?"),
    ("pages", rf"(?:what is the )?(?:number of pages|page count)(?: (?:of|in) {_IT})?"),
    ("pages", rf"how long is (?:this|the) {_DOC}"),
    (
        "outline",
        rf"(?:(?:what is|what's|show) )?(?:an? |the )?(?:outline|table of contents|contents|toc|structure"
        rf"|chapters|sections|list of (?:chapters|sections))(?: (?:of|in|for) {_IT})?",
    ),
    ("outline", rf"how (?:is|are) {_IT} (?:structured|organi[sz]ed|divided|laid out)"),
    (
        "outline",
        rf"(?:what|which) (?:chapters|sections|parts) (?:are there|are in|does|do)(?: (?:in )?{_IT})?(?:"
        rf" have| contain| include)?",
    ),
    ("outline", rf"(?:outline|list the (?:chapters|sections)(?: of| in)?) {_IT}"),
    ("outline", rf"list (?:all )?(?:the )?(?:chapters|sections|headings)(?: (?:of|in) {_IT})?"),
    ("summary", rf"(?:summari[sz]e|sum up|recap|condense|tl;?dr|tldr)(?: of)?(?: {_IT})?[:!]?"),
    ("summary", rf"{_SUMMARY_OF}(?: (?:of|about|on) {_IT})?"),
    ("summary", rf"what(?: is|'s|s| are) {_IT} (?:all )?about"),
    ("summary", rf"what (?:does|do) {_IT} (?:say|cover|talk about|discuss|contain|deal with|tell)(?: us| me)?"),
    ("summary", rf"{_POINTS}(?: (?:of|in|from|made in) {_IT})?"),
    ("summary", rf"(?:summari[sz]e|sum up|recap) {_SECTION}(?: (?:of|in) {_IT})?"),
    ("summary", rf"{_SUMMARY_OF} of {_SECTION}(?: (?:of|in) {_IT})?"),
    ("summary", rf"{_POINTS} (?:of|in|from) {_SECTION}(?: (?:of|in) {_IT})?"),
    ("summary", rf"what(?: is|'s) {_SECTION} about"),
    ("summary", rf"what (?:does|do) {_SECTION} (?:say|cover|talk about|discuss|contain|deal with)"),
    ("mentions", rf"(?:on|in) (?:which|what) pages? (?:is|are|was|were) (?P<what>.+?) {_SAID}(?: in {_IT})?"),
    (
        "mentions",
        r"(?:on|in) (?:which|what) pages? (?:does|do|did|can i find|will i find|can you find)"
        r" (?P<what>.+?)(?: appear| occur| come up| stand| show up| get mentioned)?",
    ),
    (
        "mentions",
        r"(?:which|what) pages? (?:mention|mentions|contain|contains|talk about|discuss|refer to|name|names"
        r"|cite|use)s? (?P<what>.+)",
    ),
    ("mentions", rf"where (?:is|are|was|were) (?P<what>.+?) (?:mentioned|referenced|referred to|cited)(?: in {_IT})?"),
    ("mentions", r"where (?:does|do) (?P<what>.+?) (?:appear|occur|come up) in (?:the|this|these|my) \w+"),
    (
        "mentions",
        rf"(?:find|show|list|give|get)?(?: me| us)? ?(?:all|every|each|any)(?: of)?(?: the)? (?:mentions?"
        rf"|occurrences?|instances?|references?|appearances?|uses?) (?:of|to) (?P<what>.+?)(?: in {_IT})?",
    ),
    (
        "mentions",
        rf"(?:find|show|list)(?: me| us)? (?:all|every)(?: the)? (?:pages?|places?|passages?|sentences?"
        rf"|paragraphs?) (?:that (?:mention|contain|name|discuss|refer to|talk about)s?|where|which"
        rf" (?:mention|contain|discuss)s?|with|about|on) (?P<what>.+?)(?: (?:is|are) {_SAID}| appears?|"
        rf" occurs?)?",
    ),
    ("mentions", rf"how (?:often|many times) (?:is|are|was|were) (?P<what>.+?) {_SAID}(?: in {_IT})?"),
    ("mentions", rf"how (?:often|many times) (?:does|do) (?P<what>.+?) (?:appear|occur|come up)(?: in {_IT})?"),
    (
        "list",
        rf"(?:list|name|enumerate|find|show me|show|extract|collect) (?:all|every|each)(?: of)?(?: the)?"
        rf" (?P<what>.+?)(?: (?:that|which|who) (?:is|are) {_SAID}| {_SAID})?(?: (?:in|of|from) {_IT})?",
    ),
    ("list", rf"(?:which|what) (?P<what>.+?) are (?:mentioned|named)(?: in {_IT})?"),
    (
        "list",
        rf"(?:a )?(?:full |complete )?list of (?:all|every)(?: the)? (?P<what>.+?)(?: (?:that|which) are"
        rf" {_SAID}| {_SAID})?(?: (?:in|from) {_IT})?",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _RULES)
_ARTICLES = re.compile(r"^(?:the (?:word|term|name|phrase|expression)s? |any |the |an? )(?=\S)", re.I)
_QUOTES = "\"'“”‘’«»`"
_MOST_WORDS = 9  # of what is looked for: more is a question
# Topics that ask for more than where a phrase stands: they are questions.
_QUESTION_WORDS = re.compile(
    r"\b(?:who|whom|whose|what|which|when|why|how|if|whether|that|between|than|does|did|was|were|has"
    r"|have|had|is|are)\b|\d{4}",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the whole document: `what` is looked for, `section` is the part that is meant."""

    kind: RequestKind
    what: str = ""
    section: str = ""


def recognise(question: str) -> Request | None:
    """Return the request that a question is; None for an ordinary question."""
    text = " ".join(question.replace("’", "'").split()).rstrip(" .?!")
    text = _PLEASE.sub("", _POLITE.sub("", text)).strip().rstrip(" .?!:")
    if not text or len(text) > 200:
        return None
    for kind, pattern in _COMPILED:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        groups = found.groupdict()
        if "what" in groups:
            what = _looked_for(groups["what"])
            if what is None:
                return None
            return Request(kind, what=what)
        return Request(kind, section=_section(groups.get("section") or ""))
    return None


def _looked_for(what: str) -> str | None:
    """Return the phrase that is looked for; None where it is none."""
    quoted = re.fullmatch(r"[\"“”'‘«](.+?)[\"“”'’»]", what.strip())
    if quoted:
        return quoted.group(1)
    said = _ARTICLES.sub("", _ARTICLES.sub("", what.strip(_QUOTES + " ,"))).strip(_QUOTES + " ,")
    if not said or len(said.split()) > _MOST_WORDS or _QUESTION_WORDS.search(said):
        return None
    return said if any(character.isalnum() for character in said) else None


def _section(said: str) -> str:
    """Return the name or number of a section without the words around it."""
    named = re.fullmatch(
        r"the (?:section|chapter|part|appendix) (?:on|about|called|titled|named|entitled) (.+)", said, re.I
    )
    before = re.fullmatch(r"the (.+) (?:section|chapter|part|appendix)", said, re.I)
    found = named or before
    return (found.group(1) if found else re.sub(r"^the ", "", said, flags=re.I)).strip(_QUOTES + " ")
