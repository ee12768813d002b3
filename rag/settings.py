"""What a user can set, read once at the edge (command line, page) and handed down as plain values.

Order: the environment (`FOOTNOTE_THREADS=4`), then `footnote.toml` in the working folder, then the user's own
`footnote.toml`, then the default. A key, and the model on a server, are taken only from where the server is set or from
what comes before that: a folder that names a server of its own does not get the user's key. Stages never read this.
`setting_file` writes the user's own file.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from platformdirs import user_config_path

from rag.errors import InputError

if TYPE_CHECKING:
    from rag.answer.language import ModelChoice
    from rag.types import Length, Manner, ReaderName

Value = str | int | float | bool

DEFAULT = "default"  # where a value comes from: these two, or the path of a file
ENVIRONMENT = "environment"
FILE_NAME = "footnote.toml"
BUILT_IN = "built-in"  # what the other model is called when it is that one
OF_SERVER = ("server_model", "server_key")  # they belong to the server that they were given for

_HIDDEN = "•••"
_DEVICE = re.compile(r"auto|cpu|cuda(:\d{1,3})?|mps")
_OCR = re.compile(r"[A-Za-z][\w/-]{1,30}(\+[A-Za-z][\w/-]{1,30}){0,7}")
_MAX_STYLE = 120  # characters: the model reads them with every question
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


@dataclass(frozen=True, slots=True)
class Option:
    """What there is to know of a setting besides its value."""

    does: str
    default: Value
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 0
    is_secret: bool = False  # never shown
    waits: bool = False  # a program that runs takes it up at its next start


def _option(default: Value, does: str, **known: Any) -> Any:
    return field(default=default, metadata={"option": Option(does, default, **known)})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default and what it does."""

    library: str = _option("default", "the library that is opened: a name or a folder", waits=True)
    model: str = _option("", "language model: empty for the built-in one, none, a hub id, or a folder")
    adapter: str = _option(
        "auto",
        "what the language model was taught for Footnote: auto for what is shipped with the built-in one, off, or a"
        " folder that `footnote train llm` wrote",
    )
    server: str = _option(
        "", "address of an OpenAI-compatible server to use instead, such as http://localhost:11434/v1"
    )
    server_model: str = _option("", "the model to use on that server; empty: its first one")
    server_key: str = _option("", "the server's key, if it asks for one", is_secret=True)
    grounded: bool = _option(True, "also answer in the language model's words, checked against the passages")
    compare: bool = _option(True, "offer the language model's answer without the documents, to compare")
    length: Length = _option(  # noqa: RUF009  (it is dataclasses.field)
        "normal",
        "how long answers are; close: as close to the documents' words as the model can",
        choices=("succinct", "normal", "detailed", "close"),
    )
    compare_left: ReaderName = _option(  # noqa: RUF009
        "grounded",
        "what stands on the left of a comparison: the documents' own words (extractive), the language model with them"
        " (grounded) or without (ungrounded), or another model with them (other)",
        choices=("grounded", "ungrounded", "extractive", "other"),
    )
    compare_right: ReaderName = _option(  # noqa: RUF009
        "ungrounded", "what stands on the right of it", choices=("grounded", "ungrounded", "extractive", "other")
    )
    other_model: str = _option(
        "",
        "another language model to compare with: built-in, a hub id, or a folder; where a server is set, the name of"
        " another model there",
    )
    style: str = _option("", "a manner for the language model to write in, such as: as a pirate; empty: plainly")
    strict: str = _option(
        "auto",
        "whether sentences of the language model that the documents do not bear out are left out; auto: those of the"
        " built-in one",
        choices=("auto", "on", "off"),
    )
    threshold: float = _option(
        0.0,
        "leave out passages whose relevance (how probably they answer; without one, their similarity) is less than"
        " this; 0: read all that are found",
        most=0.95,
    )
    theme: str = _option(
        "system", "how the page looks; system: as the computer does", choices=("system", "light", "dark")
    )
    watch: str = _option("", "a folder whose PDFs are added to the library as they appear; empty: none", waits=True)
    ocr: str = _option(
        "eng", "languages of scanned pages, as tesseract calls them: eng, deu, eng+deu; none: leave them", waits=True
    )
    encoder: str = _option("", "the model of meaning-search: a sentence-transformers folder or hub id", waits=True)
    reranker: str = _option(
        "",
        "a cross-encoder that reads the best passages once more: a sentence-transformers folder or hub id; empty: none",
        waits=True,
    )
    rerank: int = _option(50, "how many of the best passages the reranker reads", least=1, most=1000, waits=True)
    rerank_seconds: float = _option(
        2.0,
        "how long the reranker may read for a question; what it has not read by then keeps its place",
        least=0.1,
        most=600,
        waits=True,
    )
    reader: str = _option(
        "auto",
        "whether a built-in network reads the best passages, to rank them and to mark what answers; off: rules alone",
        choices=("auto", "off"),
        waits=True,
    )
    checker: str = _option(
        "auto",
        "whether a built-in network judges each claim of an answer by what it cites; off: rules alone",
        choices=("auto", "off"),
        waits=True,
    )
    device: str = _option("auto", "where models run: auto, cpu, cuda, cuda:N or mps", waits=True)
    threads: int = _option(0, "threads of the models; 0: one a core, at most 8", most=1024, waits=True)
    port: int = _option(8501, "port of the page; the next free one when it is taken", least=1, most=65_535, waits=True)

    def __repr__(self) -> str:
        """Return the values without the secret ones: this may end in a log."""
        return f"Settings({', '.join(f'{name}={shown(self, name)!r}' for name in OPTIONS)})"


