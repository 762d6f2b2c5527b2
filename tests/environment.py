"""Loaded before Django's settings: the tests' own data folder and ports, and nothing of the caller's settings."""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import signal
import socket
import tempfile

# It names an interpreter for the tests, and is nothing to the site.
SPARED = "HERMES_VLLM_PYTHON"
# Below those that the system gives to outgoing connections.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Return a port that nothing listens on now, nor any connection will take before somebody listens."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def prepare() -> None:
    """Point the settings at a fresh folder."""
    for name in list(os.environ):
        is_ours = name.startswith("HERMES_") and name != SPARED
        if is_ours or name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
            del os.environ[name]
    # A shell starts background work with Ctrl-C ignored, and every child would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = tempfile.mkdtemp(prefix="hermes-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["HERMES_DATA_DIR"] = folder
    os.environ["HERMES_PORT"] = str(free_port())
    os.environ["DJANGO_SETTINGS_MODULE"] = "hermes_web.settings"


prepare()
