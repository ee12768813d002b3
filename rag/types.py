"""All the nouns: frozen records that flow from room to room, and the protocols of the parts that can be swapped.

Standard library and numpy only. Pages are PDF pages counted from 1 (`page`, `number`); what is printed on a page is
its `label`, and the two are never mixed. Boxes are fractions of the page as it is displayed, origin top left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

DocumentState = Literal["reading", "searchable", "ready", "failed"]
Verdict = Literal["verbatim", "supported", "contradicted", "unsupported", "unchecked"]
PassageKind = Literal["text", "table", "caption"]
PageSource = Literal["text", "ocr", "empty", "image", "garbled", "failed"]
ReaderName = Literal["extractive", "grounded", "ungrounded", "other"]  # other: grounded, by another model
AnswerKind = Literal["answer", "summary", "outline", "list"]
Role = Literal["system", "user", "assistant"]
Length = Literal["succinct", "normal", "detailed", "close"]  # close: to the words of the documents
Stage = Literal["copy", "read", "ocr", "index", "encode"]
HintKind = Literal["page", "section", "part", "document", "period", "phrase"]
AnswerType = Literal[
    "number", "money", "percentage", "date", "person", "place", "entity", "yes/no", "list", "explanation"
]
EvidenceKind = Literal["table", "prose", "figure"]

PAGES_A_DOCUMENT = 1_000_000  # the words of pages are indexed under: document's catalog key * this + page number


# ---------------------------------------------------------------------------------------------------- pages


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, each side 0 to 1 of the page as displayed (rotated and cropped), origin top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class PageSpan:
    """Characters `start` (included) to `end` (excluded) of the text of one page."""

    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Where the words of a page stand: parallel arrays of W words in reading order.

    A word that is broken over two lines has two entries, one a piece. `lines` numbers the line that a word stands
    on, so that neighbouring words of a line can share one rectangle.
    """

    starts: Ints  # (W,) first character in Page.text
    ends: Ints  # (W,) one past the last character
    boxes: Floats  # (W, 4) x0 y0 x1 y1, fractions of the displayed page
    lines: Ints  # (W,)

    @classmethod
    def none(cls) -> Words:
        """Return the words of a page without text."""
        nothing = np.zeros(0, np.int32)
        return cls(nothing, nothing, np.zeros((0, 4), np.float32), nothing)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page as read: its text in reading order, without running heads and page numbers.

    Blocks are separated by a newline, as are the rows of a table; inside a paragraph lines are joined by a space and
    words broken at a line's end are put together again. A page whose last word is broken ends in U+00AD.
    """

    number: int
    label: str | None
    text: str
    width: float  # points, as displayed
    height: float
    words: Words
    source: PageSource = "text"
    reason: str | None = None  # why there is no text
    confidence: float | None = None  # of a page that was read by OCR: the mean of its words, 0 to 1


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the outline; `page` is None where the PDF's entry leads nowhere."""

    level: int  # from 1
    title: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a PDF carries. It is listed, not read."""

    name: str
    n_bytes: int


# ------------------------------------------------------------------------------------------------- passages


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a table: where it stands, and the heading of its column, "" where there is none."""

    span: PageSpan
    heading: str


