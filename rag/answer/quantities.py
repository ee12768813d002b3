"""Numbers of a text as quantities: value, unit, how exactly it is said; and whether one bears out another. Pure.

"$1,487 million" bears out "$1.5 billion" (digits dropped, consistently) and "about 1,500 million", but neither
"1,488 million" nor "1,487": a claim may say less than its source, never more and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from rag.answer.spelled import spelled
from rag.answer.units import (
    AFTER_CURRENCY,
    AFTER_MEASURE,
    AFTER_PERCENT,
    AFTER_POINTS,
    BEFORE,
    CURRENCY,
    LETTER,
    LETTER_SCALES,
    PERCENT,
    SCALE,
    SCALES,
    measure,
)

Hedge = Literal["", "about", "over", "under"]
Form = Literal["", "year", "decade", "century", "ordinal", "fraction"]

_GAPS = ",'’\u00a0\u2009\u202f"
_DIGITS = re.compile(
    rf"(?<![^\W_])(?:(?P<european>\d{{1,3}}(?:\.\d{{3}})+,\d+)"
    rf"|(?P<grouped>\d{{1,3}}(?:[{_GAPS}]\d{{3}})+(?!\d)(?:\.\d+)?|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?!\d)(?:\.\d+)?)"
    rf"|(?P<plain>\d+(?:\.\d+)?|(?<![\w.,])\.\d+))"
)
_YEARS = re.compile(r"(?<![\w.,])(?P<first>1\d|20)(?P<from>\d\d)[-–/](?P<to>\d\d)(?![\w.]\d|[^\W_])")
_SHORT_YEAR = re.compile(r"\b(?:FY|[1-4]Q|Q[1-4])\s?['’]?(\d\d)\b|(?<![^\W_])['’](\d\d)(?![^\W_]|\d)")
_FULL_YEAR = re.compile(r"\bFY\s?((?:19|20)\d\d)\b")
_QUARTER = re.compile(r"\bQ([1-4])|\b([1-4])Q")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_CENTURY = re.compile(r"[\s-](?:century|centuries)\b", re.I)
_JOINED = re.compile(r"\s?(?:-|–|to|and|or)\s?(?=[$€£¥₹]?\d)")
_SAID_BEFORE: dict[Hedge, str] = {
    "over": r"\b(?:over|more than|at least|above|exceed(?:s|ed|ing)?|greater than|upwards of)|[>≥]",
    "under": r"\b(?:under|less than|fewer than|nearly|almost|just short of|below|up to|at most)|[<≤]",
    "about": r"\b(?:about|around|roughly|approximately|approx\.?|some|circa|ca\.|c\.|close to|near|an? estimated)|[~≈]",
}
_HEDGES = {hedge: re.compile(rf"(?:{words})\s*$", re.I) for hedge, words in _SAID_BEFORE.items()}
_OR_SO = re.compile(r"\s(?:\w+\s)?or so\b")
_FALLS = re.compile(
    r"\b(?:loss(?:es)?|lost|decreas\w+|declin\w+|fell|fall(?:s|en|ing)?|drop\w*|down|negative|reduc\w+|deficit|minus|below"
    r"|outflow\w*|used|lower|shrank|shrunk|payments?|paid|cut)\b",
    re.I,
)
_TENTH = Decimal("0.1")
_NEAR = Decimal("0.025")  # by which a hedged number may differ from what it stands for
_FAR = Decimal("0.1")  # by which "more than" may fall short
_FEWEST_DIGITS = 2  # that a number without a hedge must say to be taken for a rounded one


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number within a text, without its sign.

    `step` is what its last digit is worth: 0.1 billion for "1.5 billion". `others` are what it may mean as well: in
    "5 to 10 million", 5 million.
    """

    start: int
    end: int
    value: Decimal
    step: Decimal = Decimal(1)
    unit: str = ""
    factor: Decimal = Decimal(1)  # how much of `unit` one is worth, of what can be converted
    hedge: Hedge = ""
    form: Form = ""
    is_negative: bool = False
    in_brackets: bool = False
    is_vague: bool = False  # said too often to be a value: "one", "first"
    others: tuple[Decimal, ...] = ()


def quantities(text: str) -> list[Quantity]:
    """Return the numbers of a text, in order: digits, spelled ones, ordinals, fractions in words."""
    found = [*_year_pairs(text), *_short_years(text)]
    taken = {at for one in found for at in range(one.start, one.end)}
    for read in (_from_digits, _in_words):
        for one in read(text):
            if taken.isdisjoint(range(one.start, one.end)):
                found.append(one)
                taken.update(range(one.start, one.end))
    return _ranged(sorted(found, key=lambda one: one.start), text)


