"""Other pipelines as their users set them up, with the encoder's weights that Footnote has.

    python -m benchmarks.peers       all of them and Footnote, each in a process of its own: one table
    footnote evaluate DATASET --peers    the same pipelines beside a measurement, by `peers()`

A page hit of a peer is what the metadata of its pieces say; each module tells how they come to a page of the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.peers import haystack, langchain, llamaindex, txtai
from benchmarks.peers.common import Setting, lacking, quiet
from benchmarks.peers.langchain import LangChain, minilm

if TYPE_CHECKING:
    from rag.evaluate.peers import Peer

__all__ = ["FAMILIES", "Family", "LangChain", "minilm", "peers"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Family:
    """A pipeline that reads and indexes, and one that adds words to what it made; and the modules that they need."""

    first: Callable[[Setting], Any]
    modules: Sequence[str]
    hybrid: Callable[[Any], Any] | None = None
    packages: Sequence[str] = ()  # whose versions are printed


def _footnote(setting: Setting) -> Any:
    from benchmarks.peers.footnote import Footnote

    return Footnote(setting)


FAMILIES: Mapping[str, Family] = {
    "footnote": Family(_footnote, ()),
    "langchain": Family(
        langchain.LangChainPeer,
        langchain.MODULES_HYBRID,
        langchain.LangChainHybrid,
        ("langchain-community", "langchain-classic", "rank-bm25"),
    ),
    "llamaindex": Family(
        llamaindex.LlamaIndex, llamaindex.MODULES, packages=("llama-index-core", "llama-index-readers-file")
    ),
    "txtai": Family(txtai.Txtai, txtai.MODULES, packages=("txtai",)),
    "txtai-hybrid": Family(lambda setting: txtai.Txtai(setting, hybrid=True), txtai.MODULES),
    "haystack": Family(
        haystack.Haystack,
        haystack.MODULES,
        haystack.HaystackHybrid,
        ("haystack-ai", "sentence-transformers-haystack"),
    ),
}


def peers() -> Sequence[Peer]:
    """Return every pipeline but our own; those whose libraries are not installed are left out, and that is logged.

    Raises:
        ImportError: none of them is installed.
    """
    quiet()
    setting, found, left_out = Setting.usual(), [], set[str]()
    for name, family in FAMILIES.items():
        if name == "footnote":
            continue
        if missing := lacking(family.modules):
            left_out.update(missing)
            log.warning("%s is left out: %s is not installed", name, ", ".join(missing))
            continue
        found.append(family.first(setting))
        if family.hybrid is not None:  # it reads anew: what it takes is measured by itself
            found.append(family.hybrid(family.first(setting)))
    if not found:
        raise ImportError(f"no peer is installed ({', '.join(sorted(left_out))} are missing)")
    return found
