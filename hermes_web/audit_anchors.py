"""Where the audit record's anchors go, from `HERMES_AUDIT_ANCHOR_FILE`, `_SYSLOG` and `_WEBHOOK`."""

from __future__ import annotations

from pathlib import Path

from hermes_web import environment as env
from hermes_web.environment import ConfigurationError

OFF = "off"


def anchor_file(data_dir: Path) -> str:
    """Return the file's path, or nothing where it is switched off."""
    value = env.text("HERMES_AUDIT_ANCHOR_FILE", str(data_dir / "anchors" / "audit.jsonl"))
    return "" if value == OFF else value


def anchor_syslog() -> tuple[str, int] | str:
    """Return a host and port, a socket's path, or nothing. Raises ConfigurationError."""
    value = env.text("HERMES_AUDIT_ANCHOR_SYSLOG", "")
    if not value or value.startswith("/"):
        return value
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigurationError(
            f"HERMES_AUDIT_ANCHOR_SYSLOG is {value!r}; write host:port, or a socket's path such as /dev/log."
        )
    return host.strip("[]"), int(port)


def anchor_webhook() -> str:
    """Return the address, or nothing. Raises ConfigurationError."""
    name = "HERMES_AUDIT_ANCHOR_WEBHOOK"
    return env.url(name, "", ("https", "http")) if env.text(name, "") else ""
