"""Parts that documents of a kind have: the balance sheet, the abstract; and tables and figures by their number.

A part is told by its name here, which `pattern` turns into what its headings look like.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.retrieve.hints.asked import Keys, Shelf, Text, hint, number_of
from rag.types import Hint, Passage

_ADORNED = r"(?:(?:condensed|consolidated|combined|unaudited|interim|supplemental|company|group|the)[\s,]+)*"
# Financial statements: they are asked for without being headings that reading finds, so nothing need confirm them.
_STATEMENTS = {
    "balance sheet": r"balance\s+sheets?|statements?\s+of\s+(?:consolidated\s+)?financial\s+(?:position|condition)",
    "comprehensive income statement": r"statements?\s+of\s+(?:consolidated\s+)?comprehensive\s+(?:income|loss|earnings)"
    r"(?:\s+\(loss(?:es)?\))?|comprehensive\s+income\s+statements?",
    "income statement": r"(?:statements?|results)\s+of\s+(?:consolidated\s+)?(?:net\s+)?(?:income|earnings|profits?)"
    r"(?:\s+\((?:loss(?:es)?)\))?(?:\s+(?:and|or)\s+loss(?:es)?)?|statements?\s+of\s+(?:consolidated\s+)?operations"
    r"|income\s+statements?|earnings\s+statements?|profits?\s+(?:and|&)\s+loss(?:es)?\s+(?:statements?|accounts?)"
    r"|p\s?&\s?l(?:\s+(?:statements?|accounts?))?",
    "cash flow statement": r"statements?\s+of\s+(?:consolidated\s+)?cash\s?-?flows?|cash\s?-?flows?\s+statements?",
    "statement of equity": r"statements?\s+of\s+(?:consolidated\s+)?(?:changes\s+in\s+)?(?:total\s+)?"
    r"(?:(?:stock|share)(?:holder|owner)s?['’]?s?['’]?\s+)?(?:equity|deficit|investment)",
}
# Others count only where a heading bears the name, and after "in the" or the like.
_NAMED = {
    "abstract": r"abstract",
    "executive summary": r"executive\s+summary|management\s+summary|summary",
    "introduction": r"introduction",
    "preface": r"preface|foreword",
    "background": r"background",
    "related work": r"related\s+works?|literature\s+review",
    "methods": r"methods?|methodology|materials\s+and\s+methods",
    "results": r"results|findings|main\s+findings|key\s+findings",
    "discussion": r"discussion",
    "limitations": r"limitations",
    "conclusion": r"conclusions?|concluding\s+remarks|conclusions?\s+and\s+future\s+work",
    "acknowledgements": r"acknowledge?ments?",
    "references": r"references|bibliography|works\s+cited",
    "glossary": r"glossary",
    "appendix": r"appendix|appendices|annex|supplementary\s+material",
    "table of contents": r"table\s+of\s+contents|contents",
    "index": r"index",
    "risk factors": r"risk\s+factors",
    "management's discussion and analysis": r"management['’]?s\s+discussion\s+(?:and|&)\s+analysis.*|md\s?&\s?a",
    "legal proceedings": r"legal\s+proceedings",
    "warranty": r"(?:limited\s+)?warranty(?:\s+information)?",
    "specifications": r"(?:technical\s+)?specifications",
}
_SECTIONS = {"introduction", "preface", "background", "appendix"}  # the others are parts
_BEFORE = (
    r"\b(?:in|into|from|of|by|within|on|under|off|per|to|at|using|see|and|or|consult|the|its|their|this|that|a|an|which|what"
    r"|consolidated|primarily|company['’]s|['’]s)\s+"
)
_GOES_ON = (  # what may follow a name that stands for the part, not for something of it ("balance sheet strength")
    r"(?=\W*$|\s*[,;:?!.)]|\s+(?:and|or|of|in|for|as|at|to|from|by|on|with|is|are|was|were|does|do|did|has|have|had|can|could"
    r"|say|says|show|shows|shown|what|which|who|how|that|between|after|before|during|than|when|if|while|data|information|items?|line|figures?|entries|numbers|details|dated"
    r"|section|page|table|statement|only|alone|mention\w*|list\w*|state\w*|report\w*|include\w*|contain\w*|provide\w*"
    r"|present\w*|give\w*|tell|tells|describe\w*|explain\w*|discuss\w*)\b)"
)
_WHOLE = (
    r"(?:document|pdf|file|report|paper|article|study|book|brochure|manual|guide|survey|filing|thesis|text|prospectus)"
)
_KINDS = r"tables?|figures?|figs?\.?|charts?|graphs?|exhibits?|box(?:es)?|plates?|diagrams?|illustrations?"
_NUMBERED = re.compile(
    rf"\b(?P<kind>{_KINDS})\s*(?:no\.?\s*|number\s+|\#\s*)?(?P<number>(?-i:[A-Z]\.?-?)?\d{{1,3}}(?:[.-]\d{{1,3}})*(?:\s?\([a-z]\)|[a-z])?"
    r"|(?-i:[IVX]{1,5})|(?-i:[A-Z])(?=\W*$|[,;?.)])|one|two|three|four|five|six|seven|eight|nine|ten)"
    r"(?![\w%]|[.,]\d|\s+(?:of\s+the\s+)?(?:columns?|rows?|people|tables?|figures?|charts?)\b)",
    re.I,
)
_FEW_LINES = 5  # of a page that may name the statement on it
_ALONE = 110  # characters of such a line, without spaces: the company, "consolidated", the years are in it
_MENTIONED = 0.3
_TELLING = ("balancesheet", "statement", "resultsof", "profit", "p&l")  # one is in every name of a statement
_ENTRY = re.compile(r"[.·…–-]*\d{1,3}")  # what follows a name in a table of contents
_PLAIN_KINDS = {"fig": "figure", "boxe": "box"}
_ALIKE = {"figure": r"fig(?:ure|\.)?", "chart": r"(?:chart|figure)", "graph": r"(?:graph|figure)"}


def read_parts(text: Text, keys: Keys | None, shelf: Shelf) -> list[Hint]:
    """Return the parts that are named; those of `_NAMED` only where a document of `keys` has a heading of that name."""
    found: list[Hint] = []
    for match in list(text.finditer(_NUMBERED)):
        kind = match["kind"].lower().rstrip(".").removesuffix("s")
        kind = _PLAIN_KINDS.get(kind, kind)
        number = number_of(match["number"])
        name = f"{kind} {match['number'] if number is None else number}"
        found.append(hint("part", text.take(*match.span()), name, (name,)))
    for name, names in _STATEMENTS.items():
        for match in list(text.finditer(_asked(names, is_loose=True))):
            found.append(hint("part", text.take(*match.span("said")), name, (name,)))
    for name, names in _NAMED.items():
        for match in list(text.finditer(_asked(names, is_loose=False))):
            if any(pattern(name).search(title) for _, path in shelf.headed(other_names(name), keys) for title in path):
                kind = "section" if name in _SECTIONS else "part"
                found.append(hint(kind, text.take(*match.span("said")), name, (name,)))  # type: ignore[arg-type]
    return list({hint_.key: hint_ for hint_ in found}.values())


@lru_cache(maxsize=64)
def _asked(names: str, *, is_loose: bool) -> re.Pattern[str]:
    """Return what a question says of a part; loose: anywhere but within a longer noun."""
    if is_loose:
        return re.compile(rf"(?<!off-)(?<!off )(?<![\w-]){_BEFORE}(?P<said>{_ADORNED}(?:{names})){_GOES_ON}", re.I)
    of_it = rf"\s+(?:of|in|to|for)\s+(?:(?:the|this|its)\s+(?:\w+\s+)?{_WHOLE}\b|\x00)"
    whole = rf"(?=\W*$|\s*[,;:?]|\s+(?:section|chapter|page)\b|{of_it})"
    return re.compile(
        rf"\b(?:in|under|from|within|to|according\s+to)\s+(?:(?:the|its|their)\s+|(?=md\s?&))(?P<said>{names}){whole}",
        re.I,
    )


@lru_cache(maxsize=64)
def squeezed(name: str) -> re.Pattern[str]:
    """Return what matches the first lines of a statement's page without their spaces: letters may be set apart."""
    names = _STATEMENTS[name].replace(r"\s+", "").replace(r"\s?", "")
    return re.compile(rf"(?<!off-)(?<!off)(?:{names})", re.I)


