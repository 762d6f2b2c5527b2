"""Events get their place and digest in the chain of their organization, and writers do not wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import uuid
from contextlib import ExitStack

import pytest
from django.db import connection, transaction

from audit.models import Label, Seal, Unsealed
from audit.record import record
from audit.sealing import head_of, seal_chain, seal_some
from audit.verification import chains, verify, verify_all
from chat.database import in_database
from chat.worker.sealer import seal_forever
from tests.audit.chain import recorded, sealed, settle
from tests.database import committed, connect, race

ADD = """
INSERT INTO audit_event VALUES (gen_random_uuid(), now(), 'tests.chain.raced', %s, null, '', '', null, '', '{}')
"""


def test_a_chain_verifies(lasting: None) -> None:
    chain = sealed(7)
    report = verify(chain, [])
    assert report.problems == ()
    assert (report.checked, report.head) == (7, 7)
    assert report.digest == head_of(chain).digest
    assert not Unsealed.objects.filter(chain=chain).exists()


def test_it_grows_from_where_it_ended(lasting: None) -> None:
    chain = sealed(3)
    # Not committed yet, so that nobody else seals them.
    with transaction.atomic():
        recorded(chain, 5)
        assert [seal_chain(chain, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert list(Seal.objects.filter(chain=chain).order_by("number").values_list("number", flat=True)) == [
        *range(1, 9)
    ]
    assert verify(chain, []).ok


def test_each_organization_has_its_own_chain_and_the_platform_too(lasting: None) -> None:
    one, other = sealed(2), sealed(3)
    with committed():
        event = record("tests.chain.platform", actor_id=None)
    seal_some()
    assert Seal.objects.get(event=event.id).chain == Seal.PLATFORM
    assert {one, other, Seal.PLATFORM} <= set(chains())
    assert {str(one): 2, str(other): 3}.items() <= {report.chain: report.checked for report in verify_all([])}.items()


def test_what_is_taken_back_is_not_queued(lasting: None) -> None:
    chain = uuid.uuid4()
    with pytest.raises(RuntimeError), committed():
        record("tests.chain.undone", actor_id=None, organization_id=chain)
        raise RuntimeError
    assert not Unsealed.objects.filter(chain=chain).exists()


def test_what_is_deleted_while_it_waits_is_missed(lasting: None) -> None:
    chain = sealed(1)
    with connect("postgres") as superuser, superuser.transaction():
        superuser.execute(ADD, [chain])
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute(
            "DELETE FROM audit_event WHERE organization_id = %s AND action = 'tests.chain.raced'", [chain]
        )
    assert seal_chain(chain) == 0
    assert verify(chain, []).problems == ("1 events are gone that waited for their seal",)


def test_erasing_a_name_leaves_the_chain_whole(lasting: None) -> None:
    chain, person = uuid.uuid4(), uuid.uuid4()
    with committed():
        record("tests.chain.named", actor_id=person, organization_id=chain, labels={person: "ann@example.com"})
    settle(chain)
    before = verify(chain, [])
    Label.objects.filter(id=person).delete()
    assert verify(chain, []) == before
    assert before.ok


def test_fifty_open_writers_of_one_organization_do_not_wait_for_each_other(lasting: None) -> None:
    chain = sealed(1)
    with ExitStack() as stack:
        writers = [stack.enter_context(connect("hermes_app")) for _ in range(50)]
        for one in writers:
            one.autocommit = False
            one.execute("SET LOCAL lock_timeout = '5s'")
            # The fifty transactions are all open now: an insert that had to wait for another one would fail.
            one.execute(ADD, [chain])
        for one in writers[:25]:
            one.commit()
        settle(chain)
        assert Seal.objects.filter(chain=chain).count() == 26
        for one in writers[25:]:
            one.commit()
    settle(chain)
    assert verify(chain, []).checked == 51


def test_writers_go_on_while_an_earlier_one_and_who_seals_are_not_done(lasting: None) -> None:
    chain = sealed(1)
    together = threading.Barrier(12)

    def write() -> None:
        with committed():
            record("tests.chain.raced", actor_id=None, organization_id=chain)
            together.wait(timeout=60)

    with transaction.atomic():
        recorded(chain)
        assert seal_chain(chain) == 1
        assert race([write] * 12) == [None] * 12
    settle(chain)
    assert verify(chain, []).checked == 14
    assert verify(chain, []).ok


def test_who_comes_while_another_one_seals_goes_on(lasting: None) -> None:
    busy, free = uuid.uuid4(), uuid.uuid4()
    with connect("hermes_app") as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(5041, hashtext(%s))", [str(busy)])
        recorded(busy)
        recorded(free)
        settle(free)
        assert seal_chain(busy) == 0
    settle(busy)
    assert verify(busy, []).checked == verify(free, []).checked == 1


def test_many_that_seal_at_once_make_one_chain(lasting: None) -> None:
    chain = uuid.uuid4()
    recorded(chain, 60)
    found = race([lambda: sum(seal_chain(chain, limit=4) for _ in range(20))] * 6)
    settle(chain)
    assert all(isinstance(one, int) for one in found)
    report = verify(chain, [])
    assert report.ok
    assert report.checked == 60


def test_a_chain_that_cannot_be_sealed_does_not_hold_up_the_others(lasting: None) -> None:
    broken, other = uuid.UUID(int=1), uuid.uuid4()
    with transaction.atomic():
        recorded(broken)
        recorded(other)
        _seal_at_the_end_of_all_numbers(broken)
        seal_some()
        assert Seal.objects.filter(chain=other).count() == 1
        transaction.set_rollback(True)


async def test_the_worker_seals_within_a_moment(lasting: None) -> None:
    chain = uuid.uuid4()
    sealing = asyncio.create_task(seal_forever())
    try:
        await in_database(recorded, chain, 3)
        async with asyncio.timeout(120):
            while await in_database(Seal.objects.filter(chain=chain).count) < 3:
                await asyncio.sleep(0.05)
    finally:
        sealing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sealing
    assert (await in_database(verify, chain, [])).ok


def _seal_at_the_end_of_all_numbers(chain: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_seal VALUES (gen_random_uuid(), %s, %s, 'x', now())", [chain, 2**63 - 1])