OPTIONS: dict[str, Option] = {f.name: f.metadata["option"] for f in fields(Settings)}


@dataclass(frozen=True, slots=True)
class Known:
    """The settings of a process, and where each comes from."""

    settings: Settings
    sources: dict[str, str]  # name -> "environment", "default", or the path of a file


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process.

    Raises:
        InputError: a value of the wrong kind or out of its range, or a name that is not a setting.
    """
    return known(environment).settings


def sources(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return where each setting comes from: "environment", the path of a file, or "default"."""
    return known(environment).sources


def known(environment: Mapping[str, str] | None = None) -> Known:
    """Return the settings of this process with where they come from.

    Raises:
        InputError: as `load_settings`.
    """
    environment = os.environ if environment is None else environment
    values = {name: option.default for name, option in OPTIONS.items()}
    origins = dict.fromkeys(OPTIONS, DEFAULT)
    tables = {str(path): _read_toml(path) for path in files(environment)}  # the strongest last
    tables[ENVIRONMENT] = _read_environment(environment)
    for source, table in tables.items():
        if "server" in table:  # what weaker sources say of a server, they say of another one
            values |= {name: OPTIONS[name].default for name in OF_SERVER}
            origins |= dict.fromkeys(OF_SERVER, DEFAULT)
        values |= table
        origins |= dict.fromkeys(table, source)
    return Known(Settings(**values), origins)  # type: ignore[arg-type]


def model_choice(settings: Settings) -> ModelChoice:
    """Return which language model the settings ask for."""
    from rag.answer.language import ModelChoice  # noqa: PLC0415  (a command without a language model starts without it)

    return ModelChoice(
        model=settings.model,
        server=settings.server,
        server_model=settings.server_model,
        server_key=settings.server_key,
        device=settings.device,
        n_threads=settings.threads or None,
        adapter=settings.adapter or "auto",
    )


def other_choice(settings: Settings) -> ModelChoice | None:
    """Return the other language model that comparisons may ask; None where none is set."""
    from rag.answer.language import ModelChoice  # noqa: PLC0415

    named = settings.other_model
    if not named:
        return None
    if named == BUILT_IN:
        return ModelChoice(device=settings.device, n_threads=settings.threads or None)
    if settings.server and not Path(named).expanduser().exists():
        return replace(model_choice(settings), server_model=named)
    return ModelChoice(model=named, device=settings.device, n_threads=settings.threads or None)


def manner(settings: Settings, *, is_fast: bool = False) -> Manner:
    """Return how the settings want answers."""
    from rag.types import Manner  # noqa: PLC0415  (it brings numpy)

    is_strict = settings.strict == "on" or (settings.strict == "auto" and model_choice(settings).kind == "built-in")
    return Manner(settings.length, settings.threshold, is_fast, is_strict, settings.style)


def variable(name: str) -> str:
    """Return what a setting is called in the environment."""
    return f"FOOTNOTE_{name.upper()}"


def users_file(environment: Mapping[str, str] | None = None) -> Path:
    """Return the user's own file: in `$FOOTNOTE_HOME` when that is set, else in the user's configuration folder."""
    home = (os.environ if environment is None else environment).get("FOOTNOTE_HOME")
    return (Path(home).expanduser().absolute() if home else user_config_path("footnote")) / FILE_NAME


