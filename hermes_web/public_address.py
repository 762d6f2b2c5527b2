"""The address that people use: the name that it is asked by, and what browsers withhold from it without TLS."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def host(address: str) -> str:
    """Return an address' host as a request names it: IPv6 in brackets."""
    name = str(urlsplit(address).hostname)
    return f"[{name}]" if ":" in name else name


def without_tls(address: str) -> str:
    """Return, in a sentence, what people lack at an address; nothing where browsers trust the way to it."""
    parts = urlsplit(address)
    if parts.scheme == "https" or _is_loopback(str(parts.hostname)):
        return ""
    return (
        f"Browsers offer no passkeys and no copying at {address}: "
        "put TLS in front, and set HERMES_PUBLIC_URL to its https address."
    )


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
