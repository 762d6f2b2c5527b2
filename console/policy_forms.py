"""The forms of a policy's settings, categories, golden cases and of its import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from console.policy_edit import Settings, mark_of
from console.policy_fields import TextFileField
from console.policy_words import CHANNELS, VERDICTS
from moderation import limits
from moderation.channel import Channel
from moderation.policy import Case, Category, Policy, Risk
from moderation.verdict import Verdict

STEPS = ("warn", "slow", "review", "suspend")


def _step(label: str, help: str) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        required=False,
        min_value=0.1,
        max_value=1_000_000,
        help_text=help,
        widget=forms.NumberInput(attrs={"step": "any", "placeholder": "Never"}),
    )


class PartForm(forms.Form):
    """A part of a draft; `mark` says how the part was when it was read."""

    mark = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def reread(self, mark: str) -> None:
        """Go on from a newer form of the part: what was typed stays, and saving it again takes that one's place."""
        self.retype("mark", mark)

    def retype(self, name: str, text: str) -> None:
        """Put another text into a field, as if it had been typed."""
        data = MultiValueDict(self.data.lists()) if isinstance(self.data, MultiValueDict) else {**self.data}
        data[name] = text
        self.data = data


class SettingsForm(PartForm):
    """What a policy is apart from its lists."""

    name = forms.CharField(label="Name", max_length=limits.LONGEST_NAME)
    note = forms.CharField(
        label="Note",
        max_length=limits.LONGEST_NOTE,
        required=False,
        help_text="What this version is about, for your colleagues.",
    )
    summary = forms.CharField(
        label="Summary",
        max_length=limits.LONGEST_SUMMARY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What this policy is for.",
    )
    keep = forms.BooleanField(
        label="Keep what is withheld",
        required=False,
        help_text="Encrypted, for reviewers and for its author. Without it, no reviewer can read it after an appeal.",
    )
    classifier = forms.ChoiceField(label="Model that classifies", required=False)
    half_life_hours = forms.FloatField(
        label="Scores halve in (hours)",
        min_value=0.1,
        max_value=8_760,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    warn = _step("Warn from", "The person is told.")
    slow = _step("Slow down from", "Prompts are taken one at a time, with a pause between them.")
    review = _step("Review from", "Prompts wait for a reviewer.")
    suspend = _step("Suspend from", "Nothing can be sent.")

    def __init__(self, *arguments: Any, models: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        field = self.fields["classifier"]
        assert isinstance(field, forms.ChoiceField)
        chosen = str((self.initial or {}).get("classifier") or "")
        gone = [(chosen, f"{chosen} (not available now)")] if chosen and chosen not in models else []
        field.choices = [("", "The organization’s default model"), *models.items(), *gone]

    @property
    def settings(self) -> Settings:
        """What was typed, once it is valid."""
        typed = self.cleaned_data
        risk = Risk(half_life_hours=typed["half_life_hours"], **{name: typed[name] for name in STEPS})
        return Settings(
            policy=Policy(
                name=typed["name"],
                summary=typed["summary"].replace("\r\n", "\n"),
                keep=typed["keep"],
                classifier=typed["classifier"],
                risk=risk,
            ),
            note=typed["note"],
        )


class CategoryForm(PartForm):
    """What rules are about."""

    title = forms.CharField(
        label="Name",
        max_length=limits.LONGEST_TITLE,
        help_text="People read it in markers and receipts: “[redacted: …]”.",
    )
    definition = forms.CharField(
        label="Definition",
        max_length=limits.LONGEST_DEFINITION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What belongs to it and what does not. A classifier is told exactly this.",
    )

    def category(self, id: str) -> Category:
        """Return what was typed, once it is valid."""
        typed = self.cleaned_data
        return Category(id=id, title=typed["title"], definition=typed["definition"].replace("\r\n", "\n"))


class CaseForm(PartForm):
    """A text, and what must happen to it."""

    text = forms.CharField(
        label="Text",
        strip=False,
        max_length=limits.LONGEST_CASE,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Invent it: nobody’s real data belongs here.",
    )
    channel = forms.ChoiceField(label="It stands in", choices=[(one.value, CHANNELS[one].title) for one in Channel])
    expect = forms.ChoiceField(label="This must happen", choices=[(one.word, VERDICTS[one]) for one in Verdict])
    note = forms.CharField(
        label="Note", max_length=limits.LONGEST_NOTE, required=False, help_text="Why it must be so."
    )

    @property
    def case(self) -> Case:
        """What was typed, once it is valid."""
        typed = self.cleaned_data
        return Case(
            text=typed["text"].replace("\r\n", "\n"),
            channel=Channel(typed["channel"]),
            expect=Verdict.of(typed["expect"]),
            note=typed["note"],
        )


class ImportForm(forms.Form):
    """A policy as YAML, typed or as a file."""

    text = forms.CharField(
        label="YAML",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "typed", "data-large": "file"}),
    )
    file = TextFileField(label="Or a file", help_text="A policy that was exported here, or that you keep as code.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.document.strip():
            self.add_error("text", "Paste a policy, or choose a file.")
        return cleaned

    @property
    def document(self) -> str:
        """What was typed or uploaded; the file counts where there is one."""
        return str(self.cleaned_data.get("file") or self.cleaned_data.get("text") or "")


def shown_settings(policy: Policy, note: str) -> Mapping[str, Any]:
    """Return a policy's settings as their form shows them."""
    risk = {name: getattr(policy.risk, name) for name in ("half_life_hours", *STEPS)}
    named = {"name": policy.name, "summary": policy.summary, "keep": policy.keep, "classifier": policy.classifier}
    return {**named, **risk, "note": note, "mark": mark_of(Settings.of(policy, note))}


def shown_category(category: Category) -> Mapping[str, Any]:
    """Return a category as its form shows it."""
    return {"title": category.title, "definition": category.definition, "mark": mark_of(category)}


def shown_case(case: Case) -> Mapping[str, Any]:
    """Return a golden case as its form shows it."""
    return {
        "text": case.text,
        "channel": case.channel.value,
        "expect": case.expect.word,
        "note": case.note,
        "mark": mark_of(case),
    }
