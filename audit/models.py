from __future__ import annotations

import uuid

from django.db import models


class Event(models.Model):
    """Say that somebody did something, once and for ever.

    Rows hold ids, never foreign keys, so that they outlive what they speak of. The application's
    database role can insert and read them and nothing else; a trigger refuses changes to everybody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=80)
    organization_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    address_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["organization_id", "-at"], name="audit_organization_at")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action}"


class Label(models.Model):
    """Keep the readable name of an id (a person's e-mail, a network address) where it can be erased.

    Erasing a label leaves every event as it was.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=20)
    text = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["text"], condition=models.Q(kind="address"), name="audit_one_label_of_an_address"
            )
        ]

    def __str__(self) -> str:
        return self.text
