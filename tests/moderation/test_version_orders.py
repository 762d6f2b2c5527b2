"""Whatever administrators do, in whatever order: one version at most is enforced, and the record has it all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.models import Membership, Role
from audit.models import Event
from moderation.actions import versions
from moderation.document import digest, parse
from moderation.errors import NotReady, Outdated
from moderation.models import OrganizationPolicy, PolicyVersion
from moderation.queries import standing_of
from moderation.verdict import Verdict
from tests.cast import Cast, join, make_cast, person
from tests.moderation.policies import case, policy

State = PolicyVersion.State
WHICH = st.integers(0, 3)
WHO = st.booleans()
PASSES = st.booleans()


def replayed(record: Iterable[Event]) -> dict[str, str]:
    """Return the states that the record tells, by version."""
    states: dict[str, str] = {}
    enforced: str | None = None
    for event in record:
        step, id = event.action.removeprefix("moderation.policy."), event.target_id
        if step in ("created", "edited"):
            states[id] = State.DRAFT
        elif step == "tested":
            states[id] = State.TESTED if event.facts["passed"] else State.DRAFT
        elif step == "discarded":
            states[id] = State.DISCARDED
        elif step in ("published", "rolled_back", "unpublished"):
            states |= {} if enforced is None else {enforced: State.SUPERSEDED}
            enforced = None if step == "unpublished" else id
            states |= {} if enforced is None else {enforced: State.PUBLISHED}
    return states


class AnyOrder(RuleBasedStateMachine):
    """Two administrators at work on a few versions."""

    cast: Cast
    ada: Membership

    @initialize()
    def an_organization(self) -> None:
        self.cast = make_cast()
        self.ada = join(self.cast.organization, person("Ada"), Role.ADMIN)
        self.made: list[uuid.UUID] = []
        self.done = 0

    @rule(who=WHO, passes=PASSES)
    def create(self, who: bool, passes: bool) -> None:
        wanted = policy(case("a plum", Verdict.BLOCK if passes else Verdict.ALLOW))
        self.attempt(lambda: self.made.append(versions.create_draft(acting=self.actor(who), policy=wanted).id))

    @rule(who=WHO, so_far=st.sampled_from([4, 3, 2, 1]))
    def bring_one_on_its_way(self, who: bool, so_far: int) -> None:
        self.create(who, True)
        way: list[Callable[..., object]] = [
            partial(self.test, who),
            partial(self.approve, not who),
            self.watch,
            partial(self.publish, who),
        ]
        for step in way[:so_far]:
            step(which=0)

    @rule(who=WHO, which=WHICH, name=st.sampled_from(["One", "Two"]), passes=PASSES)
    def edit(self, who: bool, which: int, name: str, passes: bool) -> None:
        wanted = policy(case("a plum", Verdict.BLOCK if passes else Verdict.ALLOW), name=name)

        def save(id: uuid.UUID) -> None:
            before = PolicyVersion.objects.get(id=id)
            after = versions.save_draft(
                acting=self.actor(who), version_id=id, revision=before.revision, policy=wanted
            )
            # What changes nothing is no step.
            self.done -= after.revision == before.revision

        self.on(which, save)

    @rule(who=WHO, which=WHICH)
    def test(self, who: bool, which: int) -> None:
        self.on(which, lambda id: versions.test(acting=self.actor(who), version_id=id))

    @rule(who=WHO, which=WHICH)
    def approve(self, who: bool, which: int) -> None:
        self.on(which, lambda id: versions.approve(acting=self.actor(who), version_id=id))

    @rule(who=WHO, which=WHICH)
    def publish(self, who: bool, which: int) -> None:
        self.on(which, lambda id: versions.publish(acting=self.actor(who), version_id=id))

    @rule(who=WHO, which=WHICH)
    def roll_back(self, who: bool, which: int) -> None:
        self.on(which, lambda id: versions.roll_back(acting=self.actor(who), version_id=id))

    @rule(who=WHO, which=WHICH)
    def discard(self, who: bool, which: int) -> None:
        self.on(which, lambda id: versions.discard(acting=self.actor(who), version_id=id))

    @rule(who=WHO)
    def unpublish(self, who: bool) -> None:
        self.attempt(lambda: versions.unpublish(acting=self.actor(who)))

    @rule(which=WHICH)
    def watch(self, which: int) -> None:
        def shadow(id: uuid.UUID) -> None:
            self.done -= self.standing().shadow_id == id
            try:
                versions.shadow(acting=self.cast.alice, version_id=id)
            except NotReady:
                self.done += self.standing().shadow_id == id
                raise

        self.on(which, shadow)

    @rule(required=st.sampled_from([False, False, True]))
    def require(self, required: bool) -> None:
        before = self.standing().second_approver
        versions.require_second_approver(acting=self.cast.alice, required=required)
        self.done += before != required

    @invariant()
    def one_version_at_most_is_enforced(self) -> None:
        enforced = standing_of(self.cast.organization.id).enforced
        published = list(self.versions(State.PUBLISHED))
        assert published == ([] if enforced is None else [enforced])

    @invariant()
    def documents_are_what_their_digests_say(self) -> None:
        for version in self.versions():
            assert digest(version.document) == version.digest
            assert (version.tested_at is not None) or version.state in (State.DRAFT, State.DISCARDED)
            assert (version.superseded_at is not None) == (version.state == State.SUPERSEDED)

    @invariant()
    def nothing_is_enforced_that_fails_its_cases(self) -> None:
        for version in self.versions(State.TESTED, State.PUBLISHED, State.SUPERSEDED):
            assert [one.expect for one in parse(version.document).cases] == [Verdict.BLOCK]
            assert [one["expected"] == one["found"] for one in version.report] == [True]

    @invariant()
    def whoever_watches_was_tested_and_is_not_enforced(self) -> None:
        shadow = standing_of(self.cast.organization.id).shadow
        assert shadow is None or shadow.state in (State.TESTED, State.SUPERSEDED)

    @invariant()
    def the_record_has_every_step_and_ends_where_the_versions_are(self) -> None:
        told = Event.objects.filter(
            organization_id=self.cast.organization.id, action__startswith="moderation.policy."
        )
        assert told.count() == self.done
        assert replayed(told.order_by("at", "id")) == {str(one.id): one.state for one in self.versions()}

    def on(self, which: int, step: Callable[[uuid.UUID], object]) -> None:
        if self.made:
            self.attempt(lambda: step(self.made[-1 - which % len(self.made)]))

    def attempt(self, step: Callable[[], object]) -> None:
        """Take a step; one that is not open is refused and leaves no trace."""
        try:
            step()
        except (NotReady, Outdated):
            return
        self.done += 1

    def actor(self, who: bool) -> Membership:
        return self.ada if who else self.cast.alice

    def standing(self) -> OrganizationPolicy:
        found = OrganizationPolicy.objects.filter(organization=self.cast.organization).first()
        return found or OrganizationPolicy(organization=self.cast.organization)

    def versions(self, *states: State) -> list[PolicyVersion]:
        found = PolicyVersion.objects.filter(organization=self.cast.organization)
        return list(found.filter(state__in=states) if states else found)


@pytest.mark.usefixtures("lasting")
def test_any_order_of_steps() -> None:
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=20, stateful_step_count=25, deadline=None))
