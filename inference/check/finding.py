"""What a check found out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Written as the mark that stands before it."""

    PROVED = "✓"
    FAILED = "✗"
    NOT_SHOWN = "!"
    """Nothing is wrong with the server, and this run proves nothing: the model chose otherwise, or others use it."""
    NOT_OFFERED = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`again`: a model's answers are drawn by chance, and the next one may show what this one did not."""

    verdict: Verdict
    words: str
    again: bool = False


def proved(words: str) -> Finding:
    return Finding(verdict=Verdict.PROVED, words=words)


def failed(words: str, *, again: bool = False) -> Finding:
    return Finding(verdict=Verdict.FAILED, words=words, again=again)


def not_offered(words: str) -> Finding:
    return Finding(verdict=Verdict.NOT_OFFERED, words=words)


def not_shown(words: str) -> Finding:
    return Finding(verdict=Verdict.NOT_SHOWN, words=words)


def model_did_not(words: str) -> Finding:
    """Return that the model, not the server, did something else."""
    return Finding(verdict=Verdict.NOT_SHOWN, words=words, again=True)
