"""The process of a retention run is killed in the middle, or Valkey is: all goes, and there is one certificate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from chat.jobs import runner
from chat.jobs.actions import ask
from chat.models import Conversation, DeletionCertificate, Job
from chat.retention.certificate import digest_of
from tests.cast import Cast
from tests.chat.history import talk
from tests.site import Site, wait_until

CONVERSATIONS = 3000


@pytest.mark.parametrize("part", ["jobs", "valkey"])
def test_a_killed_run_is_gone_on_with(site: Site, cast: Cast, part: str) -> None:
    talk([cast.bob], CONVERSATIONS)
    own = Conversation.objects.filter(organization=cast.organization)
    own.update(deleted_at=timezone.now() - timedelta(days=8))
    ids = sorted(own.values_list("id", flat=True))
    asked = ask("retention", organization=cast.organization, key=str(cast.organization.id))
    rows = Job.objects.filter(id=asked.id)
    wait_until(lambda: rows.filter(done__gt=0).exists(), "the first deletions")
    site.kill(part)
    if part == "jobs":
        # Without Valkey it would go on.
        killed = rows.get()
        assert (killed.state, killed.done < killed.total) == ("running", True)
        left = CONVERSATIONS - killed.done
        assert own.count() == left, "what is gone and what is written down are the same"
    site.restore()
    # The clock's sweep believes in the dead worker for a while, and what failed is tried again a little later.
    rows.update(beat_at=timezone.now() - runner.LEASE, not_before=None)
    runner.sweep()
    wait_until(lambda: rows.filter(state="done").exists(), "the end")
    certificate = DeletionCertificate.objects.get(organization=cast.organization)
    assert not own.exists()
    assert certificate.counts["conversations"] == CONVERSATIONS
    assert certificate.counts["messages"] == 2 * CONVERSATIONS
    assert certificate.digest == digest_of(ids)
    counted = Event.objects.filter(target_id=str(certificate.id)).values_list("facts__conversations", flat=True)
    assert sum(counted) == CONVERSATIONS
