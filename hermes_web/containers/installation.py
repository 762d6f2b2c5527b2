"""The first step of the compose file: `python -m hermes_web.containers.installation`.

Makes the secrets that this installation lacks, once, and lays out for each service only those it needs: each service
has a volume of its own, readable by its own user alone. A file that an operator puts into the `given` folder wins
over a made one.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/installation")
# Users inside the images: the official PostgreSQL and Valkey images, our own, and the engine's.
POSTGRES, VALKEY, HERMES, ENGINE = 999, 999, 10001, 0
MADE = ("postgres-password", "owner-password", "app-password", "redis-password", "secret-key", "engine-key")
GIVEN = (
    "DATABASE_OWNER_URL",
    "DATABASE_URL",
    "HERMES_ADMIN_PASSWORD",
    "HERMES_AUDIT_ANCHOR_SECRET",
    "HERMES_ENGINE_API_KEY",
    "HERMES_OIDC_CLIENT_SECRET",
    "HERMES_SECRET_KEY",
    "HERMES_SMTP_URL",
    "REDIS_URL",
)
NOT_SECRETS = frozenset({"README.md", ".gitignore"})


class InstallationRefused(Exception):
    """The secrets cannot be laid out; the message says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one service reads: files by name, for one user."""

    service: str
    user: int
    files: Mapping[str, str]


def lay_out(root: Path) -> None:
    """Make what is missing and give every service its share. Raises InstallationRefused."""
    made, given = _made(root / "made"), _given(root / "given")
    for share in shares(made, given):
        _hand_over(root / share.service, share)


def shares(made: Mapping[str, str], given: Mapping[str, str]) -> list[Share]:
    """Return what each service may read. Only `migrate` and the database itself know the owner's password."""
    hermes = {"HERMES_SECRET_KEY": made["secret-key"], "DATABASE_URL": _database("hermes_app", made["app-password"])}
    owner = {"DATABASE_OWNER_URL": _database("hermes_owner", made["owner-password"])}
    if "DATABASE_URL" in given:
        # The bundled server's owner has nothing to say on a server of theirs.
        owner = {}
    app = {
        "REDIS_URL": f"redis://:{made['redis-password']}@redis:6379/0",
        "HERMES_ENGINE_API_KEY": made["engine-key"],
    }
    ours = {name: value for name, value in given.items() if name != "DATABASE_OWNER_URL"}
    postgres = {name: made[name] for name in ("postgres-password", "owner-password", "app-password")}
    valkey = {"password": made["redis-password"], "valkey.conf": f"requirepass {made['redis-password']}\n"}
    key = given.get("HERMES_ENGINE_API_KEY", made["engine-key"])
    return [
        Share(service="postgres", user=POSTGRES, files=postgres),
        Share(service="redis", user=VALKEY, files=valkey),
        Share(service="migrate", user=HERMES, files={**hermes, **owner, **given}),
        Share(service="app", user=HERMES, files={**hermes, **app, **ours}),
        Share(service="engine", user=ENGINE, files={"key": key}),
    ]


def _made(folder: Path) -> dict[str, str]:
    for name in MADE:
        if not (folder / name).exists():
            _write(folder / name, secrets.token_urlsafe(48), os.geteuid())
    return {name: (folder / name).read_text(encoding="utf-8") for name in MADE}


def _given(folder: Path) -> dict[str, str]:
    files = {path.name: path for path in folder.iterdir() if path.name not in NOT_SECRETS}
    if unknown := sorted(files.keys() - set(GIVEN)):
        raise InstallationRefused(f"The folder secrets/ holds {unknown[0]}; its files are named {', '.join(GIVEN)}.")
    values = {name: path.read_text(encoding="utf-8").strip() for name, path in files.items()}
    if empty := sorted(name for name, value in values.items() if not value):
        raise InstallationRefused(f"The file secrets/{empty[0]} is empty; put the secret into it or remove it.")
    if "DATABASE_OWNER_URL" in values and "DATABASE_URL" not in values:
        raise InstallationRefused(
            "The folder secrets/ holds DATABASE_OWNER_URL without DATABASE_URL; "
            "put the same database's address as hermes_app beside it."
        )
    return values


def _database(role: str, password: str) -> str:
    return f"postgresql://{role}:{password}@postgres:5432/hermes"


def _hand_over(folder: Path, share: Share) -> None:
    for path in folder.iterdir():
        if path.name not in share.files:
            path.unlink()
    for name, value in share.files.items():
        _write(folder / name, value, share.user)


def _write(path: Path, value: str, user: int) -> None:
    """Write a file that only one user may read; readers see the old one or the whole new one."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value)
        file.flush()
        os.fsync(descriptor)
        os.fchown(descriptor, user, user)
    new.replace(path)


if __name__ == "__main__":
    try:
        lay_out(ROOT)
    except (InstallationRefused, OSError, UnicodeDecodeError) as error:
        sys.exit(f"The secrets were not laid out. {error}")
