"""The registry of models, for operators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from accounts.http import person
from inference.actions import models as actions
from inference.admin.endpoints import HEALTH, EndpointForm, EndpointInline
from inference.admin.model_form import PRICES, ChatModelForm
from inference.endpoint_address import is_outside
from inference.model_facts import facts_of
from inference.models import ChatModel, Endpoint
from inference.registry_errors import RegistryError

FOR = ("for_everyone", "organizations", "only_classifies")
PRICE = "The pages of usage say with it what the tokens cost, those of earlier days too. Empty: no cost is shown."
WORST_FIRST = (Endpoint.Health.DOWN, Endpoint.Health.OPEN, Endpoint.Health.UNKNOWN, Endpoint.Health.UP)


@admin.register(ChatModel)
class ChatModelAdmin(ModelAdmin):
    form = ChatModelForm
    inlines = (EndpointInline,)
    list_display = ("name", "use", "servers", "can", "context", "seen_by")
    list_filter = ("enabled", "for_everyone")
    search_fields = ("name", "description")
    ordering = ("-is_default", "name")
    actions = ("ask_again", "remove", "restore")
    actions_submit_line = ("save_and_ask_again",)
    fieldsets = (
        (None, {"fields": ("name", "description", "default", "enabled", *FOR)}),
        (
            "Corrections",
            {
                "description": "The workers find these out by asking the servers. What is chosen here holds instead.",
                "fields": ("context_length", "reasoning", "tools", "schema", "prompt_format"),
            },
        ),
        ("Price", {"description": PRICE, "fields": PRICES}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChatModel]:
        found: QuerySet[ChatModel] = super().get_queryset(request).prefetch_related("endpoints", "organizations")
        return found

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        # History names models: they are removed by an action, and their rows stay.
        return False

    @display(
        description="In use", label={"Default": "success", "Yes": "info", "Switched off": "warning", "Removed": ""}
    )
    def use(self, model: ChatModel) -> str:
        if model.removed_at:
            return "Removed"
        if not model.enabled:
            return "Switched off"
        return "Default" if model.is_default else "Yes"

    @display(description="Servers", label={Endpoint.Health(name).label: kind for name, kind in HEALTH.items()})
    def servers(self, model: ChatModel) -> str:
        states = {one.health for one in model.endpoints.all() if one.enabled}
        worst = next((one for one in WORST_FIRST if one in states), None)
        return str(worst.label) if worst else "None"

    @display(description="Can")
    def can(self, model: ChatModel) -> str:
        facts = facts_of(model)
        names = {"reasoning": facts.reasoning, "tools": facts.tools, "JSON schemas": facts.schema}
        return ", ".join(name for name, able in names.items() if able) or "only text"

    @display(description="Context")
    def context(self, model: ChatModel) -> str:
        length = facts_of(model).context_length
        return f"{length:,}" if length else "not known yet"

    @display(description="For")
    def seen_by(self, model: ChatModel) -> str:
        named = ", ".join(one.name for one in model.organizations.all()) or "nobody"
        seen_by = "everyone" if model.for_everyone else named
        return f"policies of {seen_by}" if model.only_classifies else seen_by

    def save_related(self, request: HttpRequest, form: ChatModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        forms: list[EndpointForm] = [one for formset in formsets for one in formset.forms if one.has_changed()]
        new_keys = sum(one.enters_key for one in forms)
        actions.say_saved(acting=person(request), model=form.instance, before=form.before, new_keys=new_keys)
        for row in form.instance.endpoints.filter(enabled=True):
            if is_outside(row.base_url):
                messages.warning(
                    request,
                    f"{row.base_url} looks like an address outside of your own network: what people write to "
                    f"{form.instance} is sent there.",
                )

    @action(description="Save and ask its servers now")
    def save_and_ask_again(self, request: HttpRequest, obj: ChatModel) -> None:
        actions.ask_again(acting=person(request), model=obj)
        messages.success(request, "The workers ask its servers now. Load the page again in a moment.")

    @admin.action(description="Ask its servers now")
    def ask_again(self, request: HttpRequest, chosen: QuerySet[ChatModel]) -> None:
        for one in chosen:
            do = partial(actions.ask_again, acting=person(request), model=one)
            _tell(request, f"The workers ask the servers of {one} now.", do)

    @admin.action(description="Remove: answers keep its name, nobody can choose it")
    def remove(self, request: HttpRequest, chosen: QuerySet[ChatModel]) -> None:
        for one in chosen:
            do = partial(actions.remove_model, acting=person(request), model=one)
            _tell(request, f"{one} is removed.", do)

    @admin.action(description="Bring back what was removed")
    def restore(self, request: HttpRequest, chosen: QuerySet[ChatModel]) -> None:
        for one in chosen:
            do = partial(actions.restore_model, acting=person(request), model=one)
            _tell(request, f"{one} is back.", do)


def _tell(request: HttpRequest, words: str, do: Callable[[], None]) -> None:
    try:
        do()
    except RegistryError as error:
        messages.error(request, error.words)
    else:
        messages.success(request, words)
