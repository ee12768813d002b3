"""Text to terms: lower-cased, stemmed (English) words; numbers such as 1,577 or 12.5 stay whole."""

from __future__ import annotations

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from rag.index.rows import storable
from rag.text import STOP_WORDS, spaced

TOKENIZER = "footnote"

_WORD = r"[\p{L}\p{M}\p{N}]+(?:'\p{L}+)?(?:[.,]\p{N}+)*"
_FOLD = str.maketrans({"’": "'", "\u00ad": None})
_CONTRACTIONS = (
    "aren't can't couldn't didn't doesn't don't hasn't haven't i'm i've isn't let's wasn't weren't won't wouldn't"
)
_STOP_WORDS = sorted({*STOP_WORDS, *_CONTRACTIONS.split(), *(f"{word}'s" for word in STOP_WORDS)})
_MAX_TERM = 100  # bytes; longer ones are no words


def analyzer(*, stop_words: bool) -> TextAnalyzer:
    """Return what cuts text to terms; `stop_words`: leave them out."""
    builder = TextAnalyzerBuilder(Tokenizer.regex(_WORD)).filter(Filter.remove_long(_MAX_TERM))
    builder = builder.filter(Filter.lowercase()).filter(Filter.ascii_fold())
    if stop_words:
        builder = builder.filter(Filter.custom_stopword(_STOP_WORDS))
    return builder.filter(Filter.stemmer("english")).build()


def folded(text: str) -> str:
    """Return the text as it is cut to terms."""
    return spaced(storable(text)).translate(_FOLD)
