from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization, User
from chat.models.conversation import Conversation


class RetentionRules(models.Model):
    """How long an organization keeps conversations, in days since they last changed; None is for ever.

    What was made shorter holds a while after `changed_at`; until then what held `before` does
    (chat.retention.rules).
    """

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="+", primary_key=True)
    active_days = models.PositiveIntegerField(null=True, blank=True)
    pinned_days = models.PositiveIntegerField(null=True, blank=True)
    # Since their owner deleted them.
    deleted_days = models.PositiveIntegerField(default=7)
    # Since they were begun.
    temporary_hours = models.PositiveIntegerField(default=24)
    # Text that was withheld: since it was decided about, or since then where nobody has asked for a review.
    review_days = models.PositiveIntegerField(null=True, blank=True)
    before = models.JSONField(default=dict)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Retention of {self.organization}"


class LegalHold(models.Model):
    """Nothing of this conversation, this person or (without both) this organization is deleted until it is lifted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # A hold that was lifted still names its conversation when that is gone.
    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organization"], condition=models.Q(lifted_at=None), name="chat_hold_in_force")
        ]

    def __str__(self) -> str:
        return f"Hold of {self.placed_at:%Y-%m-%d}"


class DeletionCertificate(models.Model):
    """What one run of retention deleted in an organization: counts and a digest of the ids, never text or titles.

    It grows with the run, in the transactions that delete, so that it is true of a run that was ended too. `counts`:
    how many of each thing, conversations also by state (chat.retention.certificate). `digest`: a chain of SHA-256
    over the conversations' ids in their order, so that a list that somebody kept can be checked against it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    job_id = models.UUIDField(null=True)
    at = models.DateTimeField(default=timezone.now)
    rules = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    kept_by_holds = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["organization", "-at"], name="chat_certificate_newest")]

    def __str__(self) -> str:
        return f"Certificate of {self.at:%Y-%m-%d}"
