"""What applies to somebody: each setting with its value, the level that set it, and why; only to whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions.groups import add_to_group, create_group
from accounts.models import FeatureSwitch, Group, Membership, Role, SignInRules
from chat.actions.retention import set_rules
from chat.applies.setting import Level, Setting
from chat.limit_lines import meter_of
from chat.models import BreakGlassRules, RetentionRules
from chat.retention.rules import GRACE, Rules
from chat.retention.schedule import first_run
from chat.typed_number import number_of
from chat.what_applies import found_in, what_applies
from inference.actions.presets import PresetDraft, choose_default, create_preset
from inference.effort import Effort
from inference.models import OrganizationRules, QuotaLimit
from moderation.models import Exemption, RiskScore
from moderation.verdict import Verdict
from tests.cast import Cast
from tests.chat.history import policy, rule, version
from tests.limits import set_limit


@pytest.fixture
def research(cast: Cast) -> Group:
    group = create_group(acting=cast.alice, name="Research")
    add_to_group(acting=cast.alice, group=group, member=cast.bob)
    return group


def settings_of(member: Membership, *, for_administrator: bool = False) -> dict[str, Setting]:
    sections = what_applies(member, timezone.now(), for_administrator=for_administrator)
    return {one.name: one for section in sections for one in section.settings}


def said(found: dict[str, Setting], name: str) -> tuple[str, Level]:
    return found[name].value, found[name].level


def test_where_nobody_has_said_anything_it_says_so(cast: Cast) -> None:
    found = settings_of(cast.bob)
    assert said(found, "Limits") == ("None", Level.UNSET)
    assert said(found, "Reasoning, where none is chosen") == ("Off: answers at once", Level.UNSET)
    assert said(found, "Policy") == ("None", Level.UNSET)
    assert said(found, "Conversations are kept") == ("For ever", Level.UNSET)
    assert said(found, "Withheld text is kept") == ("As long as its conversation", Level.UNSET)
    assert said(found, "Second factor") == ("Not asked for, of the role member", Level.UNSET)


def test_reasoning_names_the_level_that_decides(cast: Cast) -> None:
    rules = OrganizationRules.objects.create(
        organization=cast.organization,
        reasoning_default="low",
        reasoning_ceiling="medium",
        ceilings={"temperature": 1},
    )
    found = settings_of(cast.bob)
    assert said(found, "Reasoning, where none is chosen") == ("Low: thinks up to 1,024 tokens", Level.ORGANIZATION)
    assert said(found, "Reasoning that may be chosen") == ("Up to Medium", Level.ORGANIZATION)
    assert said(found, "Temperature") == ("At most 1", Level.ORGANIZATION)
    made = create_preset(acting=cast.alice, draft=PresetDraft(name="Thinker", effort=Effort.MEDIUM))
    choose_default(acting=cast.alice, preset_id=made.id, chosen=True)
    assert said(settings_of(cast.bob), "Reasoning, where none is chosen")[1] == Level.ASSISTANT
    rules.reasoning_locked, rules.reasoning_visibility, rules.reasoning_roles = True, "roles", ["reviewer"]
    rules.save()
    found = settings_of(cast.bob)
    assert said(found, "Reasoning, where none is chosen")[1] == Level.ORGANIZATION
    assert found["Reasoning that may be chosen"].why.startswith("It is locked.")
    assert said(found, "What the model thought") == ("Not shown", Level.ORGANIZATION)
    Membership.objects.filter(id=cast.bob.id).update(role=Role.REVIEWER)
    cast.bob.refresh_from_db()
    assert said(settings_of(cast.bob), "What the model thought")[0] == "Shown"


def test_the_nearest_limit_holds_and_says_whose_it_is(cast: Cast, research: Group) -> None:
    def limit(subject: str, hard: int, period: str = "day", **whose: object) -> None:
        set_limit(
            acting=cast.alice,
            subject=subject,
            measure="tokens",
            period=period,
            soft=None,
            hard=hard,
            **whose,
        )

    limit("member", 1000)
    found = settings_of(cast.bob)["Tokens per day"]
    assert (found.value, found.level) == ("You may use at most 1,000 tokens per day. 1,000 left.", Level.ORGANIZATION)
    limit("group-member", 2000, group_id=research.id)
    smaller = create_group(acting=cast.alice, name="Interns")
    add_to_group(acting=cast.alice, group=smaller, member=cast.bob)
    limit("group-member", 100, group_id=smaller.id)
    found = settings_of(cast.bob)["Tokens per day"]
    assert (found.value, found.level) == ("You may use at most 2,000 tokens per day. 2,000 left.", Level.GROUP)
    assert "what each member of Research may use; of several groups the largest holds." in found.why
    limit("person", 500, user_id=cast.bob.user_id)
    found = settings_of(cast.bob)["Tokens per day"]
    assert (found.value, found.level) == ("You may use at most 500 tokens per day. 500 left.", Level.PERSON)
    QuotaLimit.objects.create(
        organization=cast.organization, subject="member", measure="tokens", period="day", hard=90, by_operator=True
    )
    assert said(settings_of(cast.bob), "Tokens per day")[1] == Level.OPERATOR
    theirs = settings_of(cast.bob, for_administrator=True)["Tokens per day"]
    assert theirs.value == "Bob may use at most 90 tokens per day. 90 left."


def test_the_rules_of_the_policy_are_counted_for_this_person(cast: Cast, research: Group) -> None:
    everybody = rule("fruit", Verdict.FLAG, "lemon")
    others = rule("nuts", Verdict.BLOCK, "walnut", groups=frozenset({"Sales"}))
    theirs = rule("roots", Verdict.BLOCK, "beet", groups=frozenset({"Research"}))
    version(cast.alice, 4, policy(everybody, others, theirs), enforced=True)
    found = settings_of(cast.bob)
    assert "version 4: 2 rules for this person" in found["Policy"].value
    assert "1 more is for other roles or groups." in found["Policy"].why
    assert said(found, "Rules that read prompts") == ("2 rules", Level.GROUP)
    assert said(settings_of(cast.alice), "Rules that read prompts") == ("1 rule", Level.ORGANIZATION)
    Exemption.objects.create(
        organization=cast.organization,
        group=research,
        rule="roots",
        reason="An exercise that was agreed on",
        ends_at=timezone.now() + timedelta(days=2),
    )
    found = settings_of(cast.bob)
    assert "An exemption lifts 1 of them" in found["Rules that read prompts"].why
    assert found["Exemption"].level == Level.GROUP
    assert "An exercise that was agreed on" in found["Exemption"].why
    assert "Exemption" not in settings_of(cast.alice)


def test_a_shorter_time_is_told_with_its_night_while_the_longer_one_holds(cast: Cast) -> None:
    changed_at = set_rules(acting=cast.alice, rules=Rules(active_days=30)).changed_at
    assert changed_at is not None
    found = settings_of(cast.bob)
    assert said(found, "Conversations are kept") == ("For ever", Level.ORGANIZATION)
    assert f"For 30 days from {first_run(changed_at):%-d %B %Y} on." in found["Conversations are kept"].why
    assert " on." not in found["Pinned conversations are kept"].why
    RetentionRules.objects.filter(organization=cast.organization).update(changed_at=timezone.now() - GRACE)
    found = settings_of(cast.bob)
    assert said(found, "Conversations are kept") == ("For 30 days", Level.ORGANIZATION)


def test_what_an_organization_decided_is_told(cast: Cast) -> None:
    here = {"organization": cast.organization}
    RetentionRules.objects.create(**here, active_days=90)
    BreakGlassRules.objects.create(**here, second_person=False, notice="after", most_hours=1)
    SignInRules.objects.create(**here, second_factor_roles=["member"], session_hours=12)
    FeatureSwitch.objects.create(**here, name="exports", is_on=False)
    found = settings_of(cast.bob)
    assert said(found, "Conversations are kept") == ("For 90 days", Level.ORGANIZATION)
    assert (
        "No second person needs to agree. The author is told when it is over."
        in found["Who may read conversations"].why
    )
    assert said(found, "Second factor") == ("Asked for, of the role member", Level.ORGANIZATION)
    assert said(found, "A session lasts") == ("12 hours at most", Level.ORGANIZATION)
    assert said(found, "Exports") == ("Off", Level.OPERATOR)


def test_the_score_is_for_administrators_alone(pages: Client, cast: Cast) -> None:
    RiskScore.objects.create(organization=cast.organization, user_id=cast.bob.user_id, score=7, at=timezone.now())
    assert "Risk score" not in settings_of(cast.bob)
    assert settings_of(cast.bob, for_administrator=True)["Risk score"].value.startswith("7")
    pages.force_login(cast.bob.user)
    own = pages.get(reverse("chat:my-applies", args=[cast.organization.slug]))
    assert own.status_code == 200
    assert "Risk score" not in own.content.decode()
    about = reverse("console:applies", args=[cast.organization.slug, cast.bob.id])
    assert pages.get(about).status_code == 404
    pages.force_login(cast.alice.user)
    assert "Risk score" in pages.get(about).content.decode()
    stranger = reverse("console:applies", args=[cast.organization.slug, cast.charlie.id])
    assert pages.get(stranger).status_code == 404


def test_an_administrator_reads_it_in_few_statements(pages: Client, cast: Cast, research: Group) -> None:
    for measure in ("tokens", "prompt"):
        set_limit(acting=cast.alice, subject="member", measure=measure, period="day", soft=None, hard=10**6)
    pages.force_login(cast.alice.user)
    about = reverse("console:applies", args=[cast.organization.slug, cast.bob.id])
    # The first look at a new limit counts what was used before it.
    pages.get(about)
    with CaptureQueriesContext(connection) as asked:
        assert "member in Research" in pages.get(about).content.decode()
    assert len(asked) <= 12, "\n".join(one["sql"][:160] for one in asked.captured_queries)


def test_every_word_of_a_search_is_found(cast: Cast) -> None:
    sections = what_applies(cast.bob, timezone.now())
    found = found_in(sections, "  SIGNING factor ")
    assert [(one.title, [setting.name for setting in one.settings]) for one in found] == [
        ("Signing in", ["Second factor"])
    ]
    assert found_in(sections, "no such words") == []
    assert found_in(sections, "") == sections


@given(st.integers(min_value=0, max_value=10**9))
def test_a_number_is_read_however_its_thousands_are_set_apart(number: int) -> None:
    for apart in (",", " ", "\u202f", "'", "_"):
        assert number_of(f"{number:,}".replace(",", apart)) == number
    assert number_of(f" {number} ") == number
    assert number_of(f"{number}k") == number * 1000
    assert number_of(f"{number / 10:.1f}M") == number * 100_000


@given(st.text(max_size=12))
def test_what_is_no_number_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        assert number_of(text) >= 0
    except ValueError:
        return


@pytest.mark.parametrize("text", ["", "k", "1.000", "1,00", "1,000.5", "1.0005k", "-1", "1e5", "½", "٣", "1,000 000"])
def test_what_may_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        number_of(text)


@given(*[st.integers(min_value=0, max_value=10**9)] * 2, *[st.none() | st.integers(min_value=1, max_value=10**9)] * 2)
def test_a_bar_stays_within_its_place(used: int, reserved: int, soft: int | None, hard: int | None) -> None:
    bar = meter_of(used, reserved, soft, hard, "ok")
    assert 0 <= bar.used <= bar.used + bar.reserved <= 100.01
    assert bar.soft is None or 0 <= bar.soft < 100.01
