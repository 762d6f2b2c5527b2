"""The operator's page of the audit record: read only, filtered, with the names that ids still have."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.admin import ReadOnlyAdmin
from accounts.models import Organization
from audit.models import Event, Label, Seal

NAMESPACES = (
    ("accounts.", "People and organizations"),
    ("audit.", "The record itself"),
    ("chat.", "Chats and jobs"),
    ("console.", "The console"),
    ("inference.", "Models and quotas"),
    ("moderation.", "Content policy"),
)


class NamespaceFilter(admin.SimpleListFilter):
    """By what the action is about: there are too many actions to list each."""

    title = "what about"
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return NAMESPACES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        begins = self.value()
        return queryset.filter(action__startswith=begins) if begins else queryset


class PlaceFilter(admin.SimpleListFilter):
    """The platform's own events, or those of organizations."""

    title = "whose"
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("platform", "The platform"), ("organizations", "Organizations"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(organization_id__isnull=self.value() == "platform") if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "organization", "who", "target_type", "target_id")
    list_display_links = ("at", "action")
    ordering = ("-at", "-id")
    list_filter = (NamespaceFilter, PlaceFilter)
    search_fields = ("action", "=target_id", "=request_id")
    fields = (
        "at",
        "action",
        "organization",
        "who",
        "target_type",
        "target_id",
        "where",
        "request_id",
        "what",
        "place",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        found: QuerySet[Event] = super().get_queryset(request)
        return found.annotate(
            organization_name=_named(Organization, "organization_id", "name"),
            actor_name=_named(Label, "actor_id", "text"),
            address_name=_named(Label, "address_id", "text"),
        )

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return NewestFirst

    @display(description="Organization")
    def organization(self, event: Event) -> str:
        if event.organization_id is None:
            return "The platform"
        return getattr(event, "organization_name", None) or str(event.organization_id)

    @display(description="Who")
    def who(self, event: Event) -> str:
        if event.actor_id is None:
            return "The system"
        return getattr(event, "actor_name", None) or str(event.actor_id)

    @display(description="From")
    def where(self, event: Event) -> str:
        return getattr(event, "address_name", None) or "-"

    @display(description="Facts")
    def what(self, event: Event) -> SafeString | str:
        facts = ((name.replace("_", " "), _shown(value)) for name, value in sorted(event.facts.items()))
        return (
            format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", facts)) if event.facts else "-"
        )

    @display(description="Place in its chain")
    def place(self, event: Event) -> str:
        seal = Seal.objects.filter(event=event.id).first()
        return f"{seal.number:,}, sealed {seal.at:%Y-%m-%d %H:%M:%S} UTC" if seal else "not sealed yet"


class NewestFirst(ChangeList):
    """Newest first whatever is searched: any other order of the whole record would be slow."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str | Combinable]:
        return ["-at", "-id"]


def _named(model: Any, key: str, name: str) -> Subquery:
    return Subquery(model.objects.filter(id=OuterRef(key)).values(name)[:1])


def _shown(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {None: "none", True: "yes", False: "no"}[value]
    return f"{value:,}" if isinstance(value, int) else str(value)
