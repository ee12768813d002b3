"""A language model on a server: a real one over a tiny model, and small ones that misbehave, all on loopback."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.answer.served import N_CONTEXT, N_CONTEXT_HERE, ServedModel
from rag.errors import ModelError
from rag.types import Turn
from tests import made_models

ASKED = [Turn("system", "Be brief."), Turn("user", "What is dropout?")]
KEY = "sk-very-secret-key"


def never() -> bool:
    return False


def chunk(text: str | None = None, finish: str | None = None) -> bytes:
    choices = [{"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": finish}]
    return f"data: {json.dumps({'id': 'x', 'object': 'chat.completion.chunk', 'choices': choices})}\n\n".encode()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
DONE = b"data: [DONE]\n\n"
USAGE = b'data: {"id": "x", "object": "chat.completion.chunk", "choices": [], "usage": {"total_tokens": 3}}\n\n'


def answer(status: str, body: object) -> bytes:
    raw = json.dumps(body).encode()
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\nConnection: close\r\n\r\n"
    ).encode() + raw


class Server:
    """Plays a script to every connection; remembers the requests, and whether the client hung up."""

    def __init__(self, play: Callable[[socket.socket, bytes, Server], None]) -> None:
        self.requests: list[bytes] = []
        self.silent = threading.Event()  # all was sent, and nothing more will come
        self.hung_up = threading.Event()
        self._play = play
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            raw = b""
            while b"\r\n\r\n" not in raw:
                raw += connection.recv(65536)
            head, _, body = raw.partition(b"\r\n\r\n")
            lengths = [
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-l")
            ]
            while len(body) < sum(lengths):
                body += connection.recv(65536)
            self.requests.append(head + b"\r\n\r\n" + body)
            try:
                self._play(connection, self.requests[-1], self)
            except OSError:
                self.hung_up.set()

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(play: Callable[[socket.socket, bytes, Server], None]) -> Server:
        servers.append(Server(play))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def sending(*pieces: bytes) -> Callable[[socket.socket, bytes, Server], None]:
    return lambda connection, _request, _server: connection.sendall(b"".join(pieces))


def stalling(*pieces: bytes) -> Callable[[socket.socket, bytes, Server], None]:
    """Send the pieces, then nothing, until the client hangs up."""

    def play(connection: socket.socket, _request: bytes, server: Server) -> None:
        connection.sendall(b"".join(pieces))
        server.silent.set()
        connection.settimeout(120)
        if connection.recv(1) == b"":
            server.hung_up.set()

    return play


def collected(model: ServedModel) -> tuple[str, ModelError | None]:
    text = ""
    try:
        for piece in model.stream(ASKED, max_tokens=20, is_cancelled=never):
            text += piece
    except ModelError as exc:
        return text, exc
    return text, None


# --------------------------------------------------------------------------------------------- a real server


@pytest.fixture(scope="module")
def transformers_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of `transformers serve` over a tiny Llama, and the name of the model."""
    pytest.importorskip("fastapi", reason="the server needs fastapi: pip install '.[dev]'")
    pytest.importorskip("uvicorn", reason="the server needs uvicorn: pip install '.[dev]'")
    folder = made_models.tiny_llama(tmp_path_factory.mktemp("served"))
    cache = tmp_path_factory.mktemp("hub")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = "import sys; from transformers.cli.transformers import main; sys.argv[0] = 'transformers'; main()"
    command = [sys.executable, "-c", code, "serve", str(folder), "--port", str(port), "--host", "127.0.0.1"]
    environment = os.environ | {"HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = (cache / "log").open("wb")
    process = subprocess.Popen([*command, "--device", "cpu"], stdout=log, stderr=log, env=environment)
    try:
        deadline = time.monotonic() + 90
        while not _is_up(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.skip(f"transformers serve does not start here: {(cache / 'log').read_text()[-500:]}")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}", str(folder)
    finally:
        process.kill()
        process.wait()
        log.close()


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20):
            return True
    except OSError:
        return False


@pytest.mark.slow
def test_a_real_server_streams_a_reply(transformers_server: tuple[str, str]) -> None:
    address, name = transformers_server
    model = ServedModel(address, model=name)
    pieces = list(model.stream(ASKED, max_tokens=12, is_cancelled=never))
    assert len(pieces) > 1
    assert model.name == Path(name).name


@pytest.mark.slow
def test_a_real_server_can_be_stopped_in_the_middle(transformers_server: tuple[str, str]) -> None:
    address, name = transformers_server
    pieces: list[str] = []
    model = ServedModel(address, model=name)
    for piece in model.stream(ASKED, max_tokens=300, is_cancelled=lambda: len(pieces) >= 3):
        pieces.append(piece)
    assert len(pieces) == 3


