"""How it looks: warm paper, ink, a rubricator's red for what is doubtful, a marker's yellow for what is lit."""

from __future__ import annotations

from typing import Any

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


def theme_options() -> dict[str, Any]:
    """Return the theme as configuration options."""
    options: dict[str, Any] = {
        "theme.headingFont": _SERIF,
        "theme.baseRadius": "0.6rem",
        "theme.buttonRadius": "0.6rem",
        "theme.showWidgetBorder": True,
        "theme.showSidebarBorder": True,
        "theme.linkUnderline": False,
    }
    for name, colours in (("light", _LIGHT), ("dark", _DARK)):
        options |= {f"theme.{name}.{option}": value for option, value in colours.items()}
        options[f"theme.{name}.sidebar.backgroundColor"] = colours["secondaryBackgroundColor"]
        options[f"theme.{name}.sidebar.secondaryBackgroundColor"] = colours["backgroundColor"]
    return options
