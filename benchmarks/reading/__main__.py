"""`make bench-reading`: how well PDFs are read, one part after the other.

python -m benchmarks.reading            # ../shared/data, or the folder in $FOOTNOTE_DATA
"""

from __future__ import annotations

from benchmarks.reading import highlights, memory, ocr, odd, places, speed, tables, typeset

PARTS = (typeset, tables, highlights, speed, ocr, places, odd, memory)


def main() -> None:
    """Run all parts."""
    for part in PARTS:
        print(f"\n## {(part.__doc__ or '').splitlines()[0]}\n", flush=True)
        part.main()


if __name__ == "__main__":
    main()
