from __future__ import annotations

import importlib
import secrets
import threading
import uuid
from functools import partial

import pytest

from audit.errors import NotInTransaction, UnsafeFact
from audit.models import Event, Label
from audit.record import FORBIDDEN, Origin, current_origin, record, reset_origin, set_origin
from tests.database import committed, connect, race

# A number is no name that can be imported.
migration = importlib.import_module("audit.migrations.0003_one_label_of_an_address")


def test_it_requires_a_transaction(lasting: None) -> None:
    with pytest.raises(NotInTransaction):
        record("tests.record.alone", actor_id=None)


def test_it_shares_the_fate_of_the_action(lasting: None) -> None:
    target = uuid.uuid4()
    with pytest.raises(RuntimeError), committed():
        record("tests.record.undone", actor_id=None, target=("thing", target))
        raise RuntimeError
    assert not Event.objects.filter(target_id=str(target)).exists()


@pytest.mark.parametrize("name", FORBIDDEN)
def test_it_refuses_facts_that_may_hold_secrets(lasting: None, name: str) -> None:
    with pytest.raises(UnsafeFact), committed():
        record("tests.record.unsafe", actor_id=None, facts={name: "x"})


def test_it_keeps_names_apart_so_that_they_can_be_erased(lasting: None) -> None:
    person = uuid.uuid4()
    with committed():
        made = record("tests.record.named", actor_id=person, labels={person: "ann@example.com"})
    assert Label.objects.get(id=person).text == "ann@example.com"
    Label.objects.filter(id=person).delete()
    assert Event.objects.get(id=made.id).actor_id == person


def test_the_newest_name_counts(lasting: None) -> None:
    people = [uuid.uuid4(), uuid.uuid4()]
    for names in (["ann@example.com", "bob@example.com"], ["ann@example.org", "bob@example.com"]):
        with committed():
            record("tests.record.named", actor_id=None, labels=dict(zip(people, names, strict=True)))
    assert [Label.objects.get(id=one).text for one in people] == ["ann@example.org", "bob@example.com"]


def test_two_who_name_the_same_people_in_any_order_wait_for_nobody(lasting: None) -> None:
    names = {uuid.uuid4(): "ann@example.com", uuid.uuid4(): "bob@example.com"}
    with committed():
        record("tests.record.named", actor_id=None, labels=names)
    together = threading.Barrier(2)

    def name(people: list[uuid.UUID]) -> None:
        with committed():
            for one in people:
                record("tests.record.named", actor_id=None, labels={one: names[one]})
                together.wait(timeout=20)

    assert race([partial(name, list(names)), partial(name, list(reversed(names)))]) == [None, None]


def test_it_tells_where_the_request_came_from(lasting: None) -> None:
    token = set_origin(Origin(address="192.0.2.7", request_id="abc"))
    try:
        with committed():
            first = record("tests.record.origin", actor_id=None)
            second = record("tests.record.origin", actor_id=None)
        assert current_origin().address == "192.0.2.7"
    finally:
        reset_origin(token)
    assert first.request_id == "abc"
    assert first.address_id == second.address_id
    assert first.address_id is not None
    assert Label.objects.get(id=first.address_id).text == "192.0.2.7"
    assert current_origin() == Origin()


def test_a_new_address_has_one_label_under_a_race(lasting: None) -> None:
    address = f"2001:db8::{secrets.token_hex(2)}:{secrets.token_hex(2)}"

    def visit() -> uuid.UUID | None:
        token = set_origin(Origin(address=address))
        try:
            with committed():
                return record("tests.record.visited", actor_id=None).address_id
        finally:
            reset_origin(token)

    visits = race([visit] * 8)
    assert set(visits) == {Label.objects.get(text=address).id}


def test_labels_that_were_double_before_are_all_kept(lasting: None) -> None:
    """Events cannot be turned to the one that stays, so the others must still name them."""
    address = secrets.token_hex(8)
    with connect("hermes_owner") as owner, owner.transaction(force_rollback=True):
        owner.execute("DROP INDEX audit_one_label_of_an_address")
        for _ in range(3):
            owner.execute("INSERT INTO audit_label VALUES (%s, 'address', %s)", [uuid.uuid4(), address])
        owner.execute(migration.SET_ASIDE)
        found = owner.execute("SELECT kind FROM audit_label WHERE text = %s ORDER BY kind", [address]).fetchall()
        owner.execute("CREATE UNIQUE INDEX again ON audit_label (text) WHERE kind = 'address'")
    assert [kind for (kind,) in found] == ["address", "address twice", "address twice"]
