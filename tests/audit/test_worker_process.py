"""A real worker seals and anchors what anybody records."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings

from audit.models import Anchor, Seal
from audit.verification import verify
from audit.verify_audit import Anchored, read_anchors
from tests.audit.chain import recorded
from tests.site import Site, wait_until


def test_the_worker_seals_and_anchors(site: Site) -> None:
    chain = uuid.uuid4()
    recorded(chain, 2)
    wait_until(Seal.objects.filter(chain=chain, number=2).exists, "the seal")
    wait_until(Anchor.objects.filter(chain=chain, places="file").exists, "the anchor")
    report = verify(chain, _anchors())
    assert report.ok
    assert report.exposed == 0


def _anchors() -> list[Anchored]:
    return read_anchors(Path(settings.AUDIT_ANCHOR_FILE).read_text().splitlines())
