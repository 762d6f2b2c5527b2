from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization
from inference.effort import Effort
from inference.models.chat_model import ChatModel
from inference.models.ordered_json import OrderedJSONField
from inference.models.schema import Schema


class Preset(models.Model):
    """An assistant that an organization shares: a name, instructions, a model and how it is asked.

    `version` goes up with every change; answers name the version they were made with.
    `sampling` is what inference.sampling.parse_sampling reads; `tools` are OpenAI function declarations.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    system_prompt = models.TextField(blank=True, max_length=20_000)
    chat_model = models.ForeignKey(ChatModel, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sampling = models.JSONField(default=dict, blank=True)
    effort = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in Effort], blank=True, default=""
    )
    # "" is plain text, "json" any JSON object, "schema" the newest version of `schema`.
    format = models.CharField(max_length=8, blank=True, default="")
    schema = models.ForeignKey(Schema, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    tools = OrderedJSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], condition=models.Q(archived_at=None), name="inference_preset_name"
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(archived_at=None, is_default=True),
                name="inference_one_default_preset",
            ),
        ]

    def __str__(self) -> str:
        return self.name
