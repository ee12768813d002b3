"""What a user can set, read once at the edge (command line, page) and handed down as plain values.

Order: the environment (`FOOTNOTE_THREADS=4`), then `footnote.toml` in the working folder or in the user's
configuration folder, then the default. Stages never read this.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from rag.errors import InputError

_DEVICE = re.compile(r"auto|cpu|cuda(:\d{1,3})?|mps")
_LEAST = {"threads": 0, "port": 1}
_MOST = {"threads": 1024, "port": 65_535}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default."""

    library: str = "default"  # name or folder
    encoder: str = ""  # a sentence-transformers folder or hub id; empty: the built-in one
    device: str = "auto"  # auto, cpu, cuda, cuda:N, mps
    threads: int = 0  # threads of the networks; 0: one a core, at most 8
    port: int = 8501  # of the page; the next free one when it is taken


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Raises:
        InputError: a value of the wrong kind or out of its range, or a name that is not a setting.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for path in (user_config_path("footnote") / "footnote.toml", Path("footnote.toml")):
        values |= _read_toml(path)
    for field in fields(Settings):
        raw = environment.get(f"FOOTNOTE_{field.name.upper()}")
        if raw is not None:
            values[field.name] = _as_type(field.name, raw, type(field.default), "the environment")
    return Settings(**values)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise InputError(f"{path} cannot be read: {exc}. Correct it or move it away.") from exc
    known = {field.name: type(field.default) for field in fields(Settings)}
    for name in table:
        if name not in known:
            raise InputError(f"{path} sets {name!r}, which is no setting. Known: {', '.join(known)}.")
    return {name: _as_type(name, value, known[name], str(path)) for name, value in table.items()}


def _as_type(name: str, value: object, kind: type, where: str) -> object:
    """Return the value as the kind that the setting has.

    Raises:
        InputError: it cannot be that; the message says what can.
    """
    text = str(value).strip()
    if name == "device" and not _DEVICE.fullmatch(text):
        raise InputError(f"{where} sets device to {text!r}; it can be auto, cpu, cuda, cuda:0, cuda:1 ... or mps.")
    if kind is not int:
        return text
    try:
        number = int(text)
    except ValueError as exc:
        raise InputError(f"{where} sets {name} to {value!r}; a whole number is needed.") from exc
    if not _LEAST[name] <= number <= _MOST[name]:
        raise InputError(f"{where} sets {name} to {number}; it can be {_LEAST[name]} to {_MOST[name]}.")
    return number
