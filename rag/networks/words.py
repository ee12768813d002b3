"""What a question's words tell of its answer, as numbers: which words it begins with, and what it mentions."""

from __future__ import annotations

import re

import numpy as np

from rag.types import Floats

_OPENERS = (
    "what which who whom whose when where why how in on at for by from is are was were does do did has have had can"
    " could will would should may name list give tell explain describe compare according if the a"
).split()
_AUXILIARY = (
    r"is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|isn't|aren't|wasn't"
    r"|weren't|don't|doesn't|didn't|hasn't|haven't|hadn't|can't|couldn't|won't|wouldn't|shouldn't"
)
_WH = r"what|which|who|whom|whose|when|where|why|how"
_ASKING_POLITELY = r"^\W*(?:please\b|(?:can|could|would|will) you\b|(?:can|could|may) i\b|i (?:want|need|would like)\b)"
_FIRST_CLAUSE = re.compile(
    r"^\W*(?:according to|based on|in|on|at|as of|for|from|during|between|given|looking at|after|before|by|with"
    r"|within|using)\b[^,?]{2,90},\s*",
    re.I,
)

MENTIONS: tuple[tuple[str, str], ...] = (
    ("how many", r"\bhow many\b|\bnumber of\b|\bcount of\b"),
    ("how much", r"\bhow much\b"),
    ("how long, old, often", r"\bhow (?:long|old|often|far|fast|tall|high|large|big|deep|wide|heavy|frequently)\b"),
    ("how else", r"\bhow (?:do|does|did|is|are|was|were|can|could|should|would|has|have|to|come)\b"),
    ("why", r"\bwhy\b|\bwhat (?:caused|causes|led|drove|explains)\b|\breasons? (?:for|that|why|behind|did|does|is)\b"),
    ("explain", r"\b(?:explain|describe|elaborate|discuss|summari[sz]e|outline|define|clarify)\b"),
    (
        "what does it mean",
        r"\bwhat (?:is|are) (?:meant|the (?:purpose|difference|role|effect|impact|meaning))\b"
        r"|\bmean\b",
    ),
    ("percent sign", r"%"),
    ("percent", r"\b(?:percent|per cent|percentages?|proportion|fraction|basis points)\b"),
    ("ratio", r"\b(?:ratio|margin|rate|growth|turnover|return on|yield|share of)\b"),
    ("currency", r"[$€£¥]|\b(?:usd|eur|gbp|dollars?|euros?|pounds?|yen)\b"),
    ("scale", r"\b(?:millions?|billions?|thousands?|mm|bn)\b"),
    ("fiscal", r"\bfy ?\d{2,4}\b|\bfy\b|\bfiscal\b|\bq[1-4]\b|\bquarter(?:ly)?\b|\byears? ended\b"),
    ("year", r"\b(?:1[5-9]|20)\d\d\b"),
    ("two years", r"\b(?:19|20)\d\d\b.*\b(?:19|20)\d\d\b|\byear[- ]over[- ]year\b|\byoy\b"),
    ("digits", r"\d"),
    (
        "unit",
        r"\b(?:km|miles?|kg|tons?|tonnes|meters?|metres|feet|acres|hours?|minutes?|seconds?|degrees?|mph|mw"
        r"|gw)\b",
    ),
    ("cost", r"\b(?:cost|costs|price|pay|paid|spend|spent|salary|wage|fees?|earn|worth|budget|fund|funding|donate)\b"),
    ("account", r"\b(?:revenues?|sales|income|profit|loss|losses|expenses?|assets|liabilities|debt|cash|dividends?)\b"),
    (
        "account, further",
        r"\b(?:ebitda|capex|capital expenditures?|inventory|equity|earnings|payables?"
        r"|receivables?)\b",
    ),
    ("statement", r"\b(?:balance sheet|cash flow|income statement|statements? of|p&l)\b"),
    ("sum", r"\b(?:total|sum|average|mean|difference|change|increase|decrease|combined|altogether)\b"),
    (
        "most",
        r"\b(?:most|least|highest|lowest|largest|smallest|greatest|fewest|top|maximum|minimum|longest|last"
        r"|first)\b",
    ),
    (
        "more than",
        r"\b(?:more|less|fewer|higher|lower|greater|larger|smaller|at least|at most) than\b|\bat (?:least"
        r"|most)\b",
    ),
    (
        "when",
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|decade|century|time|period|era)\b|\bhow (?:early"
        r"|recently)\b",
    ),
    (
        "who",
        r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|man|woman|king|queen|president|author|player|actor"
        r"|singer)\b",
    ),
    (
        "where",
        r"\bwhere\b|\b(?:what|which) (?:city|cities|country|countries|state|place|continent|river|town"
        r"|region)\b",
    ),
    (
        "where, further",
        r"\b(?:what|which) (?:county|island|nation|location|province|district|street|area)\b"
        r"|\blocated\b",
    ),
    ("named", r"\b(?:name of|called|named|known as|title of|titled|term for)\b"),
    ("kind of", r"\b(?:what|which) (?:kinds?|types?|sorts?|form) of\b"),
    ("list", r"\b(?:list|enumerate|which of the following|name (?:all|the|some|two|three|four|five))\b"),
    ("what are", r"\bwhat (?:are|were) (?:the|some|all|its|their)\b|\bwhich (?:two|three|four|five)\b"),
    ("all", r"\b(?:all|each|every|both|respectively|various|different|main|major|key)\b"),
    ("or", r"\bor\b"),
    ("figure", r"\bfig(?:ure|\.)s? ?\(?\d|\b(?:in|of|from|by|on) (?:the|this|that) (?:figure|picture|image|photo)\b"),
    ("picture", r"\b(?:picture|image|photo|photograph|illustration|screenshot|logo|icon|drawing|cartoon|poster)s?\b"),
    (
        "chart",
        r"\b(?:chart|graph|plot|diagram|histogram|flow ?chart|infographic|pie|bars?|scatter|map|curve"
        r"|legend)s?\b",
    ),
    ("axis", r"\b[xy][- ]axis\b|\b(?:axis|axes|plotted|shaded|dotted|dashed)\b"),
    ("colour", r"\bcolou?rs?\b|\bcolou?red\b|\b(?:red|blue|green|yellow|orange|purple|black|white|grey|gray|pink)\b"),
    ("shown", r"\b(?:shown|show|depict(?:s|ed)?|illustrate[sd]?|displayed|visuali[sz]ed|seen)\b"),
    ("table", r"\b(?:table|tables|row|rows|column|columns|listed|chart)\b"),
    ("the company", r"\b(?:the|this|our) (?:company|group|firm|corporation|registrant|entity)\b"),
    ("document", r"\b(?:report|document|paper|article|section|page|filing|brochure|presentation|slides?|guide)\b"),
)
_COMPILED = tuple(re.compile(pattern, re.I) for _, pattern in MENTIONS)
_FIRST_AUXILIARY = re.compile(rf"^\W*(?:{_AUXILIARY})\b", re.I)
_POLITE = re.compile(_ASKING_POLITELY, re.I)
_ASKS = re.compile(rf"\b(?:{_WH})\b", re.I)

