"""Keep a text in the database so that only this installation reads it. Each purpose has a key of its own."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

ENGINE_KEY = "engine key"
WITHHELD = "withheld text"


class Unreadable(Exception):
    """The text was sealed with another secret key, or changed."""


def seal(text: str, purpose: str = ENGINE_KEY) -> str:
    """Return a text that only this installation's secret key opens; an empty one stays empty."""
    return _fernet(settings.SECRET_KEY, purpose).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str, purpose: str = ENGINE_KEY) -> str:
    """Return what was sealed; raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _fernet(settings.SECRET_KEY, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


@lru_cache(maxsize=2)
def _fernet(secret: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"hermes-web {purpose}".encode()).derive(
        secret.encode()
    )
    return Fernet(urlsafe_b64encode(derived))
