"""E-mail addresses: RFC 5321 and 5322 as they are used, and RFC 6531 for addresses in any script."""

from __future__ import annotations

import re

from moderation.recognizers.recognizer import Recognizer

# Letters beyond ASCII; the signs and spaces among them (general punctuation, arrows, CJK punctuation) are left out.
_LETTERS = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2dff\u3041-\ud7ff\uf900-\ufdff\ufe70-\ufefc\U00020000-\U0003ffff"
)
_WORD = rf"A-Za-z0-9{_LETTERS}"
_LOCAL = rf"[{_WORD}!#$%&'*/=?^_`{{|}}~.+\-]"
_DOMAIN = rf"[{_WORD}.\-]"
_ADDRESS = re.compile(
    # Quotes and brackets around an address belong to the sentence.
    rf"[{_WORD}_](?:{_LOCAL}*[{_WORD}_+\-])?@"
    rf"(?:[{_WORD}](?:[{_WORD}\-]{{0,61}}[{_WORD}])?\.)+"
    # In scripts without spaces the sentence goes on directly after it.
    rf"(?P<top>xn--[a-z0-9\-]{{2,59}}|[A-Za-z]{{2,24}}|[{_LETTERS}]{{2,24}})(?![A-Za-z0-9\-])"
)
# What stands before an address without a space: a name in a URL or in code, or a sentence in such a script.
_BEFORE = re.compile(r".*[=&?/|]|.*[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3](?=[A-Za-z0-9._%+\-]+@)")
# Ends of names of files that are no domains: "icon@2x.png".
_FILES = frozenset(
    {"css", "csv", "gif", "htm", "html", "jpeg", "jpg", "js", "json", "pdf", "php", "png"}
) | frozenset({"svg", "ts", "tsx", "txt", "webp", "xml", "yaml", "yml"})


def find_email(candidate: str) -> tuple[int, int] | None:
    """Return the address inside a candidate."""
    match = _ADDRESS.search(candidate)
    if match is None or match["top"].lower() in _FILES or ".." in match.group():
        return None
    before = _BEFORE.match(match.group())
    return match.start() + (before.end() if before else 0), match.end()


EMAIL = Recognizer(
    name="email",
    title="E-mail address",
    example="ada.lovelace@example.com",
    patterns=(rf"{_LOCAL}{{1,64}}@{_DOMAIN}{{3,190}}",),
    longest=255,
    find=find_email,
)
