"""Numbers of Spain: DNI and NIE, the Ministry of the Interior's: the letter is the number's remainder by 23."""

from __future__ import annotations

from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import alone, find_number

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_LETTER = f"[{_LETTERS}{_LETTERS.lower()}]"
_DNI = rf"[0-9]{{8}}[ \-]?{_LETTER}|[0-9]{{1,2}}\.[0-9]{{3}}\.[0-9]{{3}}[ \-]?{_LETTER}"
_NIE = rf"[XYZxyz][ \-]?[0-9]{{7}}[ \-]?{_LETTER}|[XYZxyz][ \-]?[0-9]\.[0-9]{{3}}\.[0-9]{{3}}[ \-]?{_LETTER}"


def is_dni(number: str) -> bool:
    return _LETTERS[int(number[:-1]) % 23] == number[-1].upper()


def is_nie(number: str) -> bool:
    return is_dni(str("XYZ".index(number[0].upper())) + number[1:])


ES_DNI = Recognizer(
    name="es-dni",
    title="National identity number (Spain, DNI)",
    example="12345678Z",
    patterns=(alone(_DNI),),
    longest=23,
    find=find_number(_DNI, is_dni),
)
ES_NIE = Recognizer(
    name="es-nie",
    title="Foreigner’s identity number (Spain, NIE)",
    example="X1234567L",
    patterns=(alone(_NIE),),
    longest=24,
    find=find_number(_NIE, is_nie),
)
