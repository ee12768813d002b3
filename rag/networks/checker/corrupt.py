"""What makes a true sentence false, or leaves it true: another number, another name, a "not", a clause less. Pure.

Each function takes a text and returns the changed one, or None where it cannot be changed so.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from rag.networks.checker.verbs import is_participle
from rag.text import STOP_WORDS

_NUMBER = re.compile(r"(?<![\w.,-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w-])")
_SPELLED = (
    "two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty fifty".split()
)
_SPELT = re.compile(rf"\b(?:{'|'.join(_SPELLED)})\b")
_MONTHS = "January February March April June July August September October November December".split()
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?:(?: (?:of|the|de|von|and))? [A-Z][\w’'-]+)*")
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has been|have been|had been|has|have|had|can|could|will|would|should|may|might|must|did"
    r"|does)\b(?! not\b|n['’]t)",
)
_NOT = re.compile(
    r"\b(is|are|was|were|has|have|had|can|could|will|would|should|may|might|must|did|does|do)( not\b|n['’]t\b)|\bnever "
)
_PARENTHESIS = re.compile(r"\s*\([^()]{2,80}\)")
_RELATIVE = re.compile(r", (?:which|who|whose|where|including|such as|especially|particularly) [^,.;]{8,120}(?=[,.])")
_OPENING = re.compile(
    r"^((?:In|On|At|By|During|After|Before|Since|From|According to|Despite|With|As) [^,]{3,60}), (.+?)([.!?])$"
)
_CLAUSE = re.compile(r", (?:and|but|while|although|whereas) [^,;]{12,120}(?=[.!?]$)")

_LOOKED_AT = 40  # of the other names


def other_number(text: str, rng: random.Random, *, known: str = "") -> str | None:
    """Return the text with one number, spelt number or month changed; the new one stands nowhere in `known`."""
    found = [*_NUMBER.finditer(text), *_SPELT.finditer(text), *_MONTH.finditer(text)]
    if not found:
        return None
    match = rng.choice(found)
    for _ in range(8):
        new = _another(match.group(), rng)
        if new != match.group() and not _stands_in(new, f"{text} {known}"):
            return f"{text[: match.start()]}{new}{text[match.end() :]}"
    return None


def _another(old: str, rng: random.Random) -> str:
    if old in _SPELLED:
        return rng.choice(_SPELLED)
    if old in _MONTHS:
        return rng.choice(_MONTHS)
    value = float(old.replace(",", ""))
    if re.fullmatch(r"1\d{3}|20\d\d", old):
        return str(int(value) + rng.choice((-1, 1)) * rng.choice((1, 2, 3, 5, 10, 20, 37, 100)))
    if "." in old:
        places = len(old.partition(".")[2])
        return f"{value * rng.choice((0.5, 0.8, 1.1, 1.3, 2.0)) + rng.choice((0, 0.1, 1)):,.{places}f}"
    changed = rng.choice(
        (value + rng.randint(1, 9), value * 2, value * 10, max(1, value - rng.randint(1, 9)), _swapped(old))
    )
    return f"{int(changed):,}" if "," in old or (changed >= 10_000 and rng.random() < 0.5) else str(int(changed))


def _swapped(number: str) -> float:
    """Return a number with two neighbouring digits exchanged: 1982 for 1928."""
    digits = number.replace(",", "")
    for i in range(len(digits) - 1, 0, -1):
        if digits[i] != digits[i - 1] and (i > 1 or digits[i] != "0"):
            return float(digits[: i - 1] + digits[i] + digits[i - 1] + digits[i + 1 :])
    return float(digits) + 1


def names(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of the names of a sentence; its first word alone is none."""
    found = []
    for match in _NAME.finditer(text):
        is_opening = match.start() == 0 and (" " not in match.group() or match.group().split()[0].lower() in STOP_WORDS)
        if not is_opening and match.group().lower() not in STOP_WORDS:
            found.append(match.span())
    return found


def other_name(text: str, others: Sequence[str], rng: random.Random, *, known: str = "") -> str | None:
    """Return the text with one of its names replaced by one of `others` of about its length that is not in `known`."""
    spans = names(text)
    if not spans:
        return None
    start, end = rng.choice(spans)
    old = text[start:end]
    fitting = [
        name
        for name in rng.sample(others, min(_LOOKED_AT, len(others)))
        if abs(len(name.split()) - len(old.split())) <= 1
        and not _shares(name, f"{text} {known}")
        and name[:1].isupper()
    ]
    return f"{text[:start]}{rng.choice(fitting)}{text[end:]}" if fitting else None


def exchanged(text: str, old: str, new: str) -> str | None:
    """Return the text with `old`, as whole words, replaced by `new` wherever it stands."""
    pattern = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)", re.I)
    if not old.strip() or not pattern.search(text):
        return None
    return pattern.sub(lambda _: new, text)


def negated(text: str) -> str | None:
    """Return the text with its first "is", "has", "could" ... denied, or with its denial taken away."""
    if _NOT.search(text):
        return _NOT.sub(lambda match: match.group(1) or "", text, count=1)
    match = next((m for m in _AUXILIARY.finditer(text) if _can_deny(m.group(), text[m.end() :])), None)
    if match is None:
        return None
    first, _, second = match.group().partition(" ")
    return f"{text[: match.start()]}{first} not{f' {second}' if second else ''}{text[match.end() :]}"


def _can_deny(auxiliary: str, following: str) -> bool:
    """Tell whether "not" fits behind a word: "has not seen", but never "has not four legs"."""
    word = re.match(r" (\w+)", following)
    if word is None:
        return False
    return auxiliary not in {"has", "have", "had", "did", "does"} or is_participle(word[1]) or word[1].endswith("ly")


def denies(text: str) -> bool:
    """Tell whether a text has a "not" of the kind that `negated` takes away."""
    return bool(_NOT.search(text))


def shortened(text: str, rng: random.Random) -> str | None:
    """Return the sentence without a bracket or a clause: what is left stays true."""
    ways = [pattern for pattern in (_PARENTHESIS, _RELATIVE, _CLAUSE) if pattern.search(text)]
    if not ways:
        return None
    left = rng.choice(ways).sub("", text, count=1).replace(",.", ".")
    return left if len(left.split()) >= 4 else None


def reordered(text: str) -> str | None:
    """Return "In 1990, it rained." as "It rained in 1990."."""
    match = _OPENING.match(text)
    if match is None:
        return None
    opening, rest, stop = match.groups()
    opening = opening if opening.startswith("According") else opening[0].lower() + opening[1:]
    return f"{rest[0].upper()}{rest[1:]} {opening[0].lower()}{opening[1:]}{stop}"


def _stands_in(new: str, text: str) -> bool:
    return re.search(rf"(?<![\w.,]){re.escape(new)}(?![\w])", text) is not None


def _shares(name: str, text: str) -> bool:
    """Tell whether a word of a name, other than the smallest, stands in a text."""
    there = set(re.findall(r"\w+", text.lower()))
    return any(word in there for word in re.findall(r"\w+", name.lower()) if word not in STOP_WORDS)
