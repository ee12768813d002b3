"""A question on its way to its answers, in a thread: found and answered in the documents' words, then in a model's.

The thread writes into the chat whoever still watches, so that leaving the page or closing the browser loses nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from rag import Library
from rag.errors import Cancelled, FootnoteError, InputError, ModelError
from rag.index.chats import Message
from rag.records import answer_from_json, answer_to_json
from rag.retrieve.rewrite import Exchange, Rewritten, standalone
from rag.types import NORMAL, Answer, Manner, ReaderName
from ui import words
from ui.jobs import Upload

log = logging.getLogger(__name__)

REMEMBERED = 8  # exchanges that a follow-up question may lean on
Step = Literal["waiting", "looking", "queued", "writing", "over"]
Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question is to be answered.

    Args:
        documents: names to look in; None: all.
        readers: which language-model readers write, after the documents' own words.
        query: what to look for, exactly; None: the question, completed from the conversation.
    """

    documents: Sequence[str] | None = None
    manner: Manner = NORMAL
    readers: tuple[ReaderName, ...] = ()
    query: str | None = None


@dataclass(slots=True)
class Draft:
    """What a language model has written so far. Written by the question's thread, read by pages."""

    text: str = ""


class Question:
    """A question that is being answered.

    Args:
        after: uploads that must be searchable first.
        message: the answer in the chat that is to be written anew, or completed; None: a new one is added.
    """

    def __init__(
        self,
        library: Library,
        chat_id: str,
        text: str,
        *,
        plan: Plan = Plan(),
        after: Sequence[Upload] = (),
        message: Message | None = None,
    ) -> None:
        self.text, self.after = text, tuple(after)
        self.step: Step = "waiting" if after else "looking"
        self.drafts: dict[ReaderName, Draft] = {}
        self.n_before = 0  # generations that come before this one
        self.message_id = message.id if message else None
        self.has_footnotes = False  # whether the answer in the documents' own words has any
        self.is_lit = False  # whether the page lit up its first footnote
        self.plan = plan
        self._library, self._chat_id = library, chat_id
        self._old = message
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
            while self.waits_for() is not None and not self.is_stopped():
                time.sleep(0.1)
            self.step = "looking"
            text, payload = self._found()
            self._keep(text, payload)
            if self._is_worth_writing(payload):
                self._write(text, payload)
        except InputError as exc:  # the chat was deleted meanwhile
            log.info("an answer was dropped: %s", exc)
        except Exception:  # the edge of the program: the page must not wait for ever
            log.exception("writing an answer down")
        finally:
            self.step = "over"
            self._over.set()

    # ------------------------------------------------------------------------------------- the documents' own words

    def _found(self) -> tuple[str, Payload]:
        """Return the text and the payload of the answer in the documents' own words, found now or before."""
        if self._old is not None and self.plan.query is None and "answer" in self._old.payload:
            return self._old.text, dict(self._old.payload)
        try:
            asked = self._asked()
            answer = self._library.ask(asked.query, documents=self.plan.documents, manner=self.plan.manner)
        except FootnoteError as exc:
            return str(exc), {"error": str(exc)}
        except Exception:  # the edge of the program
            log.exception("answering %r", self.text)
            return words.UNEXPECTED, {"error": words.UNEXPECTED}
        payload: Payload = {"answer": answer_to_json(answer)}
        if asked.query != self.text:
            payload |= {"query": asked.query, "carried": list(asked.carried)}
        return answer.text, payload

    def _asked(self) -> Rewritten:
        """Return what to look for: as the user wrote it, or completed from what was said before."""
        if self.plan.query is not None:
            return Rewritten(self.plan.query, ())
        messages = self._library.chats.messages(self._chat_id)
        return standalone(self.text, exchanges(messages[:-1])[-REMEMBERED:])

    # ----------------------------------------------------------------------------------------------- a model's words

    def _is_worth_writing(self, payload: Payload) -> bool:
        """A model writes where there is something to write from, or where it is to be compared."""
        answer = payload.get("answer")
        if not self.plan.readers or answer is None or self.is_stopped():
            return False
        is_found = not answer["abstained"] and answer.get("kind", "answer") == "answer"
        return is_found or "ungrounded" in self.plan.readers

    def _write(self, text: str, payload: Payload) -> None:
        answer = answer_from_json(payload["answer"])
        readers = [name for name in self.plan.readers if not (name == "grounded" and answer.abstained)]
        payload.pop("model_error", None)
        self.step = "queued"
        try:
            written = self._library.write(
                payload.get("query", self.text),
                answer.hits,
                readers=tuple(readers),
                manner=self.plan.manner,
                on_wait=self._queued,
                on_piece=self._piece,
                is_cancelled=self.is_stopped,
            )
        except Cancelled:  # while it waited for its turn: nothing was written
            return
        except FootnoteError as exc:  # the extractive answer stands, and says why there is no other
            payload["model_error"] = str(exc)
        except Exception:  # the edge of the program
            log.exception("writing an answer to %r", self.text)
            payload["model_error"] = words.UNEXPECTED
        else:
            for name, outcome in written.items():
                if isinstance(outcome, ModelError):
                    payload["model_error"] = str(outcome)
                else:
                    payload[name] = answer_to_json(_without_hits(outcome))
        self._keep(text, payload)

    def _queued(self, n_before: int) -> None:
        self.n_before = n_before

    def _piece(self, name: ReaderName, piece: str) -> None:
        self.step = "writing"
        self.drafts.setdefault(name, Draft()).text += piece

    def _keep(self, text: str, payload: Payload) -> None:
        """Write the answer into the chat."""
        self.has_footnotes = bool(payload.get("answer", {}).get("claims"))
        if self.message_id is None:
            self.message_id = self._library.chats.append(self._chat_id, "assistant", text, payload).id
        else:
            self._library.chats.update(self.message_id, text, payload)


def _without_hits(answer: Answer) -> Answer:
    """The hits stand in the extractive answer already: once is enough."""
    return replace(answer, hits=())


def exchanges(messages: Sequence[Message]) -> list[Exchange]:
    """Return what was asked, as it was looked for, and what the documents said to it."""
    found: list[Exchange] = []
    asked: str | None = None
    for message in messages:
        if message.role == "user":
            asked = message.text
        elif asked is not None and "answer" in message.payload:
            answer = message.payload["answer"]
            said = "" if answer["abstained"] else answer.get("short_answer") or message.text
            found.append(Exchange(message.payload.get("query", asked), said))
            asked = None
    return found
