"""Read an untrusted document name by name, and gather everything that is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

from moderation import limits
from moderation.errors import PolicyInvalid, Problem

T = TypeVar("T")
# Neither PostgreSQL nor UTF-8 can keep these.
BROKEN = re.compile("[\x00\ud800-\udfff]")
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


class Problems:
    """What is wrong with a document so far."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._more = 0

    def add(self, place: str, words: str) -> None:
        """Note what is wrong at a place."""
        if len(self._found) < limits.PROBLEMS:
            self._found.append(Problem(place=place, words=words))
        else:
            self._more += 1

    def raise_any(self) -> None:
        """Raise PolicyInvalid when something is wrong."""
        if self._more:
            self._found.append(Problem(place="", words=f"And {self._more:,} problems more."))
        if self._found:
            raise PolicyInvalid(tuple(self._found))


class Fields:
    """One mapping of a document. What cannot be read is a problem, and its default stands in for it."""

    def __init__(self, value: object, place: str, problems: Problems, known: Sequence[str]) -> None:
        self.place = place
        self._problems = problems
        self._values: Mapping[object, object] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            problems.add(place, f"This must be a mapping of names to values: {', '.join(known)}.")
            # That says it all.
            self._problems = Problems()
        for name in self._values:
            if name not in known:
                problems.add(self.at(str(name)[:80]), _unknown(name, known))

    def at(self, name: str) -> str:
        """Return the place of a name."""
        return f"{self.place}.{name}" if self.place else name

    def wrong(self, name: str, words: str) -> None:
        """Note what is wrong with a value."""
        self._problems.add(self.at(name), words)

    def value(self, name: str) -> object:
        """Return what is there; None is as good as nothing."""
        return self._values.get(name)

    def line(self, name: str, *, longest: int, needed: str = "") -> str:
        """Return a text of one line; `needed` is what to do when it is missing."""
        return self._read(name, longest, needed, whole=False)

    def text(self, name: str, *, longest: int, needed: str = "") -> str:
        """Return a text as it is."""
        return self._read(name, longest, needed, whole=True)

    def id(self, name: str, needed: str) -> str:
        """Return a name for machines."""
        found = self.line(name, longest=64, needed=needed)
        if found and not ID.fullmatch(found):
            self.wrong(
                name,
                "Use 1 to 64 small letters, digits, “-” and “_”, beginning with a letter or digit: “card-numbers”.",
            )
        return found

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        found = self.value(name)
        if found is None or isinstance(found, bool):
            return default if found is None else found
        self.wrong(name, "This must be true or false.")
        return default

    def number(self, name: str, *, least: float, most: float) -> float | None:
        """Return a number between two bounds, or None where there is none."""
        found = self.value(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
            self.wrong(name, f"This must be a number from {least:g} to {most:g}.")
        elif not least <= found <= most:
            self.wrong(name, f"This must be from {least:g} to {most:g}.")
        else:
            return float(found)
        return None

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number between two bounds."""
        found = self.number(name, least=least, most=most)
        if found is not None and not found.is_integer():
            self.wrong(name, "This must be a whole number.")
        return default if found is None else int(found)

    def one_of(self, name: str, choices: Mapping[str, T], default: T, *, needed: str = "") -> T:
        """Return what a word stands for."""
        found = self.value(name)
        if found is None:
            if needed:
                self.wrong(name, needed)
            return default
        return self._chosen(self.at(name), found, choices, default)

    def some_of(self, name: str, choices: Mapping[str, T], *, needed: str = "") -> tuple[T, ...] | None:
        """Return what several words stand for, each once, or None where there is no list."""
        if self.value(name) is None and not needed:
            return None
        found = self.items(name, most=len(choices) * 2)
        if not found and needed:
            self.wrong(name, needed)
        chosen = [self._chosen(place, value, choices, None) for place, value in found]
        return tuple(dict.fromkeys(one for one in chosen if one is not None))

    def lines(self, name: str, *, most: int, longest: int, needed: str = "") -> tuple[str, ...]:
        """Return a list of texts of one line, each once, in order."""
        return self._texts(name, most, longest, needed, whole=False)

    def texts(self, name: str, *, most: int, longest: int, needed: str = "") -> tuple[str, ...]:
        """Return a list of texts as they are, each once, in order."""
        return self._texts(name, most, longest, needed, whole=True)

    def items(self, name: str, *, most: int) -> list[tuple[str, object]]:
        """Return the members of a list, each with its place."""
        found = self.value(name)
        if found is None:
            return []
        if not isinstance(found, Sequence) or isinstance(found, str | bytes):
            self.wrong(name, "This must be a list.")
            return []
        if len(found) > most:
            self.wrong(name, f"There are {len(found):,} here; at most {most:,} may be. Take some out.")
        return [(f"{self.at(name)}[{number}]", one) for number, one in enumerate(found[:most])]

    def _texts(self, name: str, most: int, longest: int, needed: str, *, whole: bool) -> tuple[str, ...]:
        found = self.items(name, most=most)
        if not found and needed and not isinstance(self.value(name), str):
            self.wrong(name, needed)
        read = [self._checked(place, value, longest, "This is empty. Take it out.", whole) for place, value in found]
        return tuple(dict.fromkeys(one for one in read if one))

    def _read(self, name: str, longest: int, needed: str, *, whole: bool) -> str:
        found = self.value(name)
        if found is None and needed:
            self.wrong(name, needed)
        return "" if found is None else self._checked(self.at(name), found, longest, needed, whole)

    def _checked(self, place: str, value: object, longest: int, needed: str, whole: bool) -> str:
        if not isinstance(value, str):
            self._problems.add(place, _no_text(value))
            return ""
        text = value if whole else value.strip()
        words = _wrong_with(text, longest, needed, BROKEN if whole else CONTROLS)
        if words:
            self._problems.add(place, words)
        return text

    def _chosen(self, place: str, value: object, choices: Mapping[str, T], default: T) -> T:
        if isinstance(value, str) and value in choices:
            return choices[value]
        self._problems.add(place, _no_choice(value, choices))
        return default


def _wrong_with(text: str, longest: int, needed: str, refused: re.Pattern[str]) -> str:
    if not text.strip():
        return needed
    if len(text) > longest:
        return f"This has {len(text):,} characters; at most {longest:,} may be."
    if refused.search(text):
        return "This holds a line break or a character that cannot be kept. Take it out."
    return ""


def _no_text(value: object) -> str:
    if isinstance(value, bool | int | float):
        return f"This must be a text. Put it in quotes: '{str(value).lower()[:80]}'."
    return "This must be a text."


def _unknown(name: object, known: Collection[str]) -> str:
    close = get_close_matches(str(name)[:80], known, n=1)
    return (
        f"Nothing reads this name. Did you mean “{close[0]}”?" if close else _listed("Nothing reads this name", known)
    )


def _no_choice(value: object, choices: Collection[str]) -> str:
    shown = (
        f"“{value[:80]}” is none of the words that may stand here" if isinstance(value, str) else "This is no word"
    )
    close = get_close_matches(value[:80], choices, n=1) if isinstance(value, str) else []
    return f"{shown}. Did you mean “{close[0]}”?" if close else _listed(shown, choices)


def _listed(shown: str, known: Collection[str]) -> str:
    return f"{shown}. Known are: {', '.join(known)}."
