"""The certificate of a run: it grows in the transactions that delete."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from audit.record import record
from chat.models import DeletionCertificate, Job
from chat.retention.rules import Rules

COUNTED = ("conversations", "messages", "answers", "reviews", "logs", "withheld_texts")
FORMAT = "hermes.deletion-certificate.1"
DIGEST_IS = (
    "Over the deleted conversations’ ids in their order: the SHA-256, in hex, of the digest before (at first "
    "nothing) and the next id."
)


def digest_of(ids: Iterable[uuid.UUID], before: str = "") -> str:
    """Return the chain's end over ids in their order: SHA-256 of the digest before (in hex) and the id, each time."""
    found = before
    for one in ids:
        found = hashlib.sha256(f"{found}{one}".encode()).hexdigest()
    return found


def certify(
    job: Job, *, rules: Rules, kept_by_holds: int, counts: Mapping[str, int], ids: Iterable[uuid.UUID]
) -> None:
    """Add what a turn deleted to the certificate of its run, in the transaction that deletes it."""
    found, _ = DeletionCertificate.objects.select_for_update().get_or_create(
        job_id=job.id,
        organization=job.organization,
        defaults={"rules": rules.facts(), "kept_by_holds": kept_by_holds},
    )
    found.counts = dict(Counter(found.counts) + Counter(counts))
    found.digest = digest_of(ids, found.digest)
    found.save(update_fields=["counts", "digest"])
    record(
        "chat.retention.deleted",
        actor_id=None,
        organization_id=job.organization_id,
        target=("certificate", found.id),
        facts={**{name: counts.get(name, 0) for name in COUNTED}, "digest": found.digest},
    )


def document_of(certificate: DeletionCertificate) -> dict[str, Any]:
    """Return a certificate as the file that people keep."""
    organization = certificate.organization
    return {
        "format": FORMAT,
        "id": str(certificate.id),
        "organization": {"id": str(organization.id), "name": organization.name},
        "run": str(certificate.job_id),
        "at": certificate.at.isoformat(),
        "rules": certificate.rules,
        "deleted": certificate.counts,
        "kept_by_legal_holds": certificate.kept_by_holds,
        "digest": certificate.digest,
        "digest_is": DIGEST_IS,
    }
