"""Check digits once more, written from the standards' texts and sharing nothing with the product's."""

from __future__ import annotations


def luhn_digit(body: str) -> str:
    """ISO/IEC 7812-1: from the right, the first, third … digit counts double, with its digits added up."""
    total = 0
    for place, digit in enumerate(reversed([int(one) for one in body])):
        value = digit * 2 if place % 2 == 0 else digit
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def iban_digits(country: str, body: str) -> str:
    """ISO 13616: 98 minus what is left of the body, the country and 00 after division by 97, piece by piece."""
    rest = 0
    for sign in f"{body}{country}00".upper():
        value = ord(sign) - 55 if sign.isalpha() else int(sign)
        rest = (rest * (100 if value > 9 else 10) + value) % 97
    return f"{98 - rest:02d}"


def _d5(one: int, two: int) -> int:
    # Turns of a pentagon are 0 to 4, its mirrorings 5 to 9.
    turn, other = one % 5, two % 5
    if one < 5:
        return (turn + other) % 5 + (5 if two >= 5 else 0)
    return (turn - other) % 5 + (0 if two >= 5 else 5)


def _permuted(digit: int, times: int) -> int:
    for _ in range(times):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit


def verhoeff_digit(body: str) -> str:
    """J. Verhoeff, 1969: the digit that makes the whole the group's neutral element."""
    for check in range(10):
        value = 0
        for place, digit in enumerate(reversed(f"{body}{check}")):
            value = _d5(value, _permuted(int(digit), place % 8))
        if value == 0:
            return str(check)
    raise AssertionError("the group has an inverse of every element")


def mod11_10_digit(body: str) -> str:
    """ISO/IEC 7064, hybrid system Mod 11,10, as the standard's pure recursion says it."""
    carry = 10
    for digit in map(int, body):
        total = (carry + digit) % 10
        carry = ((10 if total == 0 else total) * 2) % 11
    return str((11 - carry) % 10)


def mrz_digit(body: str) -> str:
    """ICAO 9303: weights 7, 3, 1; letters count from 10."""
    values = [int(sign) if sign.isdigit() else ord(sign) - 55 for sign in body]
    return str(sum(value * [7, 3, 1][place % 3] for place, value in enumerate(values)) % 10)


def nhs_digit(body: str) -> str | None:
    """NHS Data Dictionary: weights 10 down to 2, 11 minus the rest; 11 is 0 and 10 is not given out."""
    total = sum(int(digit) * weight for digit, weight in zip(body, [10, 9, 8, 7, 6, 5, 4, 3, 2], strict=True))
    check = 11 - total % 11
    return None if check == 10 else str(check % 11)


def bsn_digit(body: str) -> str | None:
    """Logisch ontwerp BSN: the weighted first eight, modulo 11, are the ninth; 10 is not given out."""
    rest = sum(int(digit) * (9 - place) for place, digit in enumerate(body)) % 11
    return None if rest == 10 else str(rest)


def cpf_digits(body: str) -> str:
    """Receita Federal: twice the sum of the digits with rising weights from the left, modulo 11; 10 is 0."""
    first = sum(int(digit) * weight for weight, digit in enumerate(body, 1)) % 11 % 10
    second = sum(int(digit) * weight for weight, digit in enumerate(f"{body}{first}")) % 11 % 10
    return f"{first}{second}"


def cnpj_digits(body: str) -> str:
    """Receita Federal: weights 2 to 9 from the right, again and again; a sign is its ASCII code less 48."""
    for _ in range(2):
        total = sum((ord(sign) - 48) * (2 + place % 8) for place, sign in enumerate(reversed(body)))
        body += str(0 if total % 11 < 2 else 11 - total % 11)
    return body[-2:]


def codice_letter(body: str) -> str:
    """Decree of 23 December 1976: the order in which odd places' values are handed out."""
    values = {letter: value for value, letter in enumerate("BAKPLCQDREVOSFTGUHMINJWZYX")}
    total = 0
    for place, sign in enumerate(body, 1):
        letter = "ABCDEFGHIJ"[int(sign)] if sign.isdigit() else sign
        total += values[letter] if place % 2 else ord(letter) - 65
    return chr(65 + total % 26)
