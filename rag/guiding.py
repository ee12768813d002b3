"""What is said of a document as a whole: its guide, made once and kept, and the requests that need all of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

import numpy as np

from rag import asking, models
from rag.errors import Cancelled, InputError
from rag.guide import whole
from rag.guide.about import About, about
from rag.guide.contents import outline_of
from rag.guide.english import word_ranks
from rag.guide.guide import Entry, Guide, Line, Term, guide_from_json, guide_to_json, with_name
from rag.guide.naming import named_request
from rag.guide.reading import Reading, Sentence
from rag.guide.requests import Request, RequestKind, recognise
from rag.guide.sections import meant_of
from rag.guide.suggest import Interest, suggestions
from rag.guide.telling import telling_sentences
from rag.guide.terms import key_terms
from rag.guide.title import is_poor
from rag.guide.whole import Asked, Tools
from rag.index.guides import Guides
from rag.language import NAMES, language_of
from rag.parts import Parts
from rag.text import fold
from rag.types import NORMAL, Answer, Citation, Document, Encoder, Floats, Hit, IsCancelled, Manner
from rag.understanding import understand

log = logging.getLogger(__name__)
T = TypeVar("T")

_N_HITS = 10  # as a question is asked with by default
_NEAR = 0.4  # inner product of a passage with a phrase, from which its sentences are looked at
_MOST_NEAR = 60


def kept_guide(parts: Parts, document: Document) -> Guide | None:
    """Return the guide that is kept; None when there is none, or another version of the program made it."""
    data = Guides(parts.catalog).get(document)
    return None if data is None else with_name(guide_from_json(data), document.name)  # it may have another by now


def make_guide(parts: Parts, document: Document, *, is_cancelled: IsCancelled | None = None) -> Guide:
    """Make the guide of a document and keep it. A part that fails is empty, which is logged.

    Raises:
        InputError: the document cannot be read, or is not read yet.
        Cancelled: nothing is kept.
        UnknownDocument: it was removed meanwhile.
    """
    if document.state not in {"searchable", "ready"}:
        raise InputError(f"{document.name} is {document.state}: there is nothing to make a guide of yet.")
    stops = is_cancelled or (lambda: False)
    guide = _Maker(parts, document, stops).guide()
    Guides(parts.catalog).put(document, guide_to_json(guide))
    headings = {fold(heading.title) for heading in parts.catalog.outline(document.key)}
    if is_poor(document.title, document.name) or fold(document.title) in headings:  # a heading stood in for a title
        parts.catalog.retitle(document, guide.title.text)
    return guide


def reading_of(parts: Parts, document: Document) -> Reading:
    """Return a document as its guide reads it."""
    catalog = parts.catalog
    texts = dict(catalog.page_texts(document.key))
    passages = catalog.passages_of(document.key)
    ids, vectors = catalog.vectors([passage.id for passage in passages])
    return Reading(
        document=document,
        texts=texts,
        passages=passages,
        vectors=vectors if passages and len(ids) == len(passages) else None,
        outline=catalog.outline(document.key),
        page_of=parts.page_of,
        language=document.language or language_of(texts),
        ranks=_ranks(),
    )


@lru_cache(maxsize=1)
def _ranks() -> dict[str, int]:
    return word_ranks(models.path_of(models.MINILM) / "vocab.txt")


def answer_whole(parts: Parts, question: str, keys: Sequence[int] | None, *, manner: Manner = NORMAL) -> Answer | None:
    """Answer a question that needs whole documents; None for an ordinary one.

    Args:
        keys: the catalog's keys of the documents asked; None: all.
        manner: its length is that of a summary, its threshold bounds what a list takes in by meaning.
    """
    started = time.perf_counter()
    documents = [
        document
        for document in parts.catalog.documents()
        if document.state in {"searchable", "ready"} and (keys is None or document.key in keys)
    ]
    request, about_named = recognise(question), named_request(question, documents)
    if about_named is not None:
        request, documents = about_named
        keys = [document.key for document in documents]
    if request is None:
        return None
    parts.catch_up()
    encoder = RememberingEncoder(parts.encoder) if parts.has_vectors() else None
    tools = Tools(
        encode=None if encoder is None else encoder.encode,
        nearest=lambda: asking.find(parts, question, _N_HITS, keys, least=manner.threshold, fast=True).hits,
        near=lambda what: _near(parts, what, keys, max(_NEAR, manner.threshold)),
        kept=lambda reading: _kept_sentences(parts, reading.document),
    )
    reads = _READS.get(request.kind, _pages_of)
    documents = _with_part(parts, documents, request)
    read = documents[: whole.most_read(request)]
    readings = [reads(parts, document) for document in read]
    asked = Asked(question, request, readings, n_left=len(documents) - len(read), manner=manner)
    answer = whole.answer_whole(asked, tools)
    return None if answer is None else replace(answer, timings={"total": time.perf_counter() - started})


def _with_part(parts: Parts, documents: list[Document], request: Request) -> list[Document]:
    """Return the documents to read: of more than are read, only those with a heading that the request can mean."""
    most = whole.most_read(request)
    if not request.section or most is None or len(documents) <= most:
        return documents
    outlines = {d.key: [heading.title for heading in parts.catalog.outline(d.key)] for d in documents}
    found = [d for d in documents if meant_of(outlines[d.key], request.section)]
    return found or [d for d in documents if meant_of(parts.catalog.titles(d.key), request.section)]


def _kept_sentences(parts: Parts, document: Document) -> list[Citation]:
    guide = kept_guide(parts, document)
    return [line.citation for line in guide.telling if line.citation is not None] if guide is not None else []


def _near(parts: Parts, what: str, keys: Sequence[int] | None, least: float) -> list[Hit]:
    """Return the passages that come near a phrase in meaning: their inner product with it is at least so large."""
    asked = understand(parts, what, keys)
    candidates = [c for c in asking.retrieve(parts, asked) if (c.similarity or 0.0) >= least]
    return asking.hits_of(parts, what, asking.picks_of(parts, candidates[:_MOST_NEAR]))


def _pages_of(parts: Parts, document: Document) -> Reading:
    """Return a document with no more than its pages and its outline."""
    catalog = parts.catalog
    texts = dict(catalog.page_texts(document.key))
    return Reading(document, texts, (), None, catalog.outline(document.key), parts.page_of)


def _cover_of(parts: Parts, document: Document) -> Reading:
    """Return a document with nothing but what is known of it unread."""
    return Reading(document, {}, (), None, (), parts.page_of)


_READS: dict[RequestKind, Callable[[Parts, Document], Reading]] = {"summary": reading_of, "pages": _cover_of}


class _Maker:
    """Makes one guide, part by part."""

    def __init__(self, parts: Parts, document: Document, is_cancelled: IsCancelled) -> None:
        self.parts, self.document, self.is_cancelled = parts, document, is_cancelled
        self.reading = reading_of(parts, document)
        self.encoder = RememberingEncoder(parts.encoder) if self.reading.vectors is not None else None

    def guide(self) -> Guide:
        """Return the whole guide."""
        reading, name = self.reading, self.document.name
        said = self._part("what it is", lambda: about(reading), About(Line(self.document.title), None, None, None))
        nothing: list[Sentence] = []
        no_terms: list[Term] = []
        no_outline: list[Entry] = []
        no_questions: list[Line] = []
        encode = None if self.encoder is None else self.encoder.encode
        telling = self._part("its sentences", lambda: telling_sentences(reading, encode), nothing)
        terms = self._part("its terms", lambda: key_terms(reading), no_terms)
        outline = self._part("its outline", lambda: outline_of(reading), no_outline)
        interest = Interest(terms, telling, said.company)
        questions = self._part("its questions", lambda: self._questions(interest), no_questions)
        if self.is_cancelled():  # a guide with some of its questions would stay so for good
            raise Cancelled(f"The guide to {name} was stopped.")
        return Guide(
            document_id=self.document.id,
            document=name,
            title=said.title,
            by=said.by,
            date=said.date,
            n_pages=self.document.n_pages,
            language=NAMES.get(reading.language or ""),
            telling=tuple(Line(s.text, reading.cite(s, n)) for n, s in enumerate(telling, 1)),
            outline=tuple(outline),
            terms=tuple(terms),
            questions=tuple(questions),
        )

    def _part(self, what: str, make: Callable[[], T], nothing: T) -> T:
        """Return a part of the guide, or nothing when it cannot be made: the other parts are worth having without."""
        if self.is_cancelled():
            raise Cancelled(f"The guide to {self.document.name} was stopped.")
        try:
            return make()
        except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError):
            log.exception("the guide to %s goes without %s", self.document.name, what)
            return nothing

    def _questions(self, interest: Interest) -> list[Line]:
        if self.encoder is None:
            return []
        return suggestions(self.reading, interest, self.encoder.encode, self._ask_back, is_cancelled=self.is_cancelled)

    def _ask_back(self, question: str, vector: Floats) -> Answer:
        """Answer a question from this document alone, as the extractive reader does."""
        keys = [self.document.key]
        candidates = asking.retrieve(self.parts, understand(self.parts, question, keys, vector=vector))
        hits = asking.hits_of(self.parts, question, asking.picks_of(self.parts, candidates[:_N_HITS]))
        reader = asking.extractive_reader(self.parts, keys, vector)
        return replace(reader, encoder=self.encoder).read(question, hits)


class RememberingEncoder:
    """An encoder that encodes no text twice: questions to one document are answered from the same sentences."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Floats] = {}

    @property
    def id(self) -> str:
        """Return the encoder's id."""
        return self._encoder.id

    @property
    def n_dims(self) -> int:
        """Return the length of a vector."""
        return self._encoder.n_dims

    def encode(self, texts: Sequence[str], *, on_done: Callable[[int], None] | None = None) -> Floats:
        """Return unit vectors in the order of `texts`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        if on_done is not None:
            on_done(len(texts))
        return np.stack([self._known[text] for text in texts]) if texts else np.zeros((0, self.n_dims), np.float32)
