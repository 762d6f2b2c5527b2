from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization
from inference.models.ordered_json import OrderedJSONField


class Schema(models.Model):
    """A JSON schema of an organization's library. Its versions never change; answers name the version they had."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=models.Q(archived_at=None),
                name="inference_schema_name",
            )
        ]

    def __str__(self) -> str:
        return self.name


class SchemaVersion(models.Model):
    """One state of a schema, numbered from 1; the newest is the one that is offered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    schema = models.ForeignKey(Schema, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = OrderedJSONField()
    created_by_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schema", "number"], name="inference_schema_version_number")]

    def __str__(self) -> str:
        return f"{self.schema} {self.number}"
