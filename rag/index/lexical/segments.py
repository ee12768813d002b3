"""What the files of a word index hold: segments, their entries, and what removed ones have left in them.

tantivy marks removed entries and leaves their terms in the segment's files until it merges them, which nothing here
can ask it to do. But a segment of which no entry is left goes with its files. So what is left of the entries of such
a segment is entered again from the catalog, in the same commit as the old ones are removed: the segment goes, whatever
it held, and no other one is touched.

A document may lie in two segments. Entering it again leaves marked entries in the second one too; these are of a
document that is still here, and are noted in `moved.json`, so that its segment counts as clean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tantivy
from tantivy import Query

from rag.index.lexical.entries import Kind

_MOVED = "moved.json"
_ID = 32  # characters of a segment's id, with which its files' names begin
_MAX_DOCUMENTS = 1_000_000  # that counts are asked for


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of an index. Numbers are of entries."""

    id: str
    n_entries: int  # removed ones too
    n_removed: int


def segments(folder: Path) -> list[Segment]:
    """Return the segments of the last commit, in the order of a searcher's `segment_ord`."""
    try:
        listed = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segments"]
    except (OSError, ValueError, KeyError):
        return []
    return [
        Segment(part["segment_id"], part["max_doc"], (part["deletes"] or {}).get("num_deleted_docs", 0))
        for part in listed
    ]


def sweep(folder: Path) -> None:
    """Remove the files that the last commit does not know: a killed writer left them.

    2026-11, tantivy 0.27: a mark of removed entries that was written, but not committed, makes every further commit
    fail with FileAlreadyExists. For the one process that writes, before it does.
    """
    try:
        listed = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segments"]
    except (OSError, ValueError, KeyError):
        return
    marks = {part["segment_id"].replace("-", ""): (part["deletes"] or {}).get("opstamp") for part in listed}
    for path in folder.iterdir():
        of = path.name.split(".")
        if len(of[0]) == _ID and (of[0] not in marks or (of[-1] == "del" and of[1] != str(marks[of[0]]))):
            path.unlink(missing_ok=True)


def with_removed(folder: Path) -> list[int]:
    """Return which segments, by their order, hold terms of entries that were removed."""
    moved = _moved(folder)
    return [i for i, part in enumerate(segments(folder)) if part.n_removed > moved.get(part.id, 0)]


def note_moved(folder: Path, clean: Mapping[str, int]) -> None:
    """Note that what was removed in these segments since is of documents that are still here.

    Args:
        clean: segments that held no removed entries but moved ones, before documents were entered again.
    """
    moved = {part.id: part.n_removed for part in segments(folder) if part.id in clean and part.n_removed}
    temporary = folder / f"{_MOVED}.tmp"
    temporary.write_text(json.dumps(moved), encoding="utf-8")
    temporary.replace(folder / _MOVED)


def _moved(folder: Path) -> dict[str, int]:
    try:
        found = json.loads((folder / _MOVED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # then a clean segment is written again, and that is all
    return found if isinstance(found, dict) else {}


def documents_in(
    searcher: tantivy.Searcher, schema: tantivy.Schema, counts: Mapping[int, int], folder: Path, chosen: list[int]
) -> list[int]:
    """Return the keys of the documents that have entries in the chosen segments of a searcher."""
    found: list[int] = []
    per_segment: dict[int, int] = {}
    for key, n_entries in counts.items():
        query = Query.term_query(schema, "document", key)
        orders = [address.segment_ord for _, address in searcher.search(query, limit=n_entries, count=False).hits]
        for order in orders:
            per_segment[order] = per_segment.get(order, 0) + 1
        if not set(orders).isdisjoint(chosen):
            found.append(key)
    held = {i: part.n_entries - part.n_removed for i, part in enumerate(segments(folder))}
    is_as_listed = all(per_segment.get(i, 0) == n for i, n in held.items())
    return found if is_as_listed else list(counts)  # else the segments are told apart in another way: all go


def held(searcher: tantivy.Searcher, kind: Kind) -> tuple[dict[int, int], dict[int, int]]:
    """Return how many entries each document has, and which version of it they are, by its key."""
    request = {"documents": {"terms": {"field": "document", "size": _MAX_DOCUMENTS}}}
    found = searcher.aggregate(Query.all_query(), request)
    counts = {int(bucket["key"]): int(bucket["doc_count"]) for bucket in found["documents"]["buckets"]}
    if kind != "documents":
        return counts, counts
    addresses = [address for _, address in searcher.search(Query.all_query(), limit=max(1, len(counts))).hits]
    keys = searcher.fast_field_values("document", addresses)
    versions = searcher.fast_field_values("version", addresses)
    return counts, {int(key or 0): int(version or 0) for key, version in zip(keys, versions, strict=True)}
