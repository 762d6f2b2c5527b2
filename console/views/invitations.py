from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.actions.invitations import Invited, invite, revoke_invitation
from accounts.errors import DomainRefused, NotAllowed
from accounts.http import signed_in
from accounts.invitation_mail import address_of, mail_invitation
from accounts.models import Membership
from console.access import manager
from console.answers import asks_for_part, back, page, told
from console.forms import InvitationForm
from console.queries import invitation_here, invitations_of

PER_PAGE = 50


@require_GET
@signed_in
def invitations(request: HttpRequest, slug: str) -> HttpResponse:
    """The organization's invitations."""
    acting = manager(request, slug)
    return _page(request, acting, InvitationForm(acting=acting))


@require_POST
@signed_in
@never_cache
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """Make an invitation and show its link, this once."""
    acting = manager(request, slug)
    form = InvitationForm(request.POST, acting=acting)
    if not form.is_valid():
        return _page(request, acting, form)
    try:
        made = invite(acting=acting, role=form.chosen, email=form.cleaned_data["email"])
    except (NotAllowed, DomainRefused) as error:
        form.add_error("email" if isinstance(error, DomainRefused) else None, error.words)
        return _page(request, acting, form)
    mailed = mail_invitation(made)
    # No redirect: the link is shown in this answer and is nowhere to be read afterwards.
    return _page(request, acting, InvitationForm(acting=acting), made, mailed=mailed)


@require_POST
@signed_in
def revoke(request: HttpRequest, slug: str, invitation_id: uuid.UUID) -> HttpResponse:
    """Make an invitation unusable."""
    acting = manager(request, slug)
    found = invitation_here(acting, invitation_id)
    with told(request, "The invitation is revoked. Its link does not work any more."):
        revoke_invitation(acting=acting, invitation=found)
    if asks_for_part(request):
        return _page(request, acting, InvitationForm(acting=acting))
    return back(request, "console:invitations", slug)


def _page(
    request: HttpRequest,
    acting: Membership,
    form: InvitationForm,
    made: Invited | None = None,
    *,
    mailed: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "made": made.invitation if made else None,
        "address": address_of(made) if made else "",
        "mailed": mailed,
        "shown": Paginator(invitations_of(acting), PER_PAGE).get_page(request.GET.get("page")),
    }
    return page(request, acting, "invitations", context)
