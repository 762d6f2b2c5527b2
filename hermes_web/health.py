"""Whether this process lives, and whether the whole can serve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.models import WorkerBeat
from hermes_web.tables import waiting_migrations

BEAT_FRESH = timedelta(seconds=5)
OK = "ok"
AWAY = "out of reach"
UNKNOWN = "unknown while the database is out of reach"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Say for each part whether it is there: 200 when all are, else 503."""
    database = _state(_database, AWAY)
    rest = {"migrations": _migrations, "worker": _worker, "engine": _engine}
    states = {"database": database, "redis": _redis()} | {
        # Each would wait for the pool in turn, to say the same.
        name: _state(check, UNKNOWN) if database == OK else UNKNOWN
        for name, check in rest.items()
    }
    ready = all(state == OK for state in states.values())
    return JsonResponse({"ready": ready, **states}, status=200 if ready else 503)


def _state(check: Callable[[], str], without_database: str) -> str:
    try:
        return check()
    except DatabaseError:
        return without_database


def _database() -> str:
    # Beside the pool, which would wait for seconds for a server that refuses at once.
    own = connections["default"].copy()
    own.settings_dict = {
        **own.settings_dict,
        "OPTIONS": {name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"},
    }
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        own.close()
    return OK


def _redis() -> str:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
        try:
            client.ping()
        except redis.RedisError:
            return AWAY
    return OK


def _migrations() -> str:
    waiting = waiting_migrations()
    return f"{waiting} have not been applied" if waiting else OK


def _worker() -> str:
    return OK if _beats().exists() else f"no sign of life for {BEAT_FRESH.seconds} seconds"


def _engine() -> str:
    newest = _beats().order_by("-seen_at").first()
    if newest is None:
        return "unknown while no worker looks at it"
    return OK if newest.engine.get("ready") else newest.engine.get("words") or "not ready"


def _beats() -> QuerySet[WorkerBeat]:
    return WorkerBeat.objects.filter(seen_at__gt=timezone.now() - BEAT_FRESH)
