"""The page server: routes, who may ask, warming up, and `serve`, which the command line calls."""

from __future__ import annotations

import gc
import logging
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from rag.errors import FootnoteError
from ui import shelf, theme, uploads
from ui.routes import routes

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
HOSTS = ["localhost", "127.0.0.1"]
_PORTS_TRIED = 50


def serve(
    *,
    port: int = 8501,
    library: str | None = None,
    open_browser: bool = True,
    say: Callable[[str], None] = log.info,
) -> None:
    """Serve the page until interrupted, on `port` or the next free one.

    Args:
        library: name or folder of the library that a plain address opens; None: the user's own, or the sample.
        say: is told the address.

    Raises:
        StorageError, LibraryDamaged, InputError: the named library cannot be opened.
    """
    shelf.use(shelf.Shelf(library))
    if library is not None:
        shelf.current().place(library)
    port = free_port(port)
    say(f"Footnote is at http://localhost:{port}")
    if open_browser:
        threading.Thread(target=_open_when_ready, args=(port,), daemon=True).start()
    app().run(config=options(port, shelf.current().settings().theme))


def app() -> st.App:
    """Return the application: pages, routes, and nobody served who asks for another host."""
    return st.App(
        Path(__file__).parent / "main.py",
        routes=routes(),
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
        lifespan=_lifespan,
    )


def options(port: int, look: str = "system") -> dict[str, Any]:
    """Return how Streamlit is set up: this machine only, nothing sent anywhere, our own look."""
    return {
        "server.address": ADDRESS,
        "server.port": port,
        "server.headless": True,
        "server.allowedHosts": HOSTS,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": uploads.MAX_MB,
        "server.enableStaticServing": False,
        "browser.gatherUsageStats": False,
        "browser.serverAddress": "localhost",
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
        # A full garbage collection after every run takes half a second once transformers is loaded.
        "runner.postScriptGC": False,
        "logger.hideWelcomeMessage": True,
        **{name: value for name, value in theme.theme_options(look).items() if value is not None},
    }


def free_port(first: int) -> int:
    """Return the first port from `first` on that nobody listens on.

    Raises:
        FootnoteError: none of the next fifty is free.
    """
    for port in range(first, min(first + _PORTS_TRIED, 65_536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
            except OSError:
                continue
            return port
    raise FootnoteError(f"No port from {first} on is free. Name another one: footnote serve --port N.")


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    yield
    shelf.current().close()


def _warm_up() -> None:
    """Load what the first question would wait for; begin to look after the watched folder, if there is one."""
    shelf.current().watch()
    try:
        place = shelf.current().place(shelf.current().first())
        place.library.warm_up()
    except FootnoteError as exc:
        log.warning("%s", exc)  # the page says it too, where it matters
    # Models are hundreds of thousands of objects that never die: without this every collection walks them all.
    gc.collect()
    gc.freeze()


def _open_when_ready(port: int) -> None:
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(0.2)
            if probe.connect_ex((ADDRESS, port)) == 0:
                webbrowser.open(f"http://localhost:{port}")
                return
        threading.Event().wait(0.1)
