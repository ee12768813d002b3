"""What happens to a question within a library: retrieved, turned into hits with their pages and boxes, read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from rag.answer.cite import boxes_of
from rag.answer.extractive import ExtractiveReader
from rag.answer.generative import GenerativeReader
from rag.answer.located import Told
from rag.answer.ungrounded import UngroundedReader
from rag.errors import QuestionError
from rag.parts import Parts
from rag.reranking import Reread, reranked, text_of
from rag.retrieve.candidates import Asked
from rag.retrieve.hints import compared
from rag.retrieve.matched import Matcher
from rag.retrieve.ranking import Candidate, Ranking
from rag.retrieve.readings import Readings
from rag.retrieve.relevance import judged
from rag.retrieve.rerank import Reranking
from rag.retrieve.retriever import MEANING, Retriever
from rag.retrieve.shaping.picks import Pick
from rag.retrieve.shaping.shape import Shaper
from rag.retrieve.shaping.threshold import at_least
from rag.retrieve.signals.dense import Dense, OtherMeaning
from rag.retrieve.signals.figures import PageDigits, PassageDigits
from rag.retrieve.signals.periods import DocumentPeriods, PassagePeriods
from rag.retrieve.signals.phrases import Phrases
from rag.retrieve.signals.places import DocumentPlaces, PagePlaces, PartPlaces, SectionPlaces
from rag.retrieve.signals.sentences import BestSentence
from rag.retrieve.signals.statements import StatementPages
from rag.retrieve.signals.texts import Texts
from rag.retrieve.signals.windows import BestRow, BestWindow, SideBySide
from rag.retrieve.signals.words import DocumentWords, PageWords, PassageWords
from rag.retrieve.vocabulary.meanings import wordings
from rag.retrieve.weights import Weights, shipped
from rag.spans import passage_slice
from rag.text import sentence_spans
from rag.types import (
    NORMAL,
    Expansion,
    Floats,
    Hit,
    LanguageModel,
    Manner,
    Passage,
    ReaderName,
    Twin,
    Understood,
)
from rag.understanding import shelf, understand
from rag.writing import Writer

MAX_QUESTION = 4_000  # characters
_OTHER_MEANING = "meaning, in other words"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a question, and the question's vector, so that nobody computes it twice."""

    hits: list[Hit]
    vector: Floats | None  # None while there is nothing to compare it with
    understood: Understood
    reranking: Reranking  # what the reranker did, or the network that reads
    readings: Readings = field(default_factory=dict)  # what that network read, by the ids of the passages
    note: str | None = None  # what the user should know: it could not read


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


def find(
    parts: Parts,
    question: str,
    k: int,
    keys: Sequence[int] | None,
    *,
    least: float = 0.0,
    ignored: Collection[str] = (),
    fast: bool = False,
    said: str | None = None,
) -> Found:
    """Return the k best passages, best first.

    Args:
        keys: the catalog's keys of the documents to look in; None: all.
        least: passages that are less relevant are left out before the k best are taken: see `at_least`.
        ignored: keys of what the user does not want to be understood: see `understand`.
        fast: no network reads the best passages once more.
        said: the question as the user put it: see `understand`.

    Raises:
        EncoderMismatch; ModelMissing, ModelError: of the reranker, where one is set.
    """
    asked = understand(parts, question, keys, ignored=ignored, said=said)
    judged_ones = judged(retrieve(parts, asked), asked.understood, parts.catalog)
    kept = at_least(judged_ones, least)
    candidates, found = (kept, Reread()) if fast else reranked(parts, asked, kept)
    picks = shaped(parts, candidates, k, in_turn=sides(parts, asked, candidates, k, least))
    hits = hits_of(parts, asked.query, picks, also=asked.expansions)
    return Found(hits, asked.vector, asked.understood, found.reranking, found.readings, found.note)


def retrieve(parts: Parts, asked: Asked, weights: Weights | None = None) -> Ranking:
    """Return the best candidates, best first."""
    return retriever(parts).retrieve(asked, weights or parts.weights or shipped())


def retriever(parts: Parts) -> Retriever:
    """Return all signals over the indexes of a library, for one question."""
    catalog, dense, told = parts.catalog, parts.dense if parts.has_vectors() else None, shelf(parts)
    passages, pages, documents = parts.passage_words, parts.page_words, parts.document_words
    texts = Texts(catalog, parts.passage_words)
    return Retriever(
        places=catalog,
        proposers={
            MEANING: Dense(dense, catalog),
            _OTHER_MEANING: OtherMeaning(dense, catalog),
            "words": PassageWords(passages),
            "page words": PageWords(pages, catalog),
            "headings": PassageWords(passages, "headings"),
            "page named": PagePlaces(told),
            "section named": SectionPlaces(told),
            "part named": PartPlaces(told),
            "phrase": Phrases(told),
        },
        signals={
            "page top": PageWords(pages, catalog, "top"),
            "document title": DocumentWords(documents, "title"),
            "document opening": DocumentWords(documents, "body"),
            "document named": DocumentPlaces(told),
            "document period": DocumentPeriods(told),
            "page digits": PageDigits(catalog),
            "passage digits": PassageDigits(catalog),
        },
        close={
            "best window": BestWindow(texts),
            "side by side": SideBySide(texts),
            "best row": BestRow(texts),
            "best sentence": BestSentence(texts),
            "period": PassagePeriods(texts),
            "statement": StatementPages(catalog),
        },
        beside=(MEANING, _OTHER_MEANING),
    )


