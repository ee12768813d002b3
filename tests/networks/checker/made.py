"""Articles, tables and pairs of inference small enough to be learnt in seconds, in their authors' layout."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
from pathlib import Path

TOWNS = ("Rome", "Oslo", "Bern", "Lima", "Riga")


def squad(n_articles: int = 30) -> dict[str, object]:
    """Return articles of five paragraphs, each with two questions."""
    return {"data": [_article(f"Ship_{n}") for n in range(n_articles)]}


def _article(title: str) -> dict[str, object]:
    paragraphs = []
    for n, town in enumerate(TOWNS, start=2):
        year = str(1900 + 7 * n)
        context = (
            f"Sailing was slow in those days. In {year}, the captain of {title} was born in {town} (a port). "
            f"The people of the harbour liked him."
        )
        asked = (
            (f"Where was the captain of {title} born in {year}?", town),
            (f"When was the captain of {title} born?", year),
        )
        paragraphs.append(
            {
                "context": context,
                "qas": [
                    {
                        "id": f"{title}-{n}-{i}",
                        "question": question,
                        "answers": [{"text": answer, "answer_start": context.index(answer)}],
                    }
                    for i, (question, answer) in enumerate(asked)
                ],
            }
        )
    return {"title": title, "paragraphs": paragraphs}


def write_data(folder: Path, n_articles: int = 30) -> Path:
    """Write every set that the checker learns from to `folder`."""
    for name in ("squad", "tables", "nli"):
        (folder / name).mkdir(parents=True)
    _write(folder / "squad/train-v1.1.json.gz", squad(n_articles))
    rows = [
        {"source": "snli-dev", "premise": f"a man sees {n} dogs .", "hypothesis": said, "label": label}
        for n in range(30)
        for said, label in (
            ("a man sees dogs", "entailment"),
            ("no man is here", "contradiction"),
            ("he likes dogs", "neutral"),
        )
    ]
    rows.append(
        {"source": "covidfact-train", "premise": "a -LRB- b -RRB- .", "hypothesis": "c", "label": "not_entailment"}
    )
    (folder / "nli/nli.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    tables = [
        {
            "table": {
                "uid": f"t{n}",
                "table": [["Item", "2019", "2018"], ["Sales", f"{n}31", f"{n}22"], ["Costs", f"{n}7", f"{n}8"]],
            },
            "paragraphs": [],
            "questions": [],
        }
        for n in range(1, 21)
    ]
    _write(folder / "tables/tatqa.json.gz", tables)
    asked = io.StringIO()
    writer = csv.writer(asked, delimiter="\t", lineterminator="\n")
    writer.writerow(["id", "utterance", "context", "targetValue"])
    (folder / "tables/wikitables_train.tsv.gz").write_bytes(gzip.compress(asked.getvalue().encode()))
    with tarfile.open(folder / "tables/wikitables_csv.tar.gz", "w:gz"):
        pass
    return folder


def _write(path: Path, content: object) -> None:
    path.write_bytes(gzip.compress(json.dumps(content).encode()))
