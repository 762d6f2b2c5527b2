"""Numbers of Brazil, the Receita Federal's: two check digits, Modulus 11.

CNPJ may have letters in its first twelve places since July 2026 (Instrução Normativa 2.229/2024): a sign counts as
its ASCII code minus 48.
"""

from __future__ import annotations

from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import alone, find_number

_CPF = r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}|[0-9]{9}-?[0-9]{2}"
_SIGN = "[A-Z0-9]"
_CNPJ = (
    rf"{_SIGN}{{2}}\.{_SIGN}{{3}}\.{_SIGN}{{3}}/{_SIGN}{{4}}-[0-9]{{2}}"
    rf"|{_SIGN}{{8}}/{_SIGN}{{4}}-[0-9]{{2}}|{_SIGN}{{12}}-?[0-9]{{2}}"
)


def is_cpf(digits: str) -> bool:
    return len(set(digits)) > 1 and all(
        _check(digits[:length], range(length + 1, 1, -1)) == int(digits[length]) for length in (9, 10)
    )


def is_cnpj(number: str) -> bool:
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return len(set(number)) > 1 and all(
        _check(number[:length], weights[13 - length :]) == int(number[length]) for length in (12, 13)
    )


def _check(signs: str, weights: range | tuple[int, ...]) -> int:
    rest = sum((ord(sign) - 48) * weight for sign, weight in zip(signs, weights, strict=True)) % 11
    return 0 if rest < 2 else 11 - rest


BR_CPF = Recognizer(
    name="br-cpf",
    title="Taxpayer number (Brazil, CPF)",
    example="529.982.247-25",
    patterns=(alone(_CPF),),
    longest=25,
    find=find_number(_CPF, is_cpf),
)
BR_CNPJ = Recognizer(
    name="br-cnpj",
    title="Company number (Brazil, CNPJ)",
    example="11.222.333/0001-81",
    patterns=(alone(_CNPJ),),
    longest=29,
    find=find_number(_CNPJ, is_cnpj),
)
