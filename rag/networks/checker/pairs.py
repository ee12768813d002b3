"""A claim beside its evidence, and what is known of it: the examples that the checker learns from.

Read from natural language inference sets as nli.jsonl.gz holds them, a row a line: source, premise, hypothesis, label.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import InputError
from rag.networks.examples import part

Label = Literal["supported", "contradicted", "unsupported", "not supported"]
LABELS: tuple[Label, ...] = ("supported", "contradicted", "unsupported")  # the network's order
NOT_SUPPORTED: Label = "not supported"  # contradicted or unsupported, it is not known which
NLI = "nli/nli.jsonl.gz"
SQUAD = "squad/train-v1.1.json.gz"
_LAYOUT = f"--data names the folder with {NLI}, {SQUAD} and tables/."
_FROM_NLI: dict[str, Label] = {
    "entailment": "supported",
    "contradiction": "contradicted",
    "neutral": "unsupported",
    "not_entailment": NOT_SUPPORTED,
}
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": '"', "''": '"'}
_BRACKET = re.compile("|".join(map(re.escape, _BRACKETS)))
_BEFORE = re.compile(r" ([.,;:!?)\]%}]|n['’]t\b|['’](?:s|re|ve|ll|d|m)\b)")
_BEHIND = re.compile(r"([(\[{$]) ")


@dataclass(frozen=True, slots=True)
class Source:
    """A set of pairs: who made it, and whether what was learnt from it may be given away."""

    title: str
    licence: str
    may_train: bool
    why: str = ""


SOURCES: dict[str, Source] = {
    "snli": Source("SNLI, dev and test (Bowman et al. 2015)", "CC BY-SA 4.0", may_train=True),
    "mnli": Source(
        "MultiNLI, dev (Williams et al. 2018)",
        "OANC licence, CC BY 3.0, CC BY-SA 3.0, public domain",
        may_train=True,
        why="every part may be used, changed and shared by its own terms",
    ),
    "fm2": Source("Fool Me Twice, dev and test (Eisenschlos et al. 2021)", "Apache-2.0", may_train=True),
    "fever-symmetric": Source("FEVER symmetric (Schuster et al. 2019)", "CC BY-SA 3.0", may_train=True),
    "climate-fever": Source(
        "Climate-FEVER (Diggelmann et al. 2020)", "none stated", may_train=False, why="without a licence: measures only"
    ),
    "healthver": Source(
        "HealthVer (Sarrouti et al. 2021)",
        "none stated; non-commercial where it is listed",
        may_train=False,
        why="measures only",
    ),
    "covidfact": Source(
        "COVID-Fact (Saakyan et al. 2021)",
        "none stated; non-commercial where it is listed",
        may_train=False,
        why="measures only",
    ),
    "tatqa": Source("pairs built from TAT-QA, dev (Zhu et al. 2021)", "CC BY 4.0", may_train=True),
    "wikitables": Source(
        "pairs built from the tables of WikiTableQuestions (Pasupat and Liang 2015)", "CC BY-SA 4.0", may_train=True
    ),
    "squad": Source("pairs built from SQuAD 1.1, train (Rajpurkar et al. 2016)", "CC BY-SA 4.0", may_train=True),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, the evidence that it is judged by, and the verdict."""

    claim: str
    evidence: str
    label: Label
    source: str  # a key of SOURCES
    group: str  # premise or article: a group is learnt whole, or kept aside whole
    kind: str = ""  # how it was built


def read_nli(data: Path) -> list[Pair]:
    """Return the pairs of the sets of inference, in their order.

    Raises:
        InputError: the file is missing, or is none of that layout.
    """
    path = data / NLI
    try:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        return [
            Pair(
                plain(row["hypothesis"]),
                plain(row["premise"]),
                _FROM_NLI[row["label"]],
                _source(row["source"]),
                row["premise"],
            )
            for row in rows
        ]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as exc:
        raise InputError(
            f"{path} cannot be read ({exc!r}): a line is a JSON object with source, premise, hypothesis and label. "
            f"{_LAYOUT}"
        ) from exc


def check_data(data: Path) -> None:
    """Look whether the sets are there, before anything heavy is loaded.

    Raises:
        InputError: one is missing.
    """
    for name in (NLI, SQUAD, "tables"):
        if not (data / name).exists():
            raise InputError(f"{data / name} is missing. {_LAYOUT}")


def may_train(pair: Pair) -> bool:
    """Tell whether the licence of a pair's set lets us give away what was learnt from it."""
    return SOURCES[pair.source].may_train


def of_parts(pairs: Sequence[Pair], parts: range) -> list[Pair]:
    """Return the pairs whose group lies in these of ten parts: 0 is kept aside, 1 calibrates, the rest is learnt."""
    return [pair for pair in pairs if part(pair.group) in parts]


def plain(text: str) -> str:
    """Return a text that was cut into tokens ("did n't -LRB- 3 -RRB- .") as it is written."""
    text = _BRACKET.sub(lambda match: _BRACKETS[match.group()], " ".join(text.split()))
    return _BEHIND.sub(r"\1", _BEFORE.sub(r"\1", text))


def _source(name: str) -> str:
    """Return the key of the set of a row: its name begins with it ("snli-dev", "mnli_matched-1k")."""
    for key in SOURCES:
        if name.startswith(key):
            return key
    raise ValueError(f"the source {name!r} is not known")
