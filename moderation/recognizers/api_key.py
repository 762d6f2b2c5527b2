"""Keys and tokens of the common providers, and what is assigned to a name such as `api_key`."""

from __future__ import annotations

import base64
import binascii
import re
from string import ascii_letters, digits

from moderation.recognizers.provider_keys import HEADS, WHOLE
from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import any_case

_NAMES = any_case(
    "api[_ \\-]?key", "secret", "token", "password", "passwd", "access[_\\-]?key", "account[_]?key", "credential",
    "client[_\\-]?key", "private[_\\-]?key", "auth[_\\-]?key", "signing[_\\-]?key", "encryption[_\\-]?key",
)  # fmt: skip
_SIGN = r"[A-Za-z0-9+/=_~%.\-]"
_ASSIGNED = rf"{_NAMES}[A-Za-z_]{{0,12}}[\"'`]?[ \t]{{0,3}}(?:=|:|=>|:=| is )[ \t]{{0,3}}[\"'`]?"
_BEARER = any_case("bearer") + " {1,2}"
_BASIC = any_case("authorization") + r"[\"']?[:=] {0,2}[\"']?" + any_case("basic") + " {1,2}"
_AFTER_NAME = re.compile(rf"(?:{_ASSIGNED}|(?P<bearer>{_BEARER})|(?P<basic>{_BASIC}))(?P<value>{_SIGN}+)")
_KEY = re.compile(f"(?:{WHOLE})(?![A-Za-z0-9])", re.ASCII)
_HEXADECIMAL = re.compile(r"[0-9a-f]{24,}|[0-9A-F]{24,}")
_VARIETY = 6
"""A key has at least so many different characters; "xxxxxxxx" stands for one and is none."""


def find_key(candidate: str) -> tuple[int, int] | None:
    """Return the key; a word of a language or a name in code is none."""
    # Markdown's underscores before it are no part of it.
    key = _KEY.match(candidate, len(candidate) - len(candidate.lstrip("_")))
    if key:
        return key.span() if _is_varied(key.group()) else None
    match = _AFTER_NAME.match(candidate)
    if match is None:
        return None
    value = match["value"].rstrip(".")
    is_key = _is_basic if match["basic"] else is_random
    return (match.start("value"), match.start("value") + len(value)) if is_key(value) else None


def _is_varied(key: str) -> bool:
    secret = re.split("[-_.:]", key)[-1]
    if key.startswith("sk-"):
        return is_random(key)
    return len(set(secret)) >= _VARIETY or len(set(key)) >= 3 * _VARIETY


def is_random(value: str) -> bool:
    """Say whether a value looks drawn by lot: the kind of its characters changes often, unlike in words."""
    if _HEXADECIMAL.fullmatch(value):
        return len(set(value)) >= 2 * _VARIETY - 4
    changes = sum(_kind(one) != _kind(two) for one, two in zip(value, value[1:], strict=False)) / len(value)
    # A name in code has its digits in one place: "Ed25519PrivateKey".
    numerals = len(re.findall("[0-9]+", value))
    return len(set(value)) >= 2 * _VARIETY and (
        changes >= 0.5 - 0.1 * min(numerals, 2) or (numerals >= 2 and changes >= 0.25)
    )


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    return "upper" if sign.isupper() else "lower" if sign.islower() else "other"


def _is_basic(value: str) -> bool:
    """RFC 7617: a name, a colon and a password in base64."""
    try:
        return b":" in base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False


API_KEY = Recognizer(
    name="api-key",
    title="API key or token",
    example="ghp_q7Zr2mXc9LkT4vBn8WdYs1HfJp6GuE3aRt0Q",
    patterns=(
        rf"\b_{{0,3}}(?:{HEADS}){_SIGN}{{4}}",
        rf"{_ASSIGNED}{_SIGN}{{16}}",
        rf"\b{_BEARER}{_SIGN}{{20}}",
        rf"{_BASIC}{_SIGN}{{8}}",
    ),
    longest=600,
    find=find_key,
    tail=frozenset(ascii_letters + digits + "+/=_~%.-"),
)
