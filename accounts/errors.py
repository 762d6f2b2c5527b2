"""Errors of accounts.

AccountsError
├── NoAccess             not a member, not the role, or no such thing: deliberately the same
├── LastOwner            the organization would be left without an owner
├── InvitationUnusable   expired, revoked, used or unknown
└── SetupDone            the set-up link was used already
"""

from __future__ import annotations


class AccountsError(Exception):
    """Do not raise directly. `words` is a sentence for the person."""

    words = "That did not work."


class NoAccess(AccountsError):
    words = "There is nothing here, or you have no access to it."


class LastOwner(AccountsError):
    words = "This is the last owner. Make somebody else an owner first."


class InvitationUnusable(AccountsError):
    words = "This invitation has expired, was revoked, or has been used. Ask for a new one."


class SetupDone(AccountsError):
    words = "This installation has been set up already. Sign in, or ask an owner for an invitation."
