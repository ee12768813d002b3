"""Pictures: can the reader's probability be believed, and what is wrong of the answers that it is surest of?

    python -m benchmarks.networks.plots [--limit N] [--checkpoint FILE] [--out docs/pictures]

Left, articles of SQuAD's training set that were kept aside, on which the probability was calibrated: each question with
its own paragraph, and with the paragraph of its article that looks most like an answer and is none. Right, SQuAD 2.0
dev: questions that people wrote to look answerable. An answer is right from F1 .5 on; every answer to a question that
has none is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import data_folder
from benchmarks.networks.common import drawn, kept_encoder, named, reader_of, reader_options
from benchmarks.networks.ends import RIGHT
from benchmarks.networks.figures import Array, area, calibration_error, head, line, plain, reliability
from benchmarks.networks.squad import FILES, Asked, asked_of, read_all
from rag.evaluate.abstention import risk_coverage
from rag.evaluate.cache import CachedEncoder
from rag.evaluate.metrics import f1
from rag.networks.examples import SQUAD, part
from rag.networks.reader.negatives import hard_negatives
from rag.networks.reader.squad import Article, read_squad
from rag.types import Reading

N_QUESTIONS = 1_500  # of each side, unless --limit says otherwise
PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
_BLUE, _RED, _GREY = "#2563a8", "#b4482f", "#8a8f98"  # told apart in grey too; on white and on a dark page's card


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What was read of one set: a row a question."""

    name: str
    is_answered: Array  # whether its paragraph answers it
    is_right: Array  # whether the answer would be right
    answered: Array  # the reader's probability that the paragraph answers
    span: Array  # its probability of the span


def main() -> None:
    """Write both pictures, and print the figures that stand in them."""
    parser = reader_options(__doc__)
    parser.add_argument("--out", type=Path, default=PICTURES)
    arguments = parser.parse_args()
    limit = arguments.limit or N_QUESTIONS
    reader = reader_of(arguments.checkpoint, arguments.threads)
    encoder = kept_encoder(arguments.threads)
    kept_aside, dev = _kept_aside(limit, encoder), drawn(asked_of(read_squad(data_folder() / FILES["2.0"])), limit)
    encoder.close()
    sides = [
        side("articles kept aside", kept_aside, read_all(reader, kept_aside)),
        side("SQuAD 2.0 dev", dev, read_all(reader, dev)),
    ]
    print(f"\n{named(reader)}: does the paragraph answer, and is the answer right?\n")
    print(head("", "n", "AUROC", "calibration error", "area under risk and coverage", "wrong of the surest half"))
    for one in sides:
        curve = risk_coverage(one.answered * one.span, one.is_right)
        error = f"{calibration_error(one.answered, one.is_answered):.3f}"
        half = float(curve.risk[len(curve.risk) // 2])
        n = f"{len(one.is_right):,}"
        print(line(one.name, n, plain(area(one.answered, one.is_answered)), error, f"{curve.area:.3f}", f"{half:.3f}"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, draw in (("networks-reliability.svg", _reliability), ("networks-risk-coverage.svg", _risk_coverage)):
        _draw(arguments.out / name, sides, draw)
        print(f"{arguments.out / name} is written")


def side(name: str, asked: Sequence[Asked], readings: Sequence[Reading]) -> Side:
    """Return what was read of a set."""
    said = [one.given[reading.start : reading.end] for one, reading in zip(asked, readings, strict=True)]
    right = [bool(a.answers) and f1(text, a.answers) >= RIGHT for text, a in zip(said, asked, strict=True)]
    return Side(
        name,
        np.array([bool(one.answers) for one in asked], np.float64),
        np.array(right, np.float64),
        np.array([reading.answered for reading in readings]),
        np.array([reading.probability for reading in readings]),
    )


def _kept_aside(limit: int, encoder: CachedEncoder) -> list[Asked]:
    """Return questions of articles that were kept aside: half with their paragraph, the same with one that looks so."""
    found = [one for one in read_squad(data_folder() / SQUAD) if part(one.group) == 0]
    own = drawn(asked_of(found), (limit + 1) // 2)
    wanted = {(one.article, one.text) for one in own}
    asked = [replace(one, questions=tuple(q for q in one.questions if (one.title, q.text) in wanted)) for one in found]
    return [*own, *_without_answer([one for one in asked if one.questions], encoder)]


def _without_answer(articles: Sequence[Article], encoder: CachedEncoder) -> list[Asked]:
    negatives = hard_negatives(articles, _Vectors(encoder))
    return [
        Asked(question.text, article.title, number, article.paragraphs[number], ())
        for article in articles
        for question in article.questions
        for number in negatives[question.id][:1]
    ]


@dataclass(frozen=True, slots=True)
class _Vectors:
    """The vectors that are kept, as `hard_negatives` asks for them."""

    encoder: CachedEncoder

    def vectors(self, texts: Sequence[str], *, on_done: object = None) -> Any:
        return self.encoder.encode(texts)


def _draw(file: Path, sides: Sequence[Side], draw: Any) -> None:
    """Draw the sides beside each other, on axes of the same scale, into a file that is the same whenever it is made."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    style = {"svg.hashsalt": "footnote", "font.size": 9, "svg.fonttype": "path", "axes.spines.top": False}
    with mpl.rc_context(style | {"axes.spines.right": False, "axes.grid": True, "grid.color": "#e6e8eb"}):
        figure = Figure(figsize=(7.2, 3.5), layout="constrained")
        for axes, one in zip(figure.subplots(1, len(sides), sharex=True, sharey=True), sides, strict=True):
            axes.set(xlim=(0, 1), ylim=(0, 1), title=f"{one.name}, {len(one.is_right):,} questions")
            axes.set_axisbelow(True)
            draw(axes, one)
        figure.savefig(file, facecolor="white", metadata={"Date": None})


def _reliability(axes: Any, one: Side) -> None:
    parts = reliability(one.answered, one.is_answered)
    told, came, _ = zip(*parts, strict=True)
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--", label="as told")
    axes.plot(told, came, color=_BLUE, marker="o", markersize=4, label="the reader, tenths of the questions")
    axes.set(xlabel="probability that the paragraph answers", ylabel="share that it answers")
    error = calibration_error(one.answered, one.is_answered)
    axes.text(0.97, 0.05, f"mean distance {error:.3f}", ha="right", transform=axes.transAxes)
    axes.legend(frameon=False, loc="upper left")


def _risk_coverage(axes: Any, one: Side) -> None:
    for label, told, colour, dashes in (
        ("by answered and span", one.answered * one.span, _BLUE, "-"),
        ("by answered", one.answered, _RED, "--"),
    ):
        curve = risk_coverage(told, one.is_right)
        axes.plot(curve.coverage, curve.risk, color=colour, linestyle=dashes, label=f"{label}: area {curve.area:.3f}")
    axes.axhline(1 - float(one.is_right.mean()), color=_GREY, linewidth=1, linestyle=":", label="in any order")
    axes.set(xlabel="share of the questions answered, the surest first", ylabel="share of them wrong")
    axes.legend(frameon=False, loc="upper left")


if __name__ == "__main__":
    main()
