"""Tokens for links: shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import secrets


def make_token() -> str:
    """Return 256 random bits as they go into a link."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
