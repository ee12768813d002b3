"""A question on its way to its answers, in a thread: found and answered in the documents' words, then in a model's.

The thread writes into the chat whoever still watches, so that leaving the page or closing the browser loses nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from rag import Library
from rag.errors import Cancelled, FootnoteError, InputError, ModelError
from rag.guide.requests import recognise
from rag.index.chats import Exchange, exchanges
from rag.records import answer_from_json, answer_to_json
from rag.retrieve.rewrite import Exchange as Said
from rag.types import NORMAL, Answer, Manner, ReaderName
from rag.writing import STOPPED
from ui import words
from ui.jobs import Upload

log = logging.getLogger(__name__)

PAIR = "pair"  # of a reply's payload: the sides of its comparison
REMEMBERED = 8  # exchanges that a follow-up question may lean on
Step = Literal["waiting", "looking", "queued", "writing", "over"]
Payload = dict[str, Any]
WRITTEN: tuple[ReaderName, ...] = ("grounded", "ungrounded", "other")  # by language models
Pair = tuple[ReaderName, ReaderName]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is to be answered.

    Args:
        documents: names to look in; None: all.
        readers: which language-model readers write, after the documents' own words.
        pair: the two sides of a comparison, left and right; None: it is none.
        query: what to look for, exactly; None: the question, completed from the conversation.
        ignored: what the question is not to be understood as; see `rag.retrieve.ignoring`.
    """

    documents: Sequence[str] | None = None
    manner: Manner = NORMAL
    readers: tuple[ReaderName, ...] = ()
    query: str | None = None
    ignored: tuple[str, ...] = ()
    pair: Pair | None = None

    @classmethod
    def comparing(cls, pair: Pair, **options: Any) -> Plan:
        """Return a plan that writes what the two sides of a comparison need."""
        return cls(readers=tuple(name for name in dict.fromkeys(pair) if name in WRITTEN), pair=pair, **options)


@dataclass(slots=True)
class Draft:
    """What a language model has written so far. Written by the question's thread, read by pages."""

    text: str = ""


