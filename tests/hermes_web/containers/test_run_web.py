"""What the web container says when it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Timer

from tests.environment import free_port
from tests.site import ROOT


def test_it_says_what_an_address_without_tls_costs(lasting: None, _static: None) -> None:
    environment = {**os.environ, "HERMES_PUBLIC_URL": "http://chat.example.com"}
    with subprocess.Popen(
        [sys.executable, "manage.py", "run_web", "--port", str(free_port())],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as web:
        assert web.stdout is not None
        # A start that hangs must not hang the tests.
        patience = Timer(60, web.kill)
        patience.start()
        said = [web.stdout.readline() for _ in range(2)]
        patience.cancel()
        web.kill()
    assert said[0] == "Hermes Web is at http://chat.example.com\n"
    assert said[1].startswith("Browsers offer no passkeys and no copying at http://chat.example.com: ")
