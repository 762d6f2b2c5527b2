"""The operator's page of switches: what everybody, or one organization, does with or without."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from accounts.actions.features import switch_feature
from accounts.features import FEATURES
from accounts.http import person
from accounts.models import FeatureSwitch, Organization


class SwitchForm(forms.ModelForm):  # type: ignore[type-arg]
    """One word on one feature."""

    name = forms.ChoiceField(
        label="Feature",
        choices=[(one.name, f"{one.title}: {one.sentence}") for one in FEATURES.values()],
        widget=UnfoldAdminSelectWidget,
    )
    organization = forms.ModelChoiceField(
        label="For",
        queryset=Organization.objects.order_by("name"),
        required=False,
        empty_label="Everybody without a switch of their own",
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = FeatureSwitch
        fields = ("name", "organization", "is_on")
        widgets = {"is_on": UnfoldBooleanSwitchWidget}
        labels = {"is_on": "On"}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk:
            # Another feature or another organization is another switch.
            self.fields["name"].disabled = True
            self.fields["organization"].disabled = True


@admin.register(FeatureSwitch)
class FeatureSwitchAdmin(ModelAdmin):
    form = SwitchForm
    list_display = ("feature", "whom", "word")
    list_filter = ("name",)
    list_select_related = ("organization",)
    ordering = ("name", "organization__name")
    actions = ("take_back",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        # Taking one back is an action, so that it is in the record.
        return False

    @display(description="Feature", ordering="name")
    def feature(self, switch: FeatureSwitch) -> str:
        return FEATURES[switch.name].title if switch.name in FEATURES else switch.name

    @display(description="For", ordering="organization__name")
    def whom(self, switch: FeatureSwitch) -> str:
        return switch.organization.name if switch.organization else "Everybody"

    @display(description="Is", label={"On": "success", "Off": "warning"})
    def word(self, switch: FeatureSwitch) -> str:
        return "On" if switch.is_on else "Off"

    def save_model(self, request: HttpRequest, obj: FeatureSwitch, form: SwitchForm, change: bool) -> None:
        switch_feature(acting=person(request), name=obj.name, organization=obj.organization, is_on=obj.is_on)
        obj.pk = FeatureSwitch.objects.get(name=obj.name, organization=obj.organization).pk

    @admin.action(description="Take back: as if nothing had been said")
    def take_back(self, request: HttpRequest, chosen: QuerySet[FeatureSwitch]) -> None:
        for one in chosen.select_related("organization"):
            switch_feature(acting=person(request), name=one.name, organization=one.organization, is_on=None)
        messages.success(request, "Taken back. What was said for everybody, or else the product’s own, holds again.")
