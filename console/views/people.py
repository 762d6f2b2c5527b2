from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import members
from accounts.http import signed_in
from accounts.models import Membership, Role
from console.access import manager, reader
from console.answers import asks_for_part, back, page, told
from console.forms import RoleForm
from console.queries import assignable_roles, member_here, people_of

PER_PAGE = 50


@require_GET
@signed_in
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """The organization's members."""
    return _page(request, reader(request, slug))


@require_POST
@signed_in
def change_role(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Give a member another role."""
    acting = manager(request, slug)
    member = member_here(acting, member_id)
    form = RoleForm(request.POST, acting=acting)
    if form.is_valid():
        with told(request, f"{member.user} is now {form.chosen.label.lower()}."):
            members.change_role(acting=acting, member=member, role=form.chosen)
    else:
        messages.error(request, "That is not a role which you may give. Choose one from the list.")
    return _back(request, acting)


@require_POST
@signed_in
def deactivate(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Switch a member's access off."""
    acting = manager(request, slug)
    member = member_here(acting, member_id)
    with told(request, f"The access of {member.user} is switched off. Open pages close now."):
        members.deactivate_member(acting=acting, member=member)
    return _back(request, acting)


@require_POST
@signed_in
def reactivate(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """Switch a member's access on again."""
    acting = manager(request, slug)
    member = member_here(acting, member_id)
    with told(request, f"{member.user} has access again."):
        members.reactivate_member(acting=acting, member=member)
    return _back(request, acting)


@require_POST
@signed_in
def remove(request: HttpRequest, slug: str, member_id: int) -> HttpResponse:
    """End a membership."""
    acting = manager(request, slug)
    member = member_here(acting, member_id)
    with told(request, f"{member.user} was removed. Their conversations stay with the organization."):
        members.remove_member(acting=acting, member=member)
    return _back(request, acting)


def _back(request: HttpRequest, acting: Membership) -> HttpResponse:
    if asks_for_part(request):
        return _page(request, acting)
    return back(request, "console:people", acting.organization.slug)


def _page(request: HttpRequest, membership: Membership) -> HttpResponse:
    query = request.GET.get("q", "")
    shown = Paginator(people_of(membership, query), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "query": query,
        "roles": assignable_roles(membership),
        "is_owner": membership.role == Role.OWNER,
    }
    return page(request, membership, "people", context)
