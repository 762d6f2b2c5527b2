"""Private keys as text: PEM (RFC 7468, RFC 1421, OpenSSH), OpenPGP (RFC 9580) and PuTTY.

A match is the whole block: nothing of it is shown until its end has come, and then one marker takes its place. What
goes beyond `longest` is not taken: an RSA key of 8,192 bits fits, an OpenPGP block with many subkeys may not. What
is no base64 ends it, so a sentence that only names the first line is not held long.
"""

from __future__ import annotations

import re
from string import ascii_letters, digits

from moderation.recognizers.recognizer import Recognizer

_KIND = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?"
# "Proc-Type: 4,ENCRYPTED", "Version: GnuPG v2". Lines may end as JSON and shells write it.
_FIELD = r"(?:[\r\n]{1,2}|\\n|\\r\\n)[ \t]{0,12}[A-Z][A-Za-z\-]{1,15}: [A-Za-z0-9 .,()/:@+\-]{1,80}"
_START = rf"-----BEGIN {_KIND}-----(?:{_FIELD}){{0,4}}"
_PUTTY = r"Private-Lines: [0-9]{1,3}"
_BODY = ascii_letters + digits + "+/=\r\n\t \\"
_BLOCK = re.compile(
    rf"(?:{_START}|{_PUTTY})(?P<body>[{re.escape(_BODY)}]*)(?P<last>-----END {_KIND}-----)?", re.ASCII
)
_PIECE = 16
"""Fewer signs in one piece than these may be a word."""


def find_block(candidate: str) -> tuple[int, int] | None:
    """Return the block. One without its last line is taken as far as it looks like a key."""
    match = _BLOCK.match(candidate)
    if match is None:
        return None
    if match["last"]:
        return (0, match.end()) if _end_of_key(match["body"]) else None
    end = _end_of_key(match["body"])
    return (0, match.start("body") + end) if end else None


def _end_of_key(body: str) -> int:
    end = 0
    for piece in re.finditer(r"[A-Za-z0-9+/=]+", body.replace(r"\r", "  ").replace(r"\n", "  ")):
        if len(piece.group()) < _PIECE:
            break
        end = piece.end()
    return end


PRIVATE_KEY = Recognizer(
    name="private-key",
    title="Private key",
    example=(
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
        "-----END PRIVATE KEY-----"
    ),
    patterns=(_START, _PUTTY),
    longest=8192,
    find=find_block,
    tail=frozenset(_BODY + "-"),
)