def shaped(
    parts: Parts, candidates: Sequence[Candidate], k: int, *, in_turn: Sequence[Sequence[Candidate]] = ()
) -> list[Pick]:
    """Return up to k picks of ranked candidates: what repeats folded, what touches merged, sides in turn."""
    shaper = Shaper(parts.catalog.passages, text_of(parts))
    return shaper.shape(candidates, k, compared=in_turn)


def sides(
    parts: Parts, asked: Asked, candidates: Sequence[Candidate], k: int, least: float = 0.0
) -> list[Sequence[Candidate]]:
    """Return the candidates of each side that the question compares, best first; none where it compares nothing.

    A side of which fewer than k are among the candidates is looked for by itself.
    """
    documents = parts.documents_among(asked.keys)
    compares = compared(asked.query, asked.understood.hints, documents, shelf(parts))
    if not compares:
        return []
    key_of = {row[0]: row[1] for row in parts.catalog.passage_places([c.id for c in candidates]).tolist()}
    found = [[c for c in candidates if key_of.get(c.id) in side] for side in compares]
    return [
        group if len(group) >= k else at_least(judged(retrieve(parts, of_side), asked.understood, parts.catalog), least)
        for of_side, group in zip((replace(asked, keys=side) for side in compares), found, strict=True)
    ]


def picks_of(parts: Parts, candidates: Sequence[Candidate]) -> list[Pick]:
    """Return candidates as picks, each for itself; those removed meanwhile are left out."""
    by_id = {candidate.id: candidate for candidate in candidates}
    return [Pick(by_id[passage.id], passage) for passage in parts.catalog.passages(list(by_id))]


def hits_of(parts: Parts, question: str, picks: Sequence[Pick], *, also: Sequence[Expansion] = ()) -> list[Hit]:
    """Return picks as hits: with their page, label and boxes; those of documents removed meanwhile are left out.

    Args:
        also: other words that were looked for; they are marked in the passages as the question's own are.
    """
    terms_of = parts.passage_words.terms
    asked = [question, *(text for expansion in also for text in expansion.also)]
    matcher = Matcher([term for text in asked for term in terms_of(text)], terms_of)
    documents = parts.catalog.names()
    hits: list[Hit] = []
    for pick in picks:
        candidate, passage = pick.candidate, pick.passage
        if passage.document_id not in documents:
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
                relevance=candidate.relevance,
                similarity=candidate.similarity,
                signals=candidate.signals,
                matched=matcher.spans(passage.text),
                also=tuple(_twin(parts, documents[t.document_id], t) for t in pick.twins if t.document_id in documents),
            )
        )
    return hits


def _twin(parts: Parts, document: str, passage: Passage) -> Twin:
    page = parts.page_of(passage.document_id, passage.spans[0].page)
    return Twin(document, page.number, page.label)


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
    parts: Parts,
    keys: Sequence[int] | None = None,
    question_vector: Floats | None = None,
    manner: Manner = NORMAL,
    *,
    understood: Understood | None = None,
    told: Sequence[Told] = (),
) -> ExtractiveReader:
    """Return the reader that answers with sentences.

    Args:
        keys: the catalog's keys of the documents asked.
        question_vector: of the question that will be read, if it is at hand.
        understood: what the question was taken to ask: sentences that say it in other words answer too.
        told: what a network says of passages: see `rag.reranking.told_of`.
    """
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
        wordings=wordings(understood.query, understood.expansions) if understood else (),
        expected=understood.answer_type if understood else None,
        told=tuple(told),
        prose=1 - understood.probability("table") if understood else 1.0,
        max_sentences=max_sentences,
        max_words=max_words,
    )


def writer(parts: Parts, name: ReaderName, model: LanguageModel, manner: Manner = NORMAL) -> Writer:
    """Return the reader that writes with a language model: with the passages or without."""
    if name == "ungrounded":
        return UngroundedReader(model, manner.length, manner.style)
    reader = extractive_reader(parts)
    return GenerativeReader(model, parts.page_of, manner.length, rank=reader.rank, style=manner.style)


_SIZES = {"succinct": (1, 40), "normal": (3, 60), "detailed": (6, 160), "close": (3, 60)}  # sentences, words
