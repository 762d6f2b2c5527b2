from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from audit.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "organization_id", "actor_id", "target_type", "target_id")
    ordering = ("-at", "-id")
    list_filter = ("action",)
    search_fields = ("action", "target_id", "request_id")
