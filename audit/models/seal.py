from __future__ import annotations

import uuid

from django.db import models


class Seal(models.Model):
    """An event's place in its organization's chain. Rows are added, never changed.

    `chain` is the organization, or PLATFORM for what belongs to none; `number` goes up by one from 1. `digest` is the
    SHA-256 of the digest before it and the event's canonical text (audit.canonical).
    """

    PLATFORM = uuid.UUID(int=0)

    event = models.UUIDField(primary_key=True)
    chain = models.UUIDField()
    number = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_one_seal_at_a_place")]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"


class Unsealed(models.Model):
    """An event that has no place in its chain yet. A trigger adds it with the event, the sealer takes it away."""

    event = models.UUIDField(primary_key=True)
    chain = models.UUIDField(db_index=True)

    def __str__(self) -> str:
        return str(self.event)


class Anchor(models.Model):
    """A chain's head as it was written outside the database. What counts is what is written there."""

    chain = models.UUIDField()
    number = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    # Where it was written: "file", "syslog", "webhook", joined by commas.
    places = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["chain", "-number"], name="audit_newest_anchor")]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"
