"""Addresses of servers, from the form people write to the form a library reads."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from hermes_web.environment import ConfigurationError


def database(name: str, address: str, *, role: str | None = None) -> dict[str, Any]:
    """Return Django's settings for `postgresql://user:password@host:port/name?host=/socket/folder&sslmode=…`.

    With `role`, the connection becomes that role at its start. Raises ConfigurationError with the variable's name.
    """
    parts = split(name, address)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ConfigurationError(f"{name} must begin with postgresql://; no other database is supported.")
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


def redis_address(address: str) -> str:
    """Return the address of a Redis or Valkey as it was given. Raises ConfigurationError."""
    parts = split("REDIS_URL", address)
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.path):
        raise ConfigurationError(
            "REDIS_URL must look like redis://host:6379/0, rediss://… or unix:///path/to/socket."
        )
    return address


def celery_broker(address: str) -> str:
    """Return a Redis address as Celery writes it: sockets have a scheme of their own."""
    return "redis+socket://" + address.removeprefix("unix://") if address.startswith("unix://") else address


def split(name: str, address: str) -> SplitResult:
    """Return an address in its parts. Raises ConfigurationError with the variable's name."""
    try:
        parts = urlsplit(address)
        # Reading the port is what finds a wrong one.
        _ = parts.port
    except ValueError:
        # The address may hold a password, so the message does not repeat it.
        raise ConfigurationError(
            f"{name} is not a well-formed address: write special characters of a password as %23, %2F and the like."
        ) from None
    return parts
