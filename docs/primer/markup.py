"""The primer's small markup: text files to blocks.

Blocks are separated by blank lines. `# ` begins a chapter, `## ` a section, `$$ ` is a displayed formula in mathtext,
`!! name | caption` a figure, `Table: caption | widths ...` a table whose rows follow as `| cell | cell |`; anything
else is a paragraph. `key: value` lines right under the chapter's title set its options. Inside text, `*x*` is italic,
`**x**` bold, `_{x}` below the line and `^{x}` above it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Section:
    title: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Equation:
    mathtext: str


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    caption: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first row is its head, widths are in points."""

    caption: str
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Section | Paragraph | Equation | Picture | Grid


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    options: dict[str, str]
    blocks: tuple[Block, ...]

    @property
    def n_columns(self) -> int:
        return int(self.options.get("columns", "1"))

    @property
    def is_numbered(self) -> bool:
        return "plain" not in self.options


def read_chapter(path: Path) -> Chapter:
    """Read one file of the text."""
    head, *rest = re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip())
    title, *options = head.splitlines()
    pairs = (line.split(":", 1) for line in options)
    return Chapter(
        title.removeprefix("# "),
        {key.strip(): value.strip() for key, value in pairs},
        tuple(_block(text) for text in rest),
    )


def _block(text: str) -> Block:
    if text.startswith("## "):
        return Section(text[3:])
    if text.startswith("$$ "):
        return Equation(text[3:])
    if text.startswith("!! "):
        name, caption = text[3:].split(" | ", 1)
        return Picture(name, caption)
    if text.startswith("Table: "):
        head, *lines = text.splitlines()
        caption, widths = head.removeprefix("Table: ").split(" | widths ")
        rows = tuple(tuple(cell.strip() for cell in line.strip("| ").split(" | ")) for line in lines)
        return Grid(caption, tuple(float(width) for width in widths.split()), rows)
    return Paragraph(" ".join(text.split()))


def to_rich_text(text: str, hyphens: dict[str, str]) -> str:
    """Return the inline markup as reportlab's XML, with soft hyphens in the words that `hyphens` knows."""
    text = escape(text).replace("'", "’").replace(" × ", "\u00a0×\u00a0").replace("(0, *x*)", "(0,\u00a0*x*)")
    text = re.sub(r"[A-Za-z]{6,}", lambda word: _hyphenate(word.group(), hyphens), text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
    text = re.sub(r"_\{(.+?)\}", r'<sub size="70%" rise="25%">\1</sub>', text)
    text = re.sub(r"\^\{(.+?)\}", r'<super size="70%" rise="35%">\1</super>', text)
    # reportlab 5.1 loses the space between a word with soft hyphens and a tag
    return re.sub(r"[^\s<>]+(?=\s?<)", lambda word: word.group().replace("\u00ad", ""), text)


def _hyphenate(word: str, hyphens: dict[str, str]) -> str:
    """Put soft hyphens into `word` where the list has hyphens."""
    letters = iter(word)
    pattern = hyphens.get(word.lower(), word)
    return "".join("\u00ad" if sign == "-" else next(letters) for sign in pattern)


def read_hyphens(path: Path) -> dict[str, str]:
    """Read a list of words written with hyphens where they may be broken."""
    words = path.read_text(encoding="utf-8").split()
    return {word.replace("-", ""): word for word in words}
