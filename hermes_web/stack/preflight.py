"""What must hold before anything is started: one stack on a data folder, a free port, servers that answer."""

from __future__ import annotations

import errno
import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, OperationalError, connections

from hermes_web import environment as env
from hermes_web.stack import engine, postgres, valkey
from hermes_web.stack.errors import AlreadyRunning, PortTaken, ServerUnreachable, StackError
from hermes_web.stack.layout import Layout


def lock(layout: Layout) -> IO[str]:
    """Return the lock on the data folder; whoever holds it may use the folder. Raises StackError."""
    try:
        layout.data_dir.mkdir(parents=True, exist_ok=True)
        held = layout.lock_file.open("w")
    except OSError as error:
        raise StackError(
            f"The data folder {layout.data_dir} cannot be written ({error.strerror}): "
            "change its owner or set HERMES_DATA_DIR."
        ) from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning(
            f"It is running already on {layout.data_dir}: end the other one, or set HERMES_DATA_DIR."
        ) from None
    return held


def check_port(host: str, port: int) -> None:
    """Raise StackError unless we can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _refused(host, port, error) from None


def check_parts() -> None:
    """Raise StackError unless every part can be had: a server that the environment names, or ours. Starts nothing."""
    if env.secret("DATABASE_URL"):
        _check_database()
    else:
        postgres.binaries()
    if env.secret("REDIS_URL"):
        _check_redis()
    else:
        valkey.binary()
    if settings.ENGINE_IS_TRIAL:
        engine.model_file()


def check_application_role() -> None:
    """Raise ServerUnreachable unless the application can work in the database, once the tables are there."""
    parameters = connections["default"].get_connection_params()
    try:
        # The pool would try for seconds and not say why.
        psycopg.connect(**parameters).close()
    except psycopg.Error as error:
        reason = _first_line(error)
        if "set role" in reason:
            raise ServerUnreachable(
                f"The login {parameters.get('user')} of DATABASE_URL may not become hermes_app: "
                f"let an administrator run “GRANT hermes_app TO {parameters.get('user')}”."
            ) from None
        raise ServerUnreachable(f"The database cannot be used: {reason}.") from None


@contextmanager
def using_database() -> Iterator[None]:
    """Give the connections back afterwards; what goes wrong with the database is raised as StackError."""
    # A few statements need no pool, whose own threads would complain when Ctrl-C ends the server under them.
    connections["default"].settings_dict["OPTIONS"].pop("pool", None)
    try:
        yield
    except OperationalError as error:
        raise ServerUnreachable(f"The database cannot be used: {_first_line(error)}.") from None
    except DatabaseError as error:
        raise StackError(f"The tables could not be brought up to date: {_first_line(error)}.") from None
    finally:
        connections.close_all()


def _check_database() -> None:
    try:
        psycopg.connect(**connections["owner"].get_connection_params()).close()
    except psycopg.Error as error:
        name = "DATABASE_OWNER_URL" if env.secret("DATABASE_OWNER_URL") else "DATABASE_URL"
        raise ServerUnreachable(f"The database of {name} cannot be used: {_first_line(error)}.") from None


def _check_redis() -> None:
    """Raise ServerUnreachable unless the server of REDIS_URL answers."""
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as client:
        try:
            client.ping()
        except redis.RedisError as error:
            raise ServerUnreachable(f"The server of REDIS_URL cannot be used: {_first_line(error)}.") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0].rstrip(".:")


def _refused(host: str, port: int, error: OSError) -> StackError:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"Port {port} on {host} is taken: end what listens there, or set HERMES_PORT to another port."
        )
    if error.errno == errno.EACCES:
        return StackError(f"Port {port} may not be used by this user: set HERMES_PORT to one above 1023.")
    return StackError(f"HERMES_HOST is {host!r}, where this machine cannot listen ({error.strerror}).")
