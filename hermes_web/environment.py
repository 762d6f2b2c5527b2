"""Typed readers of the environment. A wrong value stops the start with one sentence."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

TRUE = frozenset({"true", "1", "yes"})
FALSE = frozenset({"false", "0", "no"})


class ConfigurationError(Exception):
    """A setting is wrong; the message says which and what to do."""


def text(name: str, default: str) -> str:
    """Return a variable, or the default when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def boolean(name: str, *, default: bool) -> bool:
    """Return a switch written as true/false, 1/0 or yes/no."""
    value = text(name, "").lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ConfigurationError(f"{name} is {value!r}; write true or false.")
    return value in TRUE


def integer(name: str, default: int, minimum: int, maximum: int) -> int:
    """Return a whole number between two bounds."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise ConfigurationError(f"{name} is {value!r}; write a whole number.") from None
    if not minimum <= number <= maximum:
        raise ConfigurationError(f"{name} is {number}; it must be between {minimum} and {maximum}.")
    return number


def secret(name: str) -> str | None:
    """Return a secret given as X or as the file X_FILE, or None when neither is set."""
    value, path = text(name, ""), text(f"{name}_FILE", "")
    if value and path:
        raise ConfigurationError(f"Both {name} and {name}_FILE are set; keep one of them.")
    return _read(name, Path(path)) if path else value or None


def url(name: str, default: str, schemes: Sequence[str]) -> str:
    """Return an address with one of the schemes and a host."""
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname:
        raise ConfigurationError(f"{name} is {value!r}; write an address that begins with {' or '.join(schemes)}://.")
    return value


def words(name: str) -> list[str]:
    """Return a list written with commas."""
    return [word.strip() for word in text(name, "").split(",") if word.strip()]


def _read(name: str, path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name}_FILE names {path}, which cannot be read: {error}.") from None
    if not value:
        raise ConfigurationError(f"{name}_FILE names {path}, which is empty; put the secret into it.")
    return value