class Question:
    """A question that is being answered.

    Args:
        asked: the question in the chat; its reply, if it has one, is written anew or completed, and replaced when all
            is done.
        after: uploads that must be searchable first.
        previous: a question of the same chat that comes first.
    """

    def __init__(
        self,
        library: Library,
        chat_id: str,
        asked: Exchange,
        *,
        plan: Plan = Plan(),
        after: Sequence[Upload] = (),
        previous: Question | None = None,
    ) -> None:
        self.asked, self.plan, self.after, self.previous = asked, plan, tuple(after), previous
        self.step: Step = "waiting" if after or previous else "looking"
        self.drafts: dict[ReaderName, Draft] = {}
        self.n_before = 0  # generations that come before this one
        self.message_id = asked.reply.id if asked.reply else None
        payload = asked.reply.payload if asked.reply else {}
        self.has_footnotes = bool(payload.get("answer", {}).get("claims"))  # in the documents' own words
        self.is_lit = False  # whether the page lit up its first footnote
        self.problem: str | None = None  # why the answer could not be written down
        self._library, self._chat_id = library, chat_id
        self._over, self._stopped = threading.Event(), threading.Event()
        threading.Thread(target=self._run, name="question", daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Tell whether everything that was asked for is in the chat."""
        return self._over.is_set()

    def stop(self) -> None:
        """End the writing soon; what is there is kept."""
        self._stopped.set()

    def is_stopped(self) -> bool:
        """Tell whether it was asked to stop."""
        return self._stopped.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until all is done; tell whether it is."""
        return self._over.wait(timeout_s)

    def wait_until_found(self, timeout_s: float) -> bool:
        """Wait for the answer in the documents' own words; tell whether it is in the chat."""
        deadline = time.monotonic() + timeout_s
        while self.step in {"waiting", "looking"} and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.step not in {"waiting", "looking"}

    def waits_for(self) -> Upload | None:
        """Return the upload that has to be searchable first."""
        return next((upload for upload in self.after if not upload.is_searchable), None)

    def _run(self) -> None:
        try:
            self._wait()
            self.step = "looking"
            self._answer()
        except InputError as exc:  # the chat was deleted meanwhile
            log.info("an answer was dropped: %s", exc)
        except FootnoteError as exc:
            self.problem = str(exc)
        except Exception:  # the edge of the program: the page must not wait for ever
            log.exception("writing an answer down")
            self.problem = words.UNEXPECTED
        finally:
            self.step = "over"
            self.previous = None
            self._over.set()

    def _wait(self) -> None:
        """Wait for the question before this one, and for what was dropped with it."""
        while self.previous is not None and not self.previous.is_over and not self.is_stopped():
            self._stopped.wait(0.05)
        while self.waits_for() is not None and not self.is_stopped():
            self._stopped.wait(0.1)

    def _answer(self) -> None:
        """Find, write and keep; an answer that is there already stays until the new one is whole."""
        old = self.asked.reply
        kept = old.payload if old is not None and "answer" in old.payload else {}
        text, payload = self._found(kept)
        if "error" in payload and old is not None and kept:
            self._keep(old.text, kept | {"model_error": f"It could not be answered again: {text}"})
            return
        if not kept:
            self._keep(text, payload)
        if self._is_worth_writing(payload):
            payload = self._written(payload)
        elif not kept:
            return
        elif self.plan.pair is not None and payload.get("answer", {}).get("abstained"):
            payload[PAIR] = [*self.plan.pair]  # neither side has anything to write from, which the page says
        if not payload.get("answer", {}).get("abstained"):
            payload = {name: kept[name] for name in (*WRITTEN, PAIR) if name in kept} | payload
        self._keep(text, payload)

    # ------------------------------------------------------------------------------------- the documents' own words

    def _found(self, kept: Payload) -> tuple[str, Payload]:
        """Return the text and the payload of the answer in the documents' own words, found now or before."""
        if kept and self.asked.reply is not None and self.plan.query is None:
            return self.asked.reply.text, dict(kept)
        if self.is_stopped():
            return STOPPED, {"error": STOPPED}
        try:
            query = self._query()
            plan, text = self.plan, self.asked.question.text
            said = text if plan.query is None and query != text else None
            answer = self._library.ask(
                query, documents=plan.documents, manner=plan.manner, ignored=plan.ignored, said=said
            )
        except FootnoteError as exc:
            return str(exc), {"error": str(exc)}
        except Exception:  # the edge of the program
            log.exception("answering %r", self.asked.question.text)
            return words.UNEXPECTED, {"error": words.UNEXPECTED}
        payload: Payload = {"answer": answer_to_json(answer)}
        if query != self.asked.question.text:
            payload["query"] = query
        if plan.ignored:
            payload["ignored"] = [*plan.ignored]
        return answer.text, payload

    def _query(self) -> str:
        """Return what to look for: as the user wrote it, or completed from what was said before."""
        if self.plan.query is not None:
            return self.plan.query
        if recognise(self.asked.question.text) is not None:  # it is of the document, whatever was said before
            return self.asked.question.text
        said = exchanges(self._library.chats.messages(self._chat_id))
        before = [exchange for exchange in said if exchange.question.id < self.asked.question.id]
        return self._library.standalone(
            self.asked.question.text, _said(before)[-REMEMBERED:], is_cancelled=self.is_stopped
        ).query

    # ----------------------------------------------------------------------------------------------- a model's words

    def _is_worth_writing(self, payload: Payload) -> bool:
        """A model writes where there are passages to write from, or, beside them, without them."""
        answer = payload.get("answer")
        if not self.plan.readers or answer is None or self.is_stopped() or not can_compare(answer):
            return False
        return not answer["abstained"] or "ungrounded" in self.plan.readers

    def _written(self, payload: Payload) -> Payload:
        """Return the payload with what the model wrote, or why it did not."""
        answer = answer_from_json(payload["answer"])
        readers = [name for name in self.plan.readers if name == "ungrounded" or not answer.abstained]
        payload = {name: value for name, value in payload.items() if name not in {"model_error", PAIR}}
        if self.plan.pair is not None:
            payload[PAIR] = [*self.plan.pair]
        self.step = "queued"
        try:
            written = self._library.write(
                payload.get("query", self.asked.question.text),
                answer.hits,
                readers=tuple(readers),
                manner=self.plan.manner,
                own=answer,
                on_wait=self._queued,
                on_piece=self._piece,
                is_cancelled=self.is_stopped,
            )
        except Cancelled:  # while it waited for its turn: nothing was written
            return payload
        except FootnoteError as exc:  # the extractive answer stands, and says why there is no other
            return payload | {"model_error": str(exc)}
        except Exception:  # the edge of the program
            log.exception("writing an answer to %r", self.asked.question.text)
            return payload | {"model_error": words.UNEXPECTED}
        failed = dict.fromkeys(str(outcome) for outcome in written.values() if isinstance(outcome, ModelError))
        if failed:
            payload["model_error"] = " ".join(failed)
        return payload | {
            name: answer_to_json(replace(outcome, hits=()))  # they stand in the extractive answer: once is enough
            for name, outcome in written.items()
            if isinstance(outcome, Answer)
        }

    def _queued(self, n_before: int) -> None:
        self.n_before = n_before

    def _piece(self, name: ReaderName, piece: str) -> None:
        self.step = "writing"
        self.drafts.setdefault(name, Draft()).text += piece

    def _keep(self, text: str, payload: Payload) -> None:
        """Write the answer into the chat."""
        self.has_footnotes = bool(payload.get("answer", {}).get("claims"))
        payload = payload | {"to": self.asked.question.id}
        if self.message_id is None:
            self.message_id = self._library.chats.append(self._chat_id, "assistant", text, payload).id
        else:
            self._library.chats.update(self.message_id, text, payload)


def pair_of(payload: Mapping[str, Any]) -> Pair | None:
    """Return the two sides that a reply compares; None where it compares nothing."""
    if PAIR in payload:
        left, right = payload[PAIR]
        return left, right
    return ("grounded", "ungrounded") if "ungrounded" in payload else None


def can_compare(answer: Mapping[str, Any]) -> bool:
    """Tell whether a model can write to this answer: from its passages, as one to a question of the usual kind."""
    return answer.get("kind", "answer") == "answer" and bool(answer["hits"])


def _said(before: Sequence[Exchange]) -> list[Said]:
    """Return what was looked for, and what the documents said to it."""
    found = []
    for exchange in before:
        payload = {} if exchange.reply is None else exchange.reply.payload
        if exchange.reply is not None and "answer" in payload:
            answer = payload["answer"]
            said = "" if answer["abstained"] else answer.get("short_answer") or exchange.reply.text
            found.append(Said(payload.get("query", exchange.question.text), said))
    return found
