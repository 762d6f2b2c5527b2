"""Pages of getting in and out: start, set-up, invitation, profile, leaving."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions.founding import check_setup_link, found_organization, is_set_up, set_up
from accounts.actions.invitations import accept_invitation, join_as_new, usable
from accounts.actions.members import leave
from accounts.actions.people import rename_person
from accounts.actions.sessions import end_session
from accounts.adapter import INVITATION
from accounts.entry import has_app, has_second_factor, must_open
from accounts.errors import AccountsError, DomainRefused, EmailTaken, MemberAlready, NoAccess, SecondFactorNeeded
from accounts.forms import InvitedPersonForm, OrganizationForm, ProfileForm, SetupForm
from accounts.http import person, signed_in
from accounts.models import Invitation, User
from accounts.queries import active_memberships, addresses_of, email_is_taken, membership_for, organizations_of


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Go to the organization used last, the only one, or say that there is none."""
    if not request.user.is_authenticated:
        return redirect("account_login") if is_set_up() else render(request, "accounts/not_set_up.html")
    organizations = list(organizations_of(person(request)))
    last = request.session.get("organization")
    found = next((one for one in organizations if one.slug == last), next(iter(organizations), None))
    if found is None:
        return render(request, "accounts/no_organization.html", {"may_found": _may_found(request)})
    return redirect("chat:home", found.slug)


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("password")
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Found the first organization with the one-time link."""
    form = SetupForm(request.POST or None)
    try:
        check_setup_link(token)
        if request.method == "POST" and form.is_valid():
            return _enter(request, set_up(token=token, **form.cleaned_data), reverse("accounts:start"))
    except AccountsError as error:
        return _refused(request, error)
    return render(request, "accounts/setup.html", {"form": form})


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Join an organization: as who is signed in, or as a new person."""
    try:
        found = usable(token)
        if request.user.is_authenticated:
            return _join_as_known(request, found, token)
        return _join_as_new(request, found, token)
    except AccountsError as error:
        return _refused(request, error)


@require_http_methods(["GET", "POST"])
@signed_in
def new_organization(request: HttpRequest) -> HttpResponse:
    """Found another organization, where members may."""
    if not _may_found(request):
        raise NoAccess
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = found_organization(name=form.cleaned_data["name"], owner=person(request))
        return redirect("chat:home", made.slug)
    return render(request, "accounts/new_organization.html", {"form": form})


@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Change one's name, see one's organizations."""
    form = ProfileForm(request.POST or None, initial={"name": person(request).name})
    if request.method == "POST" and form.is_valid():
        rename_person(acting=person(request), name=form.cleaned_data["name"])
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    memberships = active_memberships().filter(user=person(request)).select_related("organization")
    context = {
        "form": form,
        "memberships": memberships.order_by("organization__name"),
        "may_found": _may_found(request),
    }
    return render(request, "accounts/profile.html", context)


@require_POST
@signed_in
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of one's own sessions."""
    session = UserSession.objects.filter(id=session_id, user=person(request)).first()
    if session is None:
        raise NoAccess
    end_session(acting=person(request), session=session)
    messages.success(request, "The session is ended, and its open pages are closed.")
    return redirect("usersessions_list")


@require_POST
@signed_in
def leave_organization(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave an organization."""
    # Whoever does not want to sign in as the organization asks may still leave.
    membership = membership_for(person(request).id, slug)
    try:
        leave(acting=membership)
        messages.success(request, f"You left {membership.organization}.")
    except AccountsError as error:
        messages.error(request, error.words)
    return redirect("accounts:profile")


@require_GET
@signed_in
def second_factor(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that an organization asks for a second factor, and lead to where it is set up or shown."""
    membership = membership_for(person(request).id, slug)
    try:
        must_open(membership, request.session)
    except SecondFactorNeeded as error:
        context = {
            "organization": membership.organization,
            "words": error.words,
            "has_one": has_second_factor(membership.user),
            "has_app": has_app(membership.user),
        }
        return render(request, "accounts/second_factor.html", context)
    return redirect("chat:home", slug)


def _join_as_known(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    user = person(request)
    is_for_me = not found.email or found.email in addresses_of(user)
    if request.method == "POST" and is_for_me:
        try:
            accept_invitation(token=token, user=user)
        except MemberAlready:
            if found.organization not in organizations_of(user):
                raise
        return redirect("chat:home", found.organization.slug)
    context = {"invitation": found, "is_for_me": is_for_me, "sign_in": _sign_in_address(request)}
    return render(request, "accounts/invitation.html", context)


def _join_as_new(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    # Single sign-on comes back on another page; the session tells it which door was opened.
    request.session[INVITATION] = token
    context = {"invitation": found, "sign_in": _sign_in_address(request)}
    if found.email and email_is_taken(found.email):
        return render(request, "accounts/invitation.html", {**context, "is_known": True})
    form = InvitedPersonForm(request.POST or None, bound_email=found.email)
    if request.method == "POST" and form.is_valid():
        try:
            user = join_as_new(token=token, **form.cleaned_data)
            return _enter(request, user, reverse("chat:home", args=[found.organization.slug]))
        except (EmailTaken, DomainRefused) as error:
            form.add_error("email", error.words)
    return render(request, "accounts/invitation.html", {**context, "form": form})


def _enter(request: HttpRequest, user: User, address: str) -> HttpResponse:
    """Sign a new person in, or first ask for a proof of the address."""
    request.session.pop(INVITATION, None)
    record_authentication(request, user, method="password", email=user.email)
    response: HttpResponse = perform_login(request, user, redirect_url=address, signup=True)
    return response


def _sign_in_address(request: HttpRequest) -> str:
    return f"{reverse('account_login')}?{urlencode({'next': request.path})}"


def _may_found(request: HttpRequest) -> bool:
    return bool(settings.MEMBERS_CREATE_ORGANIZATIONS or person(request).is_superuser)


def _refused(request: HttpRequest, error: AccountsError) -> HttpResponse:
    return render(request, "accounts/refused.html", {"words": error.words}, status=410)
