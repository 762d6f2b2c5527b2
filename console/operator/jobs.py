"""The operator's page of jobs: what runs, what failed, trying again and cancelling."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts.admin import ReadOnlyAdmin
from accounts.http import person
from chat.errors import ChatError
from chat.jobs.actions import cancel_as_operator, retry_as_operator
from chat.jobs.registry import KINDS, title_of
from chat.models import Job

LABELS = {"done": "success", "running": "info", "failed": "danger", "cancelled": "warning", "queued": ""}


class KindFilter(admin.SimpleListFilter):
    """By kind, in the words that people read."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(name, kind.title) for name, kind in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("what", "shown_state", "progress", "organization", "owner", "created_at", "ended_at", "words")
    list_filter = ("state", KindFilter)
    list_select_related = ("organization", "owner")
    ordering = ("-created_at",)
    search_fields = ("organization__name", "owner__email", "kind")
    actions = ("retry", "cancel")
    fields = (
        "what",
        "shown_state",
        "progress",
        "organization",
        "owner",
        "words",
        "failures",
        "turn",
        "created_at",
        "not_before",
        "started_at",
        "beat_at",
        "ended_at",
        "cancel_requested_at",
    )

    @display(description="Job", ordering="kind")
    def what(self, job: Job) -> str:
        return title_of(job.kind)

    @display(description="State", ordering="state", label=LABELS)
    def shown_state(self, job: Job) -> Any:
        return job.state, job.get_state_display()

    @display(description="Progress")
    def progress(self, job: Job) -> str:
        return f"{job.done:,} of {job.total:,}" if job.total else f"{job.done:,}"

    @admin.action(description="Try again: go on where it failed")
    def retry(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        for one in chosen:
            do = partial(retry_as_operator, operator=person(request), job_id=one.id)
            _tell(request, f"{title_of(one.kind)} is tried again.", do)

    @admin.action(description="Cancel")
    def cancel(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        for one in chosen:
            do = partial(cancel_as_operator, operator=person(request), job_id=one.id)
            _tell(request, f"{title_of(one.kind)} is cancelled.", do)


def _tell(request: HttpRequest, words: str, do: Callable[[], None]) -> None:
    try:
        do()
    except ChatError as error:
        messages.error(request, error.words)
    else:
        messages.success(request, words)
