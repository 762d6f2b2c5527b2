from __future__ import annotations

import uuid

import pytest

from audit.errors import NotInTransaction, UnsafeFact
from audit.models import Event, Label
from audit.record import FORBIDDEN, Origin, current_origin, record, reset_origin, set_origin
from tests.database import committed


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