# ------------------------------------------------------------------------------------- servers that misbehave


def test_what_a_server_streams_is_yielded_and_chunks_without_choices_are_passed_over(
    serve: Callable[..., Server],
) -> None:
    server = serve(sending(HEAD, chunk("Dropout "), chunk("helps."), chunk(finish="stop"), USAGE, DONE))
    assert collected(ServedModel(server.address, model="m", key=KEY)) == ("Dropout helps.", None)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat/completions ")
    assert f"Bearer {KEY}".encode() in head
    sent = json.loads(body)
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert (sent["model"], sent["max_tokens"], sent["stream"]) == ("m", 20, True)


def test_a_reply_that_reached_its_greatest_length_is_no_error(serve: Callable[..., Server]) -> None:
    server = serve(sending(HEAD, chunk("Dropout"), chunk(finish="length"), DONE))
    assert collected(ServedModel(server.address, model="m")) == ("Dropout", None)


@pytest.mark.parametrize("end", [b"", DONE, USAGE + DONE])
def test_a_stream_that_ends_without_a_reason_is_an_error_and_its_text_is_kept(
    serve: Callable[..., Server], end: bytes
) -> None:
    server = serve(sending(HEAD, chunk("Dropout helps beca"), end))
    text, error = collected(ServedModel(server.address, model="m"))
    assert text == "Dropout helps beca"
    assert error is not None
    assert "broke off in the middle; what it had said is kept" in str(error)
    assert server.address in str(error)


def test_a_connection_that_is_cut_in_the_middle_of_a_chunked_reply_is_an_error(serve: Callable[..., Server]) -> None:
    head = HEAD.replace(b"Connection: close", b"Transfer-Encoding: chunked")
    body = chunk("Half a")
    server = serve(sending(head, f"{len(body):x}\r\n".encode(), body, b"\r\n", b"ff\r\nda"))
    text, error = collected(ServedModel(server.address, model="m"))
    assert text == "Half a"
    assert "broke off" in str(error)


@pytest.mark.parametrize("said", ["", "Dropout is "])
def test_a_silent_server_is_given_up_and_asked_only_once(serve: Callable[..., Server], said: str) -> None:
    server = serve(stalling(HEAD, chunk(said)) if said else stalling())
    text, error = collected(ServedModel(server.address, model="m", read_s=0.5))
    assert text == said
    assert "was silent for" in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize("pieces", [(), (HEAD,), (HEAD, chunk("Dropout"))])
def test_stop_is_heeded_while_the_server_is_silent(serve: Callable[..., Server], pieces: tuple[bytes, ...]) -> None:
    server = serve(stalling(*pieces))
    n_heard = 1 if len(pieces) == 2 else 0
    heard: list[str] = []
    stream = ServedModel(server.address, model="m").stream(
        ASKED, max_tokens=20, is_cancelled=lambda: server.silent.is_set() and len(heard) == n_heard
    )
    for piece in stream:  # a stop that is not heeded ends in an error: the server hangs up at last
        heard.append(piece)
    assert heard == ["Dropout"][:n_heard]
    assert server.hung_up.wait(60)


def test_closing_the_stream_closes_the_connection(serve: Callable[..., Server]) -> None:
    server = serve(stalling(HEAD, chunk("Dropout")))
    stream = ServedModel(server.address, model="m").stream(ASKED, max_tokens=20, is_cancelled=never)
    assert next(iter(stream)) == "Dropout"
    stream.close()  # type: ignore[attr-defined]
    assert server.hung_up.wait(60)


