"""Payment card numbers: ISO/IEC 7812-1 (Luhn), with the ranges and lengths that the card schemes publish."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.recognizers.check_digits import luhn
from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.shape import HYPHEN

# First and last prefix, then the lengths. Thirteen-digit Visa numbers are not issued any more; as many barcodes
# have thirteen digits and begin with 4.
_RANGES = (
    ("4", "4", (16, 18, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),  # Mastercard
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", (14, 16, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 19)),
    ("36", "36", (14, 16, 19)),
    ("38", "39", (14, 16, 19)),
    ("6011", "6011", (16, 19)),  # Discover
    ("644", "659", (16, 19)),
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("2131", "2131", (15,)),
    ("1800", "1800", (15,)),
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("81", "82", (16, 17, 18, 19)),  # UnionPay, RuPay
    ("60", "60", (16,)),  # RuPay
    ("508", "508", (16,)),
    ("353", "353", (16,)),
    ("356", "356", (16,)),
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
    ("5018", "5018", tuple(range(12, 20))),  # Maestro
    ("5020", "5020", tuple(range(12, 20))),
    ("5038", "5038", tuple(range(12, 20))),
    ("5893", "5893", tuple(range(12, 20))),
    ("6304", "6304", tuple(range(12, 20))),
    ("6759", "6759", tuple(range(12, 20))),
    ("6761", "6763", tuple(range(12, 20))),
    ("5019", "5019", (16,)),  # Dankort
    ("5060", "5061", (16, 18, 19)),  # Verve
    ("6500", "6500", (16, 18, 19)),
    ("636", "639", (16, 17, 18, 19)),  # InterPayment, InstaPayment
    ("9792", "9792", (16,)),  # Troy
)
# How the digits are set in groups: all alike, with a shorter or longer last one, or as some cards print them.
_DOTTED = re.compile(r"[0-9]{4}(?:\.[0-9]{4}){3}", re.ASCII)
_GROUPS = re.compile(
    r"\d+|4 4 4 4(?: [1-3])?|4 4 4 7|4 6 5|4 6 4|4 5 6|4 4 4|4 4 5|4 4 4 [1-3]|8 8|6 13|1(?: 1){11,18}"
)


def find_card(candidate: str) -> tuple[int, int] | None:
    """Return the groups of digits that are one card's; the leftmost, then the longest."""
    if "." in candidate and not _DOTTED.fullmatch(candidate):
        return len(candidate), len(candidate)
    groups = [match.span() for match in re.finditer("[0-9]+", candidate)]
    for first, last in _runs(len(groups)):
        start, end = groups[first][0], groups[last][1]
        is_whole = last - first + 1 == len(groups)
        if _is_card([candidate[a:b] for a, b in groups[first : last + 1]], is_whole):
            return start, end
    return None


def _runs(count: int) -> Iterator[tuple[int, int]]:
    return ((first, last) for first in range(count) for last in range(count - 1, first - 1, -1))


def _is_card(groups: list[str], is_whole: bool) -> bool:
    digits = "".join(groups)
    # Twelve digits may be the first groups of sixteen.
    if not (12 if is_whole else 14) <= len(digits) <= 19 or not _GROUPS.fullmatch(
        " ".join(str(len(group)) for group in groups)
    ):
        return False
    return _is_issued(digits) and len(set(digits)) > 1 and luhn(digits)


def _is_issued(digits: str) -> bool:
    return any(low <= digits[: len(low)] <= high and len(digits) in lengths for low, high, lengths in _RANGES)


CARD = Recognizer(
    name="card",
    title="Payment card",
    example="4111 1111 1111 1111",
    # The fraction of a number is taken in, before or after: it is no card.
    patterns=(
        rf"\b(?:[0-9]{{1,9}}\.)?[0-9](?:(?: ?{HYPHEN} ?| {{1,2}})?[0-9]){{11,18}}\b(?:\.[0-9])?",
        r"\b[0-9]{4}(?:\.[0-9]{4}){3}\b(?:\.[0-9])?",
    ),
    longest=85,
    find=find_card,
)
