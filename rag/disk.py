"""What lies on disk, where, and how large it is: libraries, models, the file of settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rag import models, places
from rag.settings import users_file
from rag.storage import Stored, size, storage


def kept() -> Iterator[Stored]:
    """Yield what there is, libraries first. Counting takes a moment where there are many files."""
    for name in places.available_libraries():
        folder = places.library_folder(name)
        parts = tuple(part for part in storage(folder) if part.n_bytes)
        yield Stored(f"library {name}", folder, sum(part.n_bytes for part in parts), parts)
    built_in, hub = models.models_dir(), _hub_cache()
    if built_in.exists():
        yield Stored("built-in models", built_in, size(built_in))
    downloaded = sum(size(blobs) for blobs in hub.glob("models--*/blobs"))  # what else is there are links to them
    if downloaded:
        yield Stored("models from the hub, of all programs", hub, downloaded)
    if users_file().exists():
        yield Stored("settings", users_file(), size(users_file()))


def _hub_cache() -> Path:
    """Return where models that are named by a hub id are kept, for all programs of the user."""
    from huggingface_hub.constants import HF_HUB_CACHE  # noqa: PLC0415  (only when it is asked for)

    return Path(HF_HUB_CACHE)
