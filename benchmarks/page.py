"""`make bench-page`: what the page promises, one benchmark after the other."""

from __future__ import annotations

from benchmarks import chats, clicks, guides, language


def main() -> None:
    """Run them all."""
    for benchmark in (language, clicks, chats, guides):
        print(f"\n## {(benchmark.__doc__ or '').splitlines()[0]}\n", flush=True)
        benchmark.main()


if __name__ == "__main__":
    main()
