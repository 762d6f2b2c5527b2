"""What the usage pages cost: a year of an organization of 200 members who use three models every day."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from hermes_web.stack import postgres
from hermes_web.stack.layout import Layout
from hermes_web.stack.static_files import collect
from inference.models import ChatModel
from inference.usage_rollup import roll_up
from tests.cast import join, organization, person
from tests.site import Site
from tests.visitor import visitor

MEMBERS, DAYS, OTHERS = 200, 371, 1
VISITS = 25
Facts = dict[str, Any]
CALLS_OF_A_DAY = 200_000

# The rows that a rollup leaves: each person's by model, everybody's by model and purpose, and the whole day's.
FILL = """
INSERT INTO inference_usageday (day, organization_id, user_id, chat_model_id, model, purpose, calls, withheld, failed,
    estimated, prompt_tokens, cached_tokens, answer_tokens, reasoning_tokens, people, first_token, queue)
SELECT day, %(organization)s, member, model, 'hermes', purpose, 20, 1, 1, 0, 40000, 20000, 9000, 15000, %(people)s,
    CASE WHEN member IS NULL AND purpose = 'answer' THEN %(times)s::jsonb ELSE '{}' END, '{}'
FROM generate_series(%(since)s::date, %(until)s::date, '1 day') AS day,
    unnest(%(members)s::uuid[]) AS member, unnest(%(models)s::uuid[]) AS model,
    unnest(%(purposes)s::text[]) AS purpose
"""
WHOLE_DAYS = """
INSERT INTO inference_usageday (day, organization_id, model, purpose, calls, withheld, failed, estimated,
    prompt_tokens, cached_tokens, answer_tokens, reasoning_tokens, people, first_token, queue)
SELECT day, %(organization)s, '', '', 1, 0, 0, 0, 1, 0, 0, 0, 180, '{}', '{}'
FROM generate_series(%(since)s::date, %(until)s::date, '1 day') AS day
"""
GROUP_DAYS = """
INSERT INTO inference_usagegroupday (day, organization_id, group_id, calls, prompt_tokens, answer_tokens,
    reasoning_tokens, people)
SELECT day, %(organization)s, id, 100, 40000, 9000, 15000, 20
FROM generate_series(%(since)s::date, %(until)s::date, '1 day') AS day, generate_series(1, 10) AS id
"""
TIMES = '{"100": 40, "250": 900, "500": 1700, "1000": 800, "2000": 300, "5000": 60, "more": 2}'
LEDGER = """
INSERT INTO inference_ledgerentry (id, purpose, outcome, organization_id, user_id, epoch, call, groups, chat_model_id,
    model, reserved_tokens, reservation, prompt_tokens, cached_tokens, answer_tokens, reasoning_tokens, estimated,
    created_at, settled_at, first_token_ms, queue_ms)
SELECT gen_random_uuid(), 'answer', 'done', %(organization)s, (%(members)s::uuid[])[1 + at %% 200], 1, 1,
    ARRAY[1 + at %% 10], (%(models)s::uuid[])[1 + at %% 3], 'hermes', 0, '[]', 400, 200, 90, 150, false,
    now() - interval '1 day', date_trunc('day', now()) - interval '1 hour', 50 + at %% 3000, at %% 100
FROM generate_series(1, %(calls)s) AS at
"""


def measure_usage() -> Iterator[dict[str, object]]:
    """Yield server time and queries of each page, and how long a day's rollup takes."""
    site = Site(Layout(settings.DATA_DIR), settings.PORT)
    try:
        site.start_postgres()
        site.start_valkey()
        postgres.make_database(site.layout)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        collect()
        admin, facts = _busy_year()
        place = f"/o/{admin.organization.slug}"
        for name, address in (
            ("a year", f"{place}/console/usage/?period=12m"),
            ("a month", f"{place}/console/usage/?period=30d"),
            ("a year's members", f"{place}/console/usage/?period=12m&show=members"),
            ("a year by member, CSV", f"{place}/console/usage/usage.csv?period=12m&by=members"),
            ("one's own year", f"{place}/my/usage?period=12m"),
        ):
            yield {"measured": f"usage: {name}", **_visits(admin, address)}
        yield _rollup(facts)
    finally:
        connections.close_all()
        site.stop()


def _busy_year() -> tuple[Membership, Facts]:
    """Fill the table with some organizations of that size, and return the first one's owner."""
    models = [ChatModel.objects.create(name=f"Hermes {number}", prompt_price=1, answer_price=2) for number in "123"]
    first: tuple[Membership, Facts] | None = None
    until = timezone.now().date()
    for number in range(1 + OTHERS):
        owner = person("Alice")
        place = organization(f"Acme {number}", owner)
        members = [join(place, person("Bob")).user_id for _ in range(MEMBERS - 1)]
        facts: Facts = {
            "organization": place.id,
            "members": [owner.id, *members],
            "models": [one.id for one in models],
            "since": until - timedelta(days=DAYS - 1),
            "until": until,
            "times": TIMES,
        }
        _fill(facts)
        first = first or (Membership.objects.get(organization=place, user=owner), facts)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE inference_usageday")
    assert first is not None
    return first


def _fill(facts: Facts) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {**facts, "people": 1, "purposes": [""]})
        cursor.execute(FILL, {**facts, "members": [None], "people": 180, "purposes": ["answer", "title"]})
        cursor.execute(WHOLE_DAYS, facts)
        cursor.execute(GROUP_DAYS, facts)


def _visits(admin: Membership, address: str) -> dict[str, object]:
    browser = visitor()
    browser.force_login(admin.user)
    _ask(browser, address)
    times = []
    for _ in range(VISITS):
        begun = time.perf_counter()
        answer = _ask(browser, address)
        times.append(1000 * (time.perf_counter() - begun))
    with CaptureQueriesContext(connection) as queries:
        _ask(browser, address)
    return {
        "ms_least": round(min(times), 1),
        "ms": round(median(times), 1),
        "ms_p95": round(quantiles(times, n=20)[-1], 1),
        "queries": len(queries),
        "kilobytes": len(answer) // 1024,
    }


def _ask(browser: Client, address: str) -> bytes:
    answer = browser.get(address, headers={"host": "localhost"})
    assert answer.status_code == 200
    return answer.content


def _rollup(facts: Facts) -> dict[str, object]:
    """Measure adding up a day with many calls of an organization that is not in the table yet."""
    calls = {**facts, "organization": uuid.uuid4(), "calls": CALLS_OF_A_DAY}
    with connection.cursor() as cursor:
        cursor.execute(LEDGER, calls)
    begun = time.perf_counter()
    rows = roll_up(timezone.now().date() - timedelta(days=1))
    seconds = round(time.perf_counter() - begun, 2)
    return {"measured": f"rollup of a day with {CALLS_OF_A_DAY:,} calls", "seconds": seconds, "rows": rows}
