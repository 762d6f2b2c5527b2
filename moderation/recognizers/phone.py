"""Telephone numbers: ITU-T E.164, and the national forms of the countries whose people write without "+".

Whether a number exists is `phonenumbers`' knowledge (Google's libphonenumber). What is a number at all is decided by
how its digits are grouped: a bare row of digits only counts after a word such as "tel", or as a mobile number with
its leading 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from phonenumbers import NumberParseException, PhoneNumber, is_valid_number, parse

from moderation.recognizers.phone_shapes import BARE, SHAPES
from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import HYPHEN, any_case

_LATIN = any_case(
    "phone", "tel", "tél", "mobil", "móvil", "movil", "cell", "call", "fax", "whatsapp", "sms", "handy", "rufnummer",
    "anruf", "ruf", "portable", "appel", "llám", "llam", "celular", "cellulare", "chiam", "bel ", "ligue", "ligar",
    "contact", "text me",
)  # fmt: skip
# "Phone", "mobile" and "number" in Hindi; "telephone" and "mobile" in Chinese and Japanese.
_WORDS = rf"(?:\b{_LATIN}|फ़ोन|मोबाइल|नंबर|नम्बर|电话|手机|電話|携帯)"
_GAP = r"[^0-9+(\n]{0,20}"
_NEXT = rf"(?:(?:[ .]| ?{HYPHEN} ?|\)(?: ?{HYPHEN} ?|[ /])?| ?\()?[0-9])"
_ROW = rf"(?:\(?\+ ?\(?[0-9]|\([0-9]|\b[0-9])(?:[0-9]{{1,5}}(?: ?/ ?|\)/))?{_NEXT}{{6,20}}\b"
_HINT = re.compile(rf"{_WORDS}{_GAP}")
# Numbers kept free for films and examples; `phonenumbers` knows them as invalid. They are written as if real.
_SPECIMENS = re.compile(r"44(?:7700900|1632960)\d{3}|1555\d{7}")
_DIGITS = 12
"""No national number has more, its leading 0 included."""
_SIGN = re.compile(rf" ?(?:{HYPHEN}|/) ?")
_FRACTION = re.compile(r"[0-9]+\.[0-9]+")
_PIECE = re.compile(r"[^ ]+")


def find_phone(candidate: str) -> tuple[int, int] | None:
    """Return the number; digits that are grouped in no way a number is are skipped as a whole."""
    hint = _HINT.match(candidate)
    start = hint.end() if hint else 0
    row = candidate[start:]
    found = _international(row) or _national(row) or (_hinted(row) if hint else None)
    if found:
        return start + found[0], start + found[1]
    return None if hint else (len(candidate), len(candidate))


def _international(row: str) -> tuple[int, int] | None:
    """Return the longest number from the row's begin that is valid, after "+" or "00"."""
    start = 1 if row.startswith("(") and ")" not in row else 0
    if not row[start:].lstrip("(").startswith(("+", "00")):
        return None
    for end in _ends(row):
        if _is_international(row[start:end]):
            return start, end
    return None


def _ends(row: str) -> Iterator[int]:
    yield len(row)
    yield from (
        place for place in range(len(row) - 1, 7, -1) if not row[place].isdigit() and row[place - 1].isdigit()
    )


def _is_international(text: str) -> bool:
    digits = "".join(filter(str.isdigit, text.replace("(0)", "")))
    return _is_number(digits if "+" in text else digits.removeprefix("00"))


def _is_number(digits: str) -> bool:
    if _SPECIMENS.fullmatch(digits):
        return True
    try:
        return is_valid_number(parse(f"+{digits}"))
    except NumberParseException:
        return False


def _national(row: str) -> tuple[int, int] | None:
    """Return the pieces of a row that are a number as one country writes it, with no bare digits beside them."""
    pieces = [match.span() for match in _PIECE.finditer(row)]
    for first in range(len(pieces)):
        for last in range(len(pieces) - 1, first - 1, -1):
            start, end = pieces[first][0], pieces[last][1]
            if row[start] == "(" and ")" not in row[start:end]:
                start += 1
            if not _is_in_a_row(row, pieces, first, last) and is_national(row[start:end]):
                return start, end
    return None


def _is_in_a_row(row: str, pieces: list[tuple[int, int]], first: int, last: int) -> bool:
    beside = pieces[max(first - 1, 0) : first] + pieces[last + 1 : last + 2]
    return any(row[start:end].isdigit() for start, end in beside)


def is_national(text: str) -> bool:
    """Say whether a text is a number as one of the countries writes it."""
    text = _SIGN.sub(_plain_sign, text)
    digits = "".join(filter(str.isdigit, text))
    return len(digits) <= _DIGITS and any(
        shape.fullmatch(text) and _is_of(country, digits) for country, shape in SHAPES
    )


def _plain_sign(sign: re.Match[str]) -> str:
    return "/" if "/" in sign.group() else "-"


def _is_of(country: int, digits: str) -> bool:
    # Italy keeps its 0, all others leave it out; North America's leading 1 is its country code.
    national = digits if country == 39 else digits.removeprefix("1" if country == 1 else "0")
    if not national or _SPECIMENS.fullmatch(f"{country}{national}"):
        return bool(national)
    zeros = len(national) - len(national.lstrip("0"))
    if zeros > (country == 39) or zeros == len(national):
        return False
    number = PhoneNumber(country_code=country, national_number=int(national), italian_leading_zero=zeros > 0 or None)
    return is_valid_number(number)


def _hinted(row: str) -> tuple[int, int] | None:
    start = 1 if row.startswith("(") and ")" not in row else 0
    for end in _ends(row):
        digits = "".join(filter(str.isdigit, row[start:end]))
        if not _FRACTION.fullmatch(row[start:end]) and _is_bare(digits):
            return start, end
    return None


def _is_bare(digits: str) -> bool:
    return any(bare.fullmatch(digits) and _is_of(country, digits) for country, bare in BARE)


PHONE = Recognizer(
    name="phone",
    title="Phone number",
    example="+49 30 901820",
    patterns=(_ROW, _WORDS + _GAP + _ROW),
    longest=142,
    find=find_phone,
)
