"""`make bench-networks`: what the small networks are worth, beside what stood before them.

python -m benchmarks.networks [--limit N] [--checkpoint FILE] [--threads 2]

Each table by itself: python -m benchmarks.networks.squad, .tables, .squad48, .unanswerable, .latency, .checker, .plots
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.networks.common import reader_options

OF_READER = ("squad", "tables", "squad48", "unanswerable", "latency")
PARTS = (*OF_READER, "checker")


def main() -> None:
    """Run them one after the other, each in a process of its own: what one loads is no burden to the next."""
    arguments = reader_options(__doc__).parse_args()
    common = ["--threads", str(arguments.threads)]
    common += [] if arguments.limit is None else ["--limit", str(arguments.limit)]
    of_reader = [] if arguments.checkpoint is None else ["--checkpoint", str(arguments.checkpoint)]
    failed = []
    for name in PARTS:
        print(f"\n## {name}", flush=True)
        given = [*common, *(of_reader if name in OF_READER else [])]
        done = subprocess.run([sys.executable, "-m", f"benchmarks.networks.{name}", *given], check=False)
        failed += [name] * (done.returncode != 0)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
