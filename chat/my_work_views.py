"""A member's own jobs, and the export of their conversations."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import BinaryIO

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.features import is_on
from accounts.http import member_of, signed_in
from chat.errors import Invalid
from chat.exports.actions import ask_for_export, take_export
from chat.exports.keeping import is_kept
from chat.exports.kind import FEATURE, SWITCHED_OFF, exportable
from chat.jobs import actions
from chat.jobs.lines import job_line
from chat.jobs.queries import own_jobs

PER_PAGE = 20
BLOCK = 256 * 1024


@require_GET
@signed_in
def jobs(request: HttpRequest, slug: str) -> HttpResponse:
    """What a member has asked for, and the files that can be taken."""
    member, now = member_of(request, slug), timezone.now()
    shown = Paginator(own_jobs(member).select_related("owner"), PER_PAGE).get_page(request.GET.get("page"))
    may_export = is_on(FEATURE, member.organization_id)
    lines = [(job_line(one), one.result, may_export and is_kept(one, now)) for one in shown]
    context = {
        "organization": member.organization,
        "shown": shown,
        "lines": lines,
        "is_active": any(line.is_open for line, _, _ in lines),
        "conversations": exportable(member).count(),
        "may_export": may_export,
        "switched_off": SWITCHED_OFF,
    }
    return render(request, "chat/my_jobs.html", context)


@require_POST
@signed_in
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a file with all of one's conversations."""
    member = member_of(request, slug)
    try:
        ask_for_export(acting=member)
    except Invalid as error:
        messages.error(request, error.words)
    else:
        messages.success(request, "Your conversations are being put together. You may leave this page.")
    return redirect("chat:my-jobs", slug)


@require_GET
@signed_in
def take(request: HttpRequest, slug: str, job_id: uuid.UUID) -> HttpResponseBase:
    """Download a finished export."""
    member = member_of(request, slug)
    try:
        file = take_export(acting=member, job_id=job_id)
    except Invalid as error:
        messages.error(request, error.words)
        return redirect("chat:my-jobs", slug)
    answer = StreamingHttpResponse(_blocks(file), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="conversations-{slug}-{timezone.now():%Y-%m-%d}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@signed_in
def cancel(request: HttpRequest, slug: str, job_id: uuid.UUID) -> HttpResponse:
    """End a job of one's own now."""
    actions.cancel(acting=member_of(request, slug), job_id=job_id)
    messages.success(request, "Cancelled.")
    return redirect("chat:my-jobs", slug)


@require_POST
@signed_in
def retry(request: HttpRequest, slug: str, job_id: uuid.UUID) -> HttpResponse:
    """Have a job of one's own go on where it was."""
    try:
        actions.retry(acting=member_of(request, slug), job_id=job_id)
    except Invalid as error:
        messages.error(request, error.words)
    else:
        messages.success(request, "It goes on where it was.")
    return redirect("chat:my-jobs", slug)


async def _blocks(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while block := await asyncio.to_thread(file.read, BLOCK):
            yield block
