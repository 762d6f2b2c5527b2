"""What a row or a log entry raises that holds something nobody thought of: it must end nothing but itself."""

from __future__ import annotations

from django.db import DataError

MALFORMED = (ArithmeticError, AssertionError, AttributeError, DataError, LookupError, TypeError, ValueError)
