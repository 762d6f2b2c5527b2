"""The form of a rule. It shows the fields of the kind that is chosen; the others are kept, and do not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django import forms

from accounts.models import Membership, Role
from console.policy_edit import mark_of
from console.policy_fields import LinesField, TextFileField, card, explained
from console.policy_forms import PartForm
from console.policy_words import ACTIONS, CHANNELS, FOLDS, KINDS, MODES, SEVERITIES, kind_of
from console.queries import groups_of
from moderation import limits
from moderation.channel import Channel
from moderation.fold import Fold
from moderation.policy import Classified, Match, Mode, Patterns, Policy, Recognized, Rule, Terms
from moderation.recognizers import RECOGNIZERS
from moderation.verdict import Verdict

LONGEST_EXAMPLE = 40
NEW = "+"
"""Stands for a category that is named in the field beside it."""
FAILURES = {
    "stop": card("Stop", "Nothing passes that could not be checked. This is the safe choice."),
    "pass": card("Let pass", "Text passes unchecked, and the failure is recorded."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChoices:
    """What a rule may name in an organization and a policy."""

    categories: list[tuple[str, str]]
    groups: list[str]

    @classmethod
    def of(cls, acting: Membership, policy: Policy, rule: Rule | None = None) -> Self:
        """Read the choices; groups that the rule names and that are gone stay among them."""
        used = dict.fromkeys([*(one.id for one in policy.categories), *(one.category for one in policy.rules)])
        groups = [one.name for one in groups_of(acting)]
        gone = sorted(rule.groups - set(groups)) if rule else []
        return cls(categories=[(id, policy.category(id).title) for id in used], groups=[*groups, *gone])


def _ticks(label: str, choices: Iterable[tuple[str, str]], help: str = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, choices=list(choices), help_text=help, widget=forms.CheckboxSelectMultiple
    )


def _cards(
    label: str, choices: Iterable[tuple[str, str]], initial: str, *, required: bool = True
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(choices), initial=initial, required=required, widget=forms.RadioSelect
    )


class RuleForm(PartForm):
    """One rule: what to look for, where, for whom, and what happens then."""

    title = forms.CharField(label="Name", max_length=limits.LONGEST_TITLE)
    category = forms.ChoiceField(label="Category")
    new_category = forms.CharField(label="Name of the new category", max_length=limits.LONGEST_TITLE, required=False)
    new_definition = forms.CharField(
        label="Its definition",
        max_length=limits.LONGEST_DEFINITION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What belongs to it and what does not. A classifier is told exactly this.",
    )
    kind = _cards("What it looks for", explained(KINDS), "terms")
    terms = LinesField(
        rows=10,
        large="terms_file",
        label="Words and phrases",
        help_text="One in each line. Up to 50,000 may be pasted.",
    )
    terms_file = TextFileField(label="Add a text file", help_text="One in each line; they are added to the list.")
    whole_words = forms.BooleanField(
        label="Whole words only", required=False, initial=True, help_text="“art” is then not found in “party”."
    )
    ignore_terms = _ticks("Reads past", explained(FOLDS))
    patterns = LinesField(
        rows=6,
        label="Patterns",
        help_text="One in each line, as RE2 reads them: \\d is a digit, {2,4} two to four times.",
    )
    ignore_patterns = _ticks("Reads past", explained(FOLDS))
    names = _ticks("Finds", ())
    threshold = forms.IntegerField(
        label="How sure it must be (%)",
        min_value=1,
        max_value=100,
        initial=50,
        required=False,
        widget=forms.NumberInput(attrs={"type": "range", "step": "1"}),
    )
    mode = _cards("Until the verdict", explained(MODES), Mode.HOLD.value, required=False)
    budget = forms.FloatField(
        label="Time for each verdict (seconds)",
        min_value=0.1,
        max_value=30,
        initial=3,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    channels = _ticks("Where it looks", explained(CHANNELS, Channel))
    roles = _ticks("Only for these roles", Role.choices)
    groups = _ticks("Only for these groups", ())
    action = _cards("What happens", explained(ACTIONS), Verdict.FLAG.word)
    severity = forms.TypedChoiceField(label="Severity", choices=list(SEVERITIES.items()), coerce=int, initial=2)
    fails = _cards("If the check itself fails", FAILURES.items(), "stop")

    def __init__(self, *arguments: Any, choices: RuleChoices, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._offer("category", [*choices.categories, (NEW, "A new category …")])
        self._offer("groups", [(name, name) for name in choices.groups])
        self._offer("names", [(one.name, card(one.title, _short(one.example))) for one in RECOGNIZERS.values()])
        self.has_groups = bool(choices.groups)

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if uploaded := cleaned.get("terms_file"):
            self._take_in(uploaded)
        if cleaned.get("category") == NEW and not cleaned.get("new_category"):
            self.add_error("new_category", "Give the new category a name.")
        return cleaned

    def _take_in(self, uploaded: str) -> None:
        """Add the lines of a file to those that were typed, there where the form shows them again, too."""
        text = f"{self.data.get('terms', '').rstrip()}\n{uploaded}".lstrip("\n")
        self.retype("terms", text)
        try:
            self.cleaned_data["terms"] = self.fields["terms"].clean(text)
        except forms.ValidationError as error:
            self.add_error("terms", error)

    def rule(self, id: str, category: str) -> Rule:
        """Return what was typed, once it is valid."""
        typed = self.cleaned_data
        return Rule(
            id=id,
            title=typed["title"],
            category=category,
            action=Verdict.of(typed["action"]),
            channels=frozenset(map(Channel, typed["channels"])),
            match=self._match(),
            roles=frozenset(typed["roles"]),
            groups=frozenset(typed["groups"]),
            severity=typed["severity"],
            fails_open=typed["fails"] == "pass",
        )

    def _match(self) -> Match:
        typed = self.cleaned_data
        match typed["kind"]:
            case "terms":
                ignore = frozenset(map(Fold, typed["ignore_terms"]))
                return Terms(terms=typed["terms"], whole_words=typed["whole_words"], ignore=ignore)
            case "patterns":
                return Patterns(patterns=typed["patterns"], ignore=frozenset(map(Fold, typed["ignore_patterns"])))
            case "recognizers":
                return Recognized(names=tuple(typed["names"]))
            case _:
                return Classified(
                    threshold=(typed["threshold"] or 50) / 100,
                    mode=Mode(typed["mode"] or Mode.HOLD),
                    budget_ms=round((typed["budget"] or 3) * 1000),
                )


def blank_rule(kind: str, category: str) -> Mapping[str, Any]:
    """Return a new rule as its form shows it."""
    return {
        **_shown_match(Terms(terms=())),
        "kind": kind if kind in KINDS else "terms",
        "category": category or NEW,
        # Whoever wants less takes it away: what is forgotten here would pass unread, a title too.
        "channels": [one.value for one in Channel],
        "action": Verdict.REDACT.word if kind == "recognizers" else Verdict.FLAG.word,
    }


def shown_rule_form(rule: Rule) -> Mapping[str, Any]:
    """Return a rule as its form shows it."""
    return {
        **_shown_match(rule.match),
        "mark": mark_of(rule),
        "title": rule.title,
        "category": rule.category,
        "kind": kind_of(rule.match),
        "channels": [one.value for one in Channel if one in rule.channels],
        "roles": sorted(rule.roles),
        "groups": sorted(rule.groups),
        "action": rule.action.word,
        "severity": rule.severity,
        "fails": "pass" if rule.fails_open else "stop",
    }


def _short(example: str) -> str:
    return example if len(example) <= LONGEST_EXAMPLE else f"{example[: LONGEST_EXAMPLE - 1]}…"


def _shown_match(match: Match) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "whole_words": True,
        "threshold": 50,
        "mode": Mode.HOLD.value,
        "budget": "3",
        "ignore_terms": [one.value for one in Fold],
        "ignore_patterns": [one.value for one in Fold if one in Patterns(patterns=()).ignore],
    }
    if isinstance(match, Terms):
        ignored = [one.value for one in Fold if one in match.ignore]
        shown |= {"terms": "\n".join(match.terms), "whole_words": match.whole_words, "ignore_terms": ignored}
    elif isinstance(match, Patterns):
        ignored = [one.value for one in Fold if one in match.ignore]
        shown |= {"patterns": "\n".join(match.patterns), "ignore_patterns": ignored}
    elif isinstance(match, Recognized):
        shown |= {"names": list(match.names)}
    else:
        shown |= {
            "threshold": round(match.threshold * 100),
            "mode": match.mode.value,
            "budget": f"{match.budget_ms / 1000:g}",
        }
    return shown
