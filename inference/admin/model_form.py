"""The form of a model: what it is called, who has it, and what the operator corrects of what was discovered."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from inference.actions.models import model_facts
from inference.models import ChatModel
from inference.replica import CORRECTIONS

AS_DISCOVERED = [("", "As its servers say"), ("yes", "It can"), ("no", "It cannot")]
DECIDED = {"": None, "yes": True, "no": False}
DEFAULT_IS_FOR_ALL = "The default model answers where nobody has chosen one: it must be in use, and for everyone."
DEFAULT_ANSWERS = "The default model answers people: it cannot be one that only classifies."
BOTH_PRICES = "A cost needs both prices: enter this one too, 0 where it costs nothing, or leave both empty."
PRICES = ("prompt_price", "answer_price")
A_MILLION = "For a million tokens, in a currency of your choice, the same for all models."


def _price(label: str, help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=4,
        label=label,
        help_text=help_text,
        widget=UnfoldAdminDecimalFieldWidget,
    )


def _correction(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(required=False, choices=AS_DISCOVERED, label=label, widget=UnfoldAdminSelectWidget)


class ChatModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """`before` is what the audit record says of the model as it was, None for a new one."""

    default = forms.BooleanField(
        required=False,
        label="The default model",
        help_text="It answers where nobody has chosen a model.",
        widget=UnfoldBooleanSwitchWidget,
    )
    context_length = forms.IntegerField(
        required=False,
        min_value=512,
        max_value=10_000_000,
        label="Context length",
        help_text="In tokens. Empty takes what the server says.",
        widget=UnfoldAdminIntegerFieldWidget,
    )

    reasoning = _correction("Reasoning")
    tools = _correction("Tools")
    schema = _correction("JSON schemas")

    prompt_price = _price("What is read", A_MILLION)
    answer_price = _price("What is written", "For a million tokens of answers and reasoning.")

    class Meta:
        model = ChatModel
        fields = (
            "name",
            "description",
            "prompt_format",
            "enabled",
            "for_everyone",
            "organizations",
            "only_classifies",
            "prompt_price",
            "answer_price",
        )
        help_texts = {
            "name": "What people read and choose.",
            "prompt_format": "Only where the server does not show its chat template.",
            "enabled": "One that is switched off cannot be chosen; answers that wait for it fail with a sentence.",
            "for_everyone": "Or only for the organizations chosen below.",
            "organizations": "Who can choose it when it is not for every organization.",
            "only_classifies": "Policies can name it as their classifier, and people cannot choose it.",
        }
        widgets = {"organizations": UnfoldAdminSelect2MultipleWidget}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        model: ChatModel = self.instance
        is_new = model._state.adding
        self.before = None if is_new else model_facts(model)
        self.fields["default"].initial = model.is_default
        self.fields["context_length"].initial = model.declared.get("context_length")
        for name in CORRECTIONS:
            self.fields[name].initial = _word(model.declared.get(name))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("default") and not (cleaned.get("enabled") and cleaned.get("for_everyone")):
            self.add_error("default", DEFAULT_IS_FOR_ALL)
        if cleaned.get("default") and cleaned.get("only_classifies"):
            self.add_error("only_classifies", DEFAULT_ANSWERS)
        missing = [name for name in PRICES if cleaned.get(name) is None and name not in self.errors]
        if len(missing) == 1:
            self.add_error(missing[0], BOTH_PRICES)
        return cleaned

    def save(self, commit: bool = True) -> ChatModel:
        typed, model = self.cleaned_data, self.instance
        corrections = {name: DECIDED[typed[name]] for name in CORRECTIONS} | {
            "context_length": typed["context_length"]
        }
        model.declared = {name: value for name, value in corrections.items() if value is not None}
        model.is_default = typed["default"]
        if model.is_default:
            # In the same transaction: there is one at most.
            ChatModel.objects.filter(is_default=True).exclude(id=model.id).update(is_default=False)
        saved: ChatModel = super().save(commit)
        return saved


def _word(decided: object) -> str:
    return next((word for word, value in DECIDED.items() if value is decided), "")
