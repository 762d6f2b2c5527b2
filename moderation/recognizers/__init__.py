"""Finders of personal data and secrets, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from moderation.recognizers.api_key import API_KEY
from moderation.recognizers.card import CARD
from moderation.recognizers.email_address import EMAIL
from moderation.recognizers.iban import IBAN
from moderation.recognizers.recognizer import Recognizer

__all__ = ["RECOGNIZERS", "Recognizer"]

RECOGNIZERS: Mapping[str, Recognizer] = MappingProxyType({one.name: one for one in (EMAIL, CARD, IBAN, API_KEY)})
