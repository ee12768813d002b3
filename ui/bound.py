"""Widgets that are bound to settings: what they show is what is set, and a change is saved at once.

A value that the environment or the working folder's file fixes is shown, but cannot be changed. What cannot be saved
stays in its field, with the reason below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from rag import setting_file
from rag.errors import FootnoteError
from rag.settings import OPTIONS, Value, shown
from ui import shelf
from ui.markdown import plain

_STATE = st.session_state
_SAVED, _WRONG = "settings-saved", "settings-wrong"


def news() -> None:
    """Say once that something was saved."""
    said = _STATE.pop(_SAVED, None)
    if said:
        st.toast(said)


def fixed(name: str) -> str | None:
    """Return what fixes a setting so that it cannot be changed here; None: nothing does."""
    return setting_file.fixed_by(shelf.current().known_settings(), name)


def save(values: Mapping[str, Value]) -> None:
    """Save the values that differ from what is set; the next run says how that went."""
    _STATE.pop(_WRONG, None)
    now = shelf.current().known_settings().settings
    try:
        setting_file.change_all({name: value for name, value in values.items() if value != getattr(now, name)})
    except FootnoteError as exc:
        _STATE[_WRONG] = (dict(values), str(exc))
        return
    waits = any(OPTIONS[name].waits for name in values)
    _STATE[_SAVED] = "Saved. It counts from the next start on." if waits else "Saved."


def toggle(name: str, label: str) -> None:
    """Show a switch."""
    st.toggle(label, **_bound(name))
    below(name)


def slider(name: str, label: str, step: float) -> None:
    """Show a slider from the least to the most that the setting can be."""
    option = OPTIONS[name]
    st.slider(label, float(option.least), float(option.most), step=step, **_bound(name, lambda value: round(value, 2)))
    below(name)


def number(name: str, label: str) -> None:
    """Show a field for a whole number."""
    option = OPTIONS[name]
    st.number_input(label, int(option.least), int(option.most), step=1, width=200, **_bound(name))
    below(name)


def choice(name: str, label: str, titles: Mapping[str, str]) -> None:
    """Show values side by side, one of which is chosen."""
    st.segmented_control(label, list(titles), format_func=lambda value: titles[value], required=True, **_bound(name))
    below(name)


def pick(name: str, label: str, titles: Mapping[str, str]) -> None:
    """Show values in a list, one of which is chosen: for titles that are too long to stand side by side."""
    st.selectbox(label, list(titles), format_func=lambda value: titles[value], **_bound(name))
    below(name)


def text(
    name: str,
    label: str,
    *,
    placeholder: str = "",
    besides: Mapping[str, Value] | None = None,
    never: str | None = None,
) -> None:
    """Show a field for text.

    Args:
        besides: is saved with it.
        never: a value that is shown as nothing: it has a meaning of its own.
    """
    bound = _bound(name, besides=besides)
    if _STATE[bound["key"]] == never:
        _STATE[bound["key"]] = ""
    st.text_input(label, placeholder=placeholder, **bound)
    below(name)


def secret(name: str, label: str) -> None:
    """Show a field that takes a secret and never shows it."""
    has_one = bool(shown(shelf.current().known_settings().settings, name))
    reason, key = fixed(name), f"setting-{name}"
    _STATE[key] = ""

    def keep() -> None:
        if _STATE[key]:
            save({name: _STATE[key]})

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            label,
            type="password",
            autocomplete="off",
            placeholder="••• is kept; type a new one to replace it" if has_one else "none",
            key=key,
            on_change=keep,
            disabled=reason is not None,
        )
        if has_one and reason is None:
            st.button("Forget it", on_click=save, args=({name: ""},), key=f"forget-{name}")
    below(name)


def below(name: str) -> None:
    """Say what fixes a setting, or why the last change of it could not be saved."""
    reason = fixed(name)
    if reason:
        st.caption(plain(f"This is {reason}, and cannot be changed here."))
    values, why = _STATE.get(_WRONG, ({}, ""))
    if name in values:
        st.error(plain(why))


def _bound(
    name: str, tidy: Callable[[Any], Value] | None = None, *, besides: Mapping[str, Value] | None = None
) -> dict[str, Any]:
    """Return what binds a widget to a setting."""
    key = f"setting-{name}"
    typed, _ = _STATE.get(_WRONG, ({}, ""))
    is_fixed, value = fixed(name) is not None, getattr(shelf.current().known_settings().settings, name)
    _STATE[key] = value if is_fixed else typed.get(name, value)

    def keep() -> None:
        given = _STATE[key]
        save({**(besides or {}), name: tidy(given) if tidy else given})

    return {"key": key, "on_change": keep, "disabled": is_fixed}
