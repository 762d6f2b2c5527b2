"""Errors of accounts.

AccountsError
├── NoAccess             not a member, not the role, or no such thing: deliberately the same
├── SignedOut            the session has ended
│   ├── SessionTooOld    the organization asks that people sign in again
│   └── SecondFactorNeeded  the organization asks for a second factor, and this session has not shown one
├── NotAllowed           a member, but not one who may do this
│   └── NotOneself       nobody may do this to their own account
├── LastOwner            an organization would be left without an owner
├── Invalid              what was typed for a setting cannot be
├── Outdated             somebody else has changed a setting meanwhile
├── DomainRefused        the organization lets in addresses of other domains only
├── NameTaken            something here has this name already
├── EmailTaken           somebody has this address already
├── MemberAlready        the person belongs to the organization already
├── InvitationUnusable   expired, revoked, used, for somebody else, or unknown
├── SetupDone            the installation has an owner already
└── SetupLinkUnusable    a newer set-up link was printed, or there never was this one
"""

from __future__ import annotations

from collections.abc import Sequence


class AccountsError(Exception):
    """Do not raise directly. `words` is a sentence for the person."""

    words = "That did not work."


class NoAccess(AccountsError):
    words = "There is nothing here, or you have no access to it."


class SignedOut(AccountsError):
    words = "You have been signed out."


class SessionTooOld(SignedOut):
    def __init__(self, organization: str, hours: int) -> None:
        super().__init__(organization, hours)
        every = "hour" if hours == 1 else f"{hours} hours"
        self.words = f"{organization} asks everybody to sign in again every {every}."


class SecondFactorNeeded(SignedOut):
    def __init__(self, organization: str, role: str) -> None:
        super().__init__(organization, role)
        self.words = f"{organization} asks every {role.lower()} to sign in with a second factor."


class NotAllowed(AccountsError):
    words = "Your role does not allow this."


class NotOneself(NotAllowed):
    words = "You cannot do this to your own account. Ask another operator."


class LastOwner(AccountsError):
    words = "This is the last owner. Make somebody else an owner first."


class Invalid(AccountsError):
    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


class Outdated(AccountsError):
    words = "Somebody else has changed this meanwhile."


class DomainRefused(AccountsError):
    def __init__(self, domains: Sequence[str]) -> None:
        super().__init__(*domains)
        self.words = f"Only addresses of {', '.join(domains)} can be invited here. An administrator can change this."


class NameTaken(AccountsError):
    words = "There is one with this name already. Choose another name."


class EmailTaken(AccountsError):
    words = "There is an account with this email. Sign in first, then open this link again."


class MemberAlready(AccountsError):
    words = (
        "You belong to this organization already. If you cannot open it, your access was switched off: "
        "ask an administrator there."
    )


class InvitationUnusable(AccountsError):
    words = "This invitation has expired, was revoked, has been used, or is for somebody else. Ask for a new one."


class SetupDone(AccountsError):
    words = "This installation has been set up already. Sign in, or ask an owner for an invitation."


class SetupLinkUnusable(AccountsError):
    words = (
        "This set-up link does not work, perhaps because a newer one was printed since. "
        "Print a new one on the server: manage.py setup_link"
    )
