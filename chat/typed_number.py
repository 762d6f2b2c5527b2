"""Whole numbers as people type them. No input or output here."""

from __future__ import annotations

import re
from decimal import Decimal

# Thousands apart or not, and a part only of a thousand, a million or a billion: “1.000” may mean either.
TYPED = re.compile(
    r"(?P<whole>\d{1,3}(?P<apart>[,\u2009\u202f\u00a0 _'’])\d{3}(?:(?P=apart)\d{3})*|\d+)"
    r"(?:\.(?P<part>\d+)(?=\s*[kmb]))?\s*(?P<times>[kmb]?)",
    re.IGNORECASE | re.ASCII,
)
TIMES = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}


def number_of(text: str) -> int:
    """Return 100000, 100,000, 100k or 2.5M as the number it is; raises ValueError for what is no whole number."""
    found = TYPED.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    whole = re.sub(r"\D", "", found["whole"])
    number = Decimal(f"{whole}.{found['part'] or 0}") * TIMES[found["times"].lower()]
    if number != int(number):
        raise ValueError(text)
    return int(number)
