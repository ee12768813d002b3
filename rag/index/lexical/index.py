"""Words searched by BM25 over passages, over whole pages, or over documents: tantivy.

The folder `lexical/` is a cache of the catalog, filled again from it when it is missing or damaged. It holds ids and
terms, no text. Terms are lower-cased, stemmed (English) words; numbers such as 1,577 or 12.5 stay whole. Stop words
are indexed but not asked for.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009 (k1 = 1.2, b = 0.75).
"""

from __future__ import annotations

import logging
import math
import shutil
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import tantivy
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from tantivy import Occur, Query

from rag.errors import StorageError
from rag.index.catalog import Catalog
from rag.index.lexical.analysis import TOKENIZER, analyzer, folded
from rag.index.lexical.entries import FIELDS, Kind, entries, schema, versions
from rag.index.lexical.segments import documents_in, held, note_moved, segments, sweep, with_removed

log = logging.getLogger(__name__)

Ids = NDArray[np.int64]
Scores = NDArray[np.float64]

_HEAP = 50_000_000  # bytes of memory for a writer
_PURGED_AT_ONCE = 2_000  # entries; up to here a removal also takes what is left in the files with it
_REMEMBERED = 64  # searches
_WORDS_KEPT = 20_000  # with their terms: texts are made of the same ones
_LOCK_TIMEOUT_S = 60.0


