"""A web process without one of its loops is no web process."""

from __future__ import annotations

import signal
import subprocess
import sys

PROGRAM = """
import asyncio, django
django.setup()
from audit.record import NOWHERE, Origin, current_origin, set_origin
from chat.loops import run_for_life

async def fail():
    assert current_origin() == NOWHERE, "it works in the name of a request"
    await asyncio.sleep(0)
    raise RuntimeError("out of order")

async def serve():
    set_origin(Origin(address="192.0.2.1", request_id="first"))
    loop = run_for_life(fail(), "the tested loop")
    await asyncio.Event().wait()

asyncio.run(serve())
"""


def test_a_loop_that_fails_ends_its_process_and_says_why() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert ended.returncode == -signal.SIGTERM, ended.stderr
    assert "the tested loop has failed" in ended.stderr
    assert "out of order" in ended.stderr
