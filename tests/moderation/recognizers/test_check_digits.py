from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.recognizers.check_digits import luhn, mod11_10, mod97, verhoeff
from moderation.recognizers.netherlands import is_bsn
from moderation.recognizers.united_kingdom import is_nhs
from tests.moderation.recognizers.labelled import check_digits as other

Scheme = Callable[[str], bool]

BODIES = st.text("0123456789", min_size=2, max_size=24)
EIGHT = st.text("0123456789", min_size=8, max_size=8).filter(lambda body: int(body) > 0)
NINE = st.text("0123456789", min_size=9, max_size=9)


def iban(body: str) -> str:
    """Return a number as it is checked: the country and its check digits come last."""
    return f"{body}DE{other.iban_digits('DE', body)}"


def with_digit(make: Callable[[str], str | None]) -> Callable[[str], str]:
    return lambda body: body + (make(body) or "")


def is_iban(number: str) -> bool:
    return mod97(number)


# Which numbers, how they get their check digits, and what says that they are right.
WRONG_DIGIT: dict[str, tuple[st.SearchStrategy[str], Scheme]] = {
    "luhn": (BODIES.map(with_digit(other.luhn_digit)), luhn),
    "mod 97": (BODIES.map(iban), is_iban),
    "verhoeff": (BODIES.map(with_digit(other.verhoeff_digit)), verhoeff),
    "mod 11,10": (BODIES.map(with_digit(other.mod11_10_digit)), mod11_10),
    "bsn": (EIGHT.filter(other.bsn_digit).map(with_digit(other.bsn_digit)), is_bsn),
    "nhs": (NINE.filter(other.nhs_digit).map(with_digit(other.nhs_digit)), is_nhs),
}
# Luhn does not see 09 and 90; Mod 11,10 does not promise it for all.
SWAPPED = {name: WRONG_DIGIT[name] for name in ("luhn", "mod 97", "verhoeff", "bsn", "nhs")}
BLIND = {"luhn": {"09", "90"}}


def wrong_digits(number: str) -> list[str]:
    return [
        number[:at] + digit + number[at + 1 :]
        for at, sign in enumerate(number)
        if sign.isdigit()
        for digit in "0123456789"
        if digit != sign
    ]


def swaps(number: str, blind: set[str]) -> list[str]:
    pairs = [(at, number[at : at + 2]) for at in range(len(number) - 1)]
    return [
        number[:at] + pair[::-1] + number[at + 2 :]
        for at, pair in pairs
        if pair.isdigit() and pair[0] != pair[1] and pair not in blind
    ]


@pytest.mark.parametrize("name", WRONG_DIGIT)
@given(data=st.data())
def test_right_numbers_pass_and_one_wrong_digit_is_always_seen(name: str, data: st.DataObject) -> None:
    numbers, is_right = WRONG_DIGIT[name]
    number = data.draw(numbers)
    assert is_right(number)
    assert [wrong for wrong in wrong_digits(number) if is_right(wrong)] == []


@pytest.mark.parametrize("name", SWAPPED)
@given(data=st.data())
def test_neighbours_that_changed_places_are_seen(name: str, data: st.DataObject) -> None:
    numbers, is_right = SWAPPED[name]
    number = data.draw(numbers)
    assert [wrong for wrong in swaps(number, BLIND.get(name, set())) if is_right(wrong)] == []


def test_luhn_does_not_see_nought_and_nine_changing_places() -> None:
    assert luhn("90" + other.luhn_digit("90"))
    assert other.luhn_digit("90") == other.luhn_digit("09")
