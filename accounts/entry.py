"""Whether a session is good enough for the organizations it opens: what they ask of sign-ins, read and checked."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts.errors import SecondFactorNeeded, SessionTooOld, SignedOut
from accounts.models import Membership, SignInRules, User
from accounts.sign_in_rules import Asked, SignIn, is_too_old, lacks_second_factor, sign_in_of

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
Entry = tuple[Membership, SignIn]


def must_open(membership: Membership, session: Mapping[str, Any]) -> None:
    """Raise SessionTooOld or SecondFactorNeeded where an organization asks more than this session has shown."""
    (why,) = refusals([(membership, sign_in_of(session))])
    if why is not None:
        raise why


def refusals(entries: Collection[Entry]) -> list[SignedOut | None]:
    """Return for each entry why its session does not open its organization: in one statement, or two."""
    rules = SignInRules.objects.in_bulk({membership.organization_id for membership, _ in entries})
    asked = [_asked(rules.get(membership.organization_id), membership.role) for membership, _ in entries]
    people = {entry[0].user_id for entry, one in zip(entries, asked, strict=True) if one.second_factor}
    owners = owners_of_factors(people)
    return [_refusal(entry, one, owners) for entry, one in zip(entries, asked, strict=True)]


def has_second_factor(user: User) -> bool:
    """Say whether a person has set up an app or a key; recovery codes alone are none."""
    return bool(owners_of_factors({user.id}))


def has_app(user: User) -> bool:
    """Say whether a person's second factor is an app that shows codes; else it is a key, which is shown elsewhere."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def owners_of_factors(people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return who of some people has set up a second factor."""
    if not people:
        return set()
    return set(Authenticator.objects.filter(user_id__in=people, type__in=FACTORS).values_list("user_id", flat=True))


def _asked(rules: SignInRules | None, role: str) -> Asked:
    if rules is None:
        return Asked()
    return Asked(second_factor=role in rules.second_factor_roles, session_hours=rules.session_hours)


def _refusal(entry: Entry, asked: Asked, owners: set[uuid.UUID]) -> SignedOut | None:
    membership, sign_in = entry
    if asked.session_hours is not None and is_too_old(asked, sign_in, timezone.now()):
        return SessionTooOld(membership.organization.name, asked.session_hours)
    if lacks_second_factor(asked, sign_in, has_one=membership.user_id in owners):
        return SecondFactorNeeded(membership.organization.name, membership.get_role_display())
    return None
