"""The kind of answer and of evidence by rules on words alone: for libraries whose vectors the network does not know."""

from __future__ import annotations

import re

from rag.answer.expected import Kind, expected_kind
from rag.networks.words import asks_yes_or_no
from rag.types import AnswerType, EvidenceKind

_TYPES: dict[Kind, AnswerType] = {
    "number": "number",
    "money": "money",
    "percentage": "percentage",
    "date": "date",
    "person": "person",
    "place": "place",
    "name": "entity",
    "explanation": "explanation",
    "other": "entity",
}
_LIST = re.compile(
    r"\b(?:list|enumerate)\b|\bwhich of the following\b|\bname (?:all|the|some|two|three|four|five)\b"
    r"|\b(?:what|which) (?:are|were) (?:the|some|all)\b",
    re.I,
)
_TABLE = re.compile(
    r"\bhow (?:much|many)\b|\b(?:ratio|margin|turnover|percentage|average|total|amount|rate|number of)\b|%|[$€£]"
    r"|\bfy ?\d\d|\bfiscal\b|\b(?:usd|eur|ebitda|capex)\b|\b(?:revenues?|net income|expenses?|assets|liabilities)\b"
    r"|\btables?\b|\bbalance sheet\b|\bcash flow\b|\bincome statement\b",
    re.I,
)
_FIGURE = re.compile(
    r"\bfig(?:ure|\.)s? ?\(?\d|\b(?:chart|graph|plot|diagram|picture|image|photo|photograph|illustration)s?\b"
    r"|\bscreenshots?\b|\bcolou?rs?\b|\b[xy]-axis\b|\b(?:in|on) the (?:figure|map)\b",
    re.I,
)


def kinds_by_rules(question: str) -> tuple[AnswerType, tuple[tuple[EvidenceKind, float], ...]]:
    """Return the kind of answer that is asked for, and the probabilities that it stands in a table, prose, a figure."""
    figure = 0.7 if _FIGURE.search(question) else 0.02
    table = (1 - figure) * (0.75 if _TABLE.search(question) else 0.25)
    return _type(question), (("table", table), ("prose", 1 - figure - table), ("figure", figure))


def _type(question: str) -> AnswerType:
    if asks_yes_or_no(question) and not re.search(r"\bor\b", question):
        return "yes/no"
    kind = expected_kind(question)
    if kind in {"other", "name"} and _LIST.search(question):
        return "list"
    return _TYPES[kind]
