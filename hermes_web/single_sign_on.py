"""Single sign-on with OpenID Connect, from `HERMES_OIDC_*`."""

from __future__ import annotations

from typing import Any

from hermes_web import environment as env
from hermes_web.environment import ConfigurationError


def single_sign_on() -> list[dict[str, Any]]:
    """Return allauth's description of the provider, or nothing when none is configured. Raises ConfigurationError."""
    if not env.text("HERMES_OIDC_ISSUER", ""):
        return []
    issuer = env.url("HERMES_OIDC_ISSUER", "", ("https", "http"))
    client, secret = env.text("HERMES_OIDC_CLIENT_ID", ""), env.secret("HERMES_OIDC_CLIENT_SECRET")
    if not client or not secret:
        raise ConfigurationError("HERMES_OIDC_ISSUER also needs HERMES_OIDC_CLIENT_ID and HERMES_OIDC_CLIENT_SECRET.")
    return [
        {
            "provider_id": "oidc",
            "name": env.text("HERMES_OIDC_NAME", "Single sign-on"),
            "client_id": client,
            "secret": secret,
            "settings": {"server_url": issuer},
        }
    ]
