"""Where heads of chains are written outside the database: a file, a syslog, a webhook."""

from __future__ import annotations

import hmac
import http.client
import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from audit.errors import PlaceFailed

TIMEOUT_SECONDS = 5
# Facility “authpriv”, severity “notice”.
PRIORITY = 10 * 8 + 5


class Place(Protocol):
    """Somewhere that keeps lines which the database cannot take back."""

    name: ClassVar[str]

    def write(self, lines: Sequence[str]) -> None:
        """Write whole lines. Raises PlaceFailed."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that only grows, best where the database's administrators cannot write."""

    path: Path
    name: ClassVar[str] = "file"

    def write(self, lines: Sequence[str]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.path.open("a+b") as file:
                file.write(_to_next_line(file) + "".join(f"{line}\n" for line in lines).encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise PlaceFailed(self.name, f"{self.path} cannot be written ({error.strerror})") from None


@dataclass(frozen=True, slots=True)
class Syslog:
    """A syslog that takes datagrams: a host and port, or a socket's path."""

    address: tuple[str, int] | str
    name: ClassVar[str] = "syslog"

    def write(self, lines: Sequence[str]) -> None:
        try:
            for line in lines:
                self._send(line)
        except OSError as error:
            raise PlaceFailed(self.name, f"{self.address} cannot be reached ({error.strerror or error})") from None

    def _send(self, line: str) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        message = f"<{PRIORITY}>1 {moment} {socket.gethostname()} hermes-audit {os.getpid()} anchor - {line}".encode()
        if isinstance(self.address, str):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.sendto(message, self.address)
            return
        family, _, _, _, address = socket.getaddrinfo(*self.address, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as channel:
            channel.sendto(message, address)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes the lines as the body of a POST. It is not followed when it points elsewhere."""

    address: str
    secret: str = ""
    name: ClassVar[str] = "webhook"

    def write(self, lines: Sequence[str]) -> None:
        try:
            status = self._post("".join(f"{line}\n" for line in lines).encode())
        except (OSError, http.client.HTTPException) as error:
            raise PlaceFailed(self.name, f"{urlsplit(self.address).hostname} cannot be reached ({error})") from None
        if not 200 <= status < 300:
            raise PlaceFailed(self.name, f"{urlsplit(self.address).hostname} answered {status}")

    def _post(self, body: bytes) -> int:
        parts = urlsplit(self.address)
        link = self._link(parts.scheme, parts.hostname or "", parts.port)
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        try:
            link.request("POST", target, body, self._headers(body))
            return link.getresponse().status
        finally:
            link.close()

    def _link(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            trust = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=trust)
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)

    def _headers(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/x-ndjson"}
        if self.secret:
            headers["X-Hermes-Signature"] = "sha256=" + hmac.digest(self.secret.encode(), body, "sha256").hex()
        return headers


def _to_next_line(file: BinaryIO) -> bytes:
    """Return what ends the last line where a full disk or a crash has cut it off."""
    if not file.seek(0, os.SEEK_END):
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"


def configured() -> list[Place]:
    """Return the places that the operator's settings name."""
    places: list[Place] = []
    if settings.AUDIT_ANCHOR_FILE:
        places.append(File(Path(settings.AUDIT_ANCHOR_FILE)))
    if settings.AUDIT_ANCHOR_SYSLOG:
        places.append(Syslog(settings.AUDIT_ANCHOR_SYSLOG))
    if settings.AUDIT_ANCHOR_WEBHOOK:
        places.append(Webhook(settings.AUDIT_ANCHOR_WEBHOOK, settings.AUDIT_ANCHOR_SECRET))
    return places
