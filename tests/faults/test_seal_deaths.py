"""Whoever seals the audit record is killed in the middle of it: the chain is whole, and nothing is sealed twice."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings

from audit.models import Anchor, Seal, Unsealed
from audit.verification import verify
from audit.verify_audit import read_anchors
from tests.audit.chain import recorded
from tests.database import connect
from tests.site import Site, wait_until

EVENTS = 1200


def test_sealing_is_gone_on_with(site: Site) -> None:
    chain = uuid.uuid4()
    with connect("hermes_owner") as holder, holder.transaction():
        holder.execute("LOCK TABLE audit_seal IN SHARE MODE")
        recorded(chain, EVENTS)
        waiting = "SELECT 1 FROM pg_locks WHERE relation = 'audit_seal'::regclass AND NOT granted"
        with connect("hermes_owner") as looker:
            wait_until(lambda: looker.execute(waiting).fetchone() is not None, "somebody who seals")
        site.kill("worker")
        site.kill("jobs")
    assert not Seal.objects.filter(chain=chain).exists(), "what was not finished has no effect"
    site.restore()
    wait_until(lambda: not Unsealed.objects.filter(chain=chain).exists(), "the seals")
    assert list(Seal.objects.filter(chain=chain).order_by("number").values_list("number", flat=True)) == list(
        range(1, EVENTS + 1)
    )
    wait_until(Anchor.objects.filter(chain=chain, number=EVENTS).exists, "the anchor")
    report = verify(chain, read_anchors(Path(settings.AUDIT_ANCHOR_FILE).read_text().splitlines()))
    assert (report.ok, report.exposed) == (True, 0)
