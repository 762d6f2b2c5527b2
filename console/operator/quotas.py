"""The operator's page of limits: what every organization begins with, and what one may not go past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.http import person
from accounts.models import Organization
from chat.limit_words import PER, TITLES, sentence_of, whom_of
from console.quota_form import HELPS
from console.typed_number_field import TypedNumberField
from inference.actions.operator_quotas import SUBJECTS, remove_operator_limit, set_operator_limit
from inference.actions.quotas import check_numbers
from inference.models import QuotaLimit
from inference.quotas.limit import LimitDraft
from inference.quotas.measure import periods_of
from inference.registry_errors import Invalid

WHOSE = ("organization", "subject", "measure", "period")


class QuotaLimitForm(forms.ModelForm):  # type: ignore[type-arg]
    """A limit of the operator's. One that is there keeps whom it is about: another one is another limit."""

    organization = forms.ModelChoiceField(
        label="For",
        queryset=Organization.objects.order_by("name"),
        required=False,
        empty_label="Every organization: the platform’s default",
        widget=UnfoldAdminSelectWidget,
        help_text="A default holds until an administrator sets another one. One for an organization always holds.",
    )
    subject = forms.ChoiceField(
        label="Whom it is about",
        choices=[(one.value, whom_of(one)) for one in SUBJECTS],
        widget=UnfoldAdminSelectWidget,
    )
    measure = forms.ChoiceField(
        label="What it counts",
        choices=[(one, f"{title}: {HELPS[one]}") for one, title in TITLES.items()],
        widget=UnfoldAdminSelectWidget,
    )
    period = forms.ChoiceField(
        label="In which time",
        choices=[("", "At any time"), *((one, words.strip().capitalize()) for one, words in PER.items() if one)],
        required=False,
        initial="day",
        widget=UnfoldAdminSelectWidget,
    )
    soft = TypedNumberField(label="Warn at", help_text="People are told, and go on.")
    hard = TypedNumberField(label="Stop at", help_text="Nothing is taken until the time is over. 20k and 1.5M do.")

    class Meta:
        model = QuotaLimit
        fields = (*WHOSE, "soft", "hard")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name in ("soft", "hard"):
            self.fields[name].widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "text", "autocomplete": "off"})
        if not self.instance._state.adding:
            for name in WHOSE:
                self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        if [one.value for one in periods_of(cleaned["measure"])] == [""]:
            cleaned["period"] = ""
        try:
            check_numbers(draft_of(cleaned))
        except Invalid as error:
            self.add_error(error.field, error.words)
        return cleaned

    def validate_constraints(self) -> None:
        # Setting one that is there takes its place.
        return


def draft_of(cleaned: Mapping[str, Any]) -> LimitDraft:
    """Return the limit that a form asks for."""
    return LimitDraft(**{name: cleaned[name] for name in ("subject", "measure", "period", "soft", "hard")})


@admin.register(QuotaLimit)
class QuotaLimitAdmin(ModelAdmin):
    form = QuotaLimitForm
    list_display = ("says", "whom", "set_by", "updated_at", "updated_by")
    list_filter = ("by_operator", "measure", "organization")
    list_select_related = ("organization", "group", "user", "updated_by")
    ordering = ("-by_operator", "organization__name", "measure", "period")
    actions: tuple[str, ...] = ()

    def has_change_permission(self, request: HttpRequest, obj: QuotaLimit | None = None) -> bool:
        return obj is None or obj.by_operator

    def has_delete_permission(self, request: HttpRequest, obj: QuotaLimit | None = None) -> bool:
        # Only from a limit's own page: a selection may hold what administrators set.
        return obj is not None and obj.by_operator

    @display(description="Limit", ordering="measure")
    def says(self, limit: QuotaLimit) -> str:
        whom = whom_of(limit.subject, str(limit.group or ""), str(limit.user or ""))
        return sentence_of(whom, limit.measure, limit.period, limit.soft, limit.hard)

    @display(description="For", ordering="organization__name")
    def whom(self, limit: QuotaLimit) -> str:
        return limit.organization.name if limit.organization else "Every organization"

    @display(description="Set by", label={"Operator": "info", "Administrator": ""})
    def set_by(self, limit: QuotaLimit) -> str:
        return "Operator" if limit.by_operator else "Administrator"

    def save_model(self, request: HttpRequest, obj: QuotaLimit, form: QuotaLimitForm, change: bool) -> None:
        chosen = form.cleaned_data["organization"]
        organization_id = chosen.pk if chosen else None
        draft = draft_of(form.cleaned_data)
        obj.pk = set_operator_limit(acting=person(request), organization_id=organization_id, draft=draft).pk

    def delete_model(self, request: HttpRequest, obj: QuotaLimit) -> None:
        remove_operator_limit(acting=person(request), limit=obj)
