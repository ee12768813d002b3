"""Units of quantities: what stands before or after a number, and what it is worth. Pure; tables and their patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

PERCENT = "%"
SCALES = {
    "hundred": 2,
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "trillion": 12,
    "k": 3,
    "mn": 6,
    "bn": 9,
    "tn": 12,
    "lakh": 5,
    "crore": 7,
}  # word to the power of ten
LETTER_SCALES = {"K": 3, "k": 3, "M": 6, "m": 6, "B": 9, "b": 9, "T": 12, "t": 12}  # glued to a number: "$5.2B"
_CURRENCIES = {
    "$": "$ US$ C$ A$ HK$ USD dollar dollars",
    "€": "€ EUR euro euros",
    "£": "£ GBP sterling",
    "¥": "¥ JPY CNY yen yuan renminbi",
    "₹": "₹ INR Rs rupee rupees",
    "CHF": "CHF franc francs",
}
CURRENCY = {word: sign for sign, words in _CURRENCIES.items() for word in words.split()}
_MEASURES = {
    "m": "mm .001 millimetre .001 millimeter .001 cm .01 centimetre .01 centimeter .01 m 1 metre 1 meter 1 km 1000"
    " kilometre 1000 kilometer 1000 mile 1609.344 mi 1609.344 foot .3048 feet .3048 ft .3048 inch .0254 inches .0254"
    " yard .9144",
    "kg": "mg .000001 g .001 gram .001 kg 1 kilogram 1 tonne 1000 lb .453592 lbs .453592 ounce .02835 oz .02835",
    "s": "second 1 minute 60 hour 3600 day 86400 week 604800",
    "months": "month 1 year 12 decade 120",
    "B": "KB 1000 kB 1000 MB 1000000 GB 1000000000 TB 1000000000000",
    "W": "W 1 watt 1 kW 1000 kilowatt 1000 MW 1000000 megawatt 1000000 GW 1000000000 gigawatt 1000000000",
    "Wh": "kWh 1000 MWh 1000000 GWh 1000000000 TWh 1000000000000",
    "m2": "hectare 10000 ha 10000 acre 4046.86",
    "celsius": "°C 1 Celsius 1",
    "fahrenheit": "°F 1 Fahrenheit 1",
    "before": "BC 1 BCE 1 B.C. 1",
    "after": "AD 1 CE 1 A.D. 1",
}
MEASURES: dict[str, tuple[str, Decimal]] = {}  # word to what it measures, and how much of that it is
for _dimension, _listed in _MEASURES.items():
    _parts = _listed.split()
    for _word, _factor in zip(_parts[::2], _parts[1::2], strict=True):
        MEASURES[_word] = (_dimension, Decimal(_factor))
        if _word.isalpha() and _word.islower() and len(_word) > 2:
            MEASURES[f"{_word}s"] = (_dimension, Decimal(_factor))


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


BEFORE = re.compile(rf"(?P<currency>{_any_of(w for w in CURRENCY if not w.islower())})\.?\s?$")
SCALE = re.compile(rf"(?:\s|-)?(?P<scale>{_any_of(w for w in SCALES if len(w) > 1)})(?:s\b|\b)", re.I)
LETTER = re.compile(r"(?P<letter>[KkMmBbTt])(?![^\W_])")
AFTER_PERCENT = re.compile(r"\s?%|(?:\s|-)(?:per\s?cent|pct|percentage[\s-]points?)\b", re.I)
AFTER_POINTS = re.compile(r"(?:\s|-)(?:basis points?|bps)\b", re.I)
AFTER_CURRENCY = re.compile(rf"\s?(?:U\.?S\.? )?(?P<currency>{_any_of(CURRENCY)})(?![^\W_])")
AFTER_MEASURE = re.compile(
    rf"(?:\s|-)?(?:(?P<power>square|sq\.?|cubic)\s)?(?:degrees )?(?P<measure>{_any_of(MEASURES)})(?P<raised>[²2³])?"
    r"(?![^\W_])"
)


def measure(found: re.Match[str]) -> tuple[str, Decimal]:
    """Return what a match of AFTER_MEASURE measures, and how much of that it is: ("m2", 1000000) for "square km"."""
    power = {"²": 2, "2": 2, "³": 3, "s": 2, "c": 3}.get(found["raised"] or (found["power"] or "")[:1], 1)
    dimension, factor = MEASURES[found["measure"]]
    return (dimension, factor) if power == 1 else (f"{dimension}{power}", factor**power)
