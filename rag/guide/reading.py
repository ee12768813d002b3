"""A document as its guide reads it: its sentences in order, where each stands, what is boilerplate in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rag.answer.cite import PageOf, boxes_of
from rag.spans import passage_slice
from rag.text import fold, sentence_spans, without_leaders
from rag.types import Citation, Document, Floats, Heading, PageSpan, Passage

_BACK_MATTER = re.compile(
    r"\b(?:references|bibliography|works cited|acknowledge?ments?|exhibits?|signatures?|index|disclosures?|copyright"
    r"|table of contents|contents|(?:forward|cautionary)\W+(?:looking|statements?|note)|safe harbou?r|legal notices?"
    r"|disclaimers?|trademarks?|webcast|contacts?|appendix|appendices|supplementary|certifications?"
    r"|documents incorporated|power of attorney|warranty|about (?:this report|the authors?)|further reading)\b",
    re.I,
)
_BOILERPLATE = re.compile(
    r"forward-looking|all rights reserved|copyright|©|incorporated (?:herein )?by reference|check ?mark|pursuant to"
    r"|hereby|herein\b|hereto|thereof|undersigned|registrant|no obligation to|cautionary|please (?:visit|refer|contact)"
    r"|(?:https?://|www\.)\S|\S+@\S+\.\w|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}|zip code|trademarks?\b"
    r"|recommended citation|permission to make|licensed under|arxiv:|doi\.org|isbn|this (?:page|document) (?:is|was)"
    r"|\bvol\. ?\w|\bpp\. ?\d|\bcorr\b|et al\., [“\"']|,[”\"] in [A-Z]|\(eds?\.\)|arxiv|proceedings of"
    r"|in proc\.|see (?:note|item|part|page"
    r"|appendix|section|figure|table|chapter|also)\b|as (?:shown|described) in\b"
    r"|refer to (?:note|item|the section|page|appendix)|table of contents",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage, or a row of a table."""

    number: int  # from 0, in reading order
    passage: int  # index of its passage
    start: int
    end: int
    text: str
    page: int
    is_row: bool


@dataclass(frozen=True, eq=False)
class Reading:
    """A document, read. `vectors` has a row a passage, or is None while there are none."""

    document: Document
    texts: Mapping[int, str]  # of the pages that have text
    passages: Sequence[Passage]
    vectors: Floats | None
    outline: Sequence[Heading]
    page_of: PageOf
    language: str | None = "en"
    ranks: Mapping[str, int] = field(default_factory=dict)  # English words, the commonest first

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Return every sentence and row, in reading order."""
        found: list[Sentence] = []
        for i, passage in enumerate(self.passages):
            for start, end in sentence_spans(passage.text):
                page = self._page_at(passage, start, end)
                if page is not None:
                    text = passage.text[start:end]
                    is_row = passage.kind == "table" and (any(c.isdigit() for c in text) or len(text.split()) < 6)
                    found.append(Sentence(len(found), i, start, end, text, page, is_row))
        return found

    @cached_property
    def statements(self) -> list[Sentence]:
        """Return the sentences of running text that no other part of a page repeats and no rule calls boilerplate."""
        return [
            sentence
            for sentence in self.sentences
            if not sentence.is_row and self._repeats[fold(sentence.text)] == 1 and not self._is_idle(sentence)
        ]

    def sentences_of(self, passage: int) -> list[Sentence]:
        """Return the sentences and rows of a passage."""
        return self._by_passage.get(passage, [])

    @cached_property
    def _by_passage(self) -> dict[int, list[Sentence]]:
        found: dict[int, list[Sentence]] = {}
        for sentence in self.sentences:
            found.setdefault(sentence.passage, []).append(sentence)
        return found

    @cached_property
    def _repeats(self) -> Counter[str]:
        return Counter(fold(sentence.text) for sentence in self.sentences)

    @cached_property
    def capitals(self) -> tuple[Counter[str], Counter[str]]:
        """Count the words inside of sentences: how often each begins with a capital, by its small form, how often not.

        Words of headings and of rows do not count: there everything may be capitalised.
        """
        upper: Counter[str] = Counter()
        lower: Counter[str] = Counter()
        for sentence in self.sentences:
            inner = re.findall(r"(?<=[\w,;:)] )[^\W\d_][\w’'-]*", sentence.text)
            if sentence.is_row or not inner or sum(word[0].isupper() for word in inner) > 0.7 * len(inner):
                continue
            for word in inner:
                (upper if word[0].isupper() else lower)[word.lower()] += 1
        return upper, lower

    def path_of(self, sentence: Sentence) -> tuple[str, ...]:
        """Return the headings that a sentence stands under."""
        return self.passages[sentence.passage].headings

    def is_back_matter(self, passage: int) -> bool:
        """Tell whether a passage stands in a part that says nothing of the matter: references, legal notes."""
        return any(_BACK_MATTER.search(title) and len(title) < 90 for title in self.passages[passage].headings[-2:])

    def spans_of(self, sentence: Sentence) -> tuple[PageSpan, ...]:
        """Return where on the pages a sentence stands."""
        return self._spans(self.passages[sentence.passage], sentence.start, sentence.end)

    def cite(self, sentence: Sentence, marker: int = 1) -> Citation:
        """Return the citation of a whole sentence."""
        citation = self.cite_spans(self.spans_of(sentence), sentence.text, marker)
        return replace(citation, figure=self.passages[sentence.passage].figure)

    def cite_spans(self, spans: tuple[PageSpan, ...], quote: str, marker: int = 1) -> Citation:
        """Return the citation of characters of pages."""
        document = self.document
        page = self.page_of(document.id, spans[0].page)
        return Citation(
            marker=marker,
            document_id=document.id,
            document=document.name,
            page=page.number,
            label=page.label,
            quote=quote,
            spans=spans,
            boxes=boxes_of(document.id, spans, self.page_of),
            source=page.source,
        )

    def cite_text(self, page: int, start: int, end: int, marker: int = 1) -> Citation:
        """Return the citation of characters `start` to `end` of a page."""
        return self.cite_spans((PageSpan(page, start, end),), self.texts[page][start:end], marker)

    def cite_page(self, page: int, marker: int = 1) -> Citation:
        """Return the citation of a page as a whole, without a quote: nothing on it lights up."""
        found = self.page_of(self.document.id, page)
        id_, name = self.document.id, self.document.name
        return Citation(marker, id_, name, page, found.label, "", (), (), source=found.source)

    def _page_at(self, passage: Passage, start: int, end: int) -> int | None:
        if len(passage.pages) == 1:
            return passage.pages[0]
        spans = self._spans(passage, start, end)
        return spans[0].page if spans else None

    def _spans(self, passage: Passage, start: int, end: int) -> tuple[PageSpan, ...]:
        return passage_slice(passage, self.texts, start, end)

    def _is_idle(self, sentence: Sentence) -> bool:
        text = sentence.text
        return bool(without_leaders(text) != text or _BOILERPLATE.search(text) or self.is_back_matter(sentence.passage))
