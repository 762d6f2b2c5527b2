"""Texts of which it is known what is in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

Maker = Callable[[Random], str]
"""Makes one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`start` and `end` are the place of what is to be found."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The samples of one recognizer: texts that hold one thing to be found, and texts that hold none."""

    positives: tuple[Sample, ...]
    negatives: tuple[str, ...]


def embed(sentence: str, value: str) -> Sample:
    """Put a value in the place of {}."""
    before, after = sentence.split("{}")
    return Sample(text=before + value + after, start=len(before), end=len(before) + len(value))


def labelled(
    name: str,
    sentences: Sequence[str],
    makers: Sequence[Maker],
    *,
    lookalikes: Sequence[Maker],
    known: Sequence[str] = (),
    elsewhere: Sequence[str] = (),
    ordinary: Sequence[str] = (),
    count: int = 240,
) -> Labelled:
    """Make samples: published specimens first, then made values, each in a sentence; the same ones every time.

    Lookalikes are put in the same sentences, or in those of `elsewhere`.
    """
    random = Random(name)
    values = [*known, *(makers[number % len(makers)](random) for number in range(count - len(known)))]
    wrong = [lookalikes[number % len(lookalikes)](random) for number in range(count if lookalikes else 0)]
    return Labelled(
        positives=tuple(embed(sentences[at % len(sentences)], value) for at, value in enumerate(values)),
        negatives=(*(embed(random.choice(elsewhere or sentences), value).text for value in wrong), *ordinary),
    )


def digits(random: Random, count: int) -> str:
    return "".join(random.choices("0123456789", k=count))


def grouped(text: str, sizes: Sequence[int], between: str) -> str:
    """Set a number in groups."""
    ends = [sum(sizes[: at + 1]) for at in range(len(sizes))]
    return between.join(text[end - size : end] for size, end in zip(sizes, ends, strict=True))


def wrong_digit(random: Random, number: str) -> str:
    """Return a number with one digit changed."""
    place = random.choice([place for place, sign in enumerate(number) if sign.isdigit()])
    other = random.choice([digit for digit in "0123456789" if digit != number[place]])
    return number[:place] + other + number[place + 1 :]
