"""Where things lie on disk: libraries by name, the sample document. Standard library and platformdirs only."""

from __future__ import annotations

import os
import re
from pathlib import Path

from platformdirs import user_data_path

from rag.errors import InputError

SAMPLE = "sample"  # the library of the primer
DEFAULT = "default"  # the library of what a user drops

_NAME = re.compile(r"[^\W_][\w .-]{0,63}")


def libraries_folder() -> Path:
    """Return the folder that holds the named libraries.

    `$FOOTNOTE_HOME/libraries`, else `indexes/` of a checkout, else the user's data folder.
    """
    home = os.environ.get("FOOTNOTE_HOME")
    if home:
        return Path(home).expanduser() / "libraries"
    checkout = Path(__file__).parent.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "indexes").is_dir():
        return checkout / "indexes"
    return user_data_path("footnote") / "libraries"


def library_folder(where: str | Path) -> Path:
    """Return the folder of a library that is given by name or by folder.

    What is a `Path`, or holds a separator or begins with a dot, is a folder; all else is a name.

    Raises:
        InputError: a name that cannot be a folder's.
    """
    if isinstance(where, Path) or any(mark in where for mark in ("/", os.sep)) or where.startswith((".", "~")):
        return Path(where).expanduser().absolute()
    if not is_name(where):
        raise InputError(f"{where!r} cannot name a library: use letters, digits, spaces, '.', '_' and '-', at most 64.")
    return libraries_folder() / where


def is_name(text: str) -> bool:
    """Tell whether this can name a library."""
    return _NAME.fullmatch(text) is not None and not text.endswith((".", " "))


def available_libraries() -> list[str]:
    """Return the names of the libraries that exist, in alphabetical order."""
    folder = libraries_folder()
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if is_name(path.name) and (path / "catalog.sqlite").is_file())


def asset(name: str) -> Path:
    """Return the path of a file that comes with the package."""
    return Path(__file__).parent / "assets" / name
