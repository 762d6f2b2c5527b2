"""A backtest's process is killed in the middle of it, or Valkey is: nothing is lost, and nothing is counted twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chat import tasks
from chat.actions.backtests import start
from chat.backtesting import job
from chat.models import Backtest
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.chat.history import policy, rule, talk, version
from tests.site import Site, wait_until

CONVERSATIONS = 3000


@pytest.mark.parametrize("part", ["jobs", "valkey"])
def test_a_killed_backtest_is_gone_on_with(site: Site, cast: Cast, part: str) -> None:
    talk([cast.bob], CONVERSATIONS)
    now = timezone.now()
    tested = version(cast.alice, 1, policy(rule("fruit", Verdict.FLAG, "lemon")))
    begun = start(acting=cast.alice, version_id=tested.id, since=now - timedelta(days=30), until=now)
    rows = Backtest.objects.filter(id=begun.id)
    wait_until(lambda: rows.filter(done__gt=0).exists(), "the first messages")
    site.kill(part)
    if part == "jobs":
        # Without Valkey it would go on.
        killed = rows.get()
        assert (killed.state, killed.done < killed.total) == ("running", True)
    site.restore()
    # The sweep believes in the dead worker for a while, and comes by itself twice a minute.
    rows.update(beat_at=timezone.now() - job.STALE_AFTER)
    tasks.sweep_backtests()
    wait_until(lambda: rows.filter(state="done").exists(), "the end")
    found = rows.get()
    assert found.done == found.total == 2 * CONVERSATIONS
    assert found.result["moves"] == {"allow>flag": CONVERSATIONS // 5, "allow>allow": CONVERSATIONS * 9 // 5}
