"""Jobs of the audit record, for the time when no worker does them."""

from __future__ import annotations

from celery import shared_task

from audit import anchoring, sealing


@shared_task(name="audit.tasks.seal")
def seal() -> None:
    """Give events their place in their chain."""
    sealing.seal_some()


@shared_task(name="audit.tasks.anchor")
def anchor() -> None:
    """Write the heads of chains outside the database."""
    anchoring.anchor()
