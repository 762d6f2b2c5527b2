"""The operator's engine panel: how each engine is and what it does, now and in the last quarter of an hour.

The workers look at the engines; this only reads what they keep.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Sequence
from typing import Any

import redis
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from inference.load_warnings import RECENT_SECONDS, is_stale, warnings_of
from inference.models import Endpoint
from inference.sample_log import SHOWN_SECONDS, read
from inference.samples import NUMBERS, Sample

OUT_OF_REACH = "Valkey cannot be reached, so there are no figures now. This page tries again by itself."


@require_safe
@never_cache
def panel(request: HttpRequest) -> HttpResponse:
    """Show the page, which then asks for the figures every two seconds."""
    context = {**admin.site.each_context(request), "title": "Engine load"}
    return TemplateResponse(request, "admin/engine_load.html", context)


@require_safe
@never_cache
def figures(request: HttpRequest) -> JsonResponse:
    """Return each engine's state and its samples, of the last quarter of an hour or `after` a time."""
    now = time.time()
    after = max(_number(request.GET.get("after")), now - SHOWN_SECONDS)
    endpoints = list(_endpoints())
    try:
        kept = _kept(endpoints, min(after, now - RECENT_SECONDS))
    except redis.RedisError:
        return JsonResponse({"now": now, "problem": OUT_OF_REACH, "engines": []})
    engines = [_facts(one, kept[one.id], now, after) for one in endpoints]
    return JsonResponse({"now": now, "problem": "", "engines": engines})


def _endpoints() -> QuerySet[Endpoint]:
    shown = Endpoint.objects.filter(enabled=True, chat_model__enabled=True, chat_model__removed_at=None)
    return shown.select_related("chat_model").order_by("chat_model__name", "created_at", "id")


def _kept(endpoints: Sequence[Endpoint], after: float) -> dict[uuid.UUID, list[Sample]]:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        return read(client, [one.id for one in endpoints], after)


def _facts(endpoint: Endpoint, samples: Sequence[Sample], now: float, after: float) -> dict[str, Any]:
    newest = samples[-1] if samples else None
    fresh = newest is not None and not is_stale(newest, now)
    shown = [one for one in samples if one.at > after]
    return {
        "id": str(endpoint.id),
        "model": endpoint.chat_model.name,
        "address": endpoint.base_url,
        "server": _server(endpoint),
        "state": newest.presence if newest and fresh else "unknown",
        "since": newest.since if newest and fresh else None,
        "words": endpoint.words,
        "most": endpoint.max_streams or endpoint.discovered.get("streams"),
        "warnings": warnings_of(samples, now),
        "samples": {name: [getattr(one, name) for one in shown] for name in NUMBERS},
    }


def _server(endpoint: Endpoint) -> str:
    kind = endpoint.kind or endpoint.discovered.get("kind", "")
    label = dict(Endpoint.Kind.choices).get(kind) if kind else ""
    return " ".join(filter(None, [label, endpoint.discovered.get("version", "")]))


def _number(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
