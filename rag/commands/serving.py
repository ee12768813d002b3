"""`footnote serve`, and `footnote` alone: the chat in the browser."""

from __future__ import annotations

import argparse
import sys

from rag.commands.common import tell
from rag.sample import ensure_sample
from rag.settings import Settings
from rag.terminal import ProgressLine


def serve(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make the sample library if need be, then serve the page until interrupted."""
    with ProgressLine(sys.stderr) as line:
        ensure_sample(
            encoder_name=settings.encoder,
            device=settings.device,
            n_threads=settings.threads or None,
            on_progress=line.show,
            on_wait=lambda holder: tell(f"waiting: {holder}"),
        )
    from ui import app  # noqa: PLC0415  (streamlit is heavy, and the page is above this room)

    chosen = None if settings.library == Settings().library else settings.library
    app.serve(
        port=arguments.port or settings.port,
        library=arguments.library or chosen,
        open_browser=arguments.browser,
        say=tell,
    )
    return 0