@lru_cache(maxsize=256)
def pattern(name: str) -> re.Pattern[str]:
    """Return what matches a heading, or the first lines of a page, that name a part."""
    if name in _STATEMENTS:
        return re.compile(rf"(?<!off-)(?<!off )(?<![\w-])(?:{_STATEMENTS[name]})(?![\w-])", re.I)
    if name in _NAMED:
        numbered = r"^\W*(?:(?:section|chapter|part|item|appendix)?\s*(?:[\dA-Z]{1,2}(?:\.\d+)*|[IVX]+)[.:)]?\s+)?"
        return re.compile(rf"{numbered}(?:{_NAMED[name]})(?=\W*$|\s*:|\s+[A-Z\d]{{1,2}}\b|\s+of\b)", re.I)
    kind, _, number = name.partition(" ")
    return re.compile(rf"\b{_ALIKE.get(kind, kind)}s?\.?\s*(?:no\.?\s*)?{re.escape(number)}(?![\w]|[.-]\d)", re.I)


def is_statement(name: str) -> bool:
    """Tell whether a part is a financial statement: a page of its own, with its name at the top."""
    return name in _STATEMENTS


def has_heading(name: str) -> bool:
    """Tell whether a part is one that headings name: an abstract, an appendix."""
    return name in _NAMED


