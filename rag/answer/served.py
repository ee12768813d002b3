"""A language model on an OpenAI-compatible server that the user named: turns of a conversation to text, as it comes.

Nothing is sent anywhere else: redirects are not followed, a server on this computer is asked without a proxy, and the
key goes to that server alone: it stands in no message and in no log. Reading goes on in a thread of its own, so that
Stop is heeded while the server is silent; it closes the connection.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import queue
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from rag.errors import ModelError
from rag.types import IsCancelled, Turn

if TYPE_CHECKING:
    import openai

log = logging.getLogger(__name__)

BROKE_OFF = "The server {server} broke off in the middle; what it had said is kept. Ask again, or choose another model."
N_CONTEXT = 8192  # where the server does not say
N_CONTEXT_HERE = 4096  # the same of one on this computer: Ollama's default, and it cuts what is longer without a word

_CONNECT_S, _READ_S, _TOTAL_S = 2.0, 60.0, 600.0  # the second is the longest silence, also before the first word
_LOOK_S = 0.05  # between two looks whether the user has cancelled
_CHARACTERS_A_TOKEN = 3.6  # of English text; the server's tokenizer is not here
_AHEAD = 64  # pieces that may wait for whoever reads them
_SENT = frozenset(  # of the headers
    "host connection accept accept-encoding content-type content-length authorization user-agent".split()
)
# Tokens that steer a conversation, as models have them: ChatML and Llama 3, DeepSeek, Gemma, Mistral and Llama 2.
_CONTROL = re.compile(
    r"<[|｜][^<>|｜\n]{1,40}[|｜]>|</?s>|</?(?:start|end)_of_\w{1,20}>|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_\w{1,20})\]"
    r"|<</?SYS>>|</?think>",
    re.I,
)
_TOO_LONG = re.compile(
    r"(?:maximum context length is|context size \(|exceed context window of|context window is)\s*(?P<n>\d[\d,]{2,9})",
    re.I,
)
_MAX_MESSAGE = 300  # characters of a server's own message that are shown


class ServedModel:
    """A model that a server runs.

    Args:
        server: its address; "/v1" is added when it has no path.
        model: its name there; empty: the first that the server lists.
        key: sent to this server alone.
        read_s: the longest silence, also before the first word.

    Raises:
        ModelError: the address is none, or the server cannot be reached, refuses, or lists no model.
    """

    def __init__(self, server: str, *, model: str = "", key: str = "", read_s: float = _READ_S) -> None:
        import openai  # noqa: PLC0415  (heavy)

        self.server = _address(server)
        timeout = openai.Timeout(max(_TOTAL_S, read_s), connect=_CONNECT_S, read=read_s)
        # max_retries=0: a generation that was slow would be paid for twice. A key is always given, or the one in the
        # environment, which belongs to another server, would be taken.
        self._client = openai.OpenAI(
            base_url=self.server,
            api_key=key or "none",
            max_retries=0,
            timeout=timeout,
            default_headers={"Connection": "close"},  # a connection of its own for each reply, so that it can be cut
            http_client=openai.DefaultHttpxClient(
                event_hooks={"request": [self._only_ours, self._watch]},
                follow_redirects=False,
                trust_env=not _is_here(self.server),  # a proxy of the environment is for what lies elsewhere
            ),
        )
        self._here = threading.local()  # .reading: what the thread that sends a request is reading for
        self._read_s = read_s
        self._forms = list(_FORMS)
        self._n_context = N_CONTEXT_HERE if _is_here(self.server) else N_CONTEXT
        self._name = model or self._first_model()

    @property
    def name(self) -> str:
        """Return the name that the server knows it by; of one that is a file there, the file's alone."""
        is_file = self._name.startswith(("/", "~")) or self._name.lower().endswith(".gguf")
        return re.split(r"[/\\]", self._name)[-1] if is_file else self._name

    @property
    def n_context(self) -> int:
        """Return how many tokens it can hold, as far as the server says."""
        return self._n_context

    def count(self, text: str) -> int:
        """Return how many tokens a text has, about."""
        return max(round(len(text) / _CHARACTERS_A_TOKEN), len(text.split())) if text.strip() else 0

    def stream(self, turns: Sequence[Turn], *, max_tokens: int, is_cancelled: IsCancelled) -> Iterator[str]:
        """Yield the reply piece by piece, as the server sends it; when cancelled, close the connection.

        Raises:
            ModelError: the server cannot be reached, refuses, is silent for too long, or breaks off; what was yielded
                before is kept.
        """
        reading = _Reading()
        arguments = (reading, [{"role": turn.role, "content": plain(turn.text)} for turn in turns], max_tokens)
        threading.Thread(target=self._read, args=arguments, name="served-model", daemon=True).start()
        try:
            while not is_cancelled():
                try:
                    piece = reading.pieces.get(timeout=_LOOK_S)
                except queue.Empty:
                    continue
                if isinstance(piece, ModelError):
                    raise piece
                if piece is None:
                    return
                yield piece
        finally:
            reading.stop()

    # ------------------------------------------------------------------------------ in the reading thread

    def _read(self, reading: _Reading, messages: list[dict[str, str]], max_tokens: int) -> None:
        """Hand on every piece, then None, or the error that ended it."""
        self._here.reading = reading
        try:
            is_finished = False
            with self._opened(messages, max_tokens) as chunks:
                for chunk in chunks:
                    if reading.is_stopped.is_set():
                        return
                    for choice in chunk.choices[:1]:  # the last chunk, with the usage, has none
                        reading.put((choice.delta.content if choice.delta else None) or "")
                        is_finished = is_finished or choice.finish_reason is not None
            reading.put(None if is_finished else ModelError(BROKE_OFF.format(server=self.server)))
        except Exception as exc:  # noqa: BLE001  (whatever ends this thread must reach the one that waits for it)
            if not reading.is_stopped.is_set():
                reading.put(self._explained(exc))

    def _only_ours(self, request: Any) -> None:
        """Take out what the client adds from the environment (organization, project, headers) and of this computer."""
        for name in [name for name in request.headers if name.lower() not in _SENT]:
            del request.headers[name]
        request.headers["Authorization"] = f"Bearer {self._client.api_key}"

    def _watch(self, request: Any) -> None:
        """Let the reading that sends this request know its connection, from before the first byte comes."""
        reading = getattr(self._here, "reading", None)
        if reading is not None:
            request.extensions["trace"] = reading.notice

    def _opened(self, messages: list[dict[str, str]], max_tokens: int) -> openai.Stream[Any]:
        """Send the request in the first form that the server understands; try a connection that fails once more."""
        import openai  # noqa: PLC0415  (heavy)

        while True:
            form = self._forms[0]
            request = {"model": self._name, "messages": messages, "stream": True} | form.fields(max_tokens)
            try:
                return self._connected(request)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as exc:
                if len(self._forms) == 1 or _context_told(exc):
                    raise
                log.info("%s does not understand the request; trying a plainer one", self.server)
                self._forms.pop(0)

    def _connected(self, request: dict[str, Any]) -> openai.Stream[Any]:
        import openai  # noqa: PLC0415  (heavy)

        create: Any = self._client.chat.completions.create
        try:
            return create(**request)  # type: ignore[no-any-return]
        except openai.APIConnectionError as exc:
            if not _never_connected(exc):
                raise
            return create(**request)  # type: ignore[no-any-return]

    def _first_model(self) -> str:
        """Return the first model that the server lists, and remember how much it holds."""
        import openai  # noqa: PLC0415  (heavy)

        try:
            listed = list(self._client.models.list())
        except (openai.OpenAIError, ValueError, AttributeError, TypeError) as exc:
            raise self._explained(exc) from exc
        if not listed:
            raise ModelError(f"The server {self.server} lists no model. Load one there, or name it under Settings.")
        extra = listed[0].model_extra or {}
        meta = extra.get("meta")
        of_slot = meta.get("n_ctx") if isinstance(meta, dict) else None
        for said in (extra.get("max_model_len"), of_slot):  # vLLM; llama.cpp
            if isinstance(said, int) and said > 0:
                self._n_context = said
                break
        return str(listed[0].id)

    def _explained(self, exc: Exception) -> ModelError:
        """Return what went wrong, with the address and the next step."""
        import openai  # noqa: PLC0415  (heavy)

        if isinstance(exc, ModelError):
            return exc
        if isinstance(exc, openai.APIStatusError):
            if n_context := _context_told(exc):
                self._n_context = n_context  # what is read for the next question fits
                return ModelError(
                    f"The server {self.server} holds only {n_context:,} tokens of {self.name} at a time. Ask again: "
                    "less is sent now. Or start it with a longer context."
                )
            return ModelError(self._refused(exc))
        if isinstance(exc, openai.APIConnectionError) and _never_connected(exc):
            return ModelError(
                f"Nothing answers at {self.server}. Is the server running? Start it, or correct the address."
            )
        if isinstance(exc, openai.APITimeoutError) or "Timeout" in type(exc.__cause__ or exc).__name__:
            return ModelError(
                f"The server {self.server} was silent for {self._read_s:.0f} seconds; what it had said is kept. It may "
                "be overloaded: try again later, or choose a smaller model."
            )
        if isinstance(exc, openai.APIConnectionError):
            return ModelError(BROKE_OFF.format(server=self.server))
        detail = self._harmless(str(exc)) or type(exc).__name__
        return ModelError(
            f"The server {self.server} sent what no OpenAI-compatible server sends: {detail}. Check the address."
        )

    def _refused(self, exc: openai.APIStatusError) -> str:
        if exc.response.has_redirect_location:
            target = _target(self.server, exc.response.headers["location"])
            return (
                f"The server {self.server} sends on to {target}, and nothing was sent there. If you trust that one, "
                "set its address instead."
            )
        message = self._harmless(exc.message)
        steps = {
            401: "Check the key.",
            403: "Check the key.",
            404: f"Check the address and the name of the model ({getattr(self, '_name', '') or 'none is set'}).",
            429: "It has too much to do: try again in a moment.",
        }
        step = steps.get(exc.status_code, "Try again in a moment." if exc.status_code >= 500 else "Check the model.")
        return f"The server {self.server} answered {exc.status_code}: {message} {step}"

    def _harmless(self, message: str) -> str:
        """Return a server's own message, short and without the key."""
        hidden = message.replace(self._client.api_key, "***") if self._client.api_key != "none" else message
        return " ".join(hidden.split())[:_MAX_MESSAGE]


