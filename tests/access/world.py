"""One organization with everything in it, and every kind of person who may come to a door."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts.actions.groups import add_to_group, create_group
from accounts.actions.invitations import invite
from accounts.models import FeatureSwitch, Membership, Role, User
from audit.models import Event
from chat.actions.conversations import delete
from chat.actions.prompts import submit_prompt
from chat.actions.reviews import keep_withheld
from chat.models import Conversation, Generation, Job
from chat.states import State
from chat.worker.settle import Ending, settle
from inference.actions.presets import PresetDraft, archive_preset, create_preset
from inference.actions.schemas import archive_schema, create_schema
from inference.models import ChatModel, LedgerEntry, PlatformRules
from moderation.channel import Channel
from moderation.hit import Hit
from moderation.policy import Policy
from moderation.verdict import Verdict
from tests.access.evidence import evidence
from tests.access.keeping import keeping
from tests.access.policies import policies
from tests.cast import join, organization, person, sign_in
from tests.limits import set_limit

ACTORS = (
    "anonymous",
    "stranger",
    "member",
    "other",
    "admin",
    "removed",
    "deactivated",
    "disabled",
    "operator",
)
"""`member` owns the conversation, `other` is their colleague, `disabled` is a person switched off everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`places` fills the arguments of addresses; `sessions` holds each actor's session key."""

    slug: str
    places: dict[str, str]
    sessions: dict[str, str | None]
    conversation: Conversation
    generation: Generation
    deleted: uuid.UUID


def make_world(answer: State = State.DONE) -> World:
    """Create it, committed: real sockets look at it too. `answer` is the state of the conversation's answer."""
    ann, boss = person("Ann"), person("Boss")
    place = organization("Acme", boss)
    owner = Membership.objects.select_related("user", "organization").get(organization=place, user=boss)
    member, other, admin = join(place, ann), join(place, person("Oscar")), join(place, person("Ada"), Role.ADMIN)
    people = _people(member.user, other.user, admin.user)
    removed, deactivated = join(place, people["removed"]), join(place, people["deactivated"])
    join(place, people["disabled"])
    sessions = {name: sign_in(user) for name, user in people.items()}
    _shut_out(removed, deactivated, people["disabled"])
    group = create_group(acting=owner, name="Research")
    add_to_group(acting=owner, group=group, member=other)
    invited = invite(acting=owner, role=Role.MEMBER)
    conversation = _conversation(member, answer)
    library = {**_library(owner), **evidence(owner, other), **policies(owner)}
    gone = _conversation(member, State.DONE)
    delete(acting=member, conversation_id=gone.id)
    withheld = {**_withheld(conversation), **keeping(owner, admin, conversation)}
    return World(
        slug=place.slug,
        sessions={"anonymous": None, **sessions},
        conversation=conversation,
        generation=Generation.objects.select_related("message").get(message__conversation=conversation),
        deleted=gone.id,
        places={
            **library,
            **withheld,
            "chat_model_id": _registry(),
            "limit_id": _limit(owner),
            "job_id": str(Job.objects.create(kind="retention", organization=place, state=Job.State.FAILED).id),
            "own_job": str(_export(member, Job.State.CANCELLED).id),
            "export": str(_export(member, Job.State.DONE).id),
            "switch_id": str(FeatureSwitch.objects.create(name="exports", organization=place).id),
            "slug": place.slug,
            "conversation_id": str(conversation.id),
            "member_id": str(other.id),
            "group_id": str(group.id),
            "invitation_id": str(invited.invitation.id),
            "invitation": invited.token,
            "deleted": str(gone.id),
            "user": str(other.user_id),
            "answer": str(conversation.head_id),
            "deactivated_id": str(deactivated.id),
            "member_of_none": str(member.id),
            "organization_id": str(place.id),
            "event_id": str(Event.objects.filter(organization_id=place.id).values_list("id", flat=True)[0]),
            "ledger_id": str(LedgerEntry.objects.filter(organization_id=place.id).values_list("id", flat=True)[0]),
        },
    )


