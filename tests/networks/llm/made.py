"""Data in the layouts of their authors, small enough to be learnt in seconds."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from rag.networks.examples import part

TOWNS = ("Rome", "Oslo", "Bern", "Lima", "Riga")
TITLES = tuple(f"Ship_{i}" for i in range(30))
FILLER = "The crew ate bread and the sails were mended by hand."


def article(title: str) -> dict[str, object]:
    """Return an article of five paragraphs in SQuAD's layout."""
    ship = title.replace("_", " ")
    return {
        "title": title,
        "paragraphs": [
            {
                "context": f"{FILLER} {ship} lay in {town} for {n} days. Then it rained over the harbour of {town}.",
                "qas": [
                    {
                        "id": f"{title}{n}",
                        "question": f"For how long did {ship} lie in {town}?",
                        "answers": [{"text": f"{n} days"}],
                    }
                ],
            }
            for n, town in enumerate(TOWNS, start=2)
        ],
    }


def dialogue(title: str) -> list[dict[str, object]]:
    """Return a follow-up that can be learnt, and one whose rewrite says what nobody did."""
    history = [title, "Travels", f"Where did {title} sail?", f"{title} sailed to Rome."]
    return [
        {"history": history, "question": "When did it sail?", "rewrite": f"When did {title} sail?"},
        {"history": history, "question": "Who built it?", "rewrite": f"Who built {title} in Portsmouth?"},
    ]


def write_data(folder: Path) -> Path:
    """Write every set that `footnote train llm` reads."""
    assert {part(name) == 0 for name in TITLES} == {True, False}
    sentences = [[3, "ship 1 lay in rome for 2 days"]]
    glossary = [
        {"book": "sea", "section": "Ships", "term": f"mast {i}", "meaning": f"a pole of kind {i}"} for i in range(12)
    ]
    summaries = [
        {"book": "sea", "section": f"Ropes {i}", "summary": f"Rope {i} is long. It is strong. It is brown."}
        for i in range(6)
    ]
    files = {
        "squad/train-v1.1.json.gz": json.dumps({"data": [article(title) for title in TITLES]}),
        "qa2d/squad_mturk.jsonl": _lines(
            [{"question": "For how long did Ship 1 lie in Rome?", "answer": "2 days", "sentences": sentences}]
        ),
        "rewrite/canard_dev.jsonl.gz": _lines([row for i in range(40) for row in dialogue(f"Sloop {i}")]),
        "openstax/glossary.jsonl.gz": _lines(glossary),
        "openstax/summaries.jsonl.gz": _lines(summaries),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return folder


def _lines(rows: list[dict[str, object]]) -> str:
    return "\n".join(map(json.dumps, rows))