NAMES: tuple[str, ...] = (
    *(f"begins with {word}" for word in _OPENERS),
    "yes or no",
    "polite",
    "wh-word",
    "long",
    *(name for name, _ in MENTIONS),
)
N_FEATURES = len(NAMES)


def asks_yes_or_no(question: str) -> bool:
    """Tell whether a question begins with an auxiliary verb ("Is ...", "In 2019, did ...") and is no polite request."""
    rest = _FIRST_CLAUSE.sub("", question, count=1)
    return bool(_FIRST_AUXILIARY.match(rest)) and not _POLITE.match(rest) and not _ASKS.search(rest)


def features(question: str) -> Floats:
    """Return what the words tell, shape (N_FEATURES,), each 0 to 1, in the order of NAMES."""
    rest = _FIRST_CLAUSE.sub("", question, count=1)
    first = re.match(r"\W*([a-z]+)", rest, re.I)
    opener = first.group(1).lower() if first else ""
    return np.array(
        [
            *(float(opener == word) for word in _OPENERS),
            float(asks_yes_or_no(question)),
            float(bool(_POLITE.match(rest))),
            float(bool(_ASKS.search(question))),
            min(1.0, len(question.split()) / 40),
            *(float(bool(pattern.search(question))) for pattern in _COMPILED),
        ],
        np.float32,
    )