def bears_out(evidence: Sequence[Quantity], claim: Quantity, *, scale: int = 0, falls: bool = False) -> bool:
    """Tell whether one of the quantities of the evidence is what a claim's quantity says, or is rounded to it.

    Args:
        scale: power of ten of the numbers of a table that say none themselves: 6 where it is "in millions".
        falls: whether the evidence or the claim speaks of a fall or a loss: then a minus may be left out.
    """
    return any(_bears_out(one, claim, scale, falls) for one in evidence)


def falls(text: str) -> bool:
    """Tell whether a text speaks of a fall or a loss."""
    return _FALLS.search(text) is not None


def _bears_out(one: Quantity, claim: Quantity, scale: int, falls: bool) -> bool:
    if claim.form in {"decade", "century"} and one.form == "year":
        span = 10 if claim.form == "decade" else 100
        first = claim.value if claim.form == "decade" else (claim.value - 1) * 100
        return first <= one.value < first + span
    if {claim.form, one.form} & {"decade"} and claim.form != one.form:
        return False
    if claim.is_negative != one.is_negative and not (falls or one.in_brackets or claim.in_brackets):
        return False
    if claim.unit and one.unit and claim.unit != one.unit:
        return False
    is_exact = "year" in {claim.form, one.form} and not claim.unit and not one.unit
    for value in (one.value, *one.others):
        for said in (claim.value, *claim.others):
            for read in _readings(value, one, claim, scale):
                converted = claim.unit == one.unit and claim.factor != one.factor
                if read == said or (not is_exact and _rounds_to(read, one, claim, said, is_converted=converted)):
                    return True
    return False


def _readings(value: Decimal, one: Quantity, claim: Quantity, scale: int) -> Iterator[Decimal]:
    """Yield what a value of the evidence may be in the claim's unit."""
    if claim.unit == one.unit and claim.factor != one.factor:
        yield value * one.factor / claim.factor
        return
    yield value
    if scale and one.unit != PERCENT and not one.form:
        yield value.scaleb(scale)
    if claim.unit == PERCENT and not one.unit and value <= 1:
        yield value * 100


