"""What each signal is worth: the shipped weights with one of them taken away.

python -m benchmarks.finding.matrices --out FOLDER
python -m benchmarks.finding.ablation --from FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.finding.fit import Weights, load_stacks
from benchmarks.finding.pages import hit
from rag.retrieve.weights import shipped


def main() -> None:
    """Print the table: hit at 1 and at 5 of every set and scope, all signals, then without each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", type=Path, required=True, dest="folder")
    arguments = parser.parse_args()
    names, stacks = load_stacks(arguments.folder)
    everything: Weights = {name: (weight.always, weight.table, weight.long) for name, weight in shipped().items()}
    print(f"{'':28s}" + "".join(f"{name:>16s}" for name in stacks))
    rows = {"all signals": everything}
    rows |= {f"without {name}": {k: v for k, v in everything.items() if k != name} for name in everything}
    rows["figures not gated"] = {
        name: (always + table / 2, 0.0, 0.0) for name, (always, table, _) in everything.items()
    }
    for told, weights in rows.items():
        ranks = [stack.ranks(names, weights) for stack in stacks.values()]
        cells = [f"{hit(found, 1):.3f} {hit(found, 5):.3f}" for found in ranks]
        print(f"{told:28s}" + "".join(f"{cell:>16s}" for cell in cells))


if __name__ == "__main__":
    main()
