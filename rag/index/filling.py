"""What was read of a document, written into the rows of the catalog. Within a transaction of whoever calls."""

from __future__ import annotations

import json
import sqlite3

from rag.index import rows
from rag.types import ParsedDocument


def fill(connection: sqlite3.Connection, key: int, parsed: ParsedDocument, *, title: str) -> None:
    """Store all that was read of a document that has none of it; it becomes `searchable`. `title`: if it has none."""
    headings = [(key, i, h.level, rows.storable(h.title), h.page) for i, h in enumerate(parsed.outline)]
    attachments = [(key, i, rows.storable(a.name), a.n_bytes) for i, a in enumerate(parsed.attachments)]
    connection.executemany(
        f"INSERT INTO page (document, {rows.PAGE_COLUMNS}, digits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (rows.page_to_row(key, page) for page in parsed.pages),
    )
    connection.executemany("INSERT INTO heading VALUES (?, ?, ?, ?, ?)", headings)
    connection.executemany(
        f"INSERT INTO passage ({rows.PASSAGE_PLACES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (rows.passage_to_row(key, passage) for passage in parsed.passages),
    )
    connection.executemany("INSERT INTO attachment VALUES (?, ?, ?, ?)", attachments)
    acronyms = {(key, rows.storable(a.short), rows.storable(a.long)) for a in parsed.acronyms}
    connection.executemany("INSERT INTO acronym VALUES (?, ?, ?)", sorted(acronyms))
    author = None if parsed.author is None else rows.storable(parsed.author)
    sizes = (len(parsed.pages), sum(page.text != "" for page in parsed.pages), len(parsed.passages))
    warnings = json.dumps([rows.storable(warning) for warning in parsed.warnings], ensure_ascii=False)
    connection.execute(
        "UPDATE document SET state = 'searchable', title = ?, author = ?, reason = ?, n_pages = ?,"
        " n_texts = ?, n_passages = ?, language = ?, seconds = ?, warnings = ? WHERE key = ?",
        (
            *(rows.storable(parsed.title) or title, author, rows.unread(parsed.pages)),
            *sizes,
            *(parsed.language, parsed.seconds, warnings),
            key,
        ),
    )
