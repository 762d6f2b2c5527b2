"""The stack's own processes, as children of the supervisor."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from hermes_web.stack.child import Child
from inference.engine import TRIAL_MODEL

PYTHON = sys.executable
# Here it is normal that one person, perhaps root, runs everything.
CELERY = (PYTHON, "-W", "ignore:You're running the worker with superuser", "-m", "celery", "-q", "-A", "hermes_web")


def web(host: str, port: int) -> Child:
    """Daphne. A socket's message may have 64 KiB; what is larger never reaches the application whole."""
    return Child(
        name="web",
        argv=(
            *(PYTHON, "-m", "daphne", "-b", host, "-p", str(port), "--ping-interval", "20", "--ping-timeout", "30"),
            *("--websocket-max-message-size", "131072", "--websocket-max-frame-size", "131072"),
            *("--websocket_timeout", "-1", "--no-server-name", "--access-log", "/dev/null"),
            *("--application-close-timeout", "5", "-v", "0", "hermes_web.asgi:application"),
        ),
    )


def worker() -> Child:
    """The process that streams from the engine."""
    # The trial model is named at the end of the start; any other engine is worth a line.
    noise = re.compile(f"The engine is .*{re.escape(TRIAL_MODEL)}")
    return Child(name="worker", argv=(PYTHON, "manage.py", "run_worker"), noise=noise)


def jobs() -> Child:
    """Celery's worker; threads, so that no grandchild outlives it."""
    pool = ("--pool", "threads", "--concurrency", "2")
    return Child(
        name="jobs",
        argv=(*CELERY, "worker", *pool, "--loglevel", "WARNING", "--without-mingle"),
        noise=re.compile("^worker: (Warm|Cold) shutdown"),
    )


def beat(data_dir: Path) -> Child:
    """Celery's clock."""
    schedule = str(data_dir / "beat.schedule")
    return Child(
        name="beat", argv=(*CELERY, "beat", "--loglevel", "WARNING", "--schedule", schedule, "--pidfile", "")
    )