def _registry() -> str:
    """Return the id of a model that nobody can choose, and see that the platform has rules."""
    PlatformRules.objects.get_or_create(id=1)
    return str(ChatModel.objects.create(name=f"Hermes {uuid.uuid4()}", for_everyone=False).id)


def _export(member: Membership, state: str) -> Job:
    """Return an export of a member's that has ended, without its file."""
    kind, now = "conversation-export", timezone.now()
    return Job.objects.create(
        kind=kind, organization_id=member.organization_id, owner_id=member.user_id, state=state, ended_at=now
    )


def _limit(owner: Membership) -> str:
    """Return the id of a limit that holds nobody back."""
    limit = set_limit(acting=owner, subject="member", measure="context", period="", soft=None, hard=10**6)
    return str(limit.id)


def _people(member: User, other: User, admin: User) -> dict[str, User]:
    stranger = person("Stella")
    organization("Elsewhere", stranger)
    people = {
        "stranger": stranger,
        "member": member,
        "other": other,
        "admin": admin,
        "removed": person("Rita"),
        "deactivated": person("Dora"),
        "disabled": person("Dan"),
        "operator": person("Olga", is_superuser=True, is_staff=True),
    }
    for user in people.values():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return people


def _shut_out(removed: Membership, deactivated: Membership, disabled: User) -> None:
    removed.delete()
    Membership.objects.filter(id=deactivated.id).update(deactivated_at=deactivated.created_at)
    User.objects.filter(id=disabled.id).update(is_active=False)


def _library(owner: Membership) -> dict[str, str]:
    """Make an assistant and a schema, and one archived of each."""
    presets = [create_preset(acting=owner, draft=PresetDraft(name=name)) for name in ("Writer", "Old writer")]
    archive_preset(acting=owner, preset_id=presets[1].id)
    made = [create_schema(acting=owner, name=name, description="", document={}) for name in ("Invoice", "Old one")]
    archive_schema(acting=owner, schema_id=made[1].schema_id)
    return {
        "preset_id": str(presets[0].id),
        "archived_preset": str(presets[1].id),
        "schema_id": str(made[0].schema_id),
        "archived_schema": str(made[1].schema_id),
    }


@transaction.atomic
def _conversation(member: Membership, answer: State) -> Conversation:
    # In one transaction: a worker that is running would answer what it sees queued.
    made = submit_prompt(
        acting=member, conversation_id=uuid.uuid4(), message_id=uuid.uuid4(), parent_id=None, text="Hello"
    )
    # With a title of its own, no job gives it one in the middle of a test.
    Conversation.objects.filter(id=made.conversation_id).update(title="Hello")
    Generation.objects.filter(id=made.generation_id).update(state=State.RUNNING, epoch=1, claimed_at=timezone.now())
    if answer != State.RUNNING:
        parts = [{"type": "text", "text": "Hello, Ann."}]
        settle(Ending(generation_id=made.generation_id, epoch=1, state=answer, sequence=1, parts=parts, usage={}))
    return Conversation.objects.get(id=made.conversation_id)


@transaction.atomic
def _withheld(conversation: Conversation) -> dict[str, str]:
    """Say that the conversation's prompt was withheld."""
    generation = Generation.objects.select_related("message").get(message__conversation=conversation)
    prompt_id = generation.message.parent_id
    assert prompt_id is not None
    review = keep_withheld(
        review_id=uuid.uuid4(),
        generation=generation,
        message_id=prompt_id,
        channel=Channel.PROMPT,
        policy=Policy(name="House rules"),
        version_id=None,
        hit=Hit(start=0, end=5, rule="greetings", category="manners", verdict=Verdict.BLOCK),
        verdict=Verdict.BLOCK,
        text="Hello",
        spans=((0, 5),),
    )
    return {"withheld": str(prompt_id), "review_id": str(review.id)}
