from __future__ import annotations

import pytest

from rag.terminal import added_line, printable
from rag.types import Added


@pytest.mark.parametrize(
    ("added", "line"),
    [
        (Added("a.pdf", "added", None, 160, 1812, 24.4), "a.pdf: 160 pages, 1,812 passages, 24 s"),
        (Added("a.pdf", "known", None, 1, 1, 0.04), "a.pdf: known already, 1 page, 1 passage, 0.0 s"),
        (Added("a.pdf", "failed", "a.pdf is no PDF."), "a.pdf: failed: a.pdf is no PDF."),
    ],
)
def test_what_became_of_a_file_is_said_in_one_line(added: Added, line: str) -> None:
    assert added_line(added) == line


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    assert printable("\x1b[2Jone\x07\ttwo\x9b\n\ud800") == "[2Jone\ttwo\n\ufffd"
