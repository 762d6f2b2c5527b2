"""Reading one conversation of a member: the request, the second person, the pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.features import is_on
from accounts.http import signed_in
from accounts.models import Membership, User
from chat.actions import break_glass as actions
from chat.break_glass import conversation_under_glass, conversations_by, glasses_of, rules_of
from chat.errors import Invalid, NotFound, NotOffered
from chat.models import BreakGlass, Conversation
from console.access import manager, reader
from console.answers import page
from console.glass_form import AskForm, GlassRulesForm
from console.glass_lines import line_of
from console.keeping_form import people_with_conversations
from console.queries import as_id

PER_PAGE = 20
Answer = Callable[..., BreakGlass]


@require_GET
@signed_in
def requests(request: HttpRequest, slug: str) -> HttpResponse:
    """Who wants to read, who reads now, who has read."""
    return _page(request, reader(request, slug), None)


@require_POST
@signed_in
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """How conversations may be read here."""
    acting = manager(request, slug)
    form = GlassRulesForm(request.POST, instance=rules_of(acting.organization_id))
    if not form.is_valid():
        return _page(request, acting, form)
    actions.set_rules(acting=acting, **form.cleaned_data)
    messages.success(request, "Saved. It holds for requests from now on.")
    return redirect("console:break-glass", slug)


@require_GET
@signed_in
def conversations(request: HttpRequest, slug: str) -> HttpResponse:
    """One person's conversations, by their times alone."""
    acting = reader(request, slug)
    if not is_on("break-glass", acting.organization_id):
        return redirect("console:break-glass", slug)
    person = _person(acting, request.GET.get("person", ""))
    found = Paginator(conversations_by(acting, person.id), PER_PAGE).get_page(request.GET.get("page"))
    return page(request, acting, "break_glass_conversations", {"person": person, "shown": found})


@require_http_methods(["GET", "POST"])
@signed_in
def ask(request: HttpRequest, slug: str, conversation_id: uuid.UUID) -> HttpResponse:
    """Ask to read one conversation."""
    acting = reader(request, slug)
    if not is_on("break-glass", acting.organization_id):
        return redirect("console:break-glass", slug)
    conversation = _conversation(acting, conversation_id)
    chosen = rules_of(acting.organization_id)
    form = AskForm(request.POST or None, rules=chosen)
    if request.method == "POST" and form.is_valid():
        glass = _asked(acting, conversation, form)
        if glass is not None:
            return _after_asking(request, slug, glass)
    context = {"form": form, "conversation": conversation, "rules": chosen}
    return page(request, acting, "break_glass_ask", context)


@require_GET
@signed_in
@never_cache
def read(request: HttpRequest, slug: str, glass_id: uuid.UUID) -> HttpResponse:
    """A page of the conversation. That it was read is recorded, and the member is told."""
    acting = reader(request, slug)
    number = request.GET.get("page", "1")
    shown = conversation_under_glass(acting, glass_id, int(number) if number.isdecimal() else 1)
    return page(request, acting, "break_glass_read", {"shown": shown, "glass": shown.glass})


@require_POST
@signed_in
def approve(request: HttpRequest, slug: str, glass_id: uuid.UUID) -> HttpResponse:
    """Let somebody read what they asked for."""
    return _answer(request, slug, glass_id, actions.approve, "Approved. It is open from now on, for its time.")


@require_POST
@signed_in
def refuse(request: HttpRequest, slug: str, glass_id: uuid.UUID) -> HttpResponse:
    """Do not let somebody read what they asked for."""
    return _answer(request, slug, glass_id, actions.refuse, "Refused. Nothing can be read.")


@require_POST
@signed_in
def close(request: HttpRequest, slug: str, glass_id: uuid.UUID) -> HttpResponse:
    """End it before its time."""
    return _answer(request, slug, glass_id, actions.close, "Closed. Nothing more can be read.")


def _answer(request: HttpRequest, slug: str, glass_id: uuid.UUID, answer: Answer, words: str) -> HttpResponse:
    acting = reader(request, slug)
    try:
        answer(acting=acting, glass_id=glass_id)
    except (Invalid, NotOffered) as error:
        messages.error(request, error.words)
    else:
        messages.success(request, words)
    return redirect("console:break-glass", slug)


def _asked(acting: Membership, conversation: Conversation, form: AskForm) -> BreakGlass | None:
    try:
        return actions.ask(acting=acting, conversation_id=conversation.id, **form.cleaned_data)
    except (Invalid, NotOffered) as error:
        form.add_error(None, error.words)
        return None


def _after_asking(request: HttpRequest, slug: str, glass: BreakGlass) -> HttpResponse:
    is_open = glass.state == BreakGlass.State.OPEN
    words = "Open now: each page that you read is recorded." if is_open else "Asked. A second person must approve it."
    messages.success(request, words)
    return redirect("console:break-glass", slug)


def _person(acting: Membership, text: str) -> User:
    person_id = as_id(text)
    found = people_with_conversations(acting).filter(id=person_id).first() if person_id else None
    if found is None or found.id == acting.user_id:
        raise NotFound
    return found


def _conversation(acting: Membership, conversation_id: uuid.UUID) -> Conversation:
    """Return what is known of a conversation without reading it; raises NotFound."""
    found = Conversation.objects.filter(id=conversation_id, organization_id=acting.organization_id)
    conversation = found.exclude(owner_id=acting.user_id).select_related("owner").defer("title").first()
    if conversation is None:
        raise NotFound
    return conversation


def _page(request: HttpRequest, acting: Membership, form: GlassRulesForm | None) -> HttpResponse:
    now = timezone.now()
    found = glasses_of(acting)
    current = [line_of(one, acting.user_id, now) for one in found.filter(state__in=["requested", "open"])]
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    listed = [line_of(one, acting.user_id, now) for one in shown.object_list]
    chosen = rules_of(acting.organization_id)
    context = {
        "waiting": [one for one in current if one.standing == "waiting"],
        "open": [one for one in current if one.standing == "open"],
        "past": [one for one in listed if one.standing == "past"],
        "shown": shown,
        "people": people_with_conversations(acting).exclude(id=acting.user_id),
        "rules": chosen,
        "form": form or GlassRulesForm(instance=chosen),
    }
    return page(request, acting, "break_glass", context)