def files(environment: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Return the files that settings may stand in, the strongest last: the user's own, the working folder's."""
    return tuple(dict.fromkeys((users_file(environment), Path(FILE_NAME).absolute())))


def option_of(name: str) -> Option:
    """Return what there is to know of a setting.

    Raises:
        InputError: there is no such setting.
    """
    if name not in OPTIONS:
        raise InputError(f"There is no setting {name!r}. Known: {', '.join(OPTIONS)}.")
    return OPTIONS[name]


def shown(settings: Settings, name: str) -> str:
    """Return a value as a person reads it; a secret one is hidden."""
    value = getattr(settings, name)
    if OPTIONS[name].is_secret and value:
        return _HIDDEN
    return str(value).lower() if isinstance(value, bool) else str(value)


def checked(name: str, value: object) -> Value:
    """Return the value as the kind that the setting has.

    Raises:
        InputError: there is no such setting, or it cannot be that; the message says what it can be.
    """
    option = option_of(name)
    if isinstance(value, (list, dict)):
        raise InputError(f"{name} cannot be a list or a table: one value is needed.")
    if isinstance(option.default, bool):
        return _as_bool(name, value)
    if isinstance(option.default, (int, float)):
        return _as_number(name, value, option)
    return _as_text(name, str(value).strip(), option)


def _as_bool(name: str, value: object) -> bool:
    text = str(value).strip().lower()
    if text not in _TRUE + _FALSE:
        raise InputError(f"{name} cannot be {value!r}: it can be true or false (also 1 or 0, yes or no, on or off).")
    return text in _TRUE


def _as_number(name: str, value: object, option: Option) -> int | float:
    is_whole = isinstance(option.default, int)
    kind = "a whole number" if is_whole else "a number"
    try:
        number = int(str(value)) if is_whole else float(str(value))
    except ValueError as exc:
        raise InputError(f"{name} cannot be {value!r}: {kind} is needed, {option.least} to {option.most}.") from exc
    if not option.least <= number <= option.most:
        raise InputError(f"{name} cannot be {number}: it can be {option.least} to {option.most}.")
    return number


def _as_text(name: str, text: str, option: Option) -> str:
    if option.is_secret:
        if not (text.isascii() and text.isprintable()):  # it travels in a header
            raise InputError(f"{name} holds characters that no key has. Copy it again, without line ends.")
        return text
    if option.choices and text not in option.choices:
        raise InputError(
            f"{name} cannot be {text!r}: it can be {', '.join(option.choices[:-1])} or {option.choices[-1]}."
        )
    if name == "device" and not _DEVICE.fullmatch(text):
        raise InputError(f"device cannot be {text!r}: it can be auto, cpu, cuda, cuda:0, cuda:1 … or mps.")
    if name == "style" and len(text) > _MAX_STYLE:
        raise InputError(f"style can have at most {_MAX_STYLE} characters; this one has {len(text)}. Shorten it.")
    if name == "ocr" and not _OCR.fullmatch(text):
        raise InputError(
            f"ocr cannot be {text!r}: give languages as tesseract calls them, such as eng, deu or eng+deu, or none. "
            "Those that it has: tesseract --list-langs."
        )
    if name == "style":  # one line: it stands in a prompt
        return " ".join(text.split())
    return _as_address(text) if name == "server" and text else text


def _as_address(text: str) -> str:
    """Return the address of a server without a slash at its end."""
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, a broken IPv6 address
        is_address = False
    if not is_address or parts.query or parts.fragment or any(c.isspace() or not c.isprintable() for c in text):
        raise InputError(
            f"server cannot be {text!r}: give the address where its API begins, with http:// or https://, such as "
            "http://localhost:11434/v1."
        )
    if parts.username or parts.password:
        raise InputError("server cannot hold a name or password: it is shown on the page. Put the key in server_key.")
    return text.rstrip("/")


def _read_environment(environment: Mapping[str, str]) -> dict[str, Value]:
    given = {name: environment[variable(name)] for name in OPTIONS if variable(name) in environment}
    return {name: _placed(name, raw, f"the environment ({variable(name)})") for name, raw in given.items()}


def _read_toml(path: Path) -> dict[str, Value]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise InputError(f"{path} cannot be read: {exc}. Correct it or move it away.") from exc
    for name in table:
        if name not in OPTIONS:
            raise InputError(f"{path} sets {name!r}, which is no setting. Known: {', '.join(OPTIONS)}.")
    return {name: _placed(name, value, str(path)) for name, value in table.items()}


def _placed(name: str, value: object, where: str) -> Value:
    """Return the checked value; an error says where it stands."""
    try:
        return checked(name, value)
    except InputError as exc:
        raise InputError(f"{exc} It is set in {where}.") from exc