@pytest.mark.parametrize(
    ("status", "next_step"),
    [
        ("401 Unauthorized", "Check the key."),
        ("404 Not Found", r"name of the model \(m\)"),
        ("429 Too Many Requests", "try again in a moment"),
        ("503 Service Unavailable", "Try again in a moment"),
    ],
)
def test_a_refusal_names_the_server_and_the_next_step_but_never_the_key(
    serve: Callable[..., Server], status: str, next_step: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(sending(answer(status, {"error": {"message": f"no good: {KEY}"}})))
    with caplog.at_level(logging.DEBUG), pytest.raises(ModelError, match=next_step) as raised:
        list(ServedModel(server.address, model="m", key=KEY).stream(ASKED, max_tokens=5, is_cancelled=never))
    assert f"The server {server.address}/v1 answered {status[:3]}" in str(raised.value)
    assert "no good: ***" in str(raised.value)
    assert KEY not in caplog.text
    assert len(server.requests) == 1


def test_a_server_that_knows_only_the_newer_fields_is_asked_in_its_way_and_from_then_on_at_once(
    serve: Callable[..., Server],
) -> None:
    def play(connection: socket.socket, request: bytes, _server: Server) -> None:
        sent = json.loads(request.partition(b"\r\n\r\n")[2])
        is_known = set(sent) == {"model", "messages", "stream", "max_completion_tokens"}
        refusal = answer("400 Bad Request", {"error": {"message": "Unsupported parameter"}})
        connection.sendall(HEAD + chunk("Fine.") + chunk(finish="stop") + DONE if is_known else refusal)

    server = serve(play)
    model = ServedModel(server.address, model="m")
    assert collected(model) == ("Fine.", None)
    n_requests = len(server.requests)
    assert collected(model) == ("Fine.", None)
    assert len(server.requests) == n_requests + 1


def test_an_address_where_nothing_listens_is_an_error_that_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text, error = collected(ServedModel(f"127.0.0.1:{port}", model="m"))
    assert text == ""
    assert f"Nothing answers at http://127.0.0.1:{port}/v1. Is the server running?" in str(error)


def test_a_web_page_is_no_model(serve: Callable[..., Server]) -> None:
    page = b"<html>hello</html>"
    server = serve(sending(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n", page))
    with pytest.raises(ModelError, match="no OpenAI-compatible server"):
        ServedModel(server.address)
    text, error = collected(ServedModel(server.address, model="m"))
    assert text == ""
    assert error is not None


def test_without_a_name_the_first_model_of_the_list_is_taken_with_its_length(serve: Callable[..., Server]) -> None:
    listed = {"object": "list", "data": [{"id": "first", "object": "model", "max_model_len": 4096}, {"id": "second"}]}
    model = ServedModel(serve(sending(answer("200 OK", listed))).address)
    assert (model.name, model.n_context) == ("first", 4096)


def test_llama_cpp_tells_how_much_a_slot_holds(serve: Callable[..., Server]) -> None:
    file = {"id": "/home/me/models/m.Q4_1.gguf", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131072, "n_ctx": 2048}}
    model = ServedModel(serve(sending(answer("200 OK", {"data": [file]}))).address)
    assert (model.n_context, model.name) == (2048, "m.Q4_1.gguf")
    assert ServedModel("http://models.invalid/v1", model="Qwen/Qwen3-8B").name == "Qwen/Qwen3-8B"


def test_a_server_on_this_computer_that_does_not_say_is_taken_to_hold_what_ollama_does(
    serve: Callable[..., Server],
) -> None:
    listed = {"data": [{"id": "qwen3:4b", "object": "model", "owned_by": "library"}]}
    assert ServedModel(serve(sending(answer("200 OK", listed))).address).n_context == N_CONTEXT_HERE
    assert ServedModel("http://models.invalid/v1", model="m").n_context == N_CONTEXT


TOO_LONG = [
    {"error": {"code": 400, "message": "request (4390 tokens) exceeds the available context size (2048 tokens)",
               "type": "exceed_context_size_error", "n_prompt_tokens": 4390, "n_ctx": 2048}},
    {"object": "error", "message": "This model's maximum context length is 2048 tokens. However, you requested 4390"},
    {"error": {"message": "Requested tokens (4390) exceed context window of 2048", "code": None}},
]  # fmt: skip


@pytest.mark.parametrize("body", TOO_LONG, ids=["llama.cpp", "vLLM", "llama-cpp-python"])
@pytest.mark.parametrize("status", ["400 Bad Request", "500 Internal Server Error"])
def test_a_prompt_that_is_too_long_teaches_how_much_the_server_holds(
    serve: Callable[..., Server], body: object, status: str
) -> None:
    server = serve(sending(answer(status, body)))
    model = ServedModel(server.address, model="m")
    text, error = collected(model)
    assert text == ""
    assert "holds only 2,048 tokens of m" in str(error)
    assert model.n_context == 2048
    assert len(server.requests) == 1, "a plainer form would not be shorter"


def test_thinking_is_turned_off_in_the_ways_of_vllm_llama_cpp_and_ollama_until_a_server_refuses_one(
    serve: Callable[..., Server],
) -> None:
    def play(connection: socket.socket, request: bytes, _server: Server) -> None:
        sent = json.loads(request.partition(b"\r\n\r\n")[2])
        refusal = answer("400 Bad Request", {"error": {"message": "reasoning_effort must be low, medium or high"}})
        connection.sendall(
            refusal if "reasoning_effort" in sent else HEAD + chunk("Fine.") + chunk(finish="stop") + DONE
        )

    server = serve(play)
    assert collected(ServedModel(server.address, model="m")) == ("Fine.", None)
    first, second = (json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests)
    assert first["reasoning_effort"] == "none"
    assert first["chat_template_kwargs"] == second["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_server_without_models_is_an_error(serve: Callable[..., Server]) -> None:
    server = serve(sending(answer("200 OK", {"object": "list", "data": []})))
    with pytest.raises(ModelError, match="lists no model"):
        ServedModel(server.address)


def test_the_key_of_the_environment_is_not_sent_to_another_server(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = serve(sending(HEAD, chunk("Yes."), chunk(finish="stop"), DONE))
    collected(ServedModel(server.address, model="m"))
    assert KEY.encode() not in server.requests[0]


def test_the_organization_and_project_of_the_environment_are_not_sent_either(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: header-secret\nAuthorization: Bearer secret")
    server = serve(sending(HEAD, chunk("Yes."), chunk(finish="stop"), DONE))
    assert collected(ServedModel(server.address, model="m", key="sk-mine")) == ("Yes.", None)
    assert b"secret" not in server.requests[0]
    assert b"authorization: bearer sk-mine\r\n" in server.requests[0].lower()
    assert b"openai-organization" not in server.requests[0].lower()
    assert b"openai-project" not in server.requests[0].lower()


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent"])
def test_a_redirect_is_not_followed_and_the_other_host_is_named(serve: Callable[..., Server], status: str) -> None:
    other = serve(sending(HEAD, chunk("Stolen."), chunk(finish="stop"), DONE))
    where = f"Location: {other.address}/v1/chat/completions?s=sk".encode()
    head = f"HTTP/1.1 {status}\r\n".encode() + where + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    server = serve(sending(head))
    text, error = collected(ServedModel(server.address, model="m", key=KEY))
    assert text == ""
    assert f"{server.address}/v1 sends on to {other.address}" in str(error)
    assert "?s=sk" not in str(error)
    with pytest.raises(ModelError, match="sends on to"):
        ServedModel(server.address)
    assert other.requests == []


@pytest.mark.parametrize("where", ["http://[bad", "//", "", "http://a:b:c/", "ht!tp://x"])
def test_a_redirect_to_nowhere_is_an_error_too(serve: Callable[..., Server], where: str) -> None:
    head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {where}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    text, error = collected(ServedModel(serve(sending(head.encode())).address, model="m", read_s=5))
    assert text == ""
    assert error is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"])
def test_a_server_on_this_computer_is_asked_without_the_proxy_of_the_environment(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, host: str, name: str
) -> None:
    for other in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    proxy = serve(sending(answer("502 Bad Gateway", {})))
    server = serve(sending(HEAD, chunk("Yes."), chunk(finish="stop"), DONE))
    monkeypatch.setenv(name, proxy.address)
    assert collected(ServedModel(server.address.replace("127.0.0.1", host), model="m")) == ("Yes.", None)
    assert proxy.requests == []


def test_a_server_elsewhere_is_asked_through_the_proxy_of_the_environment(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    proxy = serve(sending(HEAD, chunk("Yes."), chunk(finish="stop"), DONE))
    monkeypatch.setenv("HTTP_PROXY", proxy.address)
    assert collected(ServedModel("http://models.invalid/v1", model="m")) == ("Yes.", None)
    assert proxy.requests[0].startswith(b"POST http://models.invalid/v1/chat/completions ")


@pytest.mark.parametrize("address", ["", "ftp://host", "http://", "http://user:secret@host/v1", "http://host:notaport"])
def test_what_is_no_address_is_refused_without_showing_a_password(address: str) -> None:
    with pytest.raises(ModelError, match="is no address of a server") as raised:
        ServedModel(address, model="m")
    assert "secret" not in str(raised.value)


def test_tokens_are_counted_about(serve: Callable[..., Server]) -> None:
    model = ServedModel("http://localhost:1", model="m")
    assert model.count("") == 0
    assert 6 <= model.count("Dropout drops units at random.") <= 12


def test_no_thread_is_left_when_a_stream_is_over(serve: Callable[..., Server]) -> None:
    server = serve(stalling(HEAD, chunk("Dropout")))
    stream = ServedModel(server.address, model="m").stream(ASKED, max_tokens=20, is_cancelled=never)
    next(iter(stream))
    stream.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 60
    while any(thread.name == "served-model" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "the reading thread outlives its stream"
        time.sleep(0.02)


def test_nothing_of_the_key_stands_in_the_model(tmp_path: Path) -> None:
    assert KEY not in repr(ServedModel("http://localhost:1", model="m", key=KEY))
