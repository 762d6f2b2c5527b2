"""Ways to write a term so that a filter does not see it, as people do it: nothing here is read from the normaliser.

Each disguise takes a term and returns several writings of it. The tables are what is found in the wild (spam,
forum evasions, look-alike domain names), chosen by hand.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator

Disguise = Callable[[str], Iterator[str]]

# Letters that look like Latin ones, by the names that Unicode gives them.
TWINS = {
    "a": ("CYRILLIC SMALL LETTER A", "GREEK SMALL LETTER ALPHA", "LATIN SMALL LETTER ALPHA"),
    "c": ("CYRILLIC SMALL LETTER ES", "GREEK LUNATE SIGMA SYMBOL", "LATIN LETTER SMALL CAPITAL C"),
    "d": ("CYRILLIC SMALL LETTER KOMI DE", "LATIN SMALL LETTER D WITH STROKE", "MATHEMATICAL SANS-SERIF SMALL D"),
    "e": ("CYRILLIC SMALL LETTER IE", "ESTIMATED SYMBOL", "CYRILLIC SMALL LETTER ABKHASIAN CHE"),
    "h": ("CYRILLIC SMALL LETTER SHHA", "ARMENIAN SMALL LETTER HO", "PLANCK CONSTANT"),
    "i": (
        "CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I",
        "LATIN SMALL LETTER DOTLESS I",
        "GREEK SMALL LETTER IOTA",
    ),
    "j": ("CYRILLIC SMALL LETTER JE", "GREEK LETTER YOT", "MATHEMATICAL ITALIC SMALL J"),
    "k": ("CYRILLIC SMALL LETTER KA", "GREEK SMALL LETTER KAPPA", "LATIN LETTER SMALL CAPITAL K"),
    "l": ("CYRILLIC LETTER PALOCHKA", "LATIN SMALL LETTER L WITH STROKE", "SMALL ROMAN NUMERAL FIFTY"),
    "m": ("CYRILLIC SMALL LETTER EM", "SMALL ROMAN NUMERAL ONE THOUSAND", "MATHEMATICAL BOLD SMALL M"),
    "n": ("ARMENIAN SMALL LETTER VO", "CYRILLIC SMALL LETTER PE", "MATHEMATICAL SCRIPT SMALL N"),
    "o": ("CYRILLIC SMALL LETTER O", "GREEK SMALL LETTER OMICRON", "ARMENIAN SMALL LETTER OH"),
    "p": ("CYRILLIC SMALL LETTER ER", "GREEK SMALL LETTER RHO", "GREEK RHO SYMBOL"),
    "q": ("CYRILLIC SMALL LETTER QA", "ARMENIAN SMALL LETTER ZA", "MATHEMATICAL FRAKTUR SMALL Q"),
    "r": ("CYRILLIC SMALL LETTER GHE", "LATIN LETTER SMALL CAPITAL R", "MATHEMATICAL MONOSPACE SMALL R"),
    "s": ("CYRILLIC SMALL LETTER DZE", "LATIN LETTER SMALL CAPITAL S", "LATIN SMALL LETTER LONG S"),
    "t": ("CYRILLIC SMALL LETTER TE", "GREEK SMALL LETTER TAU", "LATIN LETTER SMALL CAPITAL T"),
    "u": ("ARMENIAN SMALL LETTER SEH", "GREEK SMALL LETTER UPSILON", "LATIN LETTER SMALL CAPITAL U"),
    "v": ("CYRILLIC SMALL LETTER IZHITSA", "GREEK SMALL LETTER NU", "SMALL ROMAN NUMERAL FIVE"),
    "w": ("CYRILLIC SMALL LETTER WE", "LATIN LETTER SMALL CAPITAL W", "MATHEMATICAL DOUBLE-STRUCK SMALL W"),
    "x": ("CYRILLIC SMALL LETTER HA", "GREEK SMALL LETTER CHI", "SMALL ROMAN NUMERAL TEN"),
    "y": ("CYRILLIC SMALL LETTER U", "CYRILLIC SMALL LETTER STRAIGHT U", "GREEK SMALL LETTER GAMMA"),
    "z": ("LATIN LETTER SMALL CAPITAL Z", "MATHEMATICAL SANS-SERIF BOLD SMALL Z", "LATIN SMALL LETTER Z WITH STROKE"),
}
SIGNS = {"a": "@4", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1|", "o": "0", "s": "$5", "t": "7+", "z": "2"}
INVISIBLE = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u180e", "\u2063", "\U000e0061")
BIDI = ("\u200e", "\u200f", "\u202a{}\u202c", "\u202d{}\u202c", "\u2066{}\u2069", "\u061c")
MARKS = ("\u0301", "\u0308", "\u0327", "\u0336", "\u0332", "\u20d2", "\u0489")


def twins(term: str) -> Iterator[str]:
    """Look-alike letters: all of one kind, every second one, the first only."""
    for kind in range(3):
        yield "".join(_twin(letter, kind) for letter in term)
    yield "".join(_twin(letter, at % 3) if at % 2 else letter for at, letter in enumerate(term))
    yield _twin(term[0], 0) + term[1:]


def _twin(letter: str, kind: int) -> str:
    return unicodedata.lookup(TWINS[letter][kind]) if letter in TWINS else letter


def unseen(term: str) -> Iterator[str]:
    """Characters without a width between the letters."""
    for at, mark in enumerate(INVISIBLE):
        yield mark.join(term) if at % 2 else term[:2] + mark + term[2:]
    yield ("\u200b" * 5).join(term)


def spaced(term: str) -> Iterator[str]:
    """Letters set apart."""
    for gap in (" ", ".", "-", "_", " - ", "  ", "\u00a0", "*", "·"):
        yield gap.join(term)


def cased(term: str) -> Iterator[str]:
    """Capitals where nobody expects them."""
    yield term.upper()
    yield term.title()
    yield "".join(letter.upper() if at % 2 else letter for at, letter in enumerate(term))
    yield term[:-1] + term[-1].upper()


def signs(term: str) -> Iterator[str]:
    """Digits and signs for letters."""
    for kind in range(2):
        yield "".join(SIGNS.get(letter, letter)[-1 if kind else 0] for letter in term)
    for only in "aeiost":
        if only in term:
            yield term.replace(only, SIGNS[only][0])
            yield term.replace(only, SIGNS[only][-1], 1)


def wide(term: str) -> Iterator[str]:
    """Full-width, circled, boxed, mathematical and superscript letters."""
    yield "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in term)
    yield "".join(chr(ord(letter) + 0xFEE0) if at % 2 else letter for at, letter in enumerate(term))
    for first in (0x24D0, 0x1F150, 0x1F170, 0x1F130, 0x1D41A, 0x1D5EE, 0x1D68A, 0x1D51E, 0x1D4EA):
        yield "".join(chr(first + ord(letter) - ord("a")) if "a" <= letter <= "z" else letter for letter in term)


def marked(term: str) -> Iterator[str]:
    """Accents, strokes and enclosing marks on the letters."""
    for mark in MARKS:
        yield mark.join(term) + mark
    yield unicodedata.normalize("NFC", term.replace("a", "a\u0301").replace("e", "e\u0308").replace("o", "o\u0302"))
    yield "".join(letter + MARKS[at % 3] * 3 for at, letter in enumerate(term))


def turned(term: str) -> Iterator[str]:
    """Controls of the writing direction inside the word, and the word stored backwards but shown forwards."""
    for mark in BIDI:
        yield mark.format(term) if "{}" in mark else mark.join(term)
    yield term[:2] + "\u202d" + term[2:] + "\u202c"
    yield "\u202e" + term[::-1] + "\u202c"
    yield "\u2067\u202e" + term[::-1] + "\u202c\u2069"
    yield "\u202e" + term[2::-1] + "\u202c" + term[3:]
    yield term[:2] + "\u202e" + term[:1:-1] + "\n"


def json_escaped(term: str) -> Iterator[str]:
    """Inside a string of JSON."""
    yield '{"note": "' + "".join(f"\\u{ord(letter):04x}" for letter in term) + '"}'
    yield '{"note": "' + "".join(f"\\u{ord(letter):04X}" for letter in term) + '", "n": 1}'
    yield '{"note": "' + term[:2] + f"\\u{ord(term[2]):04x}" + term[3:] + '"}'
    yield json.dumps({"note": "line\n" + term + "\tend"})
    yield json.dumps({"note": "".join(chr(ord(letter) + 0xFEE0) for letter in term if letter != " ")})
    yield '["' + f"\\u{ord(term[0]):04x}" + term[1:] + '"]'


def marked_up(term: str) -> Iterator[str]:
    """Markdown inside the word."""
    middle = len(term) // 2
    for mark in ("**", "*", "__", "`", "~~"):
        yield term[:middle] + mark + term[middle : middle + 1] + mark + term[middle + 1 :]
        yield mark + term + mark
    yield f"[{term[:middle]}](#){term[middle:]}"
    yield f"**{term[:middle]}**{term[middle:]}"
    yield f"{term[:middle]}<!-- -->{term[middle:]}"


def entities(term: str) -> Iterator[str]:
    """HTML's references and elements."""
    yield "".join(f"&#{ord(letter)};" for letter in term)
    yield "".join(f"&#x{ord(letter):x};" for letter in term)
    yield "".join(f"&#X{ord(letter):04X};" for letter in term)
    yield term[:1] + f"&#{ord(term[1])};" + term[2:]
    middle = len(term) // 2
    yield f"{term[:middle]}<b>{term[middle:]}</b>"
    yield f"{term[:middle]}<span class='x'></span>{term[middle:]}"
    yield f"{term[:middle]}&shy;{term[middle:]}"
    yield f"{term[:middle]}&#8203;{term[middle:]}"
    yield f"{term[:middle]}&zwnj;{term[middle:]}"


def plain(term: str) -> Iterator[str]:
    """No disguise but where it is cut: the class is about pieces."""
    for _ in range(4):
        yield term


DISGUISES: dict[str, Disguise] = {
    "homoglyphs": twins,
    "zero-width": unseen,
    "spacing": spaced,
    "case": cased,
    "leet": signs,
    "full-width": wide,
    "combining marks": marked,
    "direction": turned,
    "json escapes": json_escaped,
    "markdown": marked_up,
    "entities": entities,
    "split": plain,
}
