"""The address of a server of a model, as an operator types it, and whether it leaves the premises."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

EXAMPLE = "http://gpu:8000/v1"
# Names that never lead to the internet, or by convention do not (RFC 6761, 6762, 8375, 9476).
INSIDE = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".alt", ".test")


class WrongAddress(ValueError):
    """The message is for the operator."""


def parse_address(text: str) -> str:
    """Return an address without what may be left out; raises WrongAddress with a sentence."""
    text = text.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise WrongAddress(f"This is not an address. It looks like {EXAMPLE}.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise WrongAddress(f"The address begins with http:// or https://, such as {EXAMPLE}.")
    if parts.username is not None or parts.password is not None:
        raise WrongAddress("Leave name and password out of the address, and enter the key in its own field.")
    if parts.query or parts.fragment or any(one.isspace() for one in text):
        raise WrongAddress(f"The address has no spaces, and no part after “?” or “#”. It looks like {EXAMPLE}.")
    if not parts.path.endswith("/v1"):
        raise WrongAddress(f"The address ends in /v1, such as {EXAMPLE}.")
    return text


def is_outside(address: str) -> bool:
    """Say whether what is sent to an address may leave the premises.

    Names are not looked up: one with a dot may be anywhere, and counts as outside.
    """
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(INSIDE)
