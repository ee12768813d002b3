"""The words of a question as the documents have them: misspelt ones repaired, others to look for beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.retrieve.vocabulary.acronyms import Acronyms
from rag.retrieve.vocabulary.forms import forms
from rag.retrieve.vocabulary.meanings import Meanings, exchanged, expansions
from rag.retrieve.vocabulary.sources import Index, Texts
from rag.retrieve.vocabulary.spelling import repair
from rag.types import Expansion


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a question's words are read with.

    Args:
        index: the words of the passages.
        texts: their texts.
        acronyms: that the documents explain.
        meanings: the thesaurus.
        lexicon: English words; empty: no spelling is repaired.
    """

    index: Index
    texts: Texts
    acronyms: Acronyms
    meanings: Meanings
    lexicon: Collection[str]


@dataclass(frozen=True, slots=True)
class Read:
    """A question's words as they are looked for."""

    query: str
    repaired: tuple[tuple[str, str], ...]  # word as typed, word that is searched for
    expansions: tuple[Expansion, ...]
    otherwise: str | None  # the query in other words, to be encoded as well


def read_vocabulary(
    query: str, vocabulary: Vocabulary, documents: Sequence[int] | None = None, *, ignored: Collection[str] = ()
) -> Read:
    """Read the words of a question with the vocabulary of these documents (catalog keys), or of all.

    Args:
        ignored: what the user took away: see `rag.retrieve.ignoring`.
    """
    index, texts = vocabulary.index, vocabulary.texts
    query, repaired = repair(query, index, texts, vocabulary.lexicon, documents, ignored=ignored)
    found = [
        *vocabulary.acronyms.expansions(query, documents),
        *expansions(query, vocabulary.meanings),
        *forms(query, index, texts, documents),
    ]
    return Read(query, repaired, tuple(found), exchanged(query, found))
