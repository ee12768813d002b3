"""Tesseract, the program that reads text off pictures: found on the PATH, run as a process a page.

It is no dependency: where it is missing, pages that need it are not read, and say what to install.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.ingest.ocr.tsv import Seen, parse_tsv
from rag.waiting import NEEDED, READ_AGAIN

OFF = "none"
_ANY = "footnote config ocr eng"  # what to type for a language that is there, most likely
_NO_LANGUAGES = frozenset({"osd", "equ"})  # which --list-langs lists, too
_PAGE_TIMEOUT_S = 120.0
_LIST_TIMEOUT_S = 30.0
_LANGUAGE = re.compile(r"^[A-Za-z][\w/-]*$", re.M)  # a line of --list-langs
_SURE = 0.7  # mean confidence below which the page may lie on its side, or upside down


class OcrFailed(Exception):
    """This page was not read; the message says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as 8-bit grey pixels; `scale` is pixels a point."""

    pixels: NDArray[np.uint8]
    scale: float

    def pgm(self) -> bytes:
        """Return the picture as a file that every image library reads."""
        height, width = self.pixels.shape
        return b"P5 %d %d 255\n" % (width, height) + self.pixels.tobytes()


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The program with the languages to read. Safe to use from several threads."""

    command: str
    languages: str
    has_orientation: bool = True  # can tell which way a page lies
    page_timeout_s: float = _PAGE_TIMEOUT_S

    def read(self, picture: Picture) -> list[Seen]:
        """Return the words on a picture in the order in which they are read.

        Raises:
            OcrFailed: it took too long, or gave up.
        """
        seen = self._run(picture, upright=True)
        if self.has_orientation and mean_confidence(seen) < _SURE:
            turned = self._run(picture, upright=False)
            if _certainty(turned) > _certainty(seen):
                return turned
        return seen

    def _run(self, picture: Picture, *, upright: bool) -> list[Seen]:
        """Run it once: on a page that lies upright, or on one whose orientation is to be found first."""
        dpi = str(max(70, round(picture.scale * 72)))
        mode = "3" if upright else "1"
        arguments = [self.command, "stdin", "stdout", "--dpi", dpi, "--psm", mode, "-l", self.languages, "tsv"]
        try:
            done = subprocess.run(
                arguments,
                input=picture.pgm(),
                capture_output=True,
                env=_environment(),
                timeout=self.page_timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as exc:
            raise OcrFailed(f"tesseract took longer than {self.page_timeout_s:g} s") from exc
        except OSError as exc:
            raise OcrFailed(f"tesseract could not be started ({exc.strerror or exc})") from exc
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise OcrFailed(f"tesseract gave up ({said[-1][:120] if said else f'exit status {done.returncode}'})")
        return parse_tsv(done.stdout.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Readiness:
    """Tesseract if it can be used, else why not and what to do, as a sentence's end."""

    tesseract: Tesseract | None
    lacks: str = ""
    missing: tuple[str, ...] = ()  # languages that it does not have
    was_tried: bool = False  # it was there, and the file's time was over: a later reading would fare no better

    @property
    def reason(self) -> str:
        """Return why a page that needs OCR is not read."""
        return self.lacks if self.was_tried else f"{NEEDED}, but {self.lacks}"


def readiness(languages: str, *, page_timeout_s: float = _PAGE_TIMEOUT_S) -> Readiness:
    """Look for tesseract and its languages, such as "eng" or "eng+deu"; "none" wants no OCR."""
    if languages == OFF:
        return Readiness(None, f"OCR is turned off ({_ANY}, then {READ_AGAIN})")
    command = shutil.which("tesseract")
    if command is None:
        return Readiness(None, f"tesseract is not installed ({install_command()}, then {READ_AGAIN})")
    everything = known_languages(command)
    known = everything - _NO_LANGUAGES
    missing = tuple(language for language in languages.split("+") if language not in known)
    if missing:
        listed = ", ".join(sorted(known)) or "none"
        remedies = dict.fromkeys([language_command(missing[0]), _config(known)])
        lacks = f"tesseract does not have the language {missing[0]!r}, only {listed}"
        return Readiness(None, f"{lacks} ({', or '.join(remedies)}, then {READ_AGAIN})", missing)
    return Readiness(Tesseract(command, languages, "osd" in everything, page_timeout_s))


def known_languages(command: str) -> frozenset[str]:
    """Return the languages that tesseract has on this computer; none when it cannot be asked."""
    try:
        done = subprocess.run(
            [command, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIST_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(line for line in _LANGUAGE.findall(done.stdout) if " " not in line)


def install_command() -> str:
    """Return what to type to install tesseract on this computer."""
    if sys.platform == "darwin":
        return "brew install tesseract"
    if sys.platform == "win32":
        return "winget install UB-Mannheim.TesseractOCR"
    return "sudo apt install tesseract-ocr"


def language_command(language: str) -> str:
    """Return what to type to install a language for tesseract, or to set one where this is none."""
    if language in _NO_LANGUAGES:
        return _ANY
    if sys.platform == "darwin":
        return "brew install tesseract-lang"
    return f"sudo apt install tesseract-ocr-{language.replace('_', '-')}"


def _config(known: frozenset[str]) -> str:
    """Return what to type to read in a language that is there."""
    return _ANY if "eng" in known else f"footnote config ocr {sorted(known)[0] if known else OFF}"


def mean_confidence(seen: list[Seen]) -> float:
    """Return the mean confidence of words, each counted by its length; 0 when there are none."""
    weight = sum(len(word.text) for word in seen)
    return sum(word.confidence * len(word.text) for word in seen) / weight if weight else 0.0


def _certainty(seen: list[Seen]) -> float:
    return sum(len(word.text) * word.confidence**2 for word in seen)


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_THREAD_LIMIT": "1"}  # a page a core is twice as fast as all cores on one page
