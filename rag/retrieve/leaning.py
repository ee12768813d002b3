"""Whether a question leans on what was said before it, and by which of its words. By the shape of words only; pure."""

from __future__ import annotations

import re

from rag.retrieve.mentions import AUX, WH, Name, defined, names, own_words

PERSONAL = frozenset({"he", "she", "him", "his", "her", "hers"})
_PRONOUN = re.compile(r"\b(?:he|she|him|his|hers|her|it|its|they|them|theirs|their)\b(?!['’](?:d|ll)\b)", re.I)
_EXPLETIVE = re.compile(
    r"\bit (?:take|cost|rain|snow|mean to|called when)\b"
    r"|\bit (?:(?:is|was|been|be) )?(?:\w+ )?(?:possible|impossible|necessary|important|legal|illegal|common|easy|hard"
    r"|difficult|better|best|safe|economical|true|likely|okay)(?: or \w+)?(?: for \w+(?: \w+)?)? (?:to|that)\b"
    r"|\bit (?:(?:is|was|been|be) )?(?:true|\w+ed)? ?that\b"
    r"|\b(?:find|found|makes?|made) it (?:\w+ )?to\b|\bit \w+ed to\b",
    re.I,
)
_NEW_CLAUSE = re.compile(
    r"\b(?:when|after|before|because|while|although|though|since|until|that|which|who|if|as|and|but|so|than)\b|[,;:]",
    re.I,
)
_NEW_PART = re.compile(rf"{_NEW_CLAUSE.pattern}|\bto\b", re.I)  # where a pronoun may stand for a noun before it
_ENDS = re.compile(r"\W*$|\s(?:in|to|at|on|for|with|by|from|and|or|as|when|after|before|during|into|over|because|if)\b")
_FRONTED = re.compile(
    rf"^\W*(?!when {AUX}\b)(?:in addition to|apart from|because of|when|after|before|while|as|during|despite|besides"
    r"|with|in|for|by|since|although|if|until|along with|to|on|at|upon|from|through|throughout|under|following)\b",
    re.I,
)
_ASKS_LATER = re.compile(r"\w,? (?:what|who|which|where|did|was|how)\b")
_DETERMINED = re.compile(r"\b(?:the|an?|each|every|any|most|all|some|many|which|what)\s+(?:\w+\s)*?\w+", re.I)
_DOER = re.compile(
    r"\b(?:do|does|did|has|have|had|can|could|will|would|should)\s+(?:the|an?|each|every|any|most|all|some)\s+\w+"
    rf"|^\W*(?:\w+\s+)?(?:which|what)\s+\w+\s+(?!{AUX}\b|(?:of|in|for|on|at|by|to|with|from|its|their)\b)\w+",
    re.I,
)  # "did the band leave" its label, "which company sold" its plants
_WHO_DOES = re.compile(rf"\W*who\s+(?!{AUX}\b)\w", re.I)
_PLURAL = re.compile(rf"\b(?:{AUX}|when|if|because|while|that)\s+(?!this\b|his\b|its\b)(?:[a-z]+\s+)?[a-z]{{3,}}s\b")
_THIS = re.compile(
    r"\b(?:this|these)\b|\bthose\b(?! (?:who|whom|whose|which|that|of|in|with|from)\b)"
    r"|(?:^\W*|\b(?:after|before|about|of|in|at|during|since|until|with|by|from|like|than|on|for|to|did|does|do|was|is"
    r"|are|were|can|could|would|will|into|besides|and|than)\s)that\b(?! (?:of|the|a|an|is|was|are|were|can|in)\b)",
    re.I,
)
_THERE = re.compile(
    r"\b(?!(?:is|are|was|were|be|been|exists?|has|have|had|will|would|can|could|may)\b)\w+ there\b", re.I
)
_GENERAL = re.compile(
    r"\bthe (?:(?:same|first|second|other) )?(?P<noun>company|corporation|firm|group|band|team|club|organi[sz]ation"
    r"|university|school|agency|author|artist|singer|president|king|queen|book|novel|film|movie|show|series|album|song"
    r"|game|war|battle|city|country|town|state|product|device|method|model|algorithm|study|paper|law|act|treaty|program"
    r"|project|experiment|event|building|system|machine|process|disease|drug|species|character|stock|software)\b"
    rf"(?!['’]?\s(?:that|which|who|whose|of|in|with|for|at|from|on|to|called|named|where|by|[a-z]+ed|[a-z]+ing)\b)"
    rf"(?!\s(?!{AUX}\b)[a-z]+\s(?:that|which|who|of)\b)",
    re.I,
)
_LATTER = re.compile(
    r"\bthe (?:latter|former|first one|second one|other one|others?|two|both|same|increase|decrease|change|decline|rise"
    rf"|drop|growth|loss|gain|difference|trend|result|outcome)(?=\W*$|\s{AUX}\b)|\bothers?\W*$",
    re.I,
)
_MORE = re.compile(
    r"\b(?:else|anyone|anybody)\b|\b(?:any|some|what|which|no|many|the) other\b|\btell me more\b|\bmore details?\b"
    rf"|^\W*(?:any|another)\b|\bwhich (?:one|ones|of (?:them|these|those|the two))\b|\b{AUX} one\b",
    re.I,
)
_FEW = 2  # own words: "what else" in a longer question is explained by the question
_SHORT = 7  # words
_COMPARES = re.compile(
    r"\b(?:difference|compare[ds]?|both|(?:which|who) (?:one |of \w+ )?(?:is|was|are|were|has|had) (?:\w+er|more|less"
    r"|worse))\b|\bwhich year (?:is|was)\b",
    re.I,
)


