"""Whether this process lives, and whether the whole can serve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chat.models import WorkerBeat

BEAT_FRESH = timedelta(seconds=5)
OK = "ok"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say for each part whether it is there: 200 when all are, else 503."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "redis": _redis,
        "migrations": _migrations,
        "worker": _worker,
        "engine": _engine,
    }
    states = {name: _state(check) for name, check in checks.items()}
    ready = all(state == OK for state in states.values())
    return JsonResponse({"ready": ready, **states}, status=200 if ready else 503)


def _state(check: Callable[[], str]) -> str:
    try:
        return check()
    except DatabaseError:
        return "the database is out of reach"
    except redis.RedisError:
        return "out of reach"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def _redis() -> str:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
        client.ping()
    return OK


def _migrations() -> str:
    executor = MigrationExecutor(connections["default"])
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return OK if not waiting else f"{len(waiting)} migrations have not been applied"


def _worker() -> str:
    fresh = WorkerBeat.objects.filter(seen_at__gt=timezone.now() - BEAT_FRESH)
    return OK if fresh.exists() else "no worker has given a sign of life for 5 seconds"


def _engine() -> str:
    newest = WorkerBeat.objects.order_by("-seen_at").first()
    if newest is None:
        return "no worker has looked at it yet"
    return OK if newest.engine.get("ready") else newest.engine.get("words") or "not ready"
