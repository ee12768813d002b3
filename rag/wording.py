"""Words that every surface says alike: the page, the terminal, the exports. Pure; plain text, never markup."""

from __future__ import annotations

from rag.types import Claim, PageSource, Verdict

UNSUPPORTED = "no passage supports this"  # of a sentence without a footnote
OTHERWISE = "the passage says otherwise"
_MOST_NAMED = 3  # of what a sentence names and no passage holds

# What a footnote says of its sentence.
VERDICT: dict[Verdict, str] = {
    "verbatim": "the document's own words",
    "supported": "supported by this passage",
    "contradicted": "this passage says otherwise",
    "unsupported": "this passage does not support the sentence",
    "unchecked": "not checked against the passage",
}


def verdict_words(claim: Claim, support: float | None = None) -> str:
    """Return what a footnote says of its sentence: the verdict, what is not there, how probably it is supported.

    Args:
        support: of this footnote alone; None: that of the sentence.
    """
    said = VERDICT[claim.verdict]
    if claim.citations and claim.lacks and claim.verdict in {"contradicted", "unsupported"}:
        said += f"; it does not hold {_listed(claim.lacks)}"
    support = claim.support if support is None else support
    return said if support is None else f"{said} (support {percent(support)})"


def unsupported_words(claim: Claim) -> str:
    """Return what is said of a sentence that no passage supports: what they do not hold, where that is known."""
    return f"no passage holds {_listed(claim.lacks)}" if claim.lacks else UNSUPPORTED


def left_out_words(claim: Claim) -> str:
    """Return what is said of a sentence that a model wrote and that was left out, with why."""
    return f"Left out: “{claim.text}” ({why_left_out(claim)})"


def why_left_out(claim: Claim) -> str:
    """Return why a sentence of a model was left out."""
    return OTHERWISE if claim.verdict == "contradicted" else unsupported_words(claim)


def percent(probability: float) -> str:
    """Return a probability in words: nothing is certain."""
    whole = round(100 * probability)
    return "under 1 %" if whole < 1 else "over 99 %" if whole > 99 else f"{whole} %"


def _listed(facts: tuple[str, ...]) -> str:
    """Return the first of what is not held: "1981, Hubel and 2 more"."""
    named, n_more = facts[:_MOST_NAMED], len(facts) - _MOST_NAMED
    return (
        f"{', '.join(named)} and {n_more} more"
        if n_more > 0
        else " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
    )


def page_name(page: int, label: str | None, source: PageSource = "text") -> str:
    """Return how a page is called: by its printed number, with the PDF's own where the two differ.

    A page that was read by OCR says so: what is quoted from it is what a machine made of a picture.
    """
    name = f"p. {page}" if label is None or label == str(page) else f"p. {label} (PDF {page})"
    return f"{name}, read by OCR" if source == "ocr" else name
