"""What happens to a question within a library: retrieved, turned into hits with their pages and boxes, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.cite import boxes_of
from rag.answer.extractive import ExtractiveReader
from rag.answer.generative import GenerativeReader
from rag.answer.ungrounded import UngroundedReader
from rag.errors import QuestionError
from rag.parts import Parts
from rag.retrieve.candidates import Asked
from rag.retrieve.retriever import MEANING, Candidate, Retriever
from rag.retrieve.signals.dense import Dense
from rag.retrieve.signals.figures import PageDigits, PassageDigits
from rag.retrieve.signals.words import DocumentWords, PageWords, PassageWords
from rag.retrieve.weights import Weights, shipped
from rag.spans import passage_slice
from rag.text import sentence_spans
from rag.types import NORMAL, Floats, Hit, LanguageModel, Manner, Passage, ReaderName, Understood
from rag.writing import Writer

MAX_QUESTION = 4_000  # characters


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question, and the question's vector, so that nobody computes it twice."""

    hits: list[Hit]
    vector: Floats | None  # None while there is nothing to compare it with
    understood: Understood


def checked_question(question: str) -> str:
    """Return the question without surrounding white space.

    Raises:
        QuestionError: nothing is asked, or more than 4,000 characters.
    """
    stripped = " ".join(question.encode("utf-8", "replace").decode().replace("\x00", " ").split())
    if not any(character.isalnum() for character in stripped):
        raise QuestionError("The question is empty. Type what you want to know.")
    if len(stripped) > MAX_QUESTION:
        raise QuestionError(
            f"The question is {len(stripped):,} characters long; at most {MAX_QUESTION:,} can be asked. Shorten it."
        )
    return stripped


def find(parts: Parts, question: str, k: int, keys: Sequence[int] | None, *, least: float = 0.0) -> Found:
    """Return the k best passages, best first.

    Args:
        keys: the catalog's keys of the documents to look in; None: all.
        least: passages whose vector has a smaller inner product with the question's are left out.

    Raises:
        EncoderMismatch
    """
    asked = understand(parts, question, keys)
    candidates = retrieve(parts, asked)
    if least > 0:
        candidates = [c for c in candidates if c.similarity is None or c.similarity >= least]
    return Found(hits_of(parts, question, candidates[:k]), asked.vector, asked.understood)


def understand(parts: Parts, question: str, keys: Sequence[int] | None, *, vector: Floats | None = None) -> Asked:
    """Return the question as it is looked for. `vector`: of the question, if it is at hand."""
    parts.catch_up()
    understood = Understood(question, query=question)
    if vector is None and parts.has_vectors():
        vector = parts.encoder.encode([understood.query])[0]
    return Asked(understood, vector, keys=keys)


def retrieve(parts: Parts, asked: Asked, weights: Weights | None = None) -> list[Candidate]:
    """Return every candidate, best first."""
    return retriever(parts).retrieve(asked, shipped() if weights is None else weights)


def retriever(parts: Parts) -> Retriever:
    """Return all signals over the indexes of a library."""
    catalog, dense = parts.catalog, parts.dense if parts.has_vectors() else None
    passages, pages, documents = parts.passage_words, parts.page_words, parts.document_words
    return Retriever(
        places=catalog,
        proposers={
            MEANING: Dense(dense, catalog),
            "words": PassageWords(passages),
            "page words": PageWords(pages, catalog),
            "headings": PassageWords(passages, "headings"),
        },
        signals={
            "page top": PageWords(pages, catalog, "top"),
            "document title": DocumentWords(documents, "title"),
            "document opening": DocumentWords(documents, "body"),
            "page digits": PageDigits(catalog),
            "passage digits": PassageDigits(catalog),
        },
    )


def hits_of(parts: Parts, question: str, candidates: Sequence[Candidate]) -> list[Hit]:
    """Return candidates as hits: with their passage, page, label and boxes; those removed meanwhile are left out."""
    passages = {passage.id: passage for passage in parts.catalog.passages([c.id for c in candidates])}
    documents = {document.id: document.name for document in parts.catalog.documents()}
    hits: list[Hit] = []
    for candidate in candidates:
        passage = passages.get(candidate.id)
        if passage is None or passage.document_id not in documents:
            continue
        page = parts.page_of(passage.document_id, _best_page(parts, question, passage))
        hits.append(
            Hit(
                rank=len(hits) + 1,
                score=candidate.score,
                passage=passage,
                document=documents[passage.document_id],
                page=page.number,
                label=page.label,
                boxes=boxes_of(passage.document_id, passage.spans, parts.page_of),
                source=page.source,
                similarity=candidate.similarity,
                signals=candidate.signals,
            )
        )
    return hits


def _best_page(parts: Parts, question: str, passage: Passage) -> int:
    """Return the page of the sentence that holds most of the question's words."""
    if len(passage.pages) == 1:
        return passage.pages[0]
    asked = set(parts.passage_words.terms(question))
    texts = {number: parts.page_of(passage.document_id, number).text for number in passage.pages}
    best = max(
        sentence_spans(passage.text),
        key=lambda span: len(asked & set(parts.passage_words.terms(passage.text[slice(*span)]))),
    )
    return passage_slice(passage, texts, *best)[0].page


def extractive_reader(
    parts: Parts, keys: Sequence[int] | None = None, question_vector: Floats | None = None, manner: Manner = NORMAL
) -> ExtractiveReader:
    """Return the reader that answers with sentences; `keys` are the catalog's keys of the documents asked."""
    words = parts.passage_words
    max_sentences, max_words = _SIZES[manner.length]
    return ExtractiveReader(
        encoder=parts.encoder if parts.has_vectors() else None,
        terms=words.terms,
        idf=lambda terms: words.idf(terms, documents=keys),
        known=lambda terms: words.known(terms, documents=keys),
        page_of=parts.page_of,
        headings=parts.headings_of,
        question_vector=question_vector,
        max_sentences=max_sentences,
        max_words=max_words,
    )


def writer(parts: Parts, name: ReaderName, model: LanguageModel, manner: Manner = NORMAL) -> Writer:
    """Return the reader that writes with a language model: grounded or ungrounded."""
    if name == "ungrounded":
        return UngroundedReader(model, manner.length)
    reader = extractive_reader(parts)
    return GenerativeReader(model, parts.page_of, manner.length, rank=reader.rank)


_SIZES = {"succinct": (1, 40), "normal": (3, 60), "detailed": (6, 160)}  # sentences, words
