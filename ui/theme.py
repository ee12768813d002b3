"""How it looks: warm paper, ink, a rubricator's red for what is doubtful, a marker's yellow for what is lit.

In the light or in the dark: as the computer does, or always the one that the settings ask for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamlit import config

_SERIF = "serif"  # Source Serif comes with Streamlit; nothing is fetched
_LIGHT = {
    "primaryColor": "#1d5c63",
    "backgroundColor": "#fdfcf9",
    "secondaryBackgroundColor": "#f4f1ea",
    "textColor": "#23211d",
    "borderColor": "#e4dfd4",
    "linkColor": "#1d5c63",
}
_DARK = {
    "primaryColor": "#7fc4c0",
    "backgroundColor": "#1a1917",
    "secondaryBackgroundColor": "#24221f",
    "textColor": "#ece7dc",
    "borderColor": "#3a3732",
    "linkColor": "#8ccfca",
}


_ALL = {
    "headingFont": _SERIF,
    "baseRadius": "0.6rem",
    "buttonRadius": "0.6rem",
    "showWidgetBorder": True,
    "showSidebarBorder": True,
    "linkUnderline": False,
}


def theme_options(wanted: str = "system") -> dict[str, Any]:
    """Return the theme as configuration options.

    Args:
        wanted: light or dark, always; or system: as the computer does, unless the page's own menu was used.
    """
    options: dict[str, Any] = {f"theme.{option}": value for option, value in _ALL.items()}
    for name, colours in (("light", _LIGHT), ("dark", _DARK)):
        options |= _section(f"theme.{name}", colours if wanted == "system" else dict.fromkeys(colours))
    fixed = {"light": _LIGHT, "dark": _DARK}.get(wanted)
    options |= _section("theme", fixed or dict.fromkeys(_LIGHT))
    return options | {"theme.base": wanted if fixed else None}


def _section(name: str, colours: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the options of one section: the page, and the sidebar with the two paper colours exchanged."""
    return {
        **{f"{name}.{option}": colour for option, colour in colours.items()},
        f"{name}.sidebar.backgroundColor": colours["secondaryBackgroundColor"],
        f"{name}.sidebar.secondaryBackgroundColor": colours["backgroundColor"],
    }


def apply(wanted: str) -> bool:
    """Make every page look so from its next run on; tell whether that changed anything.

    Streamlit sends the theme with each run, and the page takes it up when it differs. `streamlit.config` is what its
    own command line sets options with; `st.set_option` refuses those of the theme (1.67, streamlit#14172).
    """
    changed = {name: value for name, value in theme_options(wanted).items() if config.get_option(name) != value}
    for name, value in changed.items():
        config.set_option(name, value)
    return bool(changed)
