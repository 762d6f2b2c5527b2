"""Loaded before Django's settings: the tests' own data folder and ports, and nothing of the caller's settings."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import tempfile

# It names an interpreter for the tests, and is nothing to the site.
SPARED = "HERMES_VLLM_PYTHON"


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
