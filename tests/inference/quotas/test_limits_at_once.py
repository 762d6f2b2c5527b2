"""Two who set the same new limit at the same moment both have an answer, and there is one limit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from accounts.models import Role
from audit.models import Event
from inference.actions.operator_quotas import set_operator_limit
from inference.actions.quotas import set_limit
from inference.models import QuotaLimit
from inference.quotas.limit import LimitDraft
from tests.cast import Cast, join, person
from tests.database import somebody_waits
from tests.site import wait_until

Setting = Callable[[LimitDraft], QuotaLimit]


def operators(cast: Cast) -> list[Setting]:
    place = {"organization_id": cast.organization.id}
    return [
        lambda draft, one=one: set_operator_limit(acting=one, draft=draft, **place)  # type: ignore[misc]
        for one in (person("Oz", is_staff=True), person("Ona", is_staff=True))
    ]


def admins(cast: Cast) -> list[Setting]:
    ann = join(cast.organization, person("Ann"), Role.ADMIN)
    return [lambda draft, one=one: set_limit(acting=one, draft=draft) for one in (cast.alice, ann)]  # type: ignore[misc]


def draft(hard: int) -> LimitDraft:
    return LimitDraft(subject="member", measure="tokens", period="day", hard=hard)


@pytest.mark.parametrize("people", [operators, admins])
def test_the_second_one_comes_after_the_first(cast: Cast, people: Callable[[Cast], list[Setting]]) -> None:
    first, second = people(cast)

    def follow() -> QuotaLimit:
        try:
            return second(draft(2000))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            made = first(draft(1000))
            following = pool.submit(follow)
            wait_until(somebody_waits, "the second one")
        assert following.result(60).id == made.id
    assert QuotaLimit.objects.get(organization=cast.organization).hard == 2000
    said = Event.objects.filter(target_id=str(made.id)).order_by("at")
    assert [one.action.rpartition(".")[2] for one in said] == ["set", "changed"]
