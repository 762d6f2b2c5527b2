"""The form of a limit: whom it is about, what it counts, over which time, and where it warns and stops."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from accounts.models import Membership
from chat.limit_words import CAPS, PER, TITLES, sentence_of, whom_of
from console.queries import groups_of, people_of
from console.typed_number_field import TypedNumberField
from inference.models import QuotaLimit
from inference.quotas.limit import LimitDraft, Subject
from inference.quotas.measure import periods_of

HELPS = {
    "tokens": "What the model reads and writes, all together. A page of text is about 700.",
    "prompt": "What the model reads: the message, and the conversation before it.",
    "answer": "What the model writes to people.",
    "reasoning": "What the model thinks before it answers.",
    "requests": "Messages that are sent, and answers that are asked for again.",
    "running": "How many answers are written at once.",
    "budget": "How long the model may think about one answer.",
    "context": "How much one message may bring, with the conversation before it.",
}
TIMES = [(name, words.strip().capitalize()) for name, words in PER.items() if name]
ONE_REQUEST = "This bounds each request by itself: there is nothing to warn about. Leave it empty."
EVERYBODY = [(Subject.MEMBER.value, "Each member"), (Subject.ORGANIZATION.value, "The whole organization together")]
Choices = Sequence[tuple[str, Any]]


class QuotaForm(forms.Form):
    """`kept` is a limit that is changed: then only its numbers are."""

    whom = forms.ChoiceField(label="Whom it is about")
    measure = forms.ChoiceField(label="What it counts", choices=list(TITLES.items()))
    period = forms.ChoiceField(
        label="In which time", choices=TIMES, initial="day", required=False, help_text="Days and months are UTC."
    )
    soft = TypedNumberField(label="Warn at", help_text="People are told, and go on.")
    hard = TypedNumberField(label="Stop at", help_text="Nothing is taken until the time is over. 20k and 1.5M do.")

    def __init__(self, *arguments: Any, acting: Membership, kept: QuotaLimit | None = None, **options: Any) -> None:
        if kept is not None:
            options["initial"] = typed_of(kept)
        super().__init__(*arguments, **options)
        self.fields["whom"].choices = whom_choices(acting)  # type: ignore[attr-defined]
        for name in ("whom", "measure", "period") if kept is not None else ():
            self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        allowed = [one.value for one in periods_of(cleaned["measure"])]
        if allowed == [""]:
            cleaned["period"] = ""
        elif cleaned["period"] not in allowed:
            self.add_error("period", "Choose over which time it counts.")
        self._check_numbers(cleaned)
        return cleaned

    def _check_numbers(self, cleaned: dict[str, Any]) -> None:
        soft, hard = cleaned["soft"], cleaned["hard"]
        if cleaned["measure"] in CAPS and soft is not None:
            self.add_error("soft", ONE_REQUEST)
        elif soft is None and hard is None:
            self.add_error("hard", "Say where it stops, or where it warns.")
        elif soft is not None and hard is not None and soft >= hard:
            self.add_error("soft", "Warn at less than where it stops.")

    @property
    def has_no_number(self) -> bool:
        """Whether nothing was typed yet of where it warns and stops."""
        return not any(self[name].value() for name in ("soft", "hard"))

    @property
    def draft(self) -> LimitDraft:
        """The limit that is asked for."""
        cleaned = self.cleaned_data
        subject, _, key = cleaned["whom"].partition(":")
        return LimitDraft(
            subject=Subject(subject),
            group_id=int(key) if subject in (Subject.GROUP, Subject.GROUP_MEMBER) else None,
            user_id=uuid.UUID(key) if subject == Subject.PERSON else None,
            **{name: cleaned[name] for name in ("measure", "period", "soft", "hard")},
        )

    @property
    def sentence(self) -> str:
        """Say what was typed."""
        cleaned = self.cleaned_data
        subject, _, _ = cleaned["whom"].partition(":")
        name = named(self.fields["whom"].choices, cleaned["whom"])  # type: ignore[attr-defined]
        whom = whom_of(subject, group=name, person=name)
        return sentence_of(whom, cleaned["measure"], cleaned["period"], cleaned["soft"], cleaned["hard"])


def typed_of(limit: QuotaLimit) -> Mapping[str, Any]:
    """Return a limit as its form shows it."""
    key = limit.group_id or limit.user_id
    return {
        "whom": f"{limit.subject}:{key}" if key else limit.subject,
        "measure": limit.measure,
        "period": limit.period,
        "soft": limit.soft,
        "hard": limit.hard,
    }


def whom_choices(acting: Membership) -> Choices:
    """Return whom a limit may be about here."""
    groups = list(groups_of(acting))
    by_group = [
        (title, [(f"{subject}:{one.id}", one.name) for one in groups])
        for subject, title in ((Subject.GROUP_MEMBER, "Each member of a group"), (Subject.GROUP, "A group together"))
    ]
    people = [(f"{Subject.PERSON}:{one.user_id}", _name(one)) for one in people_of(acting).prefetch_related(None)]
    return [("Everybody", EVERYBODY), *(by_group if groups else []), ("One person", people)]


def named(choices: Choices, chosen: str) -> str:
    """Return what a choice within groups is called."""
    found = {key: name for _, inside in choices for key, name in inside}
    return str(found.get(chosen, ""))


def _name(member: Membership) -> str:
    user = member.user
    return f"{user.name} ({user.email})" if user.name else user.email
