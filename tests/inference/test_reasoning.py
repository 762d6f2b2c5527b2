from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.effort import BUDGETS, ORDER, Effort, allowed, lesser
from inference.reasoning import (
    CONVERSATION,
    MESSAGE,
    MODEL,
    ORGANIZATION,
    PLATFORM,
    PRESET,
    Reasoning,
    ReasoningRule,
    resolve_reasoning,
)

efforts = st.sampled_from(Effort)
choices = st.none() | efforts
rules = st.builds(ReasoningRule, default=choices, ceiling=choices, locked=st.booleans())
NOTHING = ReasoningRule()


def test_budgets_grow_with_the_effort() -> None:
    budgets = [BUDGETS[effort] for effort in Effort if effort in BUDGETS]
    assert budgets == sorted(set(budgets))
    # Hermes 4 was trained to close its thoughts at 30,000 tokens.
    assert budgets[-1] < 30_000


def test_what_is_allowed_ends_at_the_ceiling() -> None:
    assert allowed(Effort.MEDIUM) == (Effort.OFF, Effort.LOW, Effort.MEDIUM)
    assert allowed(Effort.ON) == tuple(Effort)


def test_nobody_chose_anything() -> None:
    assert resolve_reasoning(platform=NOTHING, organization=NOTHING) == Reasoning(effort=Effort.OFF, source=PLATFORM)


@pytest.mark.parametrize(
    ("chosen", "source"),
    [
        ({}, ORGANIZATION),
        ({"preset": Effort.HIGH}, PRESET),
        ({"preset": Effort.HIGH, "conversation": Effort.LOW}, CONVERSATION),
        ({"preset": Effort.HIGH, "conversation": Effort.LOW, "message": Effort.ON}, MESSAGE),
    ],
)
def test_the_last_level_that_chooses_wins(chosen: dict[str, Any], source: str) -> None:
    platform, organization = ReasoningRule(default=Effort.OFF), ReasoningRule(default=Effort.MAX)
    found = resolve_reasoning(platform=platform, organization=organization, **chosen)
    assert found == Reasoning(effort=[Effort.MAX, *chosen.values()][-1], source=source)


def test_a_lock_ends_the_choosing() -> None:
    locked = ReasoningRule(default=Effort.LOW, locked=True)
    below: dict[str, Any] = {"preset": Effort.HIGH, "conversation": Effort.ON, "message": Effort.OFF}
    assert resolve_reasoning(platform=NOTHING, organization=locked, **below).effort is Effort.LOW
    other = ReasoningRule(default=Effort.MAX)
    assert resolve_reasoning(platform=locked, organization=other, **below) == Reasoning(
        effort=Effort.LOW, source=PLATFORM
    )


def test_a_ceiling_names_itself() -> None:
    found = resolve_reasoning(platform=NOTHING, organization=ReasoningRule(ceiling=Effort.MEDIUM), message=Effort.ON)
    assert found == Reasoning(effort=Effort.MEDIUM, source=ORGANIZATION)
    assert found.budget == BUDGETS[Effort.MEDIUM]


@given(rules, rules, choices, choices, choices)
def test_no_choice_passes_a_ceiling(
    platform: ReasoningRule,
    organization: ReasoningRule,
    preset: Effort | None,
    conversation: Effort | None,
    message: Effort | None,
) -> None:
    found = resolve_reasoning(
        platform=platform, organization=organization, preset=preset, conversation=conversation, message=message
    )
    for rule in (platform, organization):
        assert rule.ceiling is None or ORDER[found.effort] <= ORDER[rule.ceiling]


@given(rules, rules, choices)
def test_a_model_that_cannot_think_does_not(
    platform: ReasoningRule, organization: ReasoningRule, message: Effort | None
) -> None:
    found = resolve_reasoning(platform=platform, organization=organization, message=message, capable=False)
    assert found == Reasoning(effort=Effort.OFF, source=MODEL)


@given(efforts, efforts)
def test_the_lesser_is_one_of_the_two(one: Effort, other: Effort) -> None:
    assert lesser(one, other) is lesser(other, one)
    assert ORDER[lesser(one, other)] == min(ORDER[one], ORDER[other])
