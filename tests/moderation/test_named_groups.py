"""A group that a policy or an exemption counts on keeps its name and stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import groups as accounts
from accounts.errors import NoAccess, NotAllowed
from accounts.models import Group
from moderation.actions import versions
from moderation.actions.exemptions import grant, revoke
from moderation.actions.groups import delete_group, rename_group
from moderation.compiled import reaches
from moderation.document import parse
from moderation.errors import NotReady, Refused
from moderation.models import Exemption, PolicyVersion
from moderation.policy import Policy
from moderation.queries import audience_of, missing_groups, standing_of
from tests.cast import Cast
from tests.console.pages import Pages
from tests.database import race
from tests.moderation.policies import policy, published, rule


@pytest.fixture
def pupils(cast: Cast) -> Group:
    group = accounts.create_group(acting=cast.alice, name="Pupils")
    accounts.add_to_group(acting=cast.alice, group=group, member=cast.bob)
    return group


@pytest.fixture
def console(pages: Client, cast: Cast) -> Pages:
    return Pages(cast.alice)


def for_pupils() -> Policy:
    return replace(policy(), rules=(replace(rule(), groups=frozenset({"Pupils"})),))


def ready_version(cast: Cast, wanted: Policy) -> PolicyVersion:
    draft = versions.create_draft(acting=cast.alice, policy=wanted)
    return versions.test(acting=cast.alice, version_id=draft.id)


def changes_are_refused(cast: Cast, group: Group, match: str) -> None:
    with pytest.raises(Refused, match=match):
        rename_group(acting=cast.alice, group=group, name="Students")
    with pytest.raises(Refused, match=match):
        delete_group(acting=cast.alice, group=group)


def test_a_group_of_an_enforced_rule_keeps_its_name_until_the_rule_is_gone(cast: Cast, pupils: Group) -> None:
    version = published(cast.alice, for_pupils())
    changes_are_refused(cast, pupils, "“plums” of version 1 of the policy, which is enforced")
    bob = audience_of(cast.organization.id, cast.bob.user_id, timezone.now())
    assert reaches(parse(version.document).rules[0], bob)
    published(cast.alice, policy())
    rename_group(acting=cast.alice, group=pupils, name="Students")
    delete_group(acting=cast.alice, group=pupils)
    assert not Group.objects.filter(id=pupils.id).exists()


def test_a_group_of_a_rule_that_watches_keeps_its_name(cast: Cast, pupils: Group) -> None:
    versions.shadow(acting=cast.alice, version_id=ready_version(cast, for_pupils()).id)
    changes_are_refused(cast, pupils, "which watches")
    versions.shadow(acting=cast.alice, version_id=None)
    rename_group(acting=cast.alice, group=pupils, name="Students")


def test_a_group_with_an_exemption_is_not_deleted_but_may_be_renamed(cast: Cast, pupils: Group) -> None:
    published(cast.alice, policy())
    ends_at = timezone.now() + timedelta(days=3)
    made = grant(acting=cast.alice, group_id=pupils.id, rule="plums", reason="A class on fruit", ends_at=ends_at)
    with pytest.raises(Refused, match="An exemption is for this group until"):
        delete_group(acting=cast.alice, group=pupils)
    rename_group(acting=cast.alice, group=pupils, name="Students")
    bob = audience_of(cast.organization.id, cast.bob.user_id, timezone.now())
    assert bob.exempt_rules == {"plums"}
    revoke(acting=cast.alice, exemption_id=made.id)
    delete_group(acting=cast.alice, group=pupils)
    assert not Exemption.objects.filter(id=made.id).exists()


def test_the_same_name_again_is_no_change(cast: Cast, pupils: Group) -> None:
    published(cast.alice, for_pupils())
    rename_group(acting=cast.alice, group=pupils, name="Pupils")
    assert Group.objects.get(id=pupils.id).name == "Pupils"


def test_of_publishing_and_deleting_at_once_only_one_happens(cast: Cast, pupils: Group) -> None:
    draft = ready_version(cast, for_pupils())

    def publish() -> bool:
        try:
            versions.publish(acting=cast.alice, version_id=draft.id)
        except NotReady:
            return False
        return True

    def delete() -> bool:
        try:
            delete_group(acting=cast.alice, group=pupils)
        except Refused:
            return False
        return True

    assert sorted(race([publish, delete]), key=bool) == [False, True]
    is_enforced = standing_of(cast.organization.id).enforced is not None
    assert is_enforced == Group.objects.filter(id=pupils.id).exists()


def test_only_who_administers_changes_groups_and_only_their_own(cast: Cast, pupils: Group) -> None:
    with pytest.raises(NotAllowed):
        rename_group(acting=cast.bob, group=pupils, name="Students")
    with pytest.raises(NoAccess):
        delete_group(acting=cast.charlie, group=pupils)


def test_the_page_says_why_a_group_stays(console: Pages, cast: Cast, pupils: Group) -> None:
    published(cast.alice, for_pupils())
    assert "which is enforced, is for this group" in console.send("group", pupils.id, name="Students")
    assert "which is enforced, is for this group" in console.send("delete-group", pupils.id)
    assert Group.objects.get(id=pupils.id).name == "Pupils"


def test_a_rule_for_a_group_that_is_gone_is_told_on_the_pages(console: Pages, cast: Cast, pupils: Group) -> None:
    first = published(cast.alice, for_pupils())
    published(cast.alice, policy())
    delete_group(acting=cast.alice, group=pupils)
    draft = ready_version(cast, for_pupils())
    page = console.read("policy-version", draft.id)
    assert "There is no group “Pupils” here" in page
    assert "once there is a group “Pupils”" in page
    assert "There is no group" not in console.read("policy")
    versions.roll_back(acting=cast.alice, version_id=first.id)
    assert "There is no group “Pupils” here" in console.read("policy")
    assert missing_groups(cast.organization.id, for_pupils()) == ["Pupils"]
