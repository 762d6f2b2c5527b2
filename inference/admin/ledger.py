from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from inference.models import LedgerEntry


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "purpose",
        "outcome",
        "model",
        "prompt_tokens",
        "reasoning_tokens",
        "answer_tokens",
        "estimated",
    )
    list_filter = ("purpose", "outcome", "estimated")
    # What is reserved now, then the newest: along an index.
    ordering = ("-settled_at",)
    exclude = ("reservation",)
