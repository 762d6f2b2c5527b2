"""The Dutch citizen service number (BSN): the Ministry of the Interior's: nine digits and the test of eleven.

One in eleven numbers passes that test, so it only counts after its name.
"""

from __future__ import annotations

from moderation.recognizers.check_digits import weighted
from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import after, any_case, find_number

_SHAPE = r"[0-9]{8,9}|[0-9]{4}\.[0-9]{2}\.[0-9]{3}|[0-9]{3}[ .\-][0-9]{3}[ .\-][0-9]{3}|[0-9]{4} [0-9]{2} [0-9]{3}"
_WORDS = any_case("bsn", "burgerservicenummer", "burger service nummer", "sofinummer", "sofi-nummer")


def is_bsn(digits: str) -> bool:
    digits = digits.zfill(9)
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and int(digits) > 0


NL_BSN = Recognizer(
    name="nl-bsn",
    title="Citizen service number (Netherlands, BSN)",
    example="BSN 111222333",
    patterns=(after(_WORDS, _SHAPE),),
    longest=56,
    find=find_number(_SHAPE, is_bsn, words=_WORDS),
)
