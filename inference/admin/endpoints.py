"""The servers of a model, inside the model's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from unfold.admin import StackedInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from accounts import sealing
from inference.endpoint_address import EXAMPLE, WrongAddress, parse_address
from inference.models import Endpoint

LEAVES = (
    f"Ends in /v1, such as {EXAMPLE}. Every prompt, with the conversation before it, is sent to this address: a "
    "server outside of your own network receives what your people write."
)
HEALTH = {"up": "success", "down": "danger", "open": "warning", "unknown": "info"}
CAN = ("reasoning", "tools", "schema")
# Workers write at least every half minute.
JUST_NOW = timedelta(minutes=1)
BREAK = SafeString("<br>")
CANNOT_SAY = "Nothing yet: no worker has reached it."


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    """The key goes in and never comes out again. The environment's server is changed in the environment."""

    address = forms.CharField(max_length=300, help_text=LEAVES, widget=UnfoldAdminTextInputWidget)
    new_key = forms.CharField(
        required=False,
        max_length=500,
        label="API key",
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    clear_key = forms.BooleanField(required=False, label="Forget the key", widget=UnfoldBooleanSwitchWidget)

    class Meta:
        model = Endpoint
        fields = ("kind", "served_name", "max_streams", "enabled")
        help_texts = {"max_streams": "For each worker. Empty takes what the server says."}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        row: Endpoint = self.instance
        self.fields["address"].initial = row.base_url
        self.fields["new_key"].help_text = _key_words(row)
        if row.from_environment:
            self._leave_to_the_environment()

    def _leave_to_the_environment(self) -> None:
        for name in ("address", "served_name", "new_key", "clear_key"):
            self.fields[name].disabled = True
            self.fields[name].required = False
        self.fields["address"].help_text = "From HERMES_ENGINE_URL; change it there."
        self.fields["served_name"].help_text = "From HERMES_ENGINE_MODEL; change it there."
        self.fields[
            "new_key"
        ].help_text = f"{_key_words(self.instance)} It is HERMES_ENGINE_API_KEY; change it there."

    def clean_address(self) -> str:
        if self.fields["address"].disabled:
            return str(self.instance.base_url)
        try:
            return parse_address(self.cleaned_data["address"])
        except WrongAddress as error:
            raise forms.ValidationError(str(error)) from None

    def clean_new_key(self) -> str:
        key: str = self.cleaned_data["new_key"].strip()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise forms.ValidationError("A key has neither spaces nor signs outside of ASCII. Copy it again.")
        return key

    def save(self, commit: bool = True) -> Endpoint:
        row: Endpoint = self.instance
        if not row.from_environment:
            if row.base_url != self.cleaned_data["address"]:
                row.discovered = {}
            row.base_url = self.cleaned_data["address"]
            self._take_key(row)
        # Whatever was changed, the workers ask it at once.
        row.checked_at, row.health, row.words = None, Endpoint.Health.UNKNOWN, ""
        saved: Endpoint = super().save(commit)
        return saved

    def _take_key(self, row: Endpoint) -> None:
        if self.cleaned_data["clear_key"]:
            row.sealed_key = ""
        if self.cleaned_data["new_key"]:
            row.sealed_key = sealing.seal(self.cleaned_data["new_key"])

    @property
    def enters_key(self) -> bool:
        """Whether a key was entered or forgotten."""
        typed = self.cleaned_data
        return bool(typed.get("new_key") or typed.get("clear_key"))


class EndpointFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The environment's server is not deleted here: the next start would bring it back."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.from_environment:
            form.fields["DELETE"].disabled = True


class EndpointInline(StackedInline):
    model = Endpoint
    form = EndpointForm
    formset = EndpointFormSet
    extra = 0
    verbose_name = "server"
    verbose_name_plural = "servers"
    fields = (
        "state",
        "found",
        "address",
        "kind",
        "served_name",
        "new_key",
        "clear_key",
        "max_streams",
        "enabled",
    )
    readonly_fields = ("state", "found")

    @display(description="Now")
    def state(self, row: Endpoint) -> str:
        return health_words(row)

    @display(description="What it says of itself")
    def found(self, row: Endpoint) -> SafeString | str:
        if not row.discovered:
            return CANNOT_SAY
        return format_html_join(BREAK, "{}: {}", found_facts(row))


def health_words(row: Endpoint) -> str:
    """Return how a server is, why, and when it was looked at."""
    words = f"{Endpoint.Health(row.health).label}. {row.words}".strip()
    if row.checked_at is None:
        return f"{words} A worker asks it now." if row.enabled else words
    now = timezone.now()
    if now - row.checked_at < JUST_NOW:
        return f"{words} Looked at just now."
    return f"{words} Looked at {timesince(row.checked_at, now)} ago."


def found_facts(row: Endpoint) -> list[tuple[str, str]]:
    """Return what was discovered, as people read it."""
    found = row.discovered
    able = [name for name in CAN if found.get(name)]
    kinds = dict(Endpoint.Kind.choices)
    facts = {
        "Server": f"{kinds.get(found.get('kind', ''), '')} {found.get('version', '')}".strip(),
        "Model": str(found.get("model", "")),
        "Context": f"{found.get('context_length', 0):,} tokens",
        "Answers at once": str(found.get("streams", "")),
        "Can": ", ".join(able).replace("schema", "JSON schemas") or "only text",
        "Thinking budget": "kept by the server" if found.get("budget") else "kept by us",
        "Prompt format": str(found.get("prompt_format", "")),
        "Chat template": str(found.get("template", ""))[:12],
    }
    return [(name, value) for name, value in facts.items() if value]


def _key_words(row: Endpoint) -> str:
    return "A key is set. Leave this empty to keep it." if row.sealed_key else "No key is set."
