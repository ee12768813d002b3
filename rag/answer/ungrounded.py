"""The same language model without the passages: what it would have said by itself. Nothing of it can be cited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answer.generative import MAX_TOKENS, never, whole
from rag.answer.prompts import ungrounded_turns
from rag.answer.spoken import NOTHING, declines, sentences_said, spoken
from rag.types import Answer, Claim, Hit, IsCancelled, LanguageModel, Length

_KNOWS_NOTHING = "The model alone does not know."


@dataclass(frozen=True, slots=True)
class UngroundedReader:
    """Answers from what the model knows. It takes the hits as every reader does, and never looks at them."""

    model: LanguageModel
    length: Length = "normal"
    style: str = ""

    def stream(self, question: str, hits: Sequence[Hit] = (), *, is_cancelled: IsCancelled = never) -> Iterator[str]:
        """Yield the text piece by piece.

        Raises:
            ModelError: the model cannot be reached or broke off; what was yielded before is kept.
        """
        del hits
        turns = ungrounded_turns(question, self.length, style=self.style)
        yield from spoken(self.model.stream(turns, max_tokens=MAX_TOKENS[self.length], is_cancelled=is_cancelled))

    def cited(self, question: str, hits: Sequence[Hit], text: str, *, note: str | None = None) -> Answer:
        """Return what the model said as an answer: a claim a sentence, without citations, unchecked."""
        del hits
        text, notes = whole(text, n_tokens=self.model.count(text), length=self.length, note=note)
        said = [one.text for one in sentences_said(text)]
        answer = Answer(
            question, "ungrounded", _KNOWS_NOTHING, (), (), abstained=True, model=self.model.name, note=notes
        )
        if not said or declines(said[0]):
            return answer if said else replace(answer, note=notes or NOTHING)
        claims = tuple(Claim(sentence, (), "unchecked") for sentence in said)
        return replace(answer, text=" ".join(said), claims=claims, abstained=False)
