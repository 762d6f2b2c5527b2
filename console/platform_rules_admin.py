"""The operator's page of the platform's rules: one row, the same for every organization."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.http import person
from console.platform_rules_form import PlatformRulesForm
from inference.actions.platform_rules import change_platform_rules
from inference.effort import Effort
from inference.effort_words import effort_words
from inference.models import PlatformRules
from inference.rulebook import CEILINGS


@admin.register(PlatformRules)
class PlatformRulesAdmin(ModelAdmin):
    form = PlatformRulesForm
    list_display = ("__str__", "default", "ceiling", "reasoning_locked", "seen_by")
    ordering = ("id",)
    fieldsets = (
        (
            "Reasoning",
            {
                "fields": (
                    "reasoning_default",
                    "reasoning_ceiling",
                    "reasoning_locked",
                    "reasoning_visibility",
                    "reasoning_roles",
                    "keep_reasoning",
                )
            },
        ),
        (
            "Ceilings of sampling",
            {
                "description": "What assistants ask for above these is lowered to them.",
                "fields": CEILINGS,
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Asked for on every page of the admin, and more than once.
        if not hasattr(request, "platform_has_rules"):
            request.platform_has_rules = PlatformRules.objects.exists()  # type: ignore[attr-defined]
        return not request.platform_has_rules  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PlatformRules, form: PlatformRulesForm, change: bool) -> None:
        obj.pk = change_platform_rules(acting=person(request), draft=form.draft).pk

    @display(description="Where nobody chooses")
    def default(self, rules: PlatformRules) -> str:
        return _words(rules.reasoning_default, "nothing set")

    @display(description="At most")
    def ceiling(self, rules: PlatformRules) -> str:
        return _words(rules.reasoning_ceiling, "no ceiling")

    @display(description="Who sees reasoning")
    def seen_by(self, rules: PlatformRules) -> Any:
        return rules.get_reasoning_visibility_display() if rules.reasoning_visibility else "Everyone"


def _words(effort: str, empty: str) -> str:
    return effort_words(Effort(effort)) if effort else empty
