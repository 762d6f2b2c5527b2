"""Addresses of servers, from the form people write to the form a library reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from hermes_web.environment import ConfigurationError


def database(address: str, *, role: str | None = None) -> dict[str, Any]:
    """Return Django's settings for `postgresql://user:password@host:port/name?host=/socket/folder&sslmode=…`.

    With `role`, the connection becomes that role at its start. Raises ConfigurationError.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ConfigurationError("DATABASE_URL must begin with postgresql://; no other database is supported.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    if role:
        options["options"] = f"-c role={role}"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "hermes",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": 5, **options},
        "CONN_HEALTH_CHECKS": True,
    }


def celery_broker(address: str) -> str:
    """Return a Redis address as Celery writes it: sockets have a scheme of their own."""
    return "redis+socket://" + address.removeprefix("unix://") if address.startswith("unix://") else address
