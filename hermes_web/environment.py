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
    """Return a secret given as X, as the file X_FILE, or as a file X in HERMES_SECRETS_DIR; else None."""
    value, path = text(name, ""), text(f"{name}_FILE", "")
    if value and path:
        raise ConfigurationError(f"Both {name} and {name}_FILE are set; keep one of them.")
    if path:
        return _read(f"{name}_FILE names", Path(path))
    return value or _from_folder(name)


def url(name: str, default: str, schemes: Sequence[str]) -> str:
    """Return an address with one of the schemes and a host."""
    value = text(name, default)
    if not _is_address(value, schemes):
        raise ConfigurationError(f"{name} is {value!r}; write an address that begins with {' or '.join(schemes)}://.")
    return value


def words(name: str) -> list[str]:
    """Return a list written with commas."""
    return [word.strip() for word in text(name, "").split(",") if word.strip()]


def _is_address(value: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urlsplit(value)
        # Reading the port is what finds a wrong one.
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _from_folder(name: str) -> str | None:
    folder = text("HERMES_SECRETS_DIR", "")
    if not folder:
        return None
    path = Path(folder) / name
    # Only a file that is not there means “not set”: one that may not be read must stop the start.
    return _read("HERMES_SECRETS_DIR holds", path) if os.path.lexists(path) else None


def _read(whence: str, path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{whence} {path}, which cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{whence} {path}, which is not UTF-8 text.") from None
    if not value:
        raise ConfigurationError(f"{whence} {path}, which is empty; put the secret into it.")
    return value
