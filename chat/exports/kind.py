"""Put all of a person's conversations in one organization into a file."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from accounts.features import is_on
from accounts.models import Membership
from accounts.queries import active_memberships
from audit.record import record
from chat.exports import files
from chat.exports.document import as_json, as_markdown, file_name
from chat.exports.files import Entry
from chat.jobs.errors import JobFailed
from chat.jobs.kinds import Progress
from chat.models import Conversation, Job, Message
from chat.queries import conversations_of, sight_of
from chat.retention.lock import lock_retention
from chat.states import ACTIVE
from chat.visibility import Sight

PIECE = 50
TURN_SECONDS = 3.0
FEATURE = "exports"
SWITCHED_OFF = "Exports are switched off here. Ask your operator."
NOT_A_MEMBER = "You are no longer a member of this organization, so nothing was put together."


class ConversationExport:
    """Some conversations in each turn, oldest first; the last one makes the zip."""

    name = "conversation-export"
    title = "Export of one’s conversations"
    is_shown_to_owner = True

    def turn(self, job: Job) -> Progress:
        """Write the next piece, or the zip when there is none."""
        acting = _owner(job)
        cursor = job.cursor or {"after": None, "pieces": 0, "messages": 0}
        if not files.has_pieces(job.id, cursor["pieces"]):
            # They were deleted since it failed, or another disk has them.
            cursor = {"after": None, "pieces": 0, "messages": 0}
        done = job.done if cursor["pieces"] else 0
        chosen = list(_after(acting, cursor["after"])[:PIECE])
        if not chosen:
            return _finished(job, cursor, done)
        return _with_piece(job, cursor, done, acting, chosen)


def exportable(acting: Membership) -> QuerySet[Conversation]:
    """The conversations that somebody can take along: their own, not deleted, not temporary."""
    return conversations_of(acting).filter(is_temporary=False)


def _owner(job: Job) -> Membership:
    found = active_memberships().filter(organization=job.organization, user=job.owner)
    acting = found.select_related("organization", "user").first()
    if acting is None:
        raise JobFailed(NOT_A_MEMBER, again=False)
    if not is_on(FEATURE, acting.organization_id):
        raise JobFailed(SWITCHED_OFF, again=False)
    return acting


def _after(acting: Membership, after: Sequence[str] | None) -> QuerySet[Conversation]:
    found = exportable(acting).order_by("created_at", "id")
    if after is None:
        return found
    at, id = datetime.fromisoformat(after[0]), uuid.UUID(after[1])
    same = found.filter(created_at=at, id__gt=id)
    return found.filter(created_at__gt=at) | same


def _with_piece(
    job: Job, cursor: Mapping[str, int], done: int, acting: Membership, chosen: Sequence[Conversation]
) -> Progress:
    deadline, said, sight = time.monotonic() + TURN_SECONDS, _said_in(chosen), sight_of(acting)
    made: dict[uuid.UUID, list[Entry]] = {}
    for one in chosen:
        made[one.id] = list(_entries(one, said[one.id], sight))
        if time.monotonic() > deadline:
            break
    # What was deleted for good while it was read is in no piece; what will be finds this one.
    lock_retention(acting.organization_id)
    left = set(exportable(acting).filter(id__in=made).values_list("id", flat=True))
    entries = [entry for id, found in made.items() if id in left for entry in found]
    files.write_piece(job.id, cursor["pieces"], job.turn, entries)
    last = chosen[len(made) - 1]
    return Progress(
        cursor={
            "after": [last.created_at.isoformat(), str(last.id)],
            "pieces": cursor["pieces"] + 1,
            "messages": cursor["messages"] + sum(len(said[id]) for id in left),
        },
        done=done + len(left),
        total=max(exportable(acting).count(), done + len(left)),
        is_finished=False,
    )


def _said_in(conversations: Sequence[Conversation]) -> Mapping[uuid.UUID, list[Message]]:
    """Return the messages of conversations, oldest first, without answers that are being written."""
    rows = Message.objects.filter(conversation__in=conversations).exclude(generation__state__in=ACTIVE)
    rows = rows.select_related("generation").defer("generation__manifest", "generation__options", "coverage")
    said: defaultdict[uuid.UUID, list[Message]] = defaultdict(list)
    for one in rows.order_by("created_at", "id"):
        said[one.conversation_id].append(one)
    return said


def _entries(one: Conversation, messages: Sequence[Message], sight: Sight) -> Iterator[Entry]:
    name = file_name(one)
    yield f"conversations/{name}.json", as_json(one, messages, sight)
    yield f"conversations/{name}.md", as_markdown(one, messages, sight)


def _finished(job: Job, cursor: Mapping[str, int], done: int) -> Progress:
    size = files.join(job.id, cursor["pieces"], job.turn)
    transaction.on_commit(partial(files.remove_pieces, job.id))
    found = {"conversations": done, "messages": cursor["messages"], "bytes": size}
    record(
        "chat.export.made",
        actor_id=job.owner_id,
        organization_id=job.organization_id,
        target=("job", job.id),
        facts=found,
    )
    return Progress(cursor=dict(cursor), done=done, total=done, is_finished=True, result=found)
