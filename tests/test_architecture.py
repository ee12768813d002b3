"""The house stands as it was drawn: imports point down, no cycles, one home for every heavy library."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Lowest first. A module may import from lower layers and from its own room, never from a sibling room.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("rag.errors", "rag.text", "rag.language", "rag.waiting"),
    ("rag.types",),
    ("rag.report", "rag.used"),
    ("rag.spans", "rag.wording", "rag.records", "rag.places", "rag.storage", "rag.questionnaire"),
    ("rag.explain",),
    ("rag.models",),
    ("rag.answer.prompts", "rag.answer.expected", "rag.answer.abstain", "rag.answer.units", "rag.answer.spelled"),
    ("rag.answer.quantities", "rag.answer.dates", "rag.answer.names"),
    ("rag.answer.facts",),
    ("rag.answer.adapter",),
    ("rag.answer.spoken", "rag.answer.loading", "rag.answer.convert", "rag.answer.excerpts", "rag.answer.prefixes"),
    ("rag.answer.llm",),
    ("rag.ingest", "rag.index", "rag.networks", "rag.answer.cite", "rag.answer.served"),
    ("rag.answer.language",),
    ("rag.retrieve", "rag.answer", "rag.guide", "rag.find", "rag.export"),
    ("rag.exam",),
    ("rag.parts", "rag.writing", "rag.rewriting"),
    ("rag.understanding", "rag.reranking"),
    ("rag.adding", "rag.asking", "rag.checking"),
    ("rag.guiding", "rag.rereading"),
    ("rag.library", "rag"),
    (
        "rag.settings",
        "rag.setting_file",
        "rag.disk",
        "rag.batch",
        "rag.terminal",
        "rag.sample",
        "rag.doctor",
        "rag.tiers",
        "rag.watch",
        "rag.backup",
        "rag.restore",
        "rag.libraries",
        "rag.examining",
        "rag.evaluate",
    ),
    ("rag.commands",),
    ("rag.cli",),
    ("ui",),
)
HOMES = {
    "pypdf": ("rag.ingest", "rag.export.pdf"),
    "pypdfium2": ("rag.ingest",),
    "faiss": ("rag.index.dense",),
    "tantivy": ("rag.index.lexical",),
    "rapidfuzz": ("rag.retrieve.vocabulary",),
    "sentence_transformers": ("rag.index.encoder", "rag.retrieve.rerank"),
    "transformers": (
        "rag.answer.loading",
        "rag.answer.convert",
        "rag.networks",
        "rag.index.encoder",
        "rag.retrieve.rerank",
    ),
    "torch": (
        "rag.answer.adapter",
        "rag.answer.convert",
        "rag.answer.llm",
        "rag.answer.loading",
        "rag.doctor",
        "rag.index.encoder",
        "rag.models",
        "rag.networks",
        "rag.tiers",
    ),
    "safetensors": ("rag.answer.adapter", "rag.answer.loading", "rag.networks"),
    "openai": ("rag.answer.served",),
    "streamlit": ("ui",),
    "starlette": ("ui",),
    "docx": ("rag.export",),
}

EDGE = {
    "rag.settings",
    "rag.setting_file",
    "rag.disk",
    "rag.batch",
    "rag.terminal",
    "rag.sample",
    "rag.doctor",
    "rag.tiers",
    "rag.watch",
    "rag.backup",
    "rag.restore",
    "rag.libraries",
    "rag.examining",
    "rag.evaluate",
}
LAUNCHES = {
    ("rag.commands.serving", "ui"),
    ("rag.commands.serving", "ui.app"),
}  # `footnote` opens the page: the one import that points up, inside its function


def modules() -> dict[str, Path]:
    found = {}
    for package in ("rag", "ui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path) -> set[str]:
    """Every module that `path` imports outside `if TYPE_CHECKING`, relative ones made absolute."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def is_in(name: str, room: str) -> bool:
    return name == room or (name.startswith(room + ".") and room != "rag")


def layer(name: str) -> tuple[int, str]:
    """The layer of a module and the room that put it there: the longest matching entry."""
    matches = [(len(room), i, room) for i, rooms in enumerate(LAYERS) for room in rooms if is_in(name, room)]
    assert matches, f"{name} has no place in the house: add it to LAYERS"
    _, i, room = max(matches)
    return i, room


def own_imports() -> dict[str, set[str]]:
    known = modules()
    return {name: {i for i in imports(name, path) if i in known and i != name} for name, path in known.items()}


def test_imports_point_down_the_layers() -> None:
    wrong = []
    for name, imported in own_imports().items():
        here, room = layer(name)
        for other in imported:
            there, other_room = layer(other)
            if other == "rag" or (name, other) in LAUNCHES:  # the package itself only re-exports lazily
                continue
            if there > here or (there == here and other_room != room and not other_room.startswith(room)):
                if room in EDGE and there == here:
                    continue
                wrong.append(f"{name} (layer {here}) imports {other} (layer {there})")
    assert not wrong, "\n".join(wrong)


def test_no_import_cycles() -> None:
    graph = {name: {other for other in imported if other != "rag"} for name, imported in own_imports().items()}
    graph.pop("rag")
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("library", HOMES)
def test_every_heavy_library_has_one_home(library: str) -> None:
    homes = HOMES[library]
    strangers = [
        name
        for name, path in modules().items()
        if any(i == library or i.startswith(library + ".") for i in imports(name, path))
        and not any(name == home or name.startswith(home + ".") for home in homes)
    ]
    assert not strangers


def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = "import sys, rag.cli, rag; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"torch", "transformers", "sentence_transformers", "faiss", "streamlit", "pypdf", "pypdfium2"}


def test_the_public_names_are_those_that_exist() -> None:
    import rag

    assert all(getattr(rag, name) is not None for name in rag.__all__)
    with pytest.raises(AttributeError):
        _ = rag.no_such_name
