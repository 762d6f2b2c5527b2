"""Where the embedded stack keeps things, and the addresses that follow from it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hermes_web.environment import ConfigurationError

# A Unix socket's path may have 107 bytes; the longest name below the folder is Postgres' own.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")
# Where the engine's port is looked for, from a place of each data folder's own: two stacks do not race for one.
ENGINE_PORT, ENGINE_PORTS = 18080, 400


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths under one data folder."""

    data_dir: Path

    @property
    def postgres(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data_dir / "valkey"

    @property
    def secrets(self) -> Path:
        return self.data_dir / "secrets"

    @property
    def lock_file(self) -> Path:
        return self.data_dir / "up.lock"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: inside the data folder, or a short one when its path is too long."""
        inside = self.data_dir / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"hermes-{digest}"

    @property
    def database_url(self) -> str:
        return f"postgresql://hermes_app@/hermes?host={self.sockets}"

    @property
    def owner_url(self) -> str:
        return f"postgresql://hermes_owner@/hermes?host={self.sockets}"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.valkey_socket}"

    @property
    def engine_port_file(self) -> Path:
        return self.data_dir / "engine.port"

    @property
    def engine_ports(self) -> list[int]:
        """The ports that the engine may take, the preferred one first."""
        first = int(hashlib.sha256(os.fsencode(self.data_dir)).hexdigest(), 16) % ENGINE_PORTS
        return [ENGINE_PORT + (first + step) % ENGINE_PORTS for step in range(ENGINE_PORTS)]

    @property
    def engine_url(self) -> str:
        """The embedded engine's address, on the port that it took when it last started."""
        try:
            port = int(self.engine_port_file.read_text())
        except (OSError, ValueError):
            port = ENGINE_PORT
        return f"http://127.0.0.1:{port}/v1"

    def secret_key(self) -> str:
        """Return this installation's secret key, made once. Raises ConfigurationError."""
        path = self.secrets / "secret-key"
        try:
            if not path.exists():
                self._make_secret(path)
            return path.read_text()
        except OSError as error:
            raise ConfigurationError(
                f"The secret key {path} cannot be read or made ({error.strerror}): "
                "change its owner or set HERMES_DATA_DIR."
            ) from None

    def _make_secret(self, path: Path) -> None:
        self.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole or not at all, and the first wins, whoever starts beside us or is killed here.
        with tempfile.NamedTemporaryFile("w", dir=self.secrets) as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
