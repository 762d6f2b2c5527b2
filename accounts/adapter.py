"""What allauth may do here."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest
from django.shortcuts import render

from accounts.models import User
from accounts.queries import active_memberships

UNKNOWN = "Your sign-in worked, but nobody has invited this address here. Ask an administrator for an invitation."


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the set-up link and by invitations only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Single sign-on opens existing accounts, matched by an e-mail that the provider has verified."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing:
            return
        user = _known(sociallogin)
        if user is None:
            raise ImmediateHttpResponse(render(request, "accounts/refused.html", {"words": UNKNOWN}, status=403))
        sociallogin.connect(request, user)


def _known(sociallogin: SocialLogin) -> User | None:
    verified = [address.email for address in sociallogin.email_addresses if address.verified]
    member = active_memberships().select_related("user").filter(user__email__in=[one.lower() for one in verified])
    found = member.first()
    return found.user if found else None
