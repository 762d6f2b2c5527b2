"""Text as people read it: JSON's, HTML's and URLs' escapes undone, tags and Markdown's marks at words left out, and
what is stored backwards turned round.

Only one level is undone. A tag is at most 64 characters long, a comment 128, what is backwards 256; what is longer
is text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5

_ALNUM = r"[^\W_]"
_MARK = r"[*_~`]"
# An override of the writing direction shows what follows it backwards: up to its end, another control or a new line.
_TURNED = "\u202e[^\u202a-\u202e\u2066-\u2069\n]{1,256}"
# What a complete escape looks like. The order counts: the first alternative that fits is taken.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}"
    r"|\\[nrtbf!-/:-@\[-`{-~]"
    r"|&\#[0-9]{1,7};|&\#[xX][0-9a-fA-F]{1,6};|&[A-Za-z][A-Za-z0-9]{1,31};"
    r"|<!--(?:(?!-->).){0,128}-->|</?[A-Za-z][A-Za-z0-9-]{0,20}(?:[\s/][^<>]{0,64})?>"
    r"|%[0-7][0-9a-fA-F]|%[cdCD][0-9a-fA-F](?:%[89abAB][0-9a-fA-F])|%[eE][0-9a-fA-F](?:%[89abAB][0-9a-fA-F]){2}"
    r"|%[fF][0-7](?:%[89abAB][0-9a-fA-F]){3}"
    rf"|(?<={_ALNUM}){_MARK}{{1,3}}(?!{_MARK})|(?<!{_MARK}){_MARK}{{1,3}}(?={_ALNUM})"
    rf"|{_TURNED}(?:\u202c|(?=[\u202a-\u202e\u2066-\u2069\n])|\Z)",
    re.DOTALL,
)
_HEX = "[0-9a-fA-F]"
_CONTINUED = rf"%[89abAB]{_HEX}"
# What may still become one, at the end of what has come.
_BEGUN = re.compile(
    rf"(?:\\(?:u{_HEX}{{0,3}}|u[dD][89abAB]{_HEX}{{2}}(?:\\(?:u(?:[dD](?:[c-fC-F]{_HEX}?)?)?)?)?|x{_HEX}?)?"
    r"|&(?:\#(?:[0-9]{0,7}|[xX][0-9a-fA-F]{0,6})|[A-Za-z][A-Za-z0-9]{0,31})?"
    r"|<(?:!(?:-(?:-(?:(?!-->).){0,128}-{0,2})?)?|/?(?:[A-Za-z][A-Za-z0-9-]{0,20}(?:[\s/][^<>]{0,64})?)?)?"
    rf"|%(?:[0-7]|[cdCD](?:{_HEX}%?|{_HEX}%[89abAB])?|[eE](?:{_HEX}(?:{_CONTINUED}){{0,1}}(?:%[89abAB]?)?)?"
    rf"|[fF](?:[0-7](?:{_CONTINUED}){{0,2}}(?:%[89abAB]?)?)?)?"
    rf"|(?<!{_MARK}){_MARK}{{1,3}}|\u202e|{_TURNED})\Z",
    re.DOTALL,
)
STARTS = re.compile(rf"[\\&<%\u202e]|(?<!{_MARK}){_MARK}")
"""Where something may begin that is read otherwise than it is written."""
_CONTROLS = {"n": "\n", "r": "\n", "t": "\t", "b": " ", "f": " "}
_BLOCKS = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|t[dhr]|ul)\b"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text as it came (`is_plain`), or one escape with what it stands for."""

    text: str
    start: int
    end: int
    is_plain: bool


class Decoder:
    """Reads a text as it comes. What may still become an escape waits: `pending`, from offset `settled` on."""

    def __init__(self, at: int, before: str) -> None:
        self.settled = at
        self.pending = ""
        self._before = before

    def copy(self) -> Decoder:
        other = Decoder(self.settled, self._before)
        other.pending = self.pending
        return other

    def feed(self, text: str, is_closed: bool = False) -> Iterator[Piece]:
        """Yield what is known now."""
        text = self._before + self.pending + text
        at, base = len(self._before), self.settled - len(self._before)
        while at < len(text):
            start = STARTS.search(text, at)
            plain = start.start() if start else len(text)
            if plain > at:
                yield Piece(text[at:plain], base + at, base + plain, True)
                at = plain
            if start is None:
                break
            if not is_closed and _BEGUN.match(text, at):
                break
            end, meaning = _escape(text, at)
            yield Piece(meaning, base + at, base + end, end == at + 1 and meaning == text[at])
            at = end
        self.settled, self.pending, self._before = base + at, text[at:], text[at - 1 : at]


def _escape(text: str, at: int) -> tuple[int, str]:
    """Return where an escape ends and what it stands for; a sign that begins none stands for itself."""
    found = _ESCAPE.match(text, at)
    meaning = None if found is None else _meaning(found.group())
    if found is None or meaning is None:
        return at + 1, text[at]
    return found.end(), meaning


def _meaning(escape: str) -> str | None:
    match escape[0]:
        case "\\":
            return _backslash(escape)
        case "&":
            return html.unescape(escape) if escape[1] == "#" else html5.get(escape[1:])
        case "<":
            return " " if _BLOCKS.match(escape.lower()) else ""
        case "%":
            return _percent(escape)
        case "\u202e":
            return escape.strip("\u202c\u202e")[::-1]
        case _:
            return ""


def _backslash(escape: str) -> str | None:
    if len(escape) == 2:
        return _CONTROLS.get(escape[1], escape[1])
    if len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    number = int(escape[2:], 16)
    return None if 0xD800 <= number < 0xE000 else chr(number)


def _percent(escape: str) -> str | None:
    try:
        return bytes.fromhex(escape.replace("%", "")).decode()
    except UnicodeDecodeError:
        return None
