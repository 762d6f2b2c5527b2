"""Who reads an answer is ready before there is anything to read: nothing is compiled between two tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chat.worker.guard import guard_of
from chat.worker.mandate import Mandate, Version
from moderation.channel import Channel
from moderation.errors import JudgeFailed
from moderation.library import compiled
from moderation.policy import Audience, Policy
from moderation.stream import Window
from tests.cast import Cast
from tests.moderation.policies import published, rule
from tests.rows import in_thread


class Nobody:
    """No classifier."""

    async def scores(self, policy: Policy, channel: Channel, window: Window) -> Mapping[str, float]:
        raise JudgeFailed


async def test_rules_are_made_ready_for_their_people_before_a_text_comes(cast: Cast) -> None:
    ours = replace(rule(), roles=frozenset({"admin"}))
    row = await in_thread(published, cast.alice, Policy(name="House rules", rules=(ours,)))
    policy = await in_thread(compiled, row.id)
    admins = Audience(role="admin", groups=frozenset({"Red team"}))
    assert not policy.is_ready_for(admins)
    version = Version(id=row.id, number=row.number, name=row.name, digest=row.digest)
    mandate = Mandate(
        organization_id=cast.organization.id,
        user_id=cast.alice.user_id,
        enforced=version,
        shadow=None,
        audience=admins,
    )
    guard = await guard_of(mandate, Nobody())
    assert guard.enforced is policy
    assert policy.is_ready_for(admins)
