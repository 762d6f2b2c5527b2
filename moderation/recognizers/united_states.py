"""Numbers of the United States.

SSN: the Social Security Administration's form, randomized since 2011: no area 000, 666 or 900 to 999, no group 00,
no serial 0000. ITIN: the Internal Revenue Service's: area 900 to 999 and groups 50 to 65, 70 to 88, 90 to 92 and
94 to 99. Neither has a check digit, so without its hyphens or spaces one only counts after its name.
"""

from __future__ import annotations

from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import after, alone, any_case, find_number

# Hyphens as typesetters write them count as hyphens.
_SHAPE = "|".join(f"[0-9]{{3}}{sign}[0-9]{{2}}{sign}[0-9]{{4}}" for sign in ("-", "\u2010", "\u2013", " - ", " "))
_PLAIN = rf"{_SHAPE}|[0-9]{{3}}\.[0-9]{{2}}\.[0-9]{{4}}|[0-9]{{9}}"
_SSN_WORDS = any_case("ssn", "ss#", "social security", "social sec", "soc sec")
_ITIN_WORDS = any_case("itin", "taxpayer id", "taxpayer identification")
_ITIN_GROUPS = frozenset({*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)})


def is_ssn(digits: str) -> bool:
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_itin(digits: str) -> bool:
    return digits[0] == "9" and int(digits[3:5]) in _ITIN_GROUPS


US_SSN = Recognizer(
    name="us-ssn",
    title="Social Security number (US)",
    example="536-22-8145",
    patterns=(alone(_SHAPE), after(_SSN_WORDS, _PLAIN)),
    longest=54,
    find=find_number(_SHAPE, is_ssn, words=_SSN_WORDS, plain=_PLAIN),
)
US_ITIN = Recognizer(
    name="us-itin",
    title="Taxpayer number (US ITIN)",
    example="912-70-1234",
    patterns=(alone(_SHAPE), after(_ITIN_WORDS, _PLAIN)),
    longest=62,
    find=find_number(_SHAPE, is_itin, words=_ITIN_WORDS, plain=_PLAIN),
)
