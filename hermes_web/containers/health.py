"""The containers' health checks: `python -m hermes_web.containers.health web|worker|beat|engine`."""

from __future__ import annotations

import http.client
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg

from hermes_web import environment as env
from hermes_web.public_address import host

PORT = 8000
SECONDS = 4
BEAT_SCHEDULE = Path("/tmp/beat.schedule")
# Celery's clock writes its schedule every three minutes.
BEAT_SILENCE = 400
WORKER_BEATS = """
SELECT 1 FROM chat_workerbeat WHERE host = %s AND seen_at > clock_timestamp() - interval '10 seconds'
"""


def web() -> bool:
    """Say whether the web process answers, under the name that it is reached by."""
    return _answers("/healthz", host(env.text("HERMES_PUBLIC_URL", "http://localhost")))


def engine() -> bool:
    """Say whether the model is loaded and answers."""
    return _answers("/health", "localhost")


def worker() -> bool:
    """Say whether this container's worker has given a sign of life just now."""
    address = env.secret("DATABASE_URL") or ""
    with psycopg.connect(address, connect_timeout=SECONDS) as connection:
        return connection.execute(WORKER_BEATS, [socket.gethostname()]).fetchone() is not None


def beat() -> bool:
    """Say whether Celery's clock still writes down what it has sent."""
    written = max((path.stat().st_mtime for path in BEAT_SCHEDULE.parent.glob(BEAT_SCHEDULE.name + "*")), default=0.0)
    return time.time() - written < BEAT_SILENCE


CHECKS: Mapping[str, Callable[[], bool]] = {"web": web, "engine": engine, "worker": worker, "beat": beat}


def _answers(path: str, name: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Host": name})
        return connection.getresponse().status == 200
    finally:
        connection.close()


def main(name: str) -> int:
    """Return the exit status of a check: 0 when healthy."""
    try:
        return 0 if CHECKS[name]() else 1
    except (OSError, http.client.HTTPException, psycopg.Error, env.ConfigurationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
