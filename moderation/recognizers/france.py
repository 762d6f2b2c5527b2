"""The French social security number (NIR), as INSEE gives it out.

Sex, year, month, place and order, and a key: 97 minus the remainder of all that by 97.
"""

from __future__ import annotations

from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import after, alone, any_case, find_number

_MONTH = "(?:0[1-9]|1[0-2]|[2-9][0-9])"
_PLACE = "(?:[0-9]{2}|2[AaBb]) ?[0-9]{3}"
_BODY = rf"[1-478] ?[0-9]{{2}} ?{_MONTH} ?{_PLACE} ?[0-9]{{3}}"
_SHAPE = rf"{_BODY}(?: ?[/\-] ?| ?)[0-9]{{2}}"
# The key is often left out.
_PLAIN = f"{_SHAPE}|{_BODY}"
_WORDS = any_case("nir", "sécurité sociale", "securite sociale", "sécu")


def is_nir(number: str) -> bool:
    if len(number) == 13:
        return number[7:].isdigit() and number[10:] != "000"
    body = number[:13].upper()
    # Corsica's departments count as 19 and 18.
    value = int(body.replace("2A", "19").replace("2B", "18"))
    return 97 - value % 97 == int(number[13:])


FR_NIR = Recognizer(
    name="fr-nir",
    title="Social security number (France, NIR)",
    example="2 55 08 14 168 025 38",
    patterns=(alone(_SHAPE), after(_WORDS, _PLAIN)),
    longest=63,
    find=find_number(_SHAPE, is_nir, words=_WORDS, plain=_PLAIN),
)
