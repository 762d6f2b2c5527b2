from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class LedgerEntry(models.Model):
    """One call of an engine: who asked, what for, and what it cost. Counts are tokens.

    Reserved before the call with an upper bound, settled after it with the engine's own usage, or
    with an estimate that is marked as one. Rows hold ids, so they outlive conversations. A run of an answer has one
    row for each call: number 1 is reserved, the others (a repair, another server) are added when they are settled.
    """

    class Purpose(models.TextChoices):
        ANSWER = "answer"
        TITLE = "title"
        CLASSIFIER = "classifier"

    class Outcome(models.TextChoices):
        RESERVED = "reserved"
        DONE = "done"
        STOPPED = "stopped"
        WITHHELD = "withheld"
        HELD = "held"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=12, choices=Purpose)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RESERVED)
    organization_id = models.UUIDField()
    user_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True)
    generation_id = models.UUIDField(null=True)
    epoch = models.PositiveIntegerField(default=0)
    call = models.PositiveSmallIntegerField(default=1)
    # The person's groups when it was reserved, by id: their pools were charged.
    groups = ArrayField(models.BigIntegerField(), default=list)
    job_id = models.UUIDField(null=True)
    chat_model_id = models.UUIDField(null=True)
    model = models.CharField(max_length=200, blank=True)
    reserved_tokens = models.PositiveIntegerField(default=0)
    # What was taken from which windows until it is settled (inference.quotas.reservation).
    reservation = models.JSONField(default=list)
    prompt_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    answer_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    estimated = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    queue_ms = models.PositiveIntegerField(null=True)
    first_token_ms = models.PositiveIntegerField(null=True)
    total_ms = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(
                fields=["generation_id", "epoch", "call"],
                condition=models.Q(generation_id__isnull=False),
                name="inference_one_entry_per_call",
            )
        ]
        indexes = [
            models.Index(fields=["organization_id", "-created_at"], name="inference_ledger_org_at"),
            models.Index(fields=["user_id", "-created_at"], name="inference_ledger_user_at"),
            models.Index(fields=["settled_at"], name="inference_ledger_settled"),
            models.Index(
                fields=["created_at"], condition=models.Q(outcome="reserved"), name="inference_ledger_reserved"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.outcome} {self.created_at:%Y-%m-%d %H:%M:%S}"
