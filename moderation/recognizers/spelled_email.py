"""E-mail addresses in disguise: "ada [at] example [dot] com", "ada at example dot com"."""

from __future__ import annotations

import re

from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import any_case

_AT = any_case(r" ?\[ ?at ?\] ?", r" ?\( ?at ?\) ?", r" ?\{ ?at ?\} ?", " at ")
_DOT = any_case(r" ?\[ ?dot ?\] ?", r" ?\( ?dot ?\) ?", r" ?\{ ?dot ?\} ?", " dot ", r"\.")
_LOCAL = rf"[A-Za-z0-9][A-Za-z0-9_+\-]{{0,31}}(?:{_DOT}[A-Za-z0-9_+\-]{{1,32}}){{0,2}}"
_PARTS = re.compile(
    rf"(?P<local>{_LOCAL}?)(?P<at>{_AT})(?P<domain>[A-Za-z0-9\-]+?(?:(?P<dot>{_DOT})[A-Za-z0-9\-]+?)*)"
    rf"{_DOT}(?P<top>[A-Za-z]{{2,12}})\b",
    re.ASCII,
)
# With plain words the end must be one that people spell out.
_TOPS = frozenset(
    {"com", "org", "net", "edu", "gov", "info", "io", "co", "dev", "app", "ai", "eu", "us", "uk", "ca"}
) | {
    *(
        "at",
        "au",
        "be",
        "br",
        "ch",
        "cn",
        "cz",
        "de",
        "dk",
        "es",
        "fi",
        "fr",
        "ie",
        "in",
        "it",
        "jp",
        "kr",
        "mx",
        "nl",
    ),
    *("no", "nz", "pl", "pt", "ru", "se", "sg", "za"),
}
# "Look at example dot com" names a page.
_VERBS = frozenset(
    {"look", "looks", "looked", "looking", "us", "is", "are", "was", "were", "be", "see", "it", "them", "him", "her"}
    | {
        "available",
        "hosted",
        "found",
        "online",
        "store",
        "shop",
        "site",
        "website",
        "live",
        "and",
        "or",
        "page",
        "read",
    }
    | {"work", "works", "working", "worked", "here", "more", "that", "visit", "out", "up", "not", "now", "only", "me"}
    | {"stare", "laugh", "arrive", "arrived", "start", "starts", "located", "sold", "buy", "order", "account", "stay"}
)


def find_spelled(candidate: str) -> tuple[int, int] | None:
    """Return the address; in plain words only where it is no sentence about a page."""
    match = _PARTS.match(candidate)
    if match is None:
        return None
    is_plain = match["at"].strip().isalpha()
    if is_plain and not _is_address(match.group(), match["local"], match["top"]):
        return None
    return match.span()


def _is_address(text: str, local: str, top: str) -> bool:
    is_spelled = " dot " in text.lower() or "(dot" in text.lower() or "[dot" in text.lower()
    return is_spelled and top.lower() in _TOPS and local.lower() not in _VERBS


SPELLED_EMAIL = Recognizer(
    name="spelled-email",
    title="E-mail address in disguise",
    example="ada [at] example [dot] com",
    patterns=(rf"\b{_LOCAL}{_AT}[A-Za-z0-9\-]{{1,63}}(?:{_DOT}[A-Za-z0-9\-]{{1,32}}){{1,3}}\b",),
    longest=308,
    find=find_spelled,
)
