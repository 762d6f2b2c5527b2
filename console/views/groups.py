from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions.groups import add_to_group, create_group, remove_from_group
from accounts.errors import NameTaken
from accounts.http import signed_in
from accounts.models import Group, Membership
from console.access import manager
from console.answers import asks_for_part, page, told
from console.forms import GroupForm, GroupMemberForm
from console.queries import group_here, groups_of, member_here, people_of
from moderation.actions.groups import delete_group, rename_group
from moderation.errors import Refused


@require_http_methods(["GET", "POST"])
@signed_in
def groups(request: HttpRequest, slug: str) -> HttpResponse:
    """The organization's groups; making another."""
    acting = manager(request, slug)
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_group(acting=acting, name=form.cleaned_data["name"])
        except NameTaken as error:
            form.add_error("name", error.words)
        else:
            return redirect("console:group", slug, made.id)
    return page(request, acting, "groups", {"form": form, "groups": groups_of(acting)})


@require_http_methods(["GET", "POST"])
@signed_in
def group(request: HttpRequest, slug: str, group_id: int) -> HttpResponse:
    """One group: its name and its members."""
    acting = manager(request, slug)
    found = group_here(acting, group_id)
    if request.method == "POST":
        return _rename(request, acting, found)
    return _page(request, acting, found, GroupForm(initial={"name": found.name}))


@require_POST
@signed_in
def delete(request: HttpRequest, slug: str, group_id: int) -> HttpResponse:
    """Delete a group."""
    acting = manager(request, slug)
    found = group_here(acting, group_id)
    with told(request, f"The group “{found.name}” is deleted. Its members stay."):
        delete_group(acting=acting, group=found)
    return redirect("console:groups", slug)


@require_POST
@signed_in
def add(request: HttpRequest, slug: str, group_id: int) -> HttpResponse:
    """Put somebody into a group."""
    acting = manager(request, slug)
    found = group_here(acting, group_id)
    form = GroupMemberForm(request.POST, acting=acting)
    if form.is_valid():
        member = form.cleaned_data["member"]
        with told(request, f"{member.user} is in the group."):
            add_to_group(acting=acting, group=found, member=member)
    else:
        messages.error(request, "That is nobody of this organization. Choose somebody from the list.")
    return _back(request, acting, found)


@require_POST
@signed_in
def take_out(request: HttpRequest, slug: str, group_id: int, member_id: int) -> HttpResponse:
    """Take somebody out of a group."""
    acting = manager(request, slug)
    found = group_here(acting, group_id)
    member = member_here(acting, member_id)
    with told(request, f"{member.user} is not in the group any more."):
        remove_from_group(acting=acting, group=found, member=member)
    return _back(request, acting, found)


def _rename(request: HttpRequest, acting: Membership, found: Group) -> HttpResponse:
    form = GroupForm(request.POST)
    if form.is_valid():
        try:
            rename_group(acting=acting, group=found, name=form.cleaned_data["name"])
        except (NameTaken, Refused) as error:
            form.add_error("name", error.words)
        else:
            messages.success(request, "Saved.")
            return _back(request, acting, group_here(acting, found.id))
    return _page(request, acting, found, form)


def _back(request: HttpRequest, acting: Membership, found: Group) -> HttpResponse:
    if asks_for_part(request):
        return _page(request, acting, found, GroupForm(initial={"name": found.name}))
    return redirect("console:group", acting.organization.slug, found.id)


def _page(request: HttpRequest, acting: Membership, found: Group, form: GroupForm) -> HttpResponse:
    context = {
        "group": found,
        "form": form,
        "members": people_of(acting).filter(groups=found),
        "others": people_of(acting).exclude(groups=found),
    }
    return page(request, acting, "group", context)
