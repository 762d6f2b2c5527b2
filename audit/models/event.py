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
        indexes = [
            # What events are counted by stands in it, so that counting reads nothing else.
            models.Index(
                fields=["organization_id", "-at"], include=["action", "actor_id"], name="audit_organization_counted"
            ),
            models.Index(fields=["organization_id", "action", "-at"], name="audit_organization_action"),
            models.Index(fields=["organization_id", "actor_id", "-at"], name="audit_organization_actor"),
            models.Index(fields=["organization_id", "target_id", "-at"], name="audit_organization_target"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action}"
