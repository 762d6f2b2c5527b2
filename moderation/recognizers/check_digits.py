"""The check digits that numbers carry. Each takes digits (or letters) with nothing between them."""

from __future__ import annotations

from collections.abc import Sequence

# Multiplication in the dihedral group D5, the permutation that is applied again for each place (J. Verhoeff, 1969).
_PRODUCTS = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
             "5987604321", "6598710432", "7659821043", "8765932104", "9876543210")  # fmt: skip
_PLACES = ("0123456789", "1576283094", "5803796142", "8916043527",
           "9453126870", "4286573901", "2793806415", "7046913258")  # fmt: skip


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right is doubled, the sum of all digits ends in 0."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def mod97(number: str) -> bool:
    """ISO/IEC 7064 Mod 97-10: read as one number, with A as 10 and Z as 35, the remainder is 1."""
    return int("".join(str(int(sign, 36)) for sign in number)) % 97 == 1


def verhoeff(digits: str) -> bool:
    """Verhoeff's scheme: it finds every wrong digit and every two neighbours that changed places."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_PRODUCTS[check][int(_PLACES[place % 8][int(digit)])])
    return check == 0


def mod11_10(digits: str) -> bool:
    """ISO/IEC 7064 Mod 11,10: the last digit is the check digit."""
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (product + int(digits[-1])) % 10 == 1


def weighted(digits: str, weights: Sequence[int]) -> int:
    """Return the sum of each digit times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
