"""How an organization's pages greet its people."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

from accounts.models import Branding

PRODUCT = "Hermes"
# The accents of frontend/styles/accents.css; "" is the product's own.
ACCENTS = {
    "": "Green",
    "teal": "Teal",
    "blue": "Blue",
    "violet": "Violet",
    "plum": "Plum",
    "red": "Red",
    "bronze": "Bronze",
    "slate": "Slate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a page shows of an organization's branding."""

    title: str = PRODUCT
    welcome: str = ""
    accent: str = ""
    guidance_url: str = ""


def look_of(organization_id: uuid.UUID) -> Look:
    """Return how an organization's pages look, in one query."""
    return look_from(Branding.objects.filter(organization_id=organization_id).first())


def look_from(found: Branding | None) -> Look:
    """Return the look that a row says; without one, the product's own."""
    if found is None:
        return Look()
    return Look(
        title=found.title or PRODUCT,
        welcome=found.welcome,
        accent=found.accent if found.accent in ACCENTS else "",
        guidance_url=found.guidance_url,
    )


def is_https(address: str) -> bool:
    """Say whether an address can be a link of a page: https, with a host and without a password."""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
