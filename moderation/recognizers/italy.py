"""The Italian tax code (codice fiscale): Decree of the Ministry of Finance of 23 December 1976, with its omocodia."""

from __future__ import annotations

from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import alone, find_number

# A digit, or the letter that replaces it where two people would have the same code.
_DIGIT = "[0-9LMNPQRSTUVlmnpqrstuv]"
_BIRTH = f"{_DIGIT}{{2}}[ABCDEHLMPRSTabcdehlmprst]{_DIGIT}{{2}}"
_SHAPE = (
    rf"[A-Za-z]{{6}}{_BIRTH}[A-Za-z]{_DIGIT}{{3}}[A-Za-z]"
    # In groups only with capitals: else any two words may begin one.
    rf"|[A-Z]{{3}} [A-Z]{{3}} {_BIRTH} [A-Z]{_DIGIT}{{3}} ?[A-Z]"
)
_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17)
        + (19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)


def is_codice_fiscale(code: str) -> bool:
    code = code.upper()
    odd = sum(_ODD[sign] for sign in code[:15:2])
    even = sum(int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in code[1:15:2])
    return (odd + even) % 26 == ord(code[15]) - ord("A") and any(map(str.isdigit, code))


IT_CODICE_FISCALE = Recognizer(
    name="it-codice-fiscale",
    title="Tax code (Italy, codice fiscale)",
    example="RSSMRA85T10A562S",
    patterns=(alone(_SHAPE),),
    longest=31,
    find=find_number(_SHAPE, is_codice_fiscale),
)
