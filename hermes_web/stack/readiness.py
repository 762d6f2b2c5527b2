"""Ask web, over its own door, whether it lives and what is still missing."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping

from django.conf import settings

from hermes_web.public_address import host

ANSWER_SECONDS = 5.0
NO_ANSWER = {"web": "does not answer"}


class Door:
    """Where web listens on this machine."""

    def __init__(self, listening: str, port: int) -> None:
        reachable = "127.0.0.1" if listening in ("0.0.0.0", "::") else listening
        self._base = f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"

    def lives(self) -> bool:
        """Say whether web answers at all."""
        return self._get("/healthz") is not None

    def missing(self) -> Mapping[str, str]:
        """Return the parts that are not there, with their state in words."""
        answer = self._get("/readyz")
        if answer is None:
            return NO_ANSWER
        states = json.loads(answer)
        return {name: state for name, state in states.items() if state not in (True, False, "ok")}

    def _get(self, path: str) -> bytes | None:
        # Any name that the site answers to will do; its public one is always among them.
        headers = {"Host": host(settings.PUBLIC_URL)}
        try:
            request = urllib.request.Request(self._base + path, headers=headers)
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.read() if refused.code == 503 else None
        except (urllib.error.URLError, OSError):
            return None
