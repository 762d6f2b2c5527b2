"""Two levels of rules read together: the organization's word holds, ceilings and locks hold both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role
from inference.effort import ORDER, Effort
from inference.models import OrganizationRules, PlatformRules
from inference.rulebook import CEILINGS, Rulebook

EFFORT = st.sampled_from(["", *Effort])
RULES = st.fixed_dictionaries(
    {"reasoning_default": EFFORT, "reasoning_ceiling": EFFORT, "reasoning_locked": st.booleans()}
)


def book(platform: dict[str, Any] | None = None, own: dict[str, Any] | None = None) -> Rulebook:
    return Rulebook(platform=PlatformRules(**platform or {}), organization=OrganizationRules(**own or {}))


@given(RULES, RULES)
def test_what_holds_is_never_above_a_ceiling_and_always_on_offer(
    platform: dict[str, Any], own: dict[str, Any]
) -> None:
    rules = book(platform, own)
    assert rules.reasoning.effort in rules.efforts
    assert rules.efforts[0] is Effort.OFF
    for level in (platform, own):
        if level["reasoning_ceiling"]:
            assert all(ORDER[one] <= ORDER[level["reasoning_ceiling"]] for one in rules.efforts)
    assert rules.locked == (platform["reasoning_locked"] or own["reasoning_locked"])


@pytest.mark.parametrize(
    ("platform", "own", "sees"),
    [
        ("", "", {*Role}),
        ("nobody", "", set()),
        ("nobody", "everyone", {*Role}),
        ("roles", "", {Role.REVIEWER}),
        ("everyone", "roles", {Role.OWNER}),
        ("roles", "nobody", set()),
    ],
)
def test_who_sees_reasoning(platform: str, own: str, sees: set[Role]) -> None:
    rules = book(
        {"reasoning_visibility": platform, "reasoning_roles": ["reviewer"]},
        {"reasoning_visibility": own, "reasoning_roles": ["owner"]},
    )
    assert {role for role in Role if rules.shows_reasoning_to(role)} == sees


@pytest.mark.parametrize(
    ("platform", "own", "kept"),
    [(None, None, (False, "platform")), (True, None, (True, "platform")), (True, False, (False, "organization"))],
)
def test_whether_earlier_thoughts_are_sent(platform: bool | None, own: bool | None, kept: tuple[bool, str]) -> None:
    assert book({"keep_reasoning": platform}, {"keep_reasoning": own}).keeps_reasoning == kept


def test_the_lower_ceiling_holds_value_by_value() -> None:
    rules = book({"ceilings": {"temperature": 1.0, "top_k": 40}}, {"ceilings": {"temperature": 1.5, "max_tokens": 9}})
    held = {name: getattr(rules.ceilings, name) for name in CEILINGS}
    assert {name: value for name, value in held.items() if value is not None} == {
        "temperature": 1.0,
        "top_k": 40,
        "max_tokens": 9,
    }


def test_a_ceiling_of_nought_is_one() -> None:
    assert book({"ceilings": {"temperature": 0}}, {}).ceilings.temperature == 0
