"""The user's own footnote.toml, changed while the program runs. Comments and order are kept.

In: names and values. Out: the settings as they are then. A value that equals the default is taken out of the file. The
file is written whole under another name and then renamed, readable by its owner alone: it may hold a key.
`LiveSettings` notices changes, also those made by hand.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock

from rag.errors import InputError, StorageError
from rag.settings import (
    DEFAULT,
    ENVIRONMENT,
    OF_SERVER,
    OPTIONS,
    Known,
    Settings,
    Value,
    checked,
    files,
    known,
    option_of,
    users_file,
    variable,
)

log = logging.getLogger(__name__)

_HEAD = "Footnote's settings. `footnote config` lists them all."


class LiveSettings:
    """The settings of now: read again whenever a file or the environment has changed. Safe to share between threads."""

    def __init__(self) -> None:
        self.problem: str | None = None  # why the newest state cannot be read; the last good one is in force
        self._mutex = threading.Lock()
        self._mark: tuple[object, ...] | None = None
        self._known: Known | None = None

    def now(self) -> Known:
        """Return the settings and where they come from.

        Raises:
            InputError: they could never be read yet.
        """
        mark = _mark()
        with self._mutex:
            if self._known is None or mark != self._mark:
                self._known = self._read(self._known)
                self._mark = mark
            return self._known

    def _read(self, last: Known | None) -> Known:
        try:
            self.problem, fresh = None, known()
        except InputError as exc:
            if last is None:
                raise
            log.warning("the settings stay as they were: %s", exc)
            self.problem = str(exc)
            return last
        return fresh


def _mark() -> tuple[object, ...]:
    """Return what differs whenever the settings may."""
    return (*map(_stamp, files()), *(os.environ.get(variable(name)) for name in OPTIONS))


def _stamp(path: Path) -> object:
    try:
        state = path.stat()
    except OSError:
        return path
    return path, state.st_mtime_ns, state.st_size, state.st_ino


def change(name: str, value: Value) -> Settings:
    """Set a value in the user's file; return all settings as they are then.

    Raises:
        InputError: no such setting, a value that it cannot have, or one that is fixed elsewhere.
        StorageError: the file cannot be written.
    """
    return change_all({name: value})


def unset(name: str) -> Settings:
    """Set a value back to its default.

    Raises:
        InputError, StorageError
    """
    return change(name, option_of(name).default)


def change_all(values: Mapping[str, Value]) -> Settings:
    """Set several values at once: all of them, or none. With another server, the key and model of the old one go.

    Raises:
        InputError, StorageError
    """
    wanted = {name: checked(name, value) for name, value in values.items()}
    if "watch" in wanted:
        wanted["watch"] = _existing_folder(str(wanted["watch"]))
    path = users_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=10):
            now = known()
            for name in wanted:
                reason = fixed_by(now, name)
                if reason:
                    raise InputError(f"{name} cannot be changed here: it is {reason}.")
            _write(path.resolve(), _for_another_server(now, wanted) | wanted)
    except OSError as exc:  # also when another process holds the lock for ten seconds
        raise StorageError(f"{path} cannot be written: {exc}. Check the folder's rights and the disk.") from exc
    return known().settings


def _for_another_server(now: Known, wanted: Mapping[str, Value]) -> dict[str, Value]:
    """Return what to forget when the server changes: a key must not reach a server that it was not given for."""
    before = now.settings.server
    if not before or _host(str(wanted.get("server", before))) == _host(before):
        return {}
    return {name: "" for name in OF_SERVER if fixed_by(now, name) is None}


def _host(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


def fixed_by(now: Known, name: str) -> str | None:
    """Return what fixes a setting so that the user's file has no say, in words; None: nothing does."""
    source = now.sources[name]
    if name in OF_SERVER and source == DEFAULT and fixed_by(now, "server") is not None:
        where = now.sources["server"]
        place = f"the environment ({variable(name)})" if where == ENVIRONMENT else where
        return f"to be set where the server is, in {place}"
    if source == ENVIRONMENT:
        return f"set by the environment ({variable(name)})"
    if source == DEFAULT or Path(source).resolve() == users_file().resolve():
        return None
    return f"set in {source}, the file of the working folder"


def _existing_folder(text: str) -> str:
    """Return the whole path of a folder that is to be watched; empty stays empty."""
    if not text:
        return ""
    folder = Path(text).expanduser().absolute()
    if not folder.is_dir():
        raise InputError(f"watch cannot be {text!r}: there is no folder {folder}. Make it first.")
    return str(folder)


def _write(path: Path, values: Mapping[str, Value]) -> None:
    import tomlkit  # noqa: PLC0415  (only when something is written)

    if path.exists():
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    else:
        document = tomlkit.document()
        document.add(tomlkit.comment(_HEAD))
    for name, value in values.items():
        if value == OPTIONS[name].default:
            document.pop(name, None)
        else:
            document[name] = value
    _replace(path, tomlkit.dumps(document))


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
