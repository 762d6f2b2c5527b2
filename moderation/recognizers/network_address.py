"""IP addresses (RFC 791, RFC 4291 and its text forms) and hardware addresses (IEEE 802, EUI-48 and EUI-64).

Addresses that say nothing of anybody do not count: loopback, unspecified, masks and broadcast.
"""

from __future__ import annotations

import ipaddress
import re

from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import any_case

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_H16 = "[0-9A-Fa-f]{1,4}"
_V6 = rf"(?:{_H16}:{{1,2}}){{1,7}}(?:{_H16}|{_V4})\b(?:%[A-Za-z0-9]{{1,15}})?|(?:{_H16}:){{1,7}}:"
# Mapped from version 4. Before any other "::" there is a group, or it is the loopback.
_MAPPED = rf"::[Ff]{{4}}:(?:{_H16}:{_H16}|{_V4})\b"
# "version = 1.2.3.4", "§ 1.2.3.4", ">= 1.2.3.4", and more than four numbers.
_WORDS = any_case("version", "release", "build", "section", "chapter", "clause", "v\\.", "ver\\.")
_BEFORE = rf"(?:{_WORDS}[A-Za-z_]{{0,8}}[ \"':=]{{0,5}}|\b(?:[0-9]{{1,8}}\.)?|[=~<>!]= ?|§ ?)"
_IS_V4 = re.compile(_V4)
_MAY_BE_V6 = re.compile("[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9]+)?")
_PAIR = "[0-9A-Fa-f]{2}"


def find_ip(candidate: str) -> tuple[int, int] | None:
    """Return the address; more numbers or words around it make it something else."""
    if _IS_V4.fullmatch(candidate):
        return (0, len(candidate)) if _is_someones(ipaddress.IPv4Address(candidate)) else None
    return _find_v6(candidate) if _MAY_BE_V6.fullmatch(candidate) else (len(candidate), len(candidate))


def _find_v6(candidate: str) -> tuple[int, int] | None:
    text, _, _ = candidate.partition("%")
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    return (0, len(candidate)) if _is_someones(address) and _is_written_out(text) else None


def _is_written_out(text: str) -> bool:
    # "a::b" is a name in C++ and "1::2" a slice in Python: a first group as networks have it, or three groups.
    groups = [group for group in re.split(":+", text) if group]
    return (len(groups) > 2 or (bool(groups) and len(groups[0]) == 4)) and any(map(str.isdigit, text))


def _is_someones(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return _is_someones(address.ipv4_mapped)
    if address.is_loopback or address.is_unspecified:
        return False
    return not isinstance(address, ipaddress.IPv4Address) or not str(address).startswith(("255.", "0."))


def find_mac(candidate: str) -> tuple[int, int] | None:
    """Return the address; a longer chain of pairs is a fingerprint."""
    signs = [sign for sign in candidate.lower() if sign.isalnum()]
    if len(signs) not in (12, 16):
        return len(candidate), len(candidate)
    if len(set(signs)) == 1 or (":" not in candidate and not any(map(str.isalpha, signs))):
        return None
    return 0, len(candidate)


IP_ADDRESS = Recognizer(
    name="ip-address",
    title="IP address",
    example="203.0.113.42",
    # One expression: an address of version 4 inside one of version 6 is not found again.
    patterns=(rf"{_BEFORE}{_V4}\b(?:\.[0-9])?|\b(?:{_V6})|{_MAPPED}",),
    longest=73,
    find=find_ip,
)
MAC_ADDRESS = Recognizer(
    name="mac-address",
    title="Hardware address (MAC)",
    example="00:1A:2B:3C:4D:5E",
    patterns=(
        rf"\b{_PAIR}(?::{_PAIR}){{5,31}}\b",
        rf"\b{_PAIR}(?:-{_PAIR}){{5,31}}\b",
        r"\b[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2,3}\b",
    ),
    longest=95,
    find=find_mac,
)
