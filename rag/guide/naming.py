"""A request that names its document: "summarise the Netflix report", "outline of primer.pdf". Pure.

What is named is the end of the request, after its verb or its preposition: words that stand in the name or the title of
a document. It is replaced by "this document", by which a request is then recognised. Titles are made of words that are
looked for too: a request that is whole as it stands is bent to a name only after "in" or "from".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.guide.requests import Request, recognise
from rag.text import content_words, stem
from rag.types import Document

_THIS = "this document"
_BEFORE = re.compile(r"\b(?:summari[sz]e|sum up|recap|outline|of|in|from|is|does|about|on)\b(?: the\b)? ", re.I)
# "How long is the Danube?" asks for the river, whatever a file is called; "the Danube report" is a document.
_HOW_LONG = re.compile(
    r"how long is (?!.*(?:\b(?:documents?|files?|reports?|papers?|articles?|books?|manuals?|filings?|texts?|guides?)\b"
    r"|\.pdf\b))",
    re.I,
)
_AFTER = re.compile(r" (?:about|say|cover|discuss|deal with|structured|organi[sz]ed)$", re.I)
# Words of many names: alone they name no document.
_COMMON = frozenset(
    stem(word)
    for word in "document pdf paper file report article book manual text guide filing annual quarterly form company"
    " inc corp part section chapter page pages version final draft united states".split()
)


def named_request(request: str, documents: Sequence[Document]) -> tuple[Request, list[Document]] | None:
    """Return a request and the documents that it names; None where it names none, or is one without the name."""
    if _HOW_LONG.match(request.strip()):
        return None
    is_whole = recognise(request) is not None
    for said, named, before in _named(request, documents):
        found = recognise(said)
        if found is None or _THIS in f"{found.what} {found.section}":
            continue
        is_place = before in {"in", "from"} and (found.what or found.section)
        if is_place or not is_whole:
            return found, named
    return None


def _named(request: str, documents: Sequence[Document]) -> Iterator[tuple[str, list[Document], str]]:
    """Yield the request about "this document", the documents that it names, and the word before their name.

    Every end that can be a name is tried, shorter ones first. Every word of the name must stand in the name or title of
    the document, and one of them must be no word of many names.
    """
    text = " ".join(request.split()).rstrip(" ?!.")
    after = _AFTER.search(text)
    rest = after.group() if after else ""
    text = text.removesuffix(rest)
    for before in reversed(list(_BEFORE.finditer(text))):
        wanted = {stem(word) for word in content_words(_parted(text[before.end() :]))} - _COMMON
        named = [document for document in documents if wanted and wanted <= _words_of(document)]
        if named:
            yield f"{text[: before.end()].removesuffix('the ')}{_THIS}{rest}", named, before.group().split()[0].lower()


def _words_of(document: Document) -> set[str]:
    return {stem(word) for word in content_words(_parted(f"{document.name} {document.title}"))}


def _parted(text: str) -> str:
    """Return a file's name with its parts as words: COSTCO_2021_10K.pdf."""
    return re.sub(r"[_./\\-]+", " ", text)
