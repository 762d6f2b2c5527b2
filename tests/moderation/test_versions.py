"""A version's way from draft to enforced and back: which steps are open, to whom, and what the record says."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from django.db import connection

from accounts.actions.groups import create_group
from accounts.models import Membership, Role
from audit.models import Event
from moderation.actions import versions
from moderation.document import digest, facts, parse, to_yaml
from moderation.errors import ModerationError, NoSuchPolicy, NotAllowed, NotReady, Outdated, PolicyInvalid
from moderation.models import PolicyVersion
from moderation.policy import Patterns, Policy
from moderation.queries import Standing, standing_of, version_for, versions_of
from moderation.signals import policy_published
from moderation.templates import TEMPLATES
from moderation.verdict import Verdict
from tests.cast import Cast, join, person
from tests.database import race
from tests.moderation.policies import case, policy, published, rule

State = PolicyVersion.State
BAD_CASE = case("a pear", Verdict.BLOCK)


@pytest.fixture
def ada(cast: Cast) -> Membership:
    """A second administrator."""
    return join(cast.organization, person("Ada"), Role.ADMIN)


@pytest.fixture
def rita(cast: Cast) -> Membership:
    """A reviewer."""
    return join(cast.organization, person("Rita"), Role.REVIEWER)


def events(cast: Cast) -> list[Event]:
    found = Event.objects.filter(organization_id=cast.organization.id, action__startswith="moderation.")
    return list(found.order_by("at", "id"))


def steps(cast: Cast) -> list[str]:
    return [one.action.removeprefix("moderation.policy.") for one in events(cast)]


def states(cast: Cast) -> list[str]:
    return [one.state for one in versions_of(cast.organization.id).order_by("number")]


def ready_version(acting: Membership, wanted: Policy) -> PolicyVersion:
    draft = versions.create_draft(acting=acting, policy=wanted)
    return versions.test(acting=acting, version_id=draft.id)


def outcome(call: Callable[[], object]) -> str:
    try:
        call()
    except ModerationError as error:
        return type(error).__name__
    return "done"


def test_a_version_goes_from_draft_to_enforced_and_the_next_one_takes_its_place(cast: Cast) -> None:
    first = published(cast.alice, policy(case()))
    assert standing_of(cast.organization.id).enforced == first
    second = published(cast.alice, policy(case(), case("a pear", Verdict.ALLOW)))
    assert standing_of(cast.organization.id).enforced == second
    assert (first.number, second.number, states(cast)) == (1, 2, ["superseded", "published"])
    assert steps(cast) == ["created", "tested", "published"] * 2


def test_the_record_has_numbers_and_digests_and_never_words_of_rules_or_cases(cast: Cast) -> None:
    first = published(cast.alice, policy(case()))
    second = published(cast.alice, policy(case("my plum")))
    last = events(cast)[-1]
    assert last.actor_id == cast.alice.user_id
    assert last.target_id == str(second.id)
    assert last.facts["before"] == first.number
    assert (last.facts["number"], last.facts["rules"], last.facts["block"], last.facts["cases"]) == (2, 1, 1, 1)
    assert last.facts["digest"] != first.digest
    assert "plum" not in json.dumps([{**one.facts, "name": ""} for one in events(cast)])


def test_whoever_listens_hears_of_it_when_it_is_committed(cast: Cast) -> None:
    heard: list[tuple[uuid.UUID, bool]] = []

    def listen(version_id: uuid.UUID, **_: object) -> None:
        heard.append((version_id, connection.in_atomic_block))

    policy_published.connect(listen)
    try:
        first = published(cast.alice, policy())
        second = published(cast.alice, policy(case()))
        versions.roll_back(acting=cast.alice, version_id=first.id)
    finally:
        policy_published.disconnect(listen)
    assert heard == [(first.id, False), (second.id, False), (first.id, False)]


def test_golden_cases_decide_whether_a_draft_is_tested(cast: Cast) -> None:
    draft = ready_version(cast.alice, policy(case(), BAD_CASE))
    assert (draft.state, draft.tested_at) == (State.DRAFT, None)
    assert draft.report == [
        {"case": 0, "expected": "block", "found": "block", "rules": ["plums"]},
        {"case": 1, "expected": "block", "found": "allow", "rules": []},
    ]
    assert events(cast)[-1].facts["failed"] == 1
    with pytest.raises(NotReady, match="golden cases"):
        versions.publish(acting=cast.alice, version_id=draft.id)
    fixed = policy(case(), replace(BAD_CASE, expect=Verdict.ALLOW))
    versions.save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=fixed)
    assert versions.test(acting=cast.alice, version_id=draft.id).state == State.TESTED
    assert versions.publish(acting=cast.alice, version_id=draft.id).state == State.PUBLISHED


def test_a_policy_without_cases_may_be_published(cast: Cast) -> None:
    assert published(cast.alice, policy()).report == []


def test_an_edit_makes_a_tested_version_a_draft_again_without_its_approval(cast: Cast, ada: Membership) -> None:
    draft = ready_version(cast.alice, policy(case()))
    versions.approve(acting=ada, version_id=draft.id)
    versions.shadow(acting=ada, version_id=draft.id)
    changed = versions.save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy(BAD_CASE))
    assert (changed.state, changed.revision, changed.report) == (State.DRAFT, 2, [])
    assert (changed.tested_at, changed.approved_at, changed.approved_by) == (None, None, None)
    assert standing_of(cast.organization.id).shadow is None


def test_a_note_is_no_edit_of_the_document(cast: Cast, ada: Membership) -> None:
    draft = ready_version(cast.alice, policy(case()))
    kept = versions.save_draft(
        acting=ada, version_id=draft.id, revision=1, policy=policy(case()), note=" For the audit "
    )
    assert (kept.state, kept.revision, kept.note) == (State.TESTED, 2, "For the audit")
    assert kept.edited_by_id == cast.alice.user_id


def test_what_changes_nothing_counts_as_no_edit(cast: Cast) -> None:
    draft = versions.create_draft(acting=cast.alice, policy=policy(case()))
    kept = versions.save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy(case()))
    assert kept.revision == 1
    assert steps(cast) == ["created"]


def test_an_outdated_save_is_told_and_changes_nothing(cast: Cast, ada: Membership) -> None:
    draft = versions.create_draft(acting=cast.alice, policy=policy(case()))
    versions.save_draft(acting=ada, version_id=draft.id, revision=1, policy=policy(name="Ada’s"))
    with pytest.raises(Outdated):
        versions.save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy(name="Alice’s"))
    assert version_for(cast.organization.id, draft.id).name == "Ada’s"


def test_of_two_editors_at_once_one_is_told(cast: Cast, ada: Membership) -> None:
    draft = versions.create_draft(acting=cast.alice, policy=policy())

    def save(acting: Membership, name: str) -> str:
        changed = policy(name=name)
        return outcome(lambda: versions.save_draft(acting=acting, version_id=draft.id, revision=1, policy=changed))

    assert sorted(map(str, race([lambda: save(cast.alice, "A"), lambda: save(ada, "B")]))) == ["Outdated", "done"]
    assert version_for(cast.organization.id, draft.id).revision == 2


def test_new_drafts_at_once_get_numbers_of_their_own(cast: Cast) -> None:
    made = race([lambda: versions.create_draft(acting=cast.alice, policy=policy()).number for _ in range(5)])
    assert sorted(map(str, made)) == ["1", "2", "3", "4", "5"]


def test_of_many_who_publish_at_once_each_takes_its_turn_and_one_version_is_enforced(cast: Cast) -> None:
    waiting = [ready_version(cast.alice, policy(case(), name=f"Rules {number}")) for number in range(4)]

    def publish(one: PolicyVersion) -> str:
        return outcome(lambda: versions.publish(acting=cast.alice, version_id=one.id))

    answers = race([partial(publish, one) for one in waiting * 2])
    assert answers.count("done") == 4
    assert set(answers) <= {"done", "NotReady", "Outdated"}
    assert sorted(states(cast)) == ["published", "superseded", "superseded", "superseded"]
    assert standing_of(cast.organization.id).enforced == PolicyVersion.objects.get(
        organization=cast.organization, state=State.PUBLISHED
    )


def test_a_second_person_must_approve_where_the_organization_says_so(cast: Cast, ada: Membership) -> None:
    versions.require_second_approver(acting=cast.alice, required=True)
    draft = ready_version(cast.alice, policy(case()))
    with pytest.raises(NotReady, match="Somebody other"):
        versions.publish(acting=cast.alice, version_id=draft.id)
    with pytest.raises(NotReady, match="somebody else must"):
        versions.approve(acting=cast.alice, version_id=draft.id)
    approved = versions.approve(acting=ada, version_id=draft.id)
    assert (approved.approved_by_id, approved.approved_at is None) == (ada.user_id, False)
    assert versions.publish(acting=cast.alice, version_id=draft.id).state == State.PUBLISHED
    assert steps(cast) == ["second_approver_changed", "created", "tested", "approved", "published"]


def test_who_has_edited_last_cannot_approve_even_if_somebody_else_began(cast: Cast, ada: Membership) -> None:
    draft = versions.create_draft(acting=cast.alice, policy=policy())
    versions.save_draft(acting=ada, version_id=draft.id, revision=1, policy=policy(case()))
    versions.test(acting=cast.alice, version_id=draft.id)
    with pytest.raises(NotReady):
        versions.approve(acting=ada, version_id=draft.id)
    versions.approve(acting=cast.alice, version_id=draft.id)


def test_of_two_who_approve_at_once_one_has_approved(cast: Cast, ada: Membership) -> None:
    grace = join(cast.organization, person("Grace"), Role.ADMIN)
    draft = ready_version(cast.alice, policy(case()))

    def approve(acting: Membership) -> str:
        return outcome(lambda: versions.approve(acting=acting, version_id=draft.id))

    assert sorted(map(str, race([lambda: approve(ada), lambda: approve(grace)]))) == ["NotReady", "done"]
    assert steps(cast).count("approved") == 1


def test_only_what_is_tested_is_approved(cast: Cast, ada: Membership) -> None:
    draft = versions.create_draft(acting=cast.alice, policy=policy())
    with pytest.raises(NotReady, match="tested"):
        versions.approve(acting=ada, version_id=draft.id)


def test_a_rollback_is_one_call_and_changes_no_document(cast: Cast) -> None:
    first, second = published(cast.alice, policy(case())), published(cast.alice, policy())
    back = versions.roll_back(acting=cast.alice, version_id=first.id)
    assert (back.id, back.state, back.superseded_at, back.digest) == (first.id, State.PUBLISHED, None, first.digest)
    assert version_for(cast.organization.id, second.id).state == State.SUPERSEDED
    assert standing_of(cast.organization.id).enforced == first
    with pytest.raises(NotReady):
        versions.roll_back(acting=cast.alice, version_id=first.id)


def test_enforcement_can_end_and_come_back(cast: Cast) -> None:
    first = published(cast.alice, policy(case()))
    versions.unpublish(acting=cast.alice)
    assert (standing_of(cast.organization.id).enforced, states(cast)) == (None, ["superseded"])
    with pytest.raises(NotReady):
        versions.unpublish(acting=cast.alice)
    versions.roll_back(acting=cast.alice, version_id=first.id)
    assert states(cast) == ["published"]


def test_what_is_enforced_or_was_cannot_be_edited_tested_or_discarded(cast: Cast) -> None:
    first, second = published(cast.alice, policy(case())), published(cast.alice, policy())
    for version in (first, second):
        with pytest.raises(NotReady):
            versions.save_draft(acting=cast.alice, version_id=version.id, revision=1, policy=policy(name="Other"))
        with pytest.raises(NotReady):
            versions.discard(acting=cast.alice, version_id=version.id)
        with pytest.raises(NotReady):
            versions.test(acting=cast.alice, version_id=version.id)
        with pytest.raises(NotReady):
            versions.publish(acting=cast.alice, version_id=version.id)


def test_a_discarded_draft_stays_discarded(cast: Cast) -> None:
    draft = ready_version(cast.alice, policy())
    versions.shadow(acting=cast.alice, version_id=draft.id)
    versions.discard(acting=cast.alice, version_id=draft.id)
    assert standing_of(cast.organization.id) == Standing()
    for step in (versions.discard, versions.test, versions.publish, versions.roll_back, versions.approve):
        with pytest.raises(NotReady):
            step(acting=cast.alice, version_id=draft.id)


def test_a_version_watches_until_it_is_published(cast: Cast) -> None:
    first, draft = published(cast.alice, policy(case())), ready_version(cast.alice, policy())
    versions.shadow(acting=cast.alice, version_id=draft.id)
    assert standing_of(cast.organization.id) == Standing(enforced=first, shadow=draft)
    versions.publish(acting=cast.alice, version_id=draft.id)
    assert standing_of(cast.organization.id) == Standing(enforced=draft)
    versions.shadow(acting=cast.alice, version_id=first.id)
    versions.shadow(acting=cast.alice, version_id=None)
    versions.shadow(acting=cast.alice, version_id=None)
    assert steps(cast)[-2:] == ["shadowed", "shadow_ended"]


def test_a_draft_that_was_not_tested_cannot_watch(cast: Cast) -> None:
    draft = versions.create_draft(acting=cast.alice, policy=policy())
    with pytest.raises(NotReady):
        versions.shadow(acting=cast.alice, version_id=draft.id)


def test_a_policy_that_cannot_be_compiled_is_never_saved(cast: Cast) -> None:
    broken = replace(
        policy(),
        rules=(
            replace(
                rule(),
                match=Patterns(
                    patterns=(
                        "ok",
                        "(",
                    )
                ),
            ),
        ),
    )
    with pytest.raises(PolicyInvalid) as told:
        versions.create_draft(acting=cast.alice, policy=broken)
    assert [one.place for one in told.value.problems] == ["rules[0].match.patterns[1]"]
    assert states(cast) == []


def test_a_policy_made_by_hand_is_checked_like_a_document(cast: Cast) -> None:
    with pytest.raises(PolicyInvalid) as told:
        versions.create_draft(acting=cast.alice, policy=replace(policy(), name=""))
    assert [one.place for one in told.value.problems] == ["name"]


def test_a_document_that_somebody_changed_in_the_database_is_not_published(cast: Cast) -> None:
    draft = ready_version(cast.alice, policy(case()))
    PolicyVersion.objects.filter(id=draft.id).update(document=facts(policy(case(), name="Forged")))
    with pytest.raises(NotReady, match="behind"):
        versions.publish(acting=cast.alice, version_id=draft.id)


def test_a_rule_for_a_group_that_is_not_there_cannot_be_published(cast: Cast) -> None:
    wanted = replace(policy(), rules=(replace(rule(), groups=frozenset({"Pupils"})),))
    draft = ready_version(cast.alice, wanted)
    with pytest.raises(NotReady, match="“Pupils”"):
        versions.publish(acting=cast.alice, version_id=draft.id)
    create_group(acting=cast.alice, name="Pupils")
    assert versions.publish(acting=cast.alice, version_id=draft.id).state == State.PUBLISHED


def test_a_golden_case_goes_into_the_newest_draft(cast: Cast, rita: Membership) -> None:
    with pytest.raises(NotReady, match="no policy"):
        versions.add_case(acting=rita, case=case())
    first = published(cast.alice, policy())
    made = versions.add_case(acting=rita, case=case("the plum"))
    assert (made.number, made.state, made.base, made.created_by_id) == (2, State.DRAFT, first, rita.user_id)
    versions.test(acting=cast.alice, version_id=made.id)
    again = versions.add_case(acting=rita, case=case("the plum", Verdict.ALLOW))
    assert (again.id, again.state, again.revision) == (made.id, State.DRAFT, 2)
    assert [(one.text, one.expect) for one in parse(again.document).cases] == [("the plum", Verdict.ALLOW)]
    assert version_for(cast.organization.id, first.id).digest == first.digest


def test_a_version_is_exported_and_imported(cast: Cast) -> None:
    first = published(cast.alice, policy(case()))
    text = to_yaml(parse(version_for(cast.organization.id, first.id).document))
    made = versions.import_yaml(acting=cast.alice, text=text)
    assert (made.state, made.digest, made.number) == (State.DRAFT, first.digest, 2)
    assert steps(cast)[-1] == "imported"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.id)
def test_a_template_becomes_a_draft(cast: Cast, template: object) -> None:
    chosen = next(one for one in TEMPLATES if one == template)
    made = versions.create_from_template(acting=cast.alice, template_id=chosen.id)
    assert (made.name, made.digest) == (chosen.title, digest(facts(chosen.policy)))


def test_there_is_an_end_to_drafts(cast: Cast) -> None:
    rows = [
        PolicyVersion(organization=cast.organization, number=number, name="Old", document={}, digest="")
        for number in range(1, 51)
    ]
    PolicyVersion.objects.bulk_create(rows)
    with pytest.raises(NotReady, match="50 drafts"):
        versions.create_draft(acting=cast.alice, policy=policy())


STEPS: dict[str, Callable[[Membership, PolicyVersion], object]] = {
    "create": lambda acting, _: versions.create_draft(acting=acting, policy=policy()),
    "template": lambda acting, _: versions.create_from_template(acting=acting, template_id="legal"),
    "import": lambda acting, _: versions.import_yaml(acting=acting, text=to_yaml(policy())),
    "save": lambda acting, one: versions.save_draft(
        acting=acting, version_id=one.id, revision=1, policy=policy(name="Theirs")
    ),
    "discard": lambda acting, one: versions.discard(acting=acting, version_id=one.id),
    "test": lambda acting, one: versions.test(acting=acting, version_id=one.id),
    "approve": lambda acting, one: versions.approve(acting=acting, version_id=one.id),
    "publish": lambda acting, one: versions.publish(acting=acting, version_id=one.id),
    "roll back": lambda acting, one: versions.roll_back(acting=acting, version_id=one.id),
    "unpublish": lambda acting, _: versions.unpublish(acting=acting),
    "shadow": lambda acting, one: versions.shadow(acting=acting, version_id=one.id),
    "require": lambda acting, _: versions.require_second_approver(acting=acting, required=True),
}


@pytest.mark.parametrize("step", STEPS)
def test_members_and_reviewers_change_nothing(cast: Cast, rita: Membership, step: str) -> None:
    version = ready_version(cast.alice, policy(case()))
    before = steps(cast)
    for acting in (cast.bob, rita):
        with pytest.raises(NotAllowed):
            STEPS[step](acting, version)
    assert steps(cast) == before


@pytest.mark.parametrize("step", ["save", "discard", "test", "approve", "publish", "roll back", "shadow"])
def test_versions_of_others_do_not_exist(cast: Cast, step: str) -> None:
    version = ready_version(cast.alice, policy(case()))
    with pytest.raises(NoSuchPolicy):
        STEPS[step](cast.charlie, version)
    with pytest.raises(NoSuchPolicy):
        versions.create_draft(acting=cast.charlie, policy=policy(), base=version)


def test_somebody_who_was_demoted_meanwhile_is_told(cast: Cast, ada: Membership) -> None:
    version = ready_version(cast.alice, policy(case()))
    Membership.objects.filter(id=ada.id).update(role=Role.MEMBER)
    with pytest.raises(NotAllowed):
        versions.publish(acting=ada, version_id=version.id)
    assert standing_of(cast.organization.id).enforced is None
