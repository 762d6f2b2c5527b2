from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from inference.models.chat_model import ChatModel


class Endpoint(models.Model):
    """One server that serves a model.

    The workers write down what they discover and how it is; the operator writes the rest.
    """

    class Kind(models.TextChoices):
        AUTOMATIC = "", "Find out"
        VLLM = "vllm", "vLLM"
        LLAMA_CPP = "llama.cpp", "llama.cpp"
        OLLAMA = "ollama", "Ollama"
        LM_STUDIO = "lm-studio", "LM Studio"
        OPEN_ROUTER = "openrouter", "OpenRouter"
        OPENAI = "openai", "Another OpenAI-compatible server"

    class Health(models.TextChoices):
        UNKNOWN = "unknown", "Not asked yet"
        UP = "up", "Answers"
        DOWN = "down", "Does not answer"
        OPEN = "open", "Failed often: left alone for a moment"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chat_model = models.ForeignKey(ChatModel, on_delete=models.CASCADE, related_name="endpoints")
    base_url = models.URLField("address", max_length=300, help_text="Ends in /v1, such as http://gpu:8000/v1.")
    kind = models.CharField(max_length=12, choices=Kind, blank=True, default="")
    served_name = models.CharField(
        "model's name there",
        max_length=200,
        blank=True,
        help_text="Empty takes the first model that the server lists.",
    )
    sealed_key = models.TextField(blank=True, default="", editable=False)
    max_streams = models.PositiveIntegerField("answers at once", null=True, blank=True)
    from_environment = models.BooleanField(default=False, editable=False)
    enabled = models.BooleanField(default=True)
    # What the workers found: {"kind", "model", "version", "context_length", "streams", "reasoning", "tools",
    # "schema", "budget", "template"}
    discovered = models.JSONField(default=dict, editable=False)
    health = models.CharField(max_length=8, choices=Health, default=Health.UNKNOWN, editable=False)
    words = models.CharField(max_length=300, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["from_environment"],
                condition=models.Q(from_environment=True),
                name="inference_one_endpoint_from_environment",
            )
        ]

    def __str__(self) -> str:
        return self.base_url
