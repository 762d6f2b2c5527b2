from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Organization


class ChatModel(models.Model):
    """A model that people can choose. Its endpoints are replicas: any of them may answer.

    `declared` holds what the operator corrects of what was discovered: {"context_length", "reasoning", "tools",
    "schema"}. A removed model keeps its row, so that the history which names it stays readable.
    """

    class PromptFormat(models.TextChoices):
        AUTOMATIC = "", "As the engine says"
        CHATML = "chatml", "ChatML (Hermes 4 14B)"
        LLAMA3 = "llama3", "Llama 3 headers (Hermes 4 36B, 70B, 405B)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300, blank=True)
    prompt_format = models.CharField(max_length=10, choices=PromptFormat, blank=True, default="")
    declared = models.JSONField(default=dict, blank=True)
    # Made from HERMES_ENGINE_URL, and kept in step with it.
    from_environment = models.BooleanField(default=False, editable=False)
    is_default = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    for_everyone = models.BooleanField("for every organization", default=True)
    organizations = models.ManyToManyField(Organization, related_name="+", blank=True)
    # People cannot choose it, and it is never the default one: policies name it.
    only_classifies = models.BooleanField("only classifies", default=False)
    # What a million tokens cost the operator, in the currency of the site's choice; None is not known.
    prompt_price = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    answer_price = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "model"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="inference_one_default_model"
            ),
            models.UniqueConstraint(
                fields=["from_environment"],
                condition=models.Q(from_environment=True),
                name="inference_one_model_from_environment",
            ),
        ]

    def __str__(self) -> str:
        return self.name
