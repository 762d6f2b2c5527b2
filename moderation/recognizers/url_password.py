"""Passwords in URLs: the user information of RFC 3986, section 3.2.1. Only the password is taken."""

from __future__ import annotations

import re

from moderation.recognizers.recognizer import Recognizer

_USER = r"[A-Za-z0-9._~!$&'()*+,;=%\-]"
# Signs that ought to be escaped are often not.
_PASSWORD = r"[A-Za-z0-9._~!$&'()*+,;=%:#?^|{}<>\[\]\-]"
_URL = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*://{_USER}*:(?P<password>{_PASSWORD}+(?:@{_PASSWORD}+)*)@[A-Za-z0-9\[%]")
# A place for a password, to be filled in.
_PLACES = re.compile(
    r"\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|\{+[^{}]*\}+|<[^<>]*>|\[[^\[\]]*\]|%[sd]|%[A-Z_]+%|[*xX.\u2022]+"
)


def find_password(candidate: str) -> tuple[int, int] | None:
    """Return the password, unless a placeholder stands in its place."""
    match = _URL.fullmatch(candidate)
    if match is None or _PLACES.fullmatch(match["password"]):
        return None
    return match.span("password")


URL_PASSWORD = Recognizer(
    name="url-password",
    title="Password in a URL",
    example="postgres://app:s3cret-Pa55@db.example.com/app",
    patterns=(
        rf"\b[A-Za-z][A-Za-z0-9+.\-]{{1,20}}://{_USER}{{0,64}}:{_PASSWORD}{{1,128}}(?:@{_PASSWORD}{{1,64}}){{0,1}}@[A-Za-z0-9\[%]",
    ),
    longest=284,
    find=find_password,
)
