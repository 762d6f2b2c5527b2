"""Risk: scores decay, add up whatever the order, and lead to levels; exempt hits count nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from audit.models import Event
from moderation.actions import risk as risks
from moderation.errors import NotAllowed
from moderation.models import HitRecord, RiskScore
from moderation.policy import Risk
from moderation.queries import risk_of, risk_rules_of, risky_of
from moderation.risk import WEIGHTS, Level, decayed, level_of, points
from moderation.verdict import Verdict
from tests.cast import Cast, join, person
from tests.database import race
from tests.moderation.policies import policy, published

START = datetime(2026, 11, 1, tzinfo=UTC)
RULES = Risk(half_life_hours=24, warn=2, slow=4, review=6, suspend=8)
HOURS = st.floats(min_value=0, max_value=10_000)
SCORES = st.floats(min_value=0, max_value=1e6)
THRESHOLDS = st.one_of(st.none(), st.floats(min_value=0.1, max_value=1e6))
RISKS = st.builds(Risk, warn=THRESHOLDS, slow=THRESHOLDS, review=THRESHOLDS, suspend=THRESHOLDS)


def later(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def hit(verdict: Verdict = Verdict.BLOCK, severity: int = 2, **fields: bool) -> HitRecord:
    return HitRecord(rule="plums", category="fruit", verdict=verdict.word, severity=severity, **fields)


def add(cast: Cast, *hits: HitRecord, risk: Risk = RULES, hours: float = 0) -> Level:
    return risks.add(cast.organization.id, cast.bob.user_id, hits, risk, later(hours))


def score(cast: Cast, hours: float) -> float:
    row = RiskScore.objects.get(organization=cast.organization, user=cast.bob.user_id)
    return decayed(row.score, row.at, later(hours), RULES.half_life_hours)


@given(SCORES, HOURS, HOURS)
def test_a_score_only_falls_and_in_steps_as_at_once(kept: float, first: float, second: float) -> None:
    once = decayed(kept, START, later(first + second), 24)
    twice = decayed(decayed(kept, START, later(first), 24), later(first), later(first + second), 24)
    assert 0 <= once <= kept
    assert once == pytest.approx(twice, rel=1e-6, abs=1e-9)


def test_a_score_halves_in_its_time_and_never_rises_by_looking_back() -> None:
    assert decayed(8, START, later(24), 24) == pytest.approx(4)
    assert decayed(8, START, later(-24), 24) == 8


@given(SCORES, SCORES, RISKS)
def test_a_higher_score_never_has_a_milder_level(one: float, other: float, risk: Risk) -> None:
    low, high = sorted((one, other))
    assert level_of(low, risk).rank <= level_of(high, risk).rank


@given(SCORES, RISKS)
def test_a_level_is_the_strictest_that_was_reached(kept: float, risk: Risk) -> None:
    reached = [
        level
        for level, least in zip(list(Level)[1:], (risk.warn, risk.slow, risk.review, risk.suspend), strict=True)
        if least is not None and kept >= least
    ]
    assert level_of(kept, risk) == (reached[-1] if reached else Level.NONE)


def test_stricter_verdicts_and_graver_rules_weigh_more() -> None:
    weights = [WEIGHTS[verdict] for verdict in sorted(Verdict)]
    assert weights == sorted(weights)
    assert points(Verdict.ALLOW, 4) == 0
    assert points(Verdict.BLOCK, 3) == 3 * points(Verdict.BLOCK, 1)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 200), st.sampled_from(Verdict), st.integers(1, 4)), min_size=1), st.randoms())
def test_the_sum_does_not_depend_on_the_order(
    cast: Cast, hits: list[tuple[float, Verdict, int]], chance: Random
) -> None:
    RiskScore.objects.filter(organization=cast.organization).delete()
    ordered = list(hits)
    chance.shuffle(ordered)
    for hours, verdict, severity in ordered:
        add(cast, hit(verdict, severity), hours=hours)
    expected = sum(
        decayed(points(verdict, severity), later(hours), later(300), 24) for hours, verdict, severity in hits
    )
    if expected:
        assert score(cast, 300) == pytest.approx(expected, rel=1e-6)
    assert RiskScore.objects.filter(organization=cast.organization).count() == bool(expected)


def test_many_at_once_add_up_exactly(cast: Cast) -> None:
    def add_five() -> None:
        for _ in range(5):
            add(cast, hit(Verdict.HOLD, 1))

    assert race([add_five] * 10) == [None] * 10
    assert score(cast, 0) == 50


def test_adding_is_one_statement_and_nothing_without_points(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as told:
        add(cast, hit(), hit(Verdict.FLAG))
    assert len(told) == 1
    with CaptureQueriesContext(connection) as told:
        assert add(cast, hit(Verdict.ALLOW)) == Level.NONE
        add(cast)
    assert len(told) == 0


def test_what_was_exempt_or_failed_or_only_watched_counts_nothing(cast: Cast) -> None:
    add(cast, hit(Verdict.FLAG, exempt=True), hit(failed=True), hit(shadow=True))
    assert not RiskScore.objects.filter(organization=cast.organization).exists()


def test_a_rule_counts_once_for_a_text(cast: Cast) -> None:
    many = hit(Verdict.REDACT, 1)
    many.count = 500
    add(cast, many)
    assert score(cast, 0) == points(Verdict.REDACT, 1)


def test_adding_says_which_level_is_reached(cast: Cast) -> None:
    two = hit(Verdict.BLOCK, 1)
    assert [add(cast, two) for _ in range(4)] == [Level.WARN, Level.SLOW, Level.REVIEW, Level.SUSPEND]
    assert add(cast, hit(Verdict.FLAG, 1), hours=24 * 30) == Level.NONE


def test_what_is_very_old_is_nothing_and_breaks_nothing(cast: Cast) -> None:
    add(cast, hit())
    tiny = replace(RULES, half_life_hours=0.1)
    add(cast, hit(Verdict.FLAG, 4), risk=tiny, hours=100_000)
    assert score(cast, 100_000) == pytest.approx(1)


def test_the_enforced_policy_says_what_follows(cast: Cast) -> None:
    now = timezone.now()
    assert risk_of(cast.organization.id, cast.bob.user_id, now) == (0.0, Level.NONE)
    published(cast.alice, replace(policy(), risk=replace(RULES, half_life_hours=2.0)))
    assert risk_rules_of(cast.organization.id) == replace(RULES, half_life_hours=2.0)
    risks.add(cast.organization.id, cast.bob.user_id, [hit()], RULES, now)
    with CaptureQueriesContext(connection) as told:
        assert risk_of(cast.organization.id, cast.bob.user_id, now) == (4.0, Level.SLOW)
    assert len(told) == 1
    found, level = risk_of(cast.organization.id, cast.bob.user_id, now + timedelta(hours=2))
    assert found == pytest.approx(2.0)
    assert level == Level.WARN


def test_people_are_listed_by_what_is_left_of_their_score(cast: Cast) -> None:
    ada, eve = join(cast.organization, person("Ada")), join(cast.organization, person("Eve"))
    now = timezone.now()
    published(cast.alice, replace(policy(), risk=RULES))
    risks.add(cast.organization.id, cast.bob.user_id, [hit()], RULES, now - timedelta(days=3))
    risks.add(cast.organization.id, ada.user_id, [hit(Verdict.HOLD)], RULES, now)
    risks.add(cast.organization.id, eve.user_id, [hit()], RULES, now - timedelta(days=300))
    found = risky_of(cast.organization.id, now)
    assert [(one.row.user_id, one.level) for one in found] == [
        (ada.user_id, Level.WARN),
        (cast.bob.user_id, Level.NONE),
    ]
    assert risky_of(cast.charlie.organization_id, now) == []


def test_clearing_forgets_and_is_recorded(cast: Cast) -> None:
    published(cast.alice, replace(policy(), risk=RULES))
    before = timezone.now()
    risks.add(cast.organization.id, cast.bob.user_id, [hit(severity=3)], RULES, before)
    risks.clear(acting=cast.alice, user_id=cast.bob.user_id, reason="A drill")
    # An answer that began before ends after it.
    risks.add(cast.organization.id, cast.bob.user_id, [hit()], RULES, before)
    assert risk_of(cast.organization.id, cast.bob.user_id, timezone.now())[0] == 0
    risks.add(cast.organization.id, cast.bob.user_id, [hit(Verdict.HOLD, 1)], RULES, timezone.now())
    assert risk_of(cast.organization.id, cast.bob.user_id, timezone.now())[0] == pytest.approx(1, rel=1e-3)
    (event,) = Event.objects.filter(action="moderation.risk.cleared", organization_id=cast.organization.id)
    assert (event.target_id, event.actor_id) == (str(cast.bob.user_id), cast.alice.user_id)
    assert event.facts == {"score_before": 6.0, "level_before": "slow", "reason": "A drill"}


def test_only_administrators_clear_and_only_their_own_people(cast: Cast) -> None:
    add(cast, hit())
    for acting in (cast.bob, join(cast.organization, person("Rita"), Role.REVIEWER)):
        with pytest.raises(NotAllowed):
            risks.clear(acting=acting, user_id=cast.bob.user_id)
    risks.clear(acting=cast.charlie, user_id=cast.bob.user_id)
    assert score(cast, 0) == 4
    assert not Event.objects.filter(action="moderation.risk.cleared", target_id=str(cast.bob.user_id)).exists()
