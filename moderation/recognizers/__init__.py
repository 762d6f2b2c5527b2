"""Finders of personal data and secrets, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from moderation.recognizers.api_key import API_KEY
from moderation.recognizers.brazil import BR_CNPJ, BR_CPF
from moderation.recognizers.card import CARD
from moderation.recognizers.email_address import EMAIL
from moderation.recognizers.france import FR_NIR
from moderation.recognizers.germany import DE_ID_CARD, DE_TAX_ID
from moderation.recognizers.iban import IBAN
from moderation.recognizers.india import IN_AADHAAR, IN_PAN
from moderation.recognizers.italy import IT_CODICE_FISCALE
from moderation.recognizers.jwt import JWT
from moderation.recognizers.netherlands import NL_BSN
from moderation.recognizers.network_address import IP_ADDRESS, MAC_ADDRESS
from moderation.recognizers.phone import PHONE
from moderation.recognizers.private_key import PRIVATE_KEY
from moderation.recognizers.recognizer import Recognizer
from moderation.recognizers.spain import ES_DNI, ES_NIE
from moderation.recognizers.spelled_email import SPELLED_EMAIL
from moderation.recognizers.united_kingdom import UK_NHS, UK_NINO
from moderation.recognizers.united_states import US_ITIN, US_SSN
from moderation.recognizers.url_password import URL_PASSWORD

__all__ = ["RECOGNIZERS", "Recognizer"]

_ALL = (
    *(EMAIL, SPELLED_EMAIL, PHONE, CARD, IBAN),
    *(US_SSN, US_ITIN, UK_NINO, UK_NHS, DE_TAX_ID, DE_ID_CARD, FR_NIR, ES_DNI, ES_NIE, IT_CODICE_FISCALE, NL_BSN),
    *(IN_AADHAAR, IN_PAN, BR_CPF, BR_CNPJ),
    *(IP_ADDRESS, MAC_ADDRESS),
    *(API_KEY, PRIVATE_KEY, JWT, URL_PASSWORD),
)
RECOGNIZERS: Mapping[str, Recognizer] = MappingProxyType({one.name: one for one in _ALL})
