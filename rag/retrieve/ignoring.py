"""What the user took away of how a question was understood, and how that is named."""

from __future__ import annotations

from collections.abc import Collection

from rag.text import fold
from rag.types import Hint

WORD = "word: "


def key_of_word(typed: str) -> str:
    """Return what names the wish that a word is looked for as it was typed, though it seems misspelt."""
    return WORD + typed


def is_ignored(hint: Hint, ignored: Collection[str]) -> bool:
    """Tell whether a hint was taken away: named by its key, by what it means, or by the question's words for it."""
    return not {fold(key) for key in ignored}.isdisjoint(map(fold, (hint.key, hint.means, hint.said)))


def keeps_word(typed: str, ignored: Collection[str]) -> bool:
    """Tell whether a word is to be looked for as it was typed."""
    return not {fold(key) for key in ignored}.isdisjoint(map(fold, (key_of_word(typed), typed)))
