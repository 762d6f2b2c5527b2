"""Pages of getting in: start, set-up, invitation, profile."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actions.founding import found_organization, is_set_up, set_up
from accounts.actions.invitations import accept, join_as_new, usable
from accounts.actions.members import leave
from accounts.actions.people import rename_person
from accounts.errors import AccountsError, InvitationUnusable, SetupDone
from accounts.forms import OrganizationForm, PersonForm, ProfileForm, SetupForm
from accounts.http import member_of, person
from accounts.models import Invitation, User
from accounts.queries import organizations_of

BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Go to the organization used last, the only one, or say that there is none."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    organizations = list(organizations_of(person(request)))
    last = request.session.get("organization")
    found = next((one for one in organizations if one.slug == last), next(iter(organizations), None))
    if found is None:
        return render(request, "accounts/no_organization.html", {"may_found": _may_found(request)})
    return redirect("chat:home", found.slug)


@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Found the first organization with the one-time link."""
    if is_set_up():
        return _refused(request, SetupDone())
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            owner = set_up(
                token=token,
                organization=facts["organization"],
                name=facts["name"],
                email=facts["email"],
                password=facts["password"],
                operates=facts["operates"],
            )
        except SetupDone as error:
            return _refused(request, error)
        _sign_in(request, owner)
        return redirect("accounts:start")
    return render(request, "accounts/setup.html", {"form": form})


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Join an organization: as who is signed in, or as a new person."""
    try:
        found = usable(token)
        if request.user.is_authenticated:
            return _join_as_known(request, found, token)
        return _join_as_new(request, found, token)
    except InvitationUnusable as error:
        return _refused(request, error)


@require_http_methods(["GET", "POST"])
@login_required
def new_organization(request: HttpRequest) -> HttpResponse:
    """Found another organization, where members may."""
    if not _may_found(request):
        return _refused(request, AccountsError(), status=404)
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = found_organization(name=form.cleaned_data["name"], owner=person(request))
        return redirect("chat:home", made.slug)
    return render(request, "accounts/new_organization.html", {"form": form})


@require_http_methods(["GET", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Change one's name, see one's organizations."""
    form = ProfileForm(request.POST or None, initial={"name": person(request).name})
    if request.method == "POST" and form.is_valid():
        rename_person(acting=person(request), name=form.cleaned_data["name"])
        messages.success(request, "Saved.")
        return redirect("accounts:profile")
    memberships = person(request).memberships.select_related("organization")
    return render(request, "accounts/profile.html", {"form": form, "memberships": memberships})


@require_POST
@login_required
def leave_organization(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave an organization."""
    membership = member_of(request, slug)
    try:
        leave(acting=membership)
        messages.success(request, f"You left {membership.organization}.")
    except AccountsError as error:
        messages.error(request, error.words)
    return redirect("accounts:profile")


def _join_as_known(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    if request.method == "POST":
        membership = accept(token=token, user=person(request))
        return redirect("chat:home", membership.organization.slug)
    return render(request, "accounts/invitation.html", {"invitation": found})


def _join_as_new(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    initial = {"email": found.email} if found.email else None
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        user = join_as_new(token=token, name=facts["name"], email=facts["email"], password=facts["password"])
        _sign_in(request, user)
        return redirect("chat:home", found.organization.slug)
    sign_in = f"{reverse('account_login')}?next={request.path}"
    return render(request, "accounts/invitation.html", {"invitation": found, "form": form, "sign_in": sign_in})


def _sign_in(request: HttpRequest, user: User) -> None:
    # A link from the operator or a colleague proves enough where no mail can be sent.
    with transaction.atomic():
        EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"primary": True, "verified": not settings.EMAIL_IS_SENT}
        )
        login(request, user, backend=BACKEND)
    record_authentication(request, user, method="password", email=user.email)


def _may_found(request: HttpRequest) -> bool:
    return bool(settings.MEMBERS_CREATE_ORGANIZATIONS or person(request).is_superuser)


def _refused(request: HttpRequest, error: AccountsError, status: int = 410) -> HttpResponse:
    return render(request, "accounts/refused.html", {"words": error.words}, status=status)