def open_pronoun(question: str) -> re.Match[str] | None:
    """Return the first pronoun that stands for nothing within the question."""
    expletives = [match.span() for match in _EXPLETIVE.finditer(question)]
    named = names(question)
    for pronoun in _PRONOUN.finditer(question):
        is_empty = any(start <= pronoun.start() < end for start, end in expletives)
        is_told_later = bool(named) and _FRONTED.match(question) and _ASKS_LATER.search(question)
        is_named = any(name.start < pronoun.start() and not _cannot_mean(question, pronoun, name) for name in named)
        if not (
            is_empty or is_told_later or is_named or _has_noun(question[: pronoun.start()], pronoun.group().lower())
        ):
            return pronoun
    return None


def _cannot_mean(question: str, pronoun: re.Match[str], name: Name) -> bool:
    """Tell whether a name before the pronoun in the same clause cannot be what it stands for.

    Neither the doer, when the pronoun is what it is done to, nor a place: "Did Boeing sell it?", "In Rome, did he win?"
    Source: principle B of Chomsky, Lectures on Government and Binding, 1981.
    """
    said = pronoun.group().lower()
    between = question[name.start + len(name.text) : pronoun.start()]
    if _NEW_CLAUSE.search(between):
        return False
    if name.is_aside and said in {"he", "she", "they"}:
        return True
    is_done_to = said in {"him", "her", "them", "it"} and _ENDS.match(question, pronoun.end()) is not None
    return is_done_to and re.match(rf"\s+(?!{AUX}\b)\w", between) is not None


def _has_noun(before: str, said: str) -> bool:
    """Tell whether the part of a question before a pronoun holds a noun that the pronoun may stand for."""
    if said in {"they", "them", "their", "theirs"} and _PLURAL.search(before):
        return True
    if not _DETERMINED.search(before):
        return False
    if said in PERSONAL:
        clause = re.search(r"\b(?:when|after|before|because|while|since|until|that|who|if)\b", before[3:], re.I)
        return clause is not None and bool(own_words(before[3:][: clause.start()]))
    if said in {"its", "their", "theirs"} and (_DOER.search(before) or _WHO_DOES.match(before)):
        return True
    return any(own_words(before[: part.start()]) for part in _NEW_PART.finditer(before))


def points_back(question: str) -> bool:
    """Tell whether a question says "this" or "that" of something said before it."""
    return _THIS.search(question) is not None and (not names(question) or _FRONTED.match(question) is not None)


def general_noun(question: str) -> re.Match[str] | None:
    """Return "the company", "the book" where the question does not say which; its group `noun` is the noun."""
    return None if names(question) or len(own_words(question)) > _FEW + 1 else _GENERAL.search(question)


def only_compares(question: str) -> bool:
    """Tell whether a question compares and does not say what: "What is the difference?", "Which is larger?"."""
    return not names(question) and len(own_words(question)) <= 1 and _COMPARES.search(question) is not None


def is_bare(question: str) -> bool:
    """Tell whether a question has no name and too few words of its own to be understood alone."""
    if names(question):
        return False
    n_own = len(own_words(question))
    if n_own <= _FEW and (_LATTER.search(question) or _THERE.search(question) or _MORE.search(question)):
        return True
    return n_own == 0 or (n_own == 1 and len(question.split()) <= _SHORT and not defined(question))


def is_part(text: str) -> bool:
    """Tell whether a text may be a part of a question, and is no question of its own."""
    is_clause = _PRONOUN.search(text) or re.search(rf"\b(?:{WH}|{AUX})\b", text, re.I)
    return is_clause is None and 0 < len(text.split()) <= 6