def plain(text: str) -> str:
    """Return a text whose control tokens are broken up: a server would obey those that stand in a document."""
    return _CONTROL.sub(lambda match: f"{match.group()[0]} {match.group()[1:]}", text)


@dataclass(frozen=True, slots=True)
class _Form:
    """What of a request servers disagree on."""

    limit: str  # the name of the field with the greatest number of tokens
    extra: dict[str, Any]

    def fields(self, max_tokens: int) -> dict[str, Any]:
        return {self.limit: max_tokens} | self.extra


# vLLM and llama.cpp heed the first; Ollama the second alone, and it thinks where nothing is said (ollama#14820, 2026).
_NO_THINKING: dict[str, Any] = {"chat_template_kwargs": {"enable_thinking": False}}
_NO_EFFORT = {"reasoning_effort": "none"}
_FORMS = (  # the fullest first; OpenAI's own newer models understand the last alone
    _Form("max_tokens", {"temperature": 0, "extra_body": _NO_THINKING | _NO_EFFORT}),
    _Form("max_tokens", {"temperature": 0, "extra_body": _NO_THINKING}),
    _Form("max_tokens", {"temperature": 0}),
    _Form("max_completion_tokens", {}),
)


@dataclass(slots=True)
class _Reading:
    """What is shared by the thread that reads and the one that waits."""

    pieces: queue.Queue[str | ModelError | None] = field(default_factory=lambda: queue.Queue(_AHEAD))
    is_stopped: threading.Event = field(default_factory=threading.Event)
    connection: Any = None  # its socket, once there is one

    def put(self, piece: str | ModelError | None) -> None:
        """Hand on a piece; give up when nobody reads any more."""
        while piece != "" and not self.is_stopped.is_set():
            with contextlib.suppress(queue.Full):
                self.pieces.put(piece, timeout=_LOOK_S)
                return

    def notice(self, event: str, info: dict[str, Any]) -> None:
        """Remember the socket when the connection comes about."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self.connection = info["return_value"].get_extra_info("socket")
            if self.is_stopped.is_set():
                self.stop()

    def stop(self) -> None:
        """End the reading: a connection that is shut down wakes the thread that waits for its next bytes."""
        self.is_stopped.set()
        if self.connection is not None:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


def _context_told(exc: openai.APIStatusError) -> int:
    """Return how many tokens a server holds, when it says that a prompt has more; 0 when it says something else.

    llama.cpp names it (`n_ctx`), vLLM and llama-cpp-python write it into their message.
    """
    body = exc.body if isinstance(exc.body, dict) else {}
    error = body.get("error") if isinstance(body.get("error"), dict) else body
    named = error.get("n_ctx") if isinstance(error, dict) else None
    if isinstance(named, int) and named > 0:
        return named
    found = _TOO_LONG.search(exc.message)
    return int(found["n"].replace(",", "")) if found else 0


def _never_connected(exc: BaseException) -> bool:
    """Tell whether not even a connection came about, so that trying again costs nothing."""
    return type(exc.__cause__).__name__ in {"ConnectError", "ConnectTimeout"}


def _address(server: str) -> str:
    """Return the address with a scheme and a path.

    Raises:
        ModelError: it is no address of a web server.
    """
    named = server.strip()
    full = (named if "://" in named else f"http://{named}").rstrip("/")
    parts = urlsplit(full)
    try:
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_address = False
    if not is_address or parts.username or parts.password:
        raise ModelError(
            f"{_without_password(server)!r} is no address of a server. One looks like http://localhost:8000/v1; a key "
            "stands in a field of its own."
        )
    return full if parts.path else f"{full}/v1"


def _target(server: str, location: str) -> str:
    """Return scheme, host and port of what a redirect leads to."""
    try:
        parts = urlsplit(urljoin(server, location))
    except ValueError:
        return "what is no address"
    return f"{parts.scheme}://{_without_password(parts.netloc)}"[:_MAX_MESSAGE]


def _is_here(server: str) -> bool:
    """Tell whether an address is one of this computer."""
    host = urlsplit(server).hostname or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _without_password(server: str) -> str:
    return server.rpartition("@")[2]