def tops(name: str, top: str) -> float:
    """Return how surely a page that begins so is that of a statement, 0 to 1: its name alone on a line, or a mention.

    A page that names several is a list of them.
    """
    named = _named(top)
    if name not in {statement for statement, _ in named}:
        return 0.0
    is_list = len({statement for statement, _ in named}) > 1
    is_entry = all(_ENTRY.fullmatch(squeezed(name).split(line)[-1] or "") for n, line in named if n == name)
    is_alone = any(len(line) <= _ALONE for statement, line in named if statement == name)
    return 1.0 if is_alone and not is_list and not is_entry else _MENTIONED


@lru_cache(maxsize=8192)
def _named(top: str) -> tuple[tuple[str, str], ...]:
    """Return the first lines that name a statement, without spaces, each with the statement."""
    low = "".join(top.lower().split())
    if not any(word in low for word in _TELLING):  # most pages: soon done
        return ()
    lines = ["".join(line.split()) for line in top.splitlines() if line.strip()][:_FEW_LINES]
    return tuple((statement, line) for line in lines if (statement := _statement(line)))


def _statement(line: str) -> str:
    """Return the first statement that a line without spaces names; "comprehensive income" is no "income"."""
    return next((name for name in _STATEMENTS if squeezed(name).search(line)), "")


def bears(name: str, passage: Passage) -> float:
    """Return how surely a passage is the table or figure of that number, 0 to 1: by its first words, or a mention."""
    names = pattern(name)
    if any(names.match(text.lstrip(" *([")) for text in (passage.text, passage.title)):
        return 1.0
    if any(names.match(line.lstrip(" *([")) for line in passage.text.splitlines()):
        return 0.9
    return 0.4 if names.search(passage.title) else 0.3 if names.search(passage.text) else 0.0


def other_names(name: str) -> str:
    """Return words by which pages with a part are looked for; a statement has several names."""
    return _SEARCHED.get(name, name)


_SEARCHED = {
    "balance sheet": "balance sheet statement of financial position condition",
    "comprehensive income statement": "statement of comprehensive income loss earnings",
    "income statement": "income statement of operations earnings profit loss",
    "cash flow statement": "statement of cash flows",
    "statement of equity": "statement of changes in stockholders shareholders equity",
    "methods": "methods methodology",
    "results": "results findings",
    "references": "references bibliography works cited",
    "appendix": "appendix annex supplementary material",
    "executive summary": "executive summary management",
    "related work": "related work literature review",
}
