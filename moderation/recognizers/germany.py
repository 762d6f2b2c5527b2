"""Numbers of Germany.

Tax identification number: the Federal Central Tax Office's (BZSt): eleven digits, the first not 0; among the first
ten one digit comes twice or three times and all others at most once; ISO/IEC 7064 Mod 11,10. Identity card: BSI
TR-03127 and ICAO 9303: a letter, eight signs, and a check digit with the weights 7, 3, 1 where it is written.
"""

from __future__ import annotations

import re
from collections import Counter

from moderation.recognizers.check_digits import mod11_10
from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import GAP, after, alone, any_case, find_number

_TAX = r"[1-9][0-9]([ /]?)[0-9]{3}\1[0-9]{3}\1[0-9]{3}"
_TAX_SHAPE = "|".join(_TAX.replace(r"([ /]?)", between).replace(r"\1", between) for between in ("", " ", "/"))
_SIGNS = "CFGHJKLMNPRTVWXYZ0-9"
_CARD = rf"[LMNPRTVWXY][{_SIGNS}]{{8}}[0-9]D?"
_UNCHECKED = rf"[LMNPRTVWXYlmnprtvwxy][{_SIGNS}{_SIGNS[:-3].lower()}]{{8}}"
_CARD_WORDS = any_case(
    "personalausweis", "ausweisnummer", "ausweis-nr", "ausweisnr", "ausweis nr", "id card", "perso"
)
_AFTER_WORD = re.compile(rf"{_CARD_WORDS}[^0-9\n]{{0,{GAP}}}?\b(?P<number>{_CARD}|{_UNCHECKED})", re.ASCII)


def is_tax_id(digits: str) -> bool:
    times = sorted(Counter(digits[:10]).values())
    return times[-1] in (2, 3) and times[-2] == 1 and not _has_three_in_a_row(digits[:10]) and mod11_10(digits)


def _has_three_in_a_row(digits: str) -> bool:
    return any(digit * 3 in digits for digit in set(digits))


def is_card(number: str) -> bool:
    total = sum(int(sign, 36) * (7, 3, 1)[place % 3] for place, sign in enumerate(number[:9]))
    return total % 10 == int(number[9]) and _has_digits(number[:9])


def _has_digits(number: str) -> bool:
    # A word in capitals has none.
    return sum(sign.isdigit() for sign in number) >= 2


def find_card(candidate: str) -> tuple[int, int] | None:
    """Return the number on the card; without its check digit it only counts after a word."""
    match = _AFTER_WORD.fullmatch(candidate)
    if match and len(match["number"]) == 9:
        return match.span("number") if _has_digits(match["number"]) else None
    return _find_checked(candidate)


_find_checked = find_number(_CARD, is_card, words=_CARD_WORDS)

DE_TAX_ID = Recognizer(
    name="de-tax-id",
    title="Tax ID (Germany, Steuer-ID)",
    example="86 095 742 719",
    patterns=(alone(_TAX_SHAPE),),
    longest=25,
    find=find_number(_TAX_SHAPE, is_tax_id),
)
DE_ID_CARD = Recognizer(
    name="de-id-card",
    title="Identity card (Germany)",
    example="T220001293",
    patterns=(alone(_CARD), after(_CARD_WORDS, f"{_CARD}|{_UNCHECKED}")),
    longest=50,
    find=find_card,
)
