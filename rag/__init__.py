"""Footnote: ask your PDFs, and read answers whose every sentence is footnoted to the line that supports it.

    from rag import Library

    library = Library("default")
    library.add("report.pdf")
    answer = library.ask("What was the revenue in 2022?")

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.library import Library
    from rag.places import available_libraries

__all__ = ["Library", "available_libraries"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Library":
        from rag.library import Library  # noqa: PLC0415  (kept out of `footnote --help`)

        return Library
    if name == "available_libraries":
        from rag.places import available_libraries  # noqa: PLC0415

        return available_libraries
    raise AttributeError(f"module 'rag' has no attribute {name!r}")
