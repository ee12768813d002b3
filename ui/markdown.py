"""Text that others wrote, made safe for Streamlit's markdown: labels, captions, messages.

Streamlit's markdown knows more than CommonMark: `$` sets mathematics, `:name:` becomes an emoji or a directive, `-->`
an arrow, and a bare address becomes a link. File names, questions and error messages may hold all of that. They pass
through `plain` before they reach any label; answers are no markdown at all (see `answers`).
"""

from __future__ import annotations

import re

_JOINER = "\u2060"  # zero width, joins words: breaks a pattern up without a visible trace
_PUNCTUATION = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
# Streamlit replaces these after the backslashes are gone, so that only another character between helps.
_LATE = re.compile(r"(?<=[:@])(?=\S)|(?<=[<\-=~])(?=[-=>])|(?<=>)(?==)|(?<=[wW])(?=[wW]{2}\.)")


def plain(text: str) -> str:
    """Return markdown that shows exactly these characters on one line: no mark-up, link, image, emoji or formula."""
    flat = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", _LATE.sub(_JOINER, flat))
