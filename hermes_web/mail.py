"""How mail is sent, from `HERMES_SMTP_URL`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from hermes_web import environment as env
from hermes_web.addresses import split
from hermes_web.environment import ConfigurationError

CONSOLE = "django.core.mail.backends.console.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Django's mail settings. `sent` says whether mail leaves this machine."""

    backend: str = CONSOLE
    sent: bool = False
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def read_mail() -> Mail:
    """Read `smtp://user:password@host:587?tls=starttls|tls|none`; raises ConfigurationError."""
    address = env.secret("HERMES_SMTP_URL")
    if not address:
        return Mail()
    parts = split("HERMES_SMTP_URL", address)
    mode = dict(parse_qsl(parts.query)).get("tls", "starttls")
    if parts.scheme != "smtp" or not parts.hostname or mode not in ("starttls", "tls", "none"):
        raise ConfigurationError(
            "HERMES_SMTP_URL must look like smtp://user:password@host:587?tls=starttls (or tls, or none)."
        )
    return Mail(
        backend=SMTP,
        sent=True,
        host=parts.hostname,
        port=parts.port or (465 if mode == "tls" else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=mode == "starttls",
        tls=mode == "tls",
    )
