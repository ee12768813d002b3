"""Another configuration than the one in force, from a file: settings, weights of the signals, or both.

TOML: names of settings as in footnote.toml; a table [weights] with a line a signal: words = 0.3, or
      words = {always = 0.3, table = 0.1}
JSON: a file of weights, as weights.json is
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.retrieve.weights import Weight, Weights, parse
from rag.settings import Settings, checked

_WEIGHTS = "weights"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is measured."""

    settings: Settings
    weights: Weights | None = None  # of the signals; None: those that are shipped


def overridden(settings: Settings, file: Path | None) -> Configuration:
    """Return the settings in force, with what the file says instead.

    Raises:
        InputError: it cannot be read, or names what is no setting.
    """
    if file is None:
        return Configuration(settings)
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix.lower() == ".json":
            return Configuration(settings, parse(text))
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise InputError(f"{file} cannot be read: {exc}. Give a footnote.toml, or a weights.json.") from exc
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InputError(f'{file} is no file of weights ({exc}): {{"signals": {{NAME: {{"always": 0.4}}}}}}') from exc
    told = table.pop(_WEIGHTS, None)
    try:
        values: dict[str, Any] = {name: checked(name, value) for name, value in table.items()}
        weights = None if told is None else _weights(told)
    except InputError as exc:
        raise InputError(f"{exc} It is set in {file}.") from exc
    return Configuration(replace(settings, **values), weights)


def _weights(told: object) -> dict[str, Weight]:
    if not isinstance(told, Mapping) or not told:
        raise InputError("[weights] must be a table with a line a signal: words = 0.3.")
    return {str(name): _weight(str(name), value) for name, value in told.items()}


def _weight(name: str, value: object) -> Weight:
    given = {"always": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    try:
        return Weight(**{key: float(number) for key, number in given.items()})  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError) as exc:
        raise InputError(
            f"The weight of {name!r} cannot be {value!r}: a number is needed, or {{always = 0.3}}."
        ) from exc
