"""The chat's pages and fragments: access, action, render."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts.http import member_of, signed_in
from accounts.models import Membership
from chat import frames
from chat.actions import conversations as actions
from chat.actions.prompts import submit_prompt
from chat.body import facts_of
from chat.build import build
from chat.choices import choices_for
from chat.listing import sections
from chat.manifest import rows_of
from chat.models import WorkerBeat
from chat.page_facts import page_facts
from chat.queries import answer_for
from chat.quota_notice import notice_for
from chat.requests import parse_send, ref_of
from chat.snapshot import take_snapshot
from chat.temporary import temporary_facts
from chat.visibility import Sight
from inference.engine import TRIAL_MODEL


@require_GET
@signed_in
@ensure_csrf_cookie
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """A new chat."""
    return _page(request, member_of(request, slug), None)


@require_GET
@signed_in
@ensure_csrf_cookie
def conversation(request: HttpRequest, slug: str, conversation_id: uuid.UUID) -> HttpResponse:
    """A conversation of one's own."""
    return _page(request, member_of(request, slug), conversation_id)


@require_GET
@signed_in
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """The conversation list, searched by title."""
    return _list(request, member_of(request, slug))


@require_GET
def session(request: HttpRequest, slug: str) -> HttpResponse:
    """Say why a socket was refused: 200, 401 or 404."""
    if not request.user.is_authenticated:
        return JsonResponse({"text": "You are signed out."}, status=401)
    membership = member_of(request, slug)
    return JsonResponse({"user": str(membership.user_id)})


@require_POST
@signed_in
def send(request: HttpRequest, slug: str, conversation_id: uuid.UUID) -> HttpResponse:
    """Take a prompt that is too long for a socket frame."""
    membership = member_of(request, slug)
    facts = facts_of(request)
    asked = parse_send({**facts, "conversation": str(conversation_id)})
    result = submit_prompt(
        acting=membership,
        conversation_id=conversation_id,
        message_id=asked.message,
        parent_id=asked.parent,
        text=asked.text,
        wish=asked.wish,
    )
    return JsonResponse(frames.accepted(ref_of(facts), result))


@require_GET
@signed_in
def manifest(request: HttpRequest, slug: str, conversation_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """How one answer was made."""
    made = answer_for(member_of(request, slug), conversation_id, message_id)
    context = {"made": made, "rows": rows_of(made.manifest) if made.manifest else []}
    return render(request, "chat/_manifest.html", context)


@require_POST
@signed_in
def rename(request: HttpRequest, slug: str, conversation_id: uuid.UUID) -> HttpResponse:
    """Give a conversation another title."""
    membership = member_of(request, slug)
    actions.rename(acting=membership, conversation_id=conversation_id, title=request.POST.get("title", ""))
    return _list(request, membership)


@require_POST
@signed_in
def pin(request: HttpRequest, slug: str, conversation_id: uuid.UUID) -> HttpResponse:
    """Pin or unpin a conversation."""
    membership = member_of(request, slug)
    actions.pin(acting=membership, conversation_id=conversation_id, pinned=request.POST.get("pinned") == "1")
    return _list(request, membership)


@require_POST
@signed_in
def delete(request: HttpRequest, slug: str, conversation_id: uuid.UUID) -> HttpResponse:
    """Delete a conversation and offer to undo it."""
    membership = member_of(request, slug)
    gone = actions.delete(acting=membership, conversation_id=conversation_id)
    undo = reverse("chat:restore", args=[slug, conversation_id])
    toast = {"text": f"Deleted “{gone}”.", "undo": undo, "deleted": str(conversation_id)}
    return trigger_client_event(_list(request, membership), "toast", toast)


@require_POST
@signed_in
def restore(request: HttpRequest, slug: str, conversation_id: uuid.UUID) -> HttpResponse:
    """Undo a deletion."""
    membership = member_of(request, slug)
    actions.restore(acting=membership, conversation_id=conversation_id)
    return _list(request, membership)


def _page(request: HttpRequest, membership: Membership, conversation_id: uuid.UUID | None) -> HttpResponse:
    choices = choices_for(membership)
    sight = Sight(reasoning=choices["sees_reasoning"])
    shown = take_snapshot(membership, conversation_id, sight) if conversation_id else None
    known = page_facts(membership)
    _remember(request, membership)
    context = {
        "organization": membership.organization,
        "organizations": known.organizations,
        "membership": membership,
        "look": known.look,
        "conversation": shown.conversation if shown else None,
        "model": _model(known.beat),
        "sections": sections(membership, ""),
        "new_readings": known.new_readings,
        "query": "",
        "quota": notice_for(membership, timezone.now()),
        "snapshot": {
            "organization": membership.organization.slug,
            "user": {"id": str(membership.user_id)},
            "conversation": shown.conversation if shown else None,
            "messages": shown.messages if shown else [],
            "build": build(),
            "choices": choices,
            "outcomes": known.outcomes,
            "temporary": temporary_facts(known),
        },
    }
    return render(request, "chat/page.html", context)


def _list(request: HttpRequest, membership: Membership) -> HttpResponse:
    # What changes the list is sent with the words of the search field, and answered with what they find.
    query = request.POST.get("q", request.GET.get("q", "")).replace("\x00", "")[:200]
    context = {
        "organization": membership.organization,
        "sections": sections(membership, query),
        "query": query,
    }
    return render(request, "chat/_list.html", context)


def _remember(request: HttpRequest, membership: Membership) -> None:
    """Lead to this organization next time; once a day is enough for the session to last while it is used."""
    seen = {"organization": membership.organization.slug, "opened_on": f"{timezone.now():%Y-%m-%d}"}
    if any(request.session.get(name) != value for name, value in seen.items()):
        request.session.update(seen)


def _model(newest: WorkerBeat | None) -> dict[str, Any]:
    name = newest.engine.get("model", "") if newest else ""
    trial = name == TRIAL_MODEL if name else settings.ENGINE_IS_TRIAL
    return {"name": name or settings.ENGINE_MODEL, "trial": trial}
