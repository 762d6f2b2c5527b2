"""Errors of accounts.

AccountsError
├── NoAccess             not a member, not the role, or no such thing: deliberately the same
├── SignedOut            the session has ended
├── NotAllowed           a member, but not one who may do this
├── LastOwner            the organization would be left without an owner
├── NameTaken            something here has this name already
├── InvitationUnusable   expired, revoked, used or unknown
└── SetupDone            the set-up link was used already
"""

from __future__ import annotations


class AccountsError(Exception):
    """Do not raise directly. `words` is a sentence for the person."""

    words = "That did not work."


class NoAccess(AccountsError):
    words = "There is nothing here, or you have no access to it."


class SignedOut(AccountsError):
    words = "You have been signed out."


class NotAllowed(AccountsError):
    words = "Your role does not allow this."


class LastOwner(AccountsError):
    words = "This is the last owner. Make somebody else an owner first."


class NameTaken(AccountsError):
    words = "There is one with this name already. Choose another name."


class InvitationUnusable(AccountsError):
    words = "This invitation has expired, was revoked, or has been used. Ask for a new one."


class SetupDone(AccountsError):
    words = "This installation has been set up already. Sign in, or ask an owner for an invitation."
