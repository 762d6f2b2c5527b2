"""allauth's addresses, each one transaction: what it changes and what is recorded of that hold together, or not."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.urls import urlpatterns as of_allauth
from django.db import transaction
from django.urls import URLPattern, URLResolver


def whole(one: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """Return the same address, or the same group of them, with each view in a transaction."""
    if isinstance(one, URLResolver):
        return URLResolver(one.pattern, all_whole(one.url_patterns), one.default_kwargs, one.app_name, one.namespace)
    return URLPattern(one.pattern, transaction.atomic(one.callback), one.default_args, one.name)


def all_whole(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return the same addresses, each view in a transaction."""
    return [whole(one) for one in patterns]


urlpatterns = all_whole(of_allauth)
