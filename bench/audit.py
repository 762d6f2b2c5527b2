"""What the audit chain costs: an append, its seal, an export, and verifying it all."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction

from audit import verify_audit
from audit.export import export_chain
from audit.models import Event, Seal
from audit.record import record
from audit.sealing import seal_chain
from audit.verification import verify
from chat.worker.sealer import seal_forever
from hermes_web.stack import postgres
from hermes_web.stack.layout import Layout
from tests.database import connect
from tests.site import Site

APPENDS, BLOCK = 4_000, 100
ROWS = 200_000
WRITERS = 8

FILL = """
INSERT INTO audit_event
SELECT gen_random_uuid(), now() - (%s - at) * interval '1 second', 'accounts.member.role_changed', %s,
       gen_random_uuid(),
       'user', gen_random_uuid()::text, gen_random_uuid(), left(gen_random_uuid()::text, 16),
       '{"before": "member", "after": "admin"}'
FROM generate_series(1, %s) at
"""


def measure_audit() -> Iterator[dict[str, object]]:
    """Yield the cost of appends with and without the trigger, then rows per second of each later step."""
    site = Site(Layout(settings.DATA_DIR), settings.PORT)
    try:
        site.start_postgres()
        postgres.make_database(site.layout)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        yield _appends()
        yield _delays()
        with tempfile.TemporaryDirectory() as folder:
            yield from _rates(Path(folder))
    finally:
        connections.close_all()
        site.stop()


def _appends() -> dict[str, object]:
    """Measure in turns, so that what else the machine does is the same for both."""
    chain = uuid.uuid4()
    found: dict[str, list[float]] = {"with": [], "without": [], "beside_sealing": []}
    with connect("postgres") as owner:
        for _ in range(APPENDS // BLOCK):
            for name, verb in (("without", "DISABLE"), ("with", "ENABLE")):
                owner.execute(f"ALTER TABLE audit_event {verb} TRIGGER audit_event_is_queued".encode())
                found[name] += [_seconds(lambda: _append(chain)) for _ in range(BLOCK)]
    with _sealing():
        found["beside_sealing"] = [_seconds(lambda: _append(chain)) for _ in range(APPENDS)]
    figures: dict[str, object] = {"measure": "append", "events": APPENDS}
    for name, seconds in found.items():
        figures |= {f"{name}_p50_ms": _milliseconds(seconds, 50), f"{name}_p95_ms": _milliseconds(seconds, 95)}
    return figures


def _delays() -> dict[str, object]:
    """Measure how long after its event a seal was made, while several write."""
    chain = uuid.uuid4()

    def write() -> None:
        for _ in range(250):
            _append(chain)
        connections.close_all()

    with _sealing():
        began = time.perf_counter()
        writers = [threading.Thread(target=write) for _ in range(WRITERS)]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        spent = time.perf_counter() - began
        while Seal.objects.filter(chain=chain).count() < WRITERS * 250:
            time.sleep(0.1)
    events = dict(Event.objects.filter(organization_id=chain).values_list("id", "at"))
    waited = [
        (at - events[event]).total_seconds()
        for event, at in Seal.objects.filter(chain=chain).values_list("event", "at")
    ]
    return {
        "measure": "sealed after",
        "writers": WRITERS,
        "appends_s": round(len(events) / spent),
        "p50_ms": _milliseconds(waited, 50),
        "p95_ms": _milliseconds(waited, 95),
        "most_ms": round(max(waited) * 1e3),
    }


def _rates(folder: Path) -> Iterator[dict[str, object]]:
    chain, path = uuid.uuid4(), folder / "export.jsonl"
    with connect("hermes_app") as application:
        application.execute(FILL, [ROWS, chain, ROWS])
    with connect("postgres") as owner:
        owner.execute("ANALYZE audit_event, audit_unsealed")
    yield _rate("seal", lambda: _seal_all(chain))
    yield _rate("export", lambda: path.write_bytes(b"".join(export_chain(chain))))
    yield _rate("verify in the database", lambda: verify(chain, []).ok)
    yield _verifier(path)


def _verifier(path: Path) -> dict[str, object]:
    """Measure a process of its own, its start included; processor time is what other programs do not take away."""
    before = os.times()
    figures = _rate("verify_audit.py", lambda: _verify_file(path))
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {**figures, "rows_s_of_processor_time": round(ROWS / used)}


def _verify_file(path: Path) -> None:
    subprocess.run([sys.executable, "-I", "-S", verify_audit.__file__, path], check=True, stdout=subprocess.DEVNULL)


def _seal_all(chain: uuid.UUID) -> None:
    while seal_chain(chain):
        pass


def _rate(name: str, call: Callable[[], object]) -> dict[str, object]:
    spent = _seconds(call)
    return {"measure": name, "rows": ROWS, "rows_s": round(ROWS / spent), "seconds": round(spent, 2)}


def _append(chain: uuid.UUID) -> None:
    with transaction.atomic():
        record("bench.audit.appended", actor_id=chain, organization_id=chain, facts={"before": "a", "after": "b"})


@contextmanager
def _sealing() -> Iterator[None]:
    """Seal beside what is measured, as the worker does."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(seal_forever())
    thread = threading.Thread(target=_until_cancelled, args=(loop, task))
    thread.start()
    yield
    loop.call_soon_threadsafe(task.cancel)
    thread.join()


def _until_cancelled(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    loop.run_until_complete(asyncio.wait([task]))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _milliseconds(seconds: list[float], percent: int) -> float:
    return round(quantiles(seconds, n=100)[percent - 1] * 1e3, 3)
