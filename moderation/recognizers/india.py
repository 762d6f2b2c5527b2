"""Numbers of India.

Aadhaar: the Unique Identification Authority's (UIDAI): twelve digits, the first 2 to 9, Verhoeff's check digit. In
one piece it only counts after its name: a date with a time has twelve digits as well. PAN: the Income Tax
Department's: three letters, the kind of holder, a letter, four digits and a letter.
"""

from __future__ import annotations

from moderation.recognizers.check_digits import verhoeff
from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import after, alone, any_case, find_number

_AADHAAR = "[2-9][0-9]{3} [0-9]{4} [0-9]{4}|[2-9][0-9]{3}-[0-9]{4}-[0-9]{4}"
_AADHAAR_PLAIN = f"{_AADHAAR}|[2-9][0-9]{{11}}"
_AADHAAR_WORDS = any_case("aadhaar", "aadhar", "adhaar", "uidai", "uid")
_PAN = "[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]"
_PAN_ANY = "[A-Za-z]{3}[ABCFGHJLPTabcfghjlpt][A-Za-z][0-9]{4}[A-Za-z]"
_PAN_WORDS = any_case("pan", "permanent account")


def is_pan(code: str) -> bool:
    return code[5:9] != "0000"


IN_AADHAAR = Recognizer(
    name="in-aadhaar",
    title="Aadhaar number (India)",
    example="2345 6789 0124",
    # Four digits more before or after make it a card's number.
    patterns=(
        rf"\b(?:[0-9]{{1,8}}[.\- ])?(?:{_AADHAAR})\b(?:[.\- ][0-9])?",
        after(_AADHAAR_WORDS, _AADHAAR_PLAIN),
    ),
    longest=45,
    find=find_number(_AADHAAR, verhoeff, words=_AADHAAR_WORDS, plain=_AADHAAR_PLAIN),
)
IN_PAN = Recognizer(
    name="in-pan",
    title="Permanent account number (India, PAN)",
    example="AAAPZ1234C",
    patterns=(alone(_PAN), after(_PAN_WORDS, _PAN_ANY)),
    longest=51,
    find=find_number(_PAN, is_pan, words=_PAN_WORDS, plain=_PAN_ANY),
)
