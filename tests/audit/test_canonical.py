"""The canonical text is the same whether Python or the database makes it."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.canonical import CANONICAL_SQL, canonical
from audit.models import Event
from tests.database import committed

# What PostgreSQL can keep: no zero byte and no half of a surrogate pair.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    TEXT | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
IDS = st.none() | st.uuids()
EVENTS = st.builds(
    Event,
    id=st.uuids(),
    at=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    action=TEXT,
    organization_id=IDS,
    actor_id=IDS,
    target_type=TEXT,
    target_id=TEXT,
    address_id=IDS,
    request_id=TEXT,
    facts=st.dictionaries(TEXT, VALUES, max_size=6),
)


# The database is the same for all examples; each takes its event back.
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=EVENTS)
def test_python_and_sql_make_the_same_text(lasting: None, event: Event) -> None:
    with committed():
        event.save(force_insert=True)
        assert canonical(event) == _in_sql(event.id)
        assert canonical(Event.objects.get(id=event.id)) == _in_sql(event.id)
        transaction.set_rollback(True)


@given(event=EVENTS)
def test_it_is_json_and_holds_everything(event: Event) -> None:
    found: list[Any] = json.loads(canonical(event))
    assert found[:2] == ["hermes-audit-1", str(event.id)]
    assert datetime.fromisoformat(found[2]) == event.at
    assert found[3] == event.action
    assert found[-1].keys() == event.facts.keys()
    assert len(found) == 11


def test_it_stays_as_it_is() -> None:
    """Chains that are there must verify for ever: whoever changes this text must give it a new format's name."""
    event = Event(
        id=uuid.UUID(int=1),
        at=datetime(2026, 11, 21, 9, 30, 0, 5, tzinfo=UTC),
        action="accounts.member.removed",
        organization_id=uuid.UUID(int=2),
        target_type="user",
        target_id="7",
        request_id="r",
        facts={"before": "admin", "of": 1.50, "is": True, "ü": None, "a": 1e-7},
    )
    assert canonical(event) == (
        '["hermes-audit-1", "00000000-0000-0000-0000-000000000001", "2026-11-21T09:30:00.000005Z",'
        ' "accounts.member.removed", "00000000-0000-0000-0000-000000000002", null, "user", "7", null, "r",'
        ' {"a": 0.0000001, "is": true, "of": 1.5, "ü": null, "before": "admin"}]'
    )


def _in_sql(event: uuid.UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CANONICAL_SQL} FROM audit_event e WHERE e.id = %s", [event])
        return str(cursor.fetchone()[0])
