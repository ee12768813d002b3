"""`footnote config`: what is set, where that comes from, and setting it."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from rag import setting_file
from rag.commands.common import put, put_json, tell, wants_json
from rag.settings import DEFAULT, OPTIONS, Known, Settings, known, option_of, shown, users_file


def config(arguments: argparse.Namespace, settings: Settings) -> int:
    """Show every setting, show one, or change one."""
    name: str | None = arguments.name
    if arguments.unset and (name is None or arguments.value is not None):
        arguments.refuse("--unset takes the name of a setting, and no value")
    if name is None:
        _list(arguments)
    elif arguments.unset:
        setting_file.unset(name)
        _changed(arguments, name, settings)
    elif arguments.value is not None:
        setting_file.change(name, _typed(name) if arguments.value == "-" else arguments.value)
        _changed(arguments, name, settings)
    else:
        option_of(name)
        now = known()
        if wants_json(arguments):
            put_json(_record(now, name))
        else:
            put(shown(now.settings, name))
    return 0


def _typed(name: str) -> str:
    """Return a value that is typed unseen, or comes through a pipe: a key then stands in no history of commands."""
    option_of(name)
    return getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline()


def _list(arguments: argparse.Namespace) -> None:
    now = known()
    if wants_json(arguments):
        for name in OPTIONS:
            put_json(_record(now, name))
        return
    for name, option in OPTIONS.items():
        source = now.sources[name]
        value = shown(now.settings, name) or '""'
        put(f"{name} = {value}" + ("" if source == DEFAULT else f"   ({source})"))
        put(f"    {option.does}")
    tell(f"Change one with: footnote config NAME VALUE   ({users_file()})")


def _changed(arguments: argparse.Namespace, name: str, before: Settings) -> None:
    """Say what a setting is now, and when that counts."""
    now = known()
    if wants_json(arguments):
        put_json(_record(now, name))
    when = " A page that is open takes it up at the next start." if OPTIONS[name].waits else ""
    tell(f"{name} is now {shown(now.settings, name) or 'empty'}.{when}")
    if name == "server" and before.server_key and not now.settings.server_key:
        tell("The key of the server before was forgotten: it is not sent to another one.")


def _record(now: Known, name: str) -> dict[str, Any]:
    value = shown(now.settings, name) if OPTIONS[name].is_secret else getattr(now.settings, name)
    return {"name": name, "value": value, "source": now.sources[name], "description": OPTIONS[name].does}
