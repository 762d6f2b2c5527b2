from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from audit.models import Event
from console.platform_rules_admin import PlatformRulesAdmin

__all__ = ["EventAdmin", "PlatformRulesAdmin"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "organization_id", "actor_id", "target_type", "target_id")
    ordering = ("-at", "-id")
    list_filter = ("action",)
    search_fields = ("action", "target_id", "request_id")