class TantivyIndex:
    """The words of the passages, pages or documents of the library in `folder`. Safe to share between threads."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        self.kind = kind
        self._folder = folder / "lexical" / kind
        self._writing = threading.Lock()  # one reconcile at a time; searches go on meanwhile
        self._mutex = threading.RLock()  # looking for a newer commit
        self._schema = schema(kind)
        self._indexing = analyzer(stop_words=False)
        self._asking = analyzer(stop_words=True)
        self._terms_of_word = lru_cache(maxsize=_WORDS_KEPT)(self._terms)
        self._index: tantivy.Index | None = None
        self._seen: tuple[int, ...] = ()  # the commit that the searcher shows
        self._refused: tuple[int, ...] = ()  # the last one that could not be used, which was said
        self._counts: dict[int, int] = {}  # entries by document key
        self._versions: dict[int, int] = {}  # what tells whether a document's entries are those of the catalog, by key
        self._searcher: tantivy.Searcher | None = None
        self._holds_removed = False
        self._remembered: dict[object, tuple[Ids, Scores]] = {}  # searches of this commit

    # ----------------------------------------------------------------------------------------------- search

    def search(
        self,
        question: str,
        k: int,
        *,
        documents: Sequence[int] | None = None,
        field: str = "body",
        also: Mapping[str, float] | None = None,
    ) -> list[tuple[int, float]]:
        """Return up to k (id, score), best first, ties by id. Arguments as for `ranked`."""
        ids, scores = self.ranked(question, k, documents=documents, field=field, also=also)
        return list(zip(ids.tolist(), scores.tolist(), strict=True))

    def ranked(
        self,
        question: str,
        k: int,
        *,
        documents: Sequence[int] | None = None,
        field: str = "body",
        also: Mapping[str, float] | None = None,
    ) -> tuple[Ids, Scores]:
        """Return up to k ids and scores, best first, ties by id: BM25 of the question's terms, each counted once.

        Args:
            field: one of FIELDS of this kind.
            also: other terms to look for, with what they weigh beside the question's own, which weigh 1.

        With `documents` (catalog keys) only entries of these are found, and how rare a term is is counted among
        these alone. Nothing is found for a question without a word that is indexed.
        """
        searcher, counts = self._current()
        weights = dict.fromkeys(self.terms(question), 1.0)
        weights |= {term: weight for term, weight in (also or {}).items() if term not in weights}
        if k <= 0 or not weights or searcher is None:
            return np.zeros(0, np.int64), np.zeros(0)
        asked = (self._seen, field, k, tuple(weights.items()), None if documents is None else tuple(documents))
        remembered = self._remembered.get(asked)
        if remembered is not None:  # one signal proposes by it, and scores by it
            return remembered
        query = self._query(field, weights, counts, documents)
        hits = searcher.search(query, limit=k, count=False).hits
        ids = np.array(searcher.fast_field_values("id", [address for _, address in hits]), np.int64)
        scores = np.array([score for score, _ in hits], np.float64)
        order = np.lexsort((ids, -scores))
        found = ids[order], scores[order]
        if len(self._remembered) >= _REMEMBERED:
            self._remembered = {}
        self._remembered[asked] = found
        return found

    def terms(self, question: str) -> list[str]:
        """Return the distinct terms of a text in order, without stop words; all terms if nothing else is left."""
        return list(self._terms_of_word(question) if question.isalnum() else self._terms(question))

    def _terms(self, text: str) -> tuple[str, ...]:
        text = folded(text)
        return tuple(dict.fromkeys(self._asking.analyze(text)) or dict.fromkeys(self._indexing.analyze(text)))

    def idf(
        self, terms: Sequence[str], documents: Sequence[int] | None = None, *, field: str = "body"
    ) -> dict[str, float]:
        """Return how rare each term is among all entries, or those of these documents: ln(1 + (N-n+.5)/(n+.5))."""
        searcher, counts = self._current()
        if searcher is None:
            return dict.fromkeys(terms, _idf(0, 0))
        if documents is None:
            total = searcher.num_docs
            return {term: _idf(total, min(total, searcher.doc_freq(field, term))) for term in terms}
        keys = sorted(set(documents) & counts.keys())
        total = sum(counts[key] for key in keys)
        return {term: _idf(total, self._frequency(searcher, term, keys, field)) for term in terms}

    def known(self, terms: Sequence[str], documents: Sequence[int] | None = None) -> set[str]:
        """Return those of the terms that some entry holds; of these documents, if they are given."""
        searcher, counts = self._current()
        if searcher is None:
            return set()
        if documents is None and not self._holds_removed:
            return {term for term in terms if searcher.doc_freq("body", term)}
        if documents is None:  # a frequency counts what was removed and is not purged yet
            queries = {term: Query.term_query(self._schema, "body", term, "freq") for term in terms}
            return {term for term, query in queries.items() if _count(searcher, query)}
        keys = sorted(set(documents) & counts.keys())
        return {term for term in terms if self._frequency(searcher, term, keys)}

    def terms_of(self, words: Sequence[str]) -> list[str]:
        """Return the term of each word; a word is letters alone."""
        terms = self._indexing.analyze(" ".join(words))
        return terms if len(terms) == len(words) else [(self._indexing.analyze(word) or [""])[0] for word in words]

    def terms_from(self, opening: str, documents: Sequence[int] | None = None) -> list[tuple[str, int]]:
        """Return the terms that begin so, the commonest first, with how many entries hold each; of these documents."""
        searcher, counts = self._current()
        if searcher is None:
            return []
        keys = counts.keys() if documents is None else counts.keys() & set(documents)
        within = None if documents is None and not self._holds_removed else self._within(sorted(keys))
        found = searcher.terms_with_prefix("body", opening, filter_query=within)
        return [(str(term), int(n)) for term, n in found if n]

    def n_having(self, term: str, documents: Sequence[int] | None = None) -> int:
        """Return how many entries hold a term; of these documents, if they are given."""
        searcher, counts = self._current()
        if searcher is None:
            return 0
        if documents is None:
            return int(searcher.doc_freq("body", term))
        return self._frequency(searcher, term, sorted(set(documents) & counts.keys()))

    def n_with(self, term: str, document: int) -> int:
        """Return how many entries of a document hold a term."""
        searcher, _ = self._current()
        return 0 if searcher is None else self._frequency(searcher, term, [document])

    def counts(self) -> dict[int, int]:
        """Return how many entries each document has, by its key."""
        return dict(self._current()[1])

    def _query(
        self, field: str, weights: Mapping[str, float], counts: Mapping[int, int], documents: Sequence[int] | None
    ) -> Query:
        """Return the query for any of the terms; within documents, each weighs what it weighs among these."""
        if documents is None:
            return self._any(field, weights)
        keys, terms = sorted(set(documents) & counts.keys()), list(weights)
        here, everywhere = self.idf(terms, keys, field=field), self.idf(terms, field=field)
        boosts = {term: weights[term] * here[term] / everywhere[term] for term in terms}
        return Query.boolean_query([(Occur.Must, self._any(field, boosts)), (Occur.Must, self._within(keys))])

    def _any(self, field: str, boosts: Mapping[str, float]) -> Query:
        clauses = []
        for term, boost in boosts.items():
            clause = Query.term_query(self._schema, field, term, "freq")
            clauses.append((Occur.Should, clause if boost == 1 else Query.boost_query(clause, boost)))
        return Query.boolean_query(clauses)

    def _within(self, keys: Sequence[int]) -> Query:
        """Return the query for every entry of these documents, which adds nothing to a score."""
        if not keys:
            return Query.empty_query()
        return Query.const_score_query(Query.term_set_query(self._schema, "document", list(keys)), 0.0)

    def _frequency(self, searcher: tantivy.Searcher, term: str, keys: Sequence[int], field: str = "body") -> int:
        both = [
            (Occur.Must, Query.term_query(self._schema, field, term, "freq")),
            (Occur.Must, self._within(keys)),
        ]
        return _count(searcher, Query.boolean_query(both))

    # ------------------------------------------------------------------------------------------ keeping up

    def reconcile(self, catalog: Catalog) -> tuple[int, int]:
        """Bring the index to what the catalog holds; return how many documents were added and removed.

        One commit. While another process is at it, wait for that; after a minute go on with what there is.

        Raises:
            StorageError: the folder cannot be written.
        """
        change = self._reconciled(catalog, _LOCK_TIMEOUT_S)
        if change is None:
            log.warning("%s is being written by another process: searched as it is", self._folder)
        return change or (0, 0)

    def try_to_reconcile(self, catalog: Catalog) -> bool:
        """Bring the index to what the catalog holds, unless it is being written already; tell whether it is there.

        One that is empty, or cannot be used, is waited for as by `reconcile`. Raises: as that.
        """
        waits_s = _LOCK_TIMEOUT_S if self._current()[0] is None else 0.0
        return self._reconciled(catalog, waits_s) is not None

    def _reconciled(self, catalog: Catalog, wait_s: float) -> tuple[int, int] | None:
        """Return how many documents were added and removed; None when another one wrote all the while."""
        if not self._open_and_compare(catalog):
            return 0, 0
        if not self._writing.acquire(timeout=wait_s):
            return None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder.with_name(f"{self.kind}.lock"), timeout=wait_s):
                change = self._open_and_compare(catalog)  # again: another one may have done it
                return self._write(catalog, *change) if change else (0, 0)
        except Timeout:
            return None
        except OSError as exc:
            raise self._storage_error(exc) from exc
        finally:
            self._writing.release()

    def _open_and_compare(self, catalog: Catalog) -> tuple[list[int], list[int]] | None:
        """Return the document keys to add and to remove; None when there are none."""
        wanted = versions(self.kind, catalog)
        self._current()
        held = self._versions
        new = [key for key, version in wanted.items() if held.get(key) != version]
        gone = [key for key, version in held.items() if wanted.get(key) != version]
        return (new, gone) if new or gone or self._index is None else None

    def _write(self, catalog: Catalog, new: list[int], gone: list[int]) -> tuple[int, int]:
        index = self._index or self._make()
        self._commit_change(index, catalog, gone, new)
        if gone and sum(self._current()[1].values()) <= _PURGED_AT_ONCE:
            self._purge(catalog)
        return len(new), len(gone)

    def _commit_change(self, index: tantivy.Index, catalog: Catalog, gone: list[int], new: list[int]) -> None:
        """Take documents out and others in: one commit."""
        sweep(self._folder)
        try:
            writer = index.writer(_HEAP, 1)
            if gone:
                # 2026-11, tantivy 0.27: delete_documents_by_term deletes nothing when the field is an unsigned one
                writer.delete_documents_by_query(Query.term_set_query(self._schema, "document", gone))
            for key in new:
                self._add(writer, catalog, key)
            writer.commit()
            writer.garbage_collect_files()
            writer.wait_merging_threads()
        except ValueError as exc:  # tantivy raises it for whatever goes wrong, a full disk too
            raise self._storage_error(exc) from exc

    # ---------------------------------------------------------------------------------------------- purging

    def holds_removed(self) -> bool:
        """Tell whether terms of removed entries are left in a file."""
        self._current()
        return self._holds_removed

    def purge(self, catalog: Catalog) -> int:
        """Leave no term of what was removed in any file; return how many entries were written again. Searches go on.

        Only segments that hold something removed are written again, from the catalog. Killed meanwhile, the index is
        as before.

        Raises:
            StorageError
        """
        with self._writing:
            if not self.holds_removed():
                return 0
            try:
                with FileLock(self._folder.with_name(f"{self.kind}.lock"), timeout=_LOCK_TIMEOUT_S):
                    return self._purge(catalog)
            except Timeout:
                log.warning("%s is being written by another process: what was removed stays until later", self._folder)
                return 0
            except OSError as exc:
                raise self._storage_error(exc) from exc

    def _purge(self, catalog: Catalog) -> int:
        searcher, counts = self._current()
        chosen, index = with_removed(self._folder), self._index
        if searcher is None or index is None or not chosen:
            return 0
        clean = {part.id: part.n_removed for i, part in enumerate(segments(self._folder)) if i not in chosen}
        keys = documents_in(searcher, self._schema, counts, self._folder, chosen)
        there = versions(self.kind, catalog)
        self._commit_change(index, catalog, keys, [key for key in keys if key in there])
        note_moved(self._folder, clean)
        with self._mutex:
            self._seen = ()  # the note came after the commit
        return sum(counts[key] for key in keys)

    def _storage_error(self, exc: Exception) -> StorageError:
        return StorageError(
            f"{self._folder} cannot be written ({exc}). Free some space or check the folder's rights; nothing is lost, "
            "it is made again from the catalog."
        )

    def _add(self, writer: tantivy.IndexWriter, catalog: Catalog, key: int) -> None:
        for id_, version, texts in entries(self.kind, catalog, key):
            entry = tantivy.Document()
            entry.add_unsigned("id", id_)
            entry.add_unsigned("document", key)
            entry.add_unsigned("version", version)
            for field, text in zip(FIELDS[self.kind], texts, strict=True):
                entry.add_text(field, folded(text))
            writer.add_document(entry)

    # ------------------------------------------------------------------------------------------------ files

    def _make(self) -> tantivy.Index:
        """Make an empty index in place of whatever stands there. The caller holds the file lock."""
        for path in self._folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        index = tantivy.Index(self._schema, str(self._folder))
        index.register_tokenizer(TOKENIZER, self._indexing)
        self._index = index
        return index

    def _current(self) -> tuple[tantivy.Searcher | None, dict[int, int]]:
        """Return the newest searcher and its counts; look for another process's commits first."""
        with self._mutex:
            seen = self._commit()
            if seen == self._seen and self._searcher is not None:
                return self._searcher, self._counts
            self._searcher, self._counts, self._versions, self._remembered = None, {}, {}, {}
            try:
                self._searcher = self._open()
                if self._searcher is not None:
                    self._counts, self._versions = held(self._searcher, self.kind)
                self._holds_removed = bool(with_removed(self._folder))
                self._seen = seen
            except ValueError as exc:  # whatever tantivy finds wrong
                if seen != self._refused:
                    log.warning("%s cannot be used (%s): rebuilt from the catalog", self._folder, exc)
                self._index, self._refused = None, seen
            return self._searcher, self._counts

    def _commit(self) -> tuple[int, ...]:
        """Return what tells one commit from another; empty when there is none."""
        try:
            status = (self._folder / "meta.json").stat()
        except OSError:
            return ()
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _open(self) -> tantivy.Searcher | None:
        if not self._commit():
            self._index = None
            return None
        if self._index is None:
            index = tantivy.Index.open(str(self._folder))
            if index.schema != self._schema:
                raise ValueError("another version of Footnote wrote it")
            index.config_reader("manual")
            index.register_tokenizer(TOKENIZER, self._indexing)
            self._index = index
        self._index.reload()
        return self._index.searcher()


def _idf(total: int, frequency: int) -> float:
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def _count(searcher: tantivy.Searcher, query: Query) -> int:
    return int(searcher.search(query, limit=1, count=True).count or 0)  # type: ignore[attr-defined]  # not in its stubs
