"""The JSON object that a page posts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import RawPostDataException

from chat.errors import Invalid, TooLong
from chat.requests import NotTheProtocol, decode


def facts_of(request: HttpRequest) -> dict[str, Any]:
    """Return it; raises TooLong or Invalid."""
    try:
        return decode(request.body)
    except RequestDataTooBig:
        raise TooLong("The message is larger than 1 MiB. Send it in parts.") from None
    except (NotTheProtocol, RawPostDataException):
        # A form with files has been read by the look for its CSRF token.
        raise Invalid("The request must be a JSON object.") from None
