"""What a commercial API asks for Hermes 4 70B, to compare with: not an offer."""

from __future__ import annotations

from decimal import Decimal

# US dollars for a million tokens; reasoning counts as answer there.
PROMPT = Decimal("0.13")
ANSWER = Decimal("0.40")
SOURCE = (
    "the published price of Hermes 4 70B, $0.13 prompt / $0.40 answer per million tokens: "
    "a reference that the operator may check"
)
MILLION = 1_000_000


def price_of(prompt: int, answer: int, prompt_price: Decimal, answer_price: Decimal) -> Decimal:
    """Return what tokens cost at prices for a million of them."""
    return (prompt * prompt_price + answer * answer_price) / MILLION