def _rounds_to(value: Decimal, one: Quantity, claim: Quantity, said: Decimal, *, is_converted: bool) -> bool:
    """Tell whether a value is said by a claim in fewer digits."""
    if not value or not said or claim.form == "ordinal":
        return False
    step = claim.step
    is_hedged = bool(claim.hedge) or is_converted or claim.form == "fraction" or one.form == "fraction"
    if is_hedged and step == 1 and said == said.to_integral_value():
        step = _worth_of_zeros(said)
    if claim.hedge == "over":
        return said < value and (abs(value - said) <= value * _FAR or value // step * step == said)
    if claim.hedge == "under" and said < value:
        return False
    says_no_more = _worth_of_zeros(said) >= _worth_of_zeros(value) and _is_round(said)
    is_other_measure = is_converted or "fraction" in {claim.form, one.form}
    if is_hedged and abs(value - said) <= value * _NEAR and (is_other_measure or says_no_more):
        return True
    if _rounded(value, step) != said or (one.step >= step and not is_converted):
        return False
    says_enough = len((said / step).to_integral_value().as_tuple().digits) >= _FEWEST_DIGITS
    return is_hedged or (says_enough and (step != 1 or claim.unit == PERCENT or one.step < 1))


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    return ((value / step) + Decimal("0.5")).to_integral_value(rounding="ROUND_FLOOR") * step


def _is_round(value: Decimal) -> bool:
    """Tell whether a number is one that people say for others near it: 61,000 or 1,250, not 60,001."""
    return any(len(one.normalize().as_tuple().digits) <= _FEWEST_DIGITS for one in (value, value / 5))


def _worth_of_zeros(value: Decimal) -> Decimal:
    """Return what the last digit that is not 0 is worth: 100 for 1,500."""
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


# ------------------------------------------------------------------------------------------------------ reading


def _from_digits(text: str) -> Iterator[Quantity]:
    for match in _DIGITS.finditer(text):
        said = match.group()
        if match["european"]:
            said = said.replace(".", "").replace(",", ".")
        elif match["grouped"]:
            said = re.sub(f"[{_GAPS}]", "", said)
        value = Decimal(said)
        exponent = value.as_tuple().exponent
        step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
        one = Quantity(*match.span(), value, step)
        yield _described(one, text, is_plain=bool(match["plain"]) and said.isdigit() and len(said) == 4)


def _described(one: Quantity, text: str, *, is_plain: bool) -> Quantity:
    """Return a number with its sign, scale, unit and hedge; `is_plain`: four digits, as years are written."""
    start, end, power = one.start, one.end, 0
    unit, factor, form = "", Decimal(1), one.form
    if before := BEFORE.search(text[max(0, start - 6) : start]):
        unit, start = CURRENCY[before["currency"]], start - len(before.group())
    if scale := SCALE.match(text, end):
        power, end = SCALES[scale["scale"].lower()], scale.end()
    elif letter := LETTER.match(text, end):
        is_scale = bool(unit) or letter.group() == "k" or one.step < 1 or (letter.group().isupper() and one.value > 9)
        if is_scale:
            power, end = LETTER_SCALES[letter.group()], letter.end()
    if percent := AFTER_PERCENT.match(text, end):
        unit, end = PERCENT, percent.end()
    elif points := AFTER_POINTS.match(text, end):
        unit, end, power = PERCENT, points.end(), power - 2
    elif not unit and (after := AFTER_CURRENCY.match(text, end)):
        unit, end = CURRENCY[after["currency"]], after.end()
    elif not unit and (measured := AFTER_MEASURE.match(text, end)):
        unit, factor = measure(measured)
        end = measured.end()
    elif not form:
        form, end = _form(one, text, end, is_plain=is_plain and not power and not unit)
    sign = text[max(0, start - 2) : start]
    return replace(
        one,
        start=start,
        end=end,
        value=one.value.scaleb(power),
        step=one.step.scaleb(power),
        unit=unit,
        factor=factor,
        form=form,
        hedge=_hedge(text, start, end),
        is_negative=sign[-1:] in {"-", "−"} and (len(sign) < 2 or sign[0] in " (\n\t"),
        in_brackets=sign[-1:] == "(" and text[end : end + 1] == ")",
    )


def _form(one: Quantity, text: str, end: int, *, is_plain: bool) -> tuple[Form, int]:
    """Return what kind of number plain digits are, and where they end."""
    if ordinal := _ORDINAL.match(text, end):
        return ("century" if _CENTURY.match(text, ordinal.end()) else "ordinal"), ordinal.end()
    if text[end : end + 1] == "s" and one.value % 10 == 0 and is_plain:
        return "decade", end + 1
    return ("year" if is_plain and 1000 <= one.value < 2200 else ""), end


def _hedge(text: str, start: int, end: int) -> Hedge:
    before = text[max(0, start - 24) : start]
    said: Hedge = next((hedge for hedge, pattern in _HEDGES.items() if pattern.search(before)), "")
    return said or ("about" if _OR_SO.match(text, end) else "")


def _year_pairs(text: str) -> Iterator[Quantity]:
    """Yield both years of "1914-18"."""
    for match in _YEARS.finditer(text):
        if int(match["to"]) > int(match["from"]):
            for digits, (start, end) in (("from", (match.start(), match.end("from"))), ("to", match.span("to"))):
                yield Quantity(start, end, Decimal(match["first"] + match[digits]), form="year")


def _short_years(text: str) -> Iterator[Quantity]:
    """Yield the years of "FY18", "FY2018" and "'18", and the quarter of "Q3"."""
    for match in _SHORT_YEAR.finditer(text):
        of = 1 if match[1] else 2
        yield Quantity(*match.span(of), Decimal(f"20{match[of]}"), form="year", others=(Decimal(f"19{match[of]}"),))
    for match in _FULL_YEAR.finditer(text):
        yield Quantity(*match.span(1), Decimal(match[1]), form="year")
    for match in _QUARTER.finditer(text):
        of = 1 if match[1] else 2
        yield Quantity(*match.span(of), Decimal(match[of]), form="ordinal")


def _in_words(text: str) -> Iterator[Quantity]:
    for one in spelled(text):
        if one.kind == "fraction":
            yield Quantity(one.start, one.end, one.value, _TENTH, PERCENT, form="fraction", is_vague=one.is_vague)
        elif one.kind == "ordinal":
            form: Form = "century" if _CENTURY.match(text, one.end) else "ordinal"
            yield Quantity(one.start, one.end, one.value, form=form, is_vague=one.is_vague and form == "ordinal")
        else:
            number = _described(Quantity(one.start, one.end, one.value), text, is_plain=False)
            yield replace(number, is_vague=one.is_vague and not number.unit and number.value <= 1)


def _ranged(found: list[Quantity], text: str) -> list[Quantity]:
    """Return the quantities; the first of "5 to 10 million" may mean millions, that of "5-10 %" percent."""
    ranged = []
    for i, one in enumerate(found):
        after = found[i + 1] if i + 1 < len(found) else None
        joined = _JOINED.match(text, one.end)
        is_range = after is not None and joined is not None and joined.end() == after.start
        if after is not None and is_range and not one.form and one.factor == 1:
            power = _power(after.step)
            others = (one.value.scaleb(power),) if power > 0 >= _power(one.step) else one.others
            unit, factor = (one.unit, one.factor) if one.unit else (after.unit, after.factor)
            ranged.append(replace(one, others=others, unit=unit, factor=factor))
        else:
            ranged.append(one)
    return ranged


def _power(step: Decimal) -> int:
    """Return the power of ten of the scale in which a step of a whole number or its decimals was said."""
    exponent = step.adjusted()
    return 0 if exponent <= 0 else -(-exponent // 3) * 3
