"""An organization's rules: who may set them, what makes no sense, and what the record says."""

from __future__ import annotations

import pytest
from django.db.models import QuerySet

from accounts.models import Role
from audit.models import Event
from inference.actions.rules import RulesDraft, change_rules
from inference.effort import Effort
from inference.models import OrganizationRules, Rules
from inference.registry_errors import Invalid, NotAllowed
from inference.sampling import Sampling
from tests.cast import Cast

ROLES = Rules.Visibility.ROLES


def changes(cast: Cast) -> QuerySet[Event]:
    return Event.objects.filter(action="inference.rules.changed", organization_id=cast.organization.id)


def test_rules_are_kept_and_their_change_is_recorded(cast: Cast) -> None:
    draft = RulesDraft(
        default=Effort.LOW,
        ceiling=Effort.HIGH,
        locked=True,
        visibility=ROLES,
        roles=[Role.REVIEWER, Role.OWNER],
        keep_reasoning=True,
        ceilings=Sampling(temperature=1, max_tokens=4000),
    )
    change_rules(acting=cast.alice, draft=draft)
    kept = OrganizationRules.objects.get(organization=cast.organization)
    assert (kept.reasoning_default, kept.reasoning_ceiling, kept.reasoning_locked) == ("low", "high", True)
    assert (kept.reasoning_visibility, kept.reasoning_roles) == ("roles", ["owner", "reviewer"])
    assert (kept.keep_reasoning, kept.ceilings) == (True, {"temperature": 1, "max_tokens": 4000})
    change_rules(acting=cast.alice, draft=RulesDraft(default=Effort.LOW, roles=[Role.OWNER]))
    kept.refresh_from_db()
    assert (kept.reasoning_ceiling, kept.reasoning_roles, kept.keep_reasoning) == ("", [], None)
    told = Event.objects.filter(action="inference.rules.changed", organization_id=cast.organization.id).order_by(
        "at", "id"
    )
    assert [one.actor_id for one in told] == [cast.alice.user_id] * 2
    facts = told[1].facts
    assert facts["changed"] == "ceiling, locked, seen by, roles, earlier thoughts sent, sampling ceilings"
    assert (facts["ceiling_before"], facts["ceiling_after"]) == ("high", "")
    assert (facts["locked_before"], facts["locked_after"]) == (True, False)
    assert facts["sampling_ceilings_before"] == '{"max_tokens": 4000, "temperature": 1}'


def test_what_changes_nothing_is_not_recorded(cast: Cast) -> None:
    change_rules(acting=cast.alice, draft=RulesDraft())
    assert not OrganizationRules.objects.filter(organization=cast.organization).exists()
    for _ in range(2):
        change_rules(acting=cast.alice, draft=RulesDraft(default=Effort.ON))
    assert changes(cast).count() == 1


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (RulesDraft(default=Effort.HIGH, ceiling=Effort.LOW), "reasoning_default"),
        (RulesDraft(locked=True), "reasoning_locked"),
        (RulesDraft(visibility=ROLES), "reasoning_roles"),
    ],
)
def test_what_makes_no_sense_is_refused(cast: Cast, draft: RulesDraft, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        change_rules(acting=cast.alice, draft=draft)
    assert refused.value.field == field
    assert not OrganizationRules.objects.filter(organization=cast.organization).exists()


def test_only_administrators_set_rules(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        change_rules(acting=cast.bob, draft=RulesDraft(default=Effort.ON))
    change_rules(acting=cast.charlie, draft=RulesDraft(default=Effort.ON))
    assert not OrganizationRules.objects.filter(organization=cast.organization).exists()
