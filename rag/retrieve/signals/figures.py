"""Figures: what asks for a number, or can only be justified by numbers, is answered where many stand."""

from __future__ import annotations

from dataclasses import dataclass

from rag.retrieve.candidates import Asked, Candidates, Places, Scores


@dataclass(frozen=True, slots=True)
class PageDigits:
    """The share of digits of the page that a passage begins on."""

    places: Places

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the share of each candidate's page, 0 to 1."""
        del asked
        return self.places.shares_of_digits(candidates.ids)[:, 1]


@dataclass(frozen=True, slots=True)
class PassageDigits:
    """The share of digits of a passage."""

    places: Places

    def __call__(self, asked: Asked, candidates: Candidates) -> Scores:
        """Return the share of each candidate, 0 to 1."""
        del asked
        return self.places.shares_of_digits(candidates.ids)[:, 0]