@dataclass(frozen=True, slots=True)
class Acronym:
    """A short form that a document explains: "PP&E", "property, plant and equipment"."""

    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that can be found and read.

    `text` is `join_slices` over the spans, verbatim; quotes and highlights come from it alone. `index_text` is what is
    embedded and searched: heading path, table title, serialised rows, text.
    """

    number: int  # from 0 within the document, in reading order
    text: str
    index_text: str
    spans: tuple[PageSpan, ...]
    headings: tuple[str, ...] = ()  # path, outermost first
    kind: PassageKind = "text"
    document_id: str = ""  # sha256 of the document; empty until it is stored
    id: int = -1  # the catalog's key; -1 until it is stored
    title: str = ""  # of the table that its rows belong to, with the line that names its unit
    cells: tuple[Cell, ...] = ()  # the numbers of its rows, in reading order
    figure: Box | None = None  # the picture that a caption belongs to

    @property
    def pages(self) -> tuple[int, ...]:
        """Return the pages that the passage stands on, in order."""
        return tuple(dict.fromkeys(span.page for span in self.spans))


def join_slices(slices: Sequence[str]) -> tuple[str, list[int]]:
    """Join the texts of consecutive spans; return the joined text and where each slice begins in it.

    Slices are joined by one space; a slice that ends in U+00AD (a word broken at the foot of its page) loses that
    mark and is joined directly.
    """
    text, offsets = "", []
    for slice_ in slices:
        if text.endswith("\u00ad"):
            text = text[:-1]
        elif text:
            text += " "
        offsets.append(len(text))
        text += slice_
    return text, offsets


@dataclass(frozen=True, slots=True, eq=False)
class ParsedDocument:
    """What ingest makes of a file."""

    title: str
    author: str | None
    pages: tuple[Page, ...]
    passages: tuple[Passage, ...]
    outline: tuple[Heading, ...]
    body_pages: int = 0  # pages with text
    language: str | None = None  # ISO 639-1 code; None when there is too little text
    warnings: tuple[str, ...] = ()  # what the user should know of how it was read, a sentence each
    attachments: tuple[Attachment, ...] = ()
    seconds: float = 0.0  # that reading took
    acronyms: tuple[Acronym, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a library."""

    id: str  # sha256 of the file as the user gave it
    name: str  # base name of the file, unique in the library
    title: str
    state: DocumentState
    n_pages: int
    n_passages: int
    added: float  # seconds since the epoch
    n_bytes: int = 0
    author: str | None = None
    reason: str | None = None  # why it failed, or what was not read
    key: int = -1  # the catalog's integer key
    language: str | None = None  # ISO 639-1 code
    seconds: float = 0.0  # that reading took


# ------------------------------------------------------------------------------------------------ questions


@dataclass(frozen=True, slots=True)
class Hint:
    """What a question says of where its answer stands: "on page 12", "in the annual report of 3M", "in 2018".

    A soft filter: passages that agree rank higher, others are still found. The user may take it away.
    """

    kind: HintKind
    said: str  # the words of the question
    means: str  # what they were taken for, as shown to the user: "page 12", "3M_2018_10K.pdf"
    values: tuple[str, ...] = ()  # what they stand for: page "12", documents' sha256, years, the words of a phrase

    @property
    def key(self) -> str:
        """Return what names the hint when it is taken away."""
        return f"{self.kind}: {self.means}"


@dataclass(frozen=True, slots=True)
class Expansion:
    """Other words for what a question says, which are looked for too, with less weight."""

    said: str
    also: tuple[str, ...]
    why: Literal["acronym", "form", "meaning"]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question was taken to ask, before anything is looked for."""

    question: str
    query: str = ""  # what is searched for; it differs from the question when a word was repaired
    hints: tuple[Hint, ...] = ()
    repaired: tuple[tuple[str, str], ...] = ()  # word as typed, word that was searched for
    expansions: tuple[Expansion, ...] = ()
    answer_type: AnswerType | None = None
    evidence: tuple[tuple[EvidenceKind, float], ...] = ()  # probability that the answer stands in one

    def probability(self, kind: EvidenceKind) -> float:
        """Return the probability that the answer stands in a table, in prose, in a figure; 0 when not known."""
        return dict(self.evidence).get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the user wants to look: a hard filter, as opposed to a hint. Parts that are None filter nothing."""

    documents: tuple[str, ...] | None = None  # names or ids
    tags: tuple[str, ...] | None = None  # documents with any of them
    since: float | None = None  # added at this time or later, seconds since the epoch
    until: float | None = None


