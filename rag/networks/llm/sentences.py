"""A question and its answer to a sentence that says both, in the words of question and passage. Rules only, pure.

    "Who managed the Cubs in 1969?" + "Leo Durocher"  -> "Leo Durocher managed the Cubs in 1969."
    "What is the capital of Peru?" + "Lima"           -> "The capital of Peru is Lima."

Where no rule is sure there is none; people's sentences (see `restored`) and the passage's own take their place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rag.text import content_words, fold, stems

_AUX = r"(?:is|are|was|were|am|be|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)"
_WHO_DID = re.compile(rf"who (?!{_AUX}\b|else\b)(?P<rest>[a-z]+ .+)", re.I)
_IS = re.compile(
    r"(?:[Ww]hat|[Ww]ho) (?P<verb>is|are|was|were) (?P<thing>(?:the|an?|his|her|its|their) .+|[A-Z][\w.-]*'s? .+)"
)
_STRANDED = re.compile(
    r"\b(?:of|to|in|on|at|by|for|from|with|as|about|into|called|named|known|like|made|found|located|\w+ed|\w+ing)$"
)
_NOT_ALONE = re.compile(r"(?:it|they|he|she|there|this|that|these|those|his|her|their|its|for|of|as|to|or|and)\b", re.I)
_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
_OPENING = re.compile(
    r"^(?:However|Moreover|Furthermore|Additionally|In addition|Therefore|Thus|Also|Similarly|Meanwhile|For example"
    r"|For instance|In fact|Nevertheless|Finally|Consequently|Indeed|Instead|Subsequently), (?=\w)"
)
_SHARE = 0.7  # of the question's content words that a sentence must say
_VOTES, _AGREED = 2, 4  # of five people: fewer is a machine's sentence that nobody mended; so many agree
_LONGEST = 12  # words of an answer that is put into a sentence


def stated(question: str, answer: str) -> str:
    """Return question and answer as a sentence; empty where no rule is sure of it."""
    asked = " ".join(question.split()).rstrip("?. ").strip()
    answer = answer.strip().rstrip(".,;")
    if not answer or len(answer.split()) > _LONGEST:
        return ""
    if match := _WHO_DID.fullmatch(asked):
        return _sentence(f"{answer} {match['rest']}")
    match = _IS.fullmatch(asked)
    if match is None or _STRANDED.search(match["thing"]) or re.search(rf"\b{_AUX}\b", match["thing"]):
        return ""
    return _sentence(f"{match['thing']} {match['verb']} {answer}")


def restored(question: str, answer: str, passage: str, sentences: Sequence[tuple[int, str]]) -> str:
    """Return the best of people's lower-cased sentences, written as question and passage write its words.

    Args:
        sentences: the votes that each got, and its text.
    """
    known = set(stems(f"{question} {passage} {answer}"))
    asked = set(stems(" ".join(content_words(question))))
    best, best_rank = "", (False, 0.0, 0)
    for votes, text in sentences:
        said = set(stems(text))
        is_whole = all(stem in said for stem in stems(answer)) and said <= known
        share = len(asked & said) / max(1, len(asked))
        rank = (votes >= _AGREED, share, votes)
        if votes >= _VOTES and is_whole and share >= _SHARE and not _NOT_ALONE.match(text) and rank > best_rank:
            best, best_rank = text, rank
    return _sentence(_cased(best, f"{answer} . {question} . {passage}")) if best else ""


def plain(sentence: str) -> str:
    """Return a sentence of a passage without what ties it to the one before."""
    return _sentence(_OPENING.sub("", " ".join(sentence.split())))


def _sentence(text: str) -> str:
    """Return the text with a capital at its beginning and a full stop at its end."""
    text = text.strip()
    if text[:1].islower() and not text[1:2].isupper():  # not iPhone
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", '."', ".)")) else text.rstrip(",;:") + "."


def _cased(text: str, written: str) -> str:
    """Return a lower-cased text with its words and the space between them as `written` has them most often."""
    forms: dict[str, Counter[str]] = {}
    tokens = _TOKEN.findall(written)
    for before, token in zip([".", *tokens], tokens, strict=False):
        if before not in {".", "!", "?"} or token[1:] != token[1:].lower():  # a first word has a capital anyway
            forms.setdefault(token.lower(), Counter())[token] += 1
    firsts = {token.lower(): token for token in reversed(tokens)}
    words = [_form(token, forms, firsts) for token in _TOKEN.findall(text)]
    return _spaced(words, written)


def _form(token: str, forms: dict[str, Counter[str]], firsts: dict[str, str]) -> str:
    if token in forms:
        return forms[token].most_common(1)[0][0]
    return firsts.get(token, token)


def _spaced(words: Sequence[str], written: str) -> str:
    """Join tokens; a sign stands as close to its neighbours as it does where the pair is written."""
    text = words[0] if words else ""
    for before, word in pairwise(words):
        if before.isalnum() and word.isalnum():
            gap = " "
        elif re.search(re.escape(before) + re.escape(word), written):
            gap = ""
        elif re.search(re.escape(before) + r"\s+" + re.escape(word), written):
            gap = " "
        else:
            gap = "" if word in ".,;:!?')%]”’-/" or before in "($[“-/'" else " "
        text += gap + word
    return text


def says(sentence: str, answer: str) -> bool:
    """Tell whether a sentence holds an answer."""
    return fold(answer) in fold(sentence)
