"""The operator's page of organizations: founding, weight and features, switching off and on."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.actions import organizations
from accounts.actions.founding import found_organization
from accounts.admin import ReadOnlyAdmin, tell
from accounts.http import person
from accounts.models import FeatureSwitch, Organization, User
from accounts.queries import active_memberships
from chat.actions.shares import WEIGHT_MOST, set_weight, weight_of
from chat.models import FairShare

SHOWN = ("name", "slug", "created_at", "deactivated_at")
# The name of a page, what it is filtered by, and what it is called.
PLACES = (
    ("accounts_membership", "organization__id__exact", "People"),
    ("accounts_featureswitch", "organization__id__exact", "Switches"),
    ("inference_quotalimit", "organization__id__exact", "Quotas"),
    ("inference_ledgerentry", "organization_id", "Ledger"),
    ("chat_job", "organization__id__exact", "Jobs"),
    ("audit_event", "organization_id", "Audit"),
)


class FoundingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new organization and who owns it."""

    owner = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True).order_by("email"),
        widget=UnfoldAdminSelectWidget,
        help_text="Owners run the organization. This person can make others owners.",
    )

    class Meta:
        model = Organization
        fields = ("name",)
        widgets = {"name": UnfoldAdminTextInputWidget}


class WeightForm(forms.ModelForm):  # type: ignore[type-arg]
    """How much of the engines an organization is given."""

    weight = forms.IntegerField(
        min_value=1,
        max_value=WEIGHT_MOST,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="When more people wait than the engines can serve: 3 is served three times as much as 1.",
    )

    class Meta:
        model = Organization
        fields: tuple[str, ...] = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["weight"].initial = weight_of(self.instance.pk)


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "people", "weight", "own_switches", "created_at", "deactivated_at")
    ordering = ("name", "slug")
    search_fields = ("name", "slug")
    list_filter = (("deactivated_at", admin.EmptyFieldListFilter),)
    actions = ("deactivate", "reactivate")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        found: QuerySet[Organization] = super().get_queryset(request)
        return found.annotate(people=_people(), share=_weight(), switches=_switches())

    def get_form(self, request: HttpRequest, obj: Organization | None = None, **options: Any) -> Any:
        return super().get_form(request, obj, form=WeightForm if obj else FoundingForm, **options)

    def get_fields(self, request: HttpRequest, obj: Organization | None = None) -> tuple[str, ...]:
        return (*SHOWN, "weight", "places") if obj else ("name", "owner")

    def get_readonly_fields(self, request: HttpRequest, obj: Organization | None = None) -> tuple[str, ...]:
        return (*SHOWN, "places") if obj else ()

    @display(description="People", ordering="people")
    def people(self, organization: Organization) -> int:
        return int(organization.people)  # type: ignore[attr-defined]

    @display(description="Weight", ordering="share")
    def weight(self, organization: Organization) -> int:
        return int(organization.share or 1)  # type: ignore[attr-defined]

    @display(description="Own switches", ordering="switches")
    def own_switches(self, organization: Organization) -> int:
        return int(organization.switches)  # type: ignore[attr-defined]

    @display(description="More")
    def places(self, organization: Organization) -> SafeString:
        """Lead to what else is known of it."""
        return format_html_join(
            " · ",
            '<a class="operator-link" href="{}?{}={}">{}</a>',
            ((reverse(f"admin:{page}_changelist"), key, organization.pk, words) for page, key, words in PLACES),
        )

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        if change:
            set_weight(acting=person(request), organization_id=obj.pk, weight=form.cleaned_data["weight"])
            return
        made = found_organization(name=obj.name, owner=form.cleaned_data["owner"])
        obj.pk, obj.slug = made.pk, made.slug

    @admin.action(description="Switch off: nobody can open it any more")
    def deactivate(self, request: HttpRequest, chosen: QuerySet[Organization]) -> None:
        for one in chosen:
            do = partial(organizations.deactivate_organization, acting=person(request), organization=one)
            tell(request, f"{one} is switched off.", do)

    @admin.action(description="Switch on again")
    def reactivate(self, request: HttpRequest, chosen: QuerySet[Organization]) -> None:
        for one in chosen:
            do = partial(organizations.reactivate_organization, acting=person(request), organization=one)
            tell(request, f"{one} is switched on.", do)


def _people() -> Coalesce:
    here = active_memberships().filter(organization_id=OuterRef("pk")).order_by().values("organization_id")
    return Coalesce(Subquery(here.annotate(count=Count("pk")).values("count")), 0)


def _weight() -> Subquery:
    return Subquery(FairShare.objects.filter(organization_id=OuterRef("pk"), user=None).values("weight")[:1])


def _switches() -> Coalesce:
    own = FeatureSwitch.objects.filter(organization_id=OuterRef("pk")).order_by().values("organization_id")
    return Coalesce(Subquery(own.annotate(count=Count("pk")).values("count")), 0)