# -------------------------------------------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class Twin:
    """Where else the text of a hit stands: boilerplate that recurs."""

    document: str  # name
    page: int
    label: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found. `page` is the page of its best sentence; `pages` are all it stands on."""

    rank: int  # from 1
    score: float  # larger is better; no fixed scale
    passage: Passage
    document: str  # name
    page: int
    label: str | None
    boxes: tuple[Box, ...] = ()
    relevance: float | None = None  # probability; None until calibrated
    similarity: float | None = None  # inner product of the vectors of question and passage; None without a vector
    signals: tuple[tuple[str, float], ...] = ()  # name and share of `score` of each signal; they add up to it
    source: PageSource = "text"  # how its page was read
    matched: tuple[
        tuple[int, int], ...
    ] = ()  # parts of the passage's text, start and end, that the question's words hit
    also: tuple[Twin, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """The span that a claim rests on. `page` is where it begins; every box names its own page."""

    marker: int  # the [n] of the answer, from 1
    document_id: str
    document: str  # name
    page: int
    label: str | None
    quote: str  # verbatim
    spans: tuple[PageSpan, ...]
    boxes: tuple[Box, ...]
    support: float | None = None
    source: PageSource = "text"  # how its page was read
    focus: tuple[Box, ...] = ()  # of the part that answers: a number of a row, say
    figure: Box | None = None  # the picture that a cited caption belongs to


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer. `telling` is the part of `text` that answers, start and end."""

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    support: float | None = None  # probability that what is cited supports it; 0 where it lacks something
    telling: tuple[int, int] | None = None
    lacks: tuple[str, ...] = ()  # numbers, dates and names of `text` that stand in nothing that could support it


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader makes of a question. When it abstains there are no claims and `hits` are the nearest passages."""

    question: str
    reader: ReaderName
    text: str
    claims: tuple[Claim, ...]
    hits: tuple[Hit, ...]
    abstained: bool
    short_answer: str | None = None
    timings: dict[str, float] = field(default_factory=dict)  # stage -> seconds
    kind: AnswerKind = "answer"  # a list is grouped by document and page
    model: str | None = None  # the language model that wrote it
    note: str | None = None  # what the user should know of it: it was stopped, or cut short
    understood: Understood | None = None  # what the question was taken to ask; None for requests of whole documents
    left_out: tuple[Claim, ...] = ()  # what a model wrote and the documents do not bear out
    stands_in: bool = False  # the documents' own words, in place of a model's of which nothing was borne out


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer is wanted."""

    length: Length = "normal"
    threshold: float = 0.0  # passages less relevant (or else, similar) than this are not read; 0: all that are found
    is_fast: bool = False  # leave out the networks that read passages once more and judge claims
    is_strict: bool = False  # leave out what a model writes and the documents do not bear out
    style: str = ""  # a manner to write in, in the user's words: "as a pirate"; empty: plainly


NORMAL = Manner()


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file."""

    document: str  # stored name, or the file's name when it failed
    status: Literal["added", "known", "failed"]
    reason: str | None = None
    pages: int = 0
    passages: int = 0
    seconds: float = 0.0


# ------------------------------------------------------------------------------------------------ protocols


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of long work is."""

    document: str
    stage: Stage
    done: int
    total: int


OnProgress = Callable[[Progress], None]
IsCancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says to a language model, or it says itself."""

    role: Role
    text: str


class Encoder(Protocol):
    """Texts to unit vectors."""

    @property
    def id(self) -> str:
        """Return a name that changes whenever the vectors would."""
        ...

    @property
    def n_dims(self) -> int:
        """Return the length of a vector."""
        ...

    def encode(self, texts: Sequence[str], *, on_done: Callable[[int], None] | None = None) -> Floats:
        """Return unit vectors, shape (len(texts), n_dims), in the order of `texts`."""
        ...


class DenseIndex(Protocol):
    """Unit vectors, searched by inner product."""

    def search(self, vector: Floats, k: int, *, among: NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """Return up to k (passage id, score), best first; only ids in `among` when it is given."""
        ...


class LexicalIndex(Protocol):
    """Words, searched by BM25."""

    def search(self, question: str, k: int, *, documents: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return up to k (id, score), best first; only of these documents (catalog keys) when they are given."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader network makes of a question and one text."""

    relevance: float  # a logit: to be compared among the texts of one question, nothing else
    answered: float  # probability that the text answers the question at all
    start: int  # characters of the text that answer best, if any do
    end: int
    probability: float  # of these characters among all of the text


class ReaderNet(Protocol):
    """A network that reads a question together with texts."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return what it makes of each text, in their order."""
        ...


class SupportChecker(Protocol):
    """A network that reads a claim together with what it rests on."""

    @property
    def thresholds(self) -> tuple[float, float]:
        """Return the least probabilities from which a claim is called supported, and contradicted."""
        ...

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Return for each (claim, evidence) how probably it is supported, contradicted, unsupported: shape (n, 3)."""
        ...


class LanguageModel(Protocol):
    """Turns of a conversation to what is said next."""

    @property
    def name(self) -> str:
        """Return what users call it."""
        ...

    @property
    def n_context(self) -> int:
        """Return how many tokens of prompt and reply together it can hold."""
        ...

    def count(self, text: str) -> int:
        """Return how many tokens a text has, about."""
        ...

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        """Yield the reply piece by piece, computed as it is asked for; end early when cancelled.

        Raises:
            ModelError: it cannot be loaded, or it broke off; what was yielded before is kept.
        """
        ...
