"""What an operator sees first: how the engines, the line, the jobs and the record are. Cheap: a handful of counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, Sum
from django.urls import reverse

from accounts.models import Organization, User
from audit.models import Anchor, Unsealed
from chat.models import Generation, Job, WorkerBeat
from chat.states import State
from inference.models import Endpoint, LedgerEntry

ALIVE = timedelta(seconds=5)
LATELY = timedelta(hours=24)
# More than this waits to be sealed only where nobody seals.
MOST_UNSEALED = 200
LONG_WAIT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number, what it means, and where more of it is. `bad` asks the operator to look."""

    title: str
    number: str
    words: str
    address: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server of a model."""

    model: str
    address: str
    state: str
    words: str
    bad: bool


def servers() -> list[Server]:
    """Return each server that is in use, and how it is."""
    shown = Endpoint.objects.filter(enabled=True, chat_model__enabled=True, chat_model__removed_at=None)
    return [
        Server(
            model=one.chat_model.name,
            address=one.base_url,
            state=str(Endpoint.Health(one.health).label),
            words=one.words,
            bad=one.health in (Endpoint.Health.DOWN, Endpoint.Health.OPEN),
        )
        for one in shown.select_related("chat_model").order_by("chat_model__name", "created_at")
    ]


def figures(now: datetime) -> list[Figure]:
    """Return the numbers of the front page."""
    return [
        *_line(now),
        _workers(now),
        *_jobs(now),
        _organizations(),
        _people(now),
        _tokens(now),
        *_record(now),
    ]


def _line(now: datetime) -> list[Figure]:
    state = State
    # Each has an index of its own.
    open_ones = Generation.objects.filter(Q(state=state.QUEUED) | Q(state=state.RUNNING))
    found = open_ones.aggregate(
        waiting=Count("id", filter=Q(state=state.QUEUED)),
        running=Count("id", filter=Q(state=state.RUNNING)),
        since=Min("queued_at", filter=Q(state=state.QUEUED)),
    )
    waited = now - found["since"] if found["since"] else timedelta()
    return [
        Figure(
            title="Answers now",
            number=_count(found["running"]),
            words="are being written",
            address=_to("engine_load"),
        ),
        Figure(
            title="In line",
            number=_count(found["waiting"]),
            words=f"the longest for {_span(waited)}" if found["waiting"] else "nobody waits",
            bad=waited > LONG_WAIT,
        ),
    ]


def _workers(now: datetime) -> Figure:
    alive = WorkerBeat.objects.filter(seen_at__gt=now - ALIVE).count()
    return Figure(
        title="Workers", number=_count(alive), words="alive" if alive else "none: nothing is answered", bad=not alive
    )


def _jobs(now: datetime) -> list[Figure]:
    state = Job.State
    lately = Q(state=state.FAILED, ended_at__gt=now - LATELY)
    found = Job.objects.filter(Q(state__in=[state.QUEUED, state.RUNNING]) | lately).aggregate(
        open=Count("id", filter=~Q(state=state.FAILED)), failed=Count("id", filter=Q(state=state.FAILED))
    )
    jobs = _to("chat_job_changelist")
    return [
        Figure(title="Jobs open", number=_count(found["open"]), words="queued or running", address=jobs),
        Figure(
            title="Jobs failed",
            number=_count(found["failed"]),
            words="in the last 24 hours",
            address=f"{jobs}?state__exact=failed",
            bad=bool(found["failed"]),
        ),
    ]


def _organizations() -> Figure:
    found = Organization.objects.aggregate(all=Count("id"), active=Count("id", filter=Q(deactivated_at=None)))
    off = found["all"] - found["active"]
    words = f"active, {off:,} switched off" if off else "active"
    address = _to("accounts_organization_changelist")
    return Figure(title="Organizations", number=_count(found["active"]), words=words, address=address)


def _people(now: datetime) -> Figure:
    active = User.objects.filter(is_active=True)
    found = active.aggregate(all=Count("id"), lately=Count("id", filter=Q(last_login__gt=now - LATELY)))
    words = f"{found['lately']:,} signed in since yesterday"
    return Figure(title="People", number=_count(found["all"]), words=words, address=_to("accounts_user_changelist"))


def _tokens(now: datetime) -> Figure:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = LedgerEntry.objects.filter(settled_at__gte=today).aggregate(
        calls=Count("id"), read=Sum("prompt_tokens"), answer=Sum("answer_tokens"), thought=Sum("reasoning_tokens")
    )
    tokens = sum(found[name] or 0 for name in ("read", "answer", "thought"))
    words = f"in {found['calls']:,} calls since midnight UTC"
    return Figure(
        title="Tokens today", number=_count(tokens), words=words, address=_to("inference_ledgerentry_changelist")
    )


def _record(now: datetime) -> list[Figure]:
    unsealed = Unsealed.objects.all()[: MOST_UNSEALED + 1].count()
    newest = Anchor.objects.order_by("-id").values_list("at", "places").first()
    return [
        Figure(
            title="Events to seal",
            number=f"over {MOST_UNSEALED}" if unsealed > MOST_UNSEALED else _count(unsealed),
            words="not in the chain yet",
            address=_to("audit_event_changelist"),
            bad=unsealed > MOST_UNSEALED,
        ),
        Figure(
            title="Last anchor",
            number=f"{_span(now - newest[0])} ago" if newest else "never",
            words=f"written to {newest[1]}" if newest and newest[1] else "outside the database",
        ),
    ]


def _to(name: str) -> str:
    return reverse(f"admin:{name}")


def _count(number: int) -> str:
    return f"{number:,}"


def _span(time: timedelta) -> str:
    seconds = max(0, int(time.total_seconds()))
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
