"""`make bench-words`: the built-in language model taught and not, checked, beside the documents' own words.

python -m benchmarks.words [--limit N] [--threads 2] [--adapter FOLDER]

Each table by itself: python -m benchmarks.words.answers, .compared, .rewrites, .speed
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.words.common import options

PARTS = ("answers", "compared", "rewrites", "speed")


def main() -> None:
    """Run them one after the other, each in a process of its own: what one loads is no burden to the next."""
    arguments = options(__doc__).parse_args()
    failed = []
    for name in PARTS:
        print(f"\n## {name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"benchmarks.words.{name}", *sys.argv[1:]], check=False)
        failed += [name] * (done.returncode != 0)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")
    del arguments


if __name__ == "__main__":
    main()
