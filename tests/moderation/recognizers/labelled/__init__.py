"""Texts for each recognizer, made from the published formats and check digits and not from its own patterns."""

from __future__ import annotations

from collections.abc import Mapping

from tests.moderation.recognizers.labelled.contact import EMAIL, EMAIL_BETWEEN, PHONE, SPELLED_EMAIL
from tests.moderation.recognizers.labelled.credentials import (
    API_KEY,
    API_KEY_ASSIGNED,
    JWT,
    PRIVATE_KEY,
    URL_PASSWORD,
)
from tests.moderation.recognizers.labelled.money import CARD, IBAN
from tests.moderation.recognizers.labelled.network import IP_ADDRESS, MAC_ADDRESS
from tests.moderation.recognizers.labelled.people import (
    BR_CNPJ,
    BR_CPF,
    DE_ID_CARD,
    DE_ID_CARD_PLAIN,
    DE_TAX_ID,
    ES_DNI,
    ES_NIE,
    FR_NIR,
    FR_NIR_PLAIN,
    IN_AADHAAR,
    IN_AADHAAR_PLAIN,
    IN_PAN,
    IT_CODICE_FISCALE,
    NL_BSN,
    UK_NHS,
    UK_NINO,
    US_ITIN,
    US_SSN,
    US_SSN_PLAIN,
)
from tests.moderation.recognizers.labelled.sample import Labelled

LABELLED: Mapping[str, tuple[Labelled, ...]] = {
    "email": (EMAIL, EMAIL_BETWEEN),
    "spelled-email": (SPELLED_EMAIL,),
    "phone": (PHONE,),
    "card": (CARD,),
    "iban": (IBAN,),
    "us-ssn": (US_SSN, US_SSN_PLAIN),
    "us-itin": (US_ITIN,),
    "uk-nino": (UK_NINO,),
    "uk-nhs": (UK_NHS,),
    "de-tax-id": (DE_TAX_ID,),
    "de-id-card": (DE_ID_CARD, DE_ID_CARD_PLAIN),
    "fr-nir": (FR_NIR, FR_NIR_PLAIN),
    "es-dni": (ES_DNI,),
    "es-nie": (ES_NIE,),
    "it-codice-fiscale": (IT_CODICE_FISCALE,),
    "nl-bsn": (NL_BSN,),
    "in-aadhaar": (IN_AADHAAR, IN_AADHAAR_PLAIN),
    "in-pan": (IN_PAN,),
    "br-cpf": (BR_CPF,),
    "br-cnpj": (BR_CNPJ,),
    "ip-address": (IP_ADDRESS,),
    "mac-address": (MAC_ADDRESS,),
    "api-key": (API_KEY, API_KEY_ASSIGNED),
    "private-key": (PRIVATE_KEY,),
    "jwt": (JWT,),
    "url-password": (URL_PASSWORD,),
}
