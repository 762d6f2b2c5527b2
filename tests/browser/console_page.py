"""The console in a browser."""

from __future__ import annotations

from django.urls import reverse

from tests.cast import Cast
from tests.site import Site


def address(site: Site, cast: Cast, name: str, *places: object) -> str:
    """Return where a page of the cast's console is."""
    return site.url + reverse(f"console:{name}", args=[cast.organization.slug, *places])
