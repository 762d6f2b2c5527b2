"""Numbers of the United Kingdom.

National Insurance number: HMRC's NIM39110: two letters, six digits and A to D; D, F, I, Q, U and V are in neither
place, O is not the second letter, and some pairs are not used. NHS number: the NHS Data Dictionary's: ten digits,
Modulus 11. Ten digits are many things, so it only counts after its name.
"""

from __future__ import annotations

from moderation.recognizers.check_digits import weighted
from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import after, alone, any_case, find_number

_NINO = r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2}(?:[ \-]?[0-9]{2}){2}[ \-]?[A-D]"
# In small letters it may be a piece of a hash.
_NINO_ANY = r"[A-Za-z]{2} ?[0-9]{2}(?:[ \-]?[0-9]{2}){2}[ \-]?[A-Da-d]"
_NINO_WORDS = any_case("nino", "ni number", "ni no", "national insurance")
_UNUSED = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
_NHS = r"[0-9]{3}[ \-]?[0-9]{3}[ \-]?[0-9]{4}"
_NHS_WORDS = any_case("nhs")


def is_nino(number: str) -> bool:
    number = number.upper()
    return not set(number[:2]) & set("DFIQUV") and number[1] != "O" and number[:2] not in _UNUSED


def is_nhs(digits: str) -> bool:
    check = (11 - weighted(digits[:9], range(10, 1, -1)) % 11) % 11
    return check == int(digits[9]) if check < 10 else False


UK_NINO = Recognizer(
    name="uk-nino",
    title="National Insurance number (UK)",
    example="AB 12 34 56 C",
    patterns=(alone(_NINO), after(_NINO_WORDS, _NINO_ANY)),
    longest=55,
    find=find_number(_NINO, is_nino, words=_NINO_WORDS, plain=_NINO_ANY),
)
UK_NHS = Recognizer(
    name="uk-nhs",
    title="NHS number (UK)",
    example="NHS number 943 476 5919",
    patterns=(after(_NHS_WORDS, _NHS),),
    longest=39,
    find=find_number(_NHS, is_nhs, words=_NHS_WORDS),
)
