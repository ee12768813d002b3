"""`make bench`: every benchmark of the main job, one after the other."""

from __future__ import annotations

from benchmarks import answers, speed
from benchmarks.reading import __main__ as reading


def main() -> None:
    """Run them all."""
    for benchmark in (speed, reading, answers):
        print(f"\n## {(benchmark.__doc__ or '').splitlines()[0]}\n", flush=True)
        benchmark.main()


if __name__ == "__main__":
    main()
