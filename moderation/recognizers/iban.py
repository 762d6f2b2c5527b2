"""International bank account numbers (ISO 13616; lengths from the IBAN Registry, release 99)."""

from __future__ import annotations

from moderation.recognizers.check_digits import mod97
from moderation.recognizers.recognizer import Recognizer

_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_LENGTH = {country: length for length, countries in _LENGTHS.items() for country in countries.split()}
_LONGEST = max(_LENGTHS)


def find_iban(candidate: str) -> tuple[int, int] | None:
    """Return as many characters as the country's numbers have, if the check digits are right."""
    length = _LENGTH.get(candidate[:2].upper())
    places = [place for place, sign in enumerate(candidate) if sign.isalnum()]
    if length is None or len(places) < length:
        return None
    end = places[length - 1] + 1
    # A longer run of letters and digits is something else.
    if candidate[end : end + 1].isalnum():
        return None
    number = "".join(candidate[place] for place in places[:length])
    return (0, end) if "02" <= number[2:4] <= "98" and mod97(number[4:] + number[:4]) else None


IBAN = Recognizer(
    name="iban",
    title="Bank account (IBAN)",
    example="DE89 3704 0044 0532 0130 00",
    patterns=(rf"\b[A-Za-z]{{2}}[0-9]{{2}}(?:[ \-]?[A-Za-z0-9]){{11,{_LONGEST - 4}}}\b",),
    longest=62,
    find=find_iban,
)
