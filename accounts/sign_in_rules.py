"""What an organization asks of its members' sign-in, checked without a database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY

SECOND_FACTOR = "mfa"
LONGEST_HOURS = 24 * 365
DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an organization asks of one role."""

    second_factor: bool = False
    session_hours: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a session began, as far as it tells."""

    began: datetime | None = None
    used_second_factor: bool = False


def sign_in_of(session: Mapping[str, Any]) -> SignIn:
    """Return how a session began."""
    steps = [one for one in session.get(AUTHENTICATION_METHODS_SESSION_KEY) or () if isinstance(one, dict)]
    times = [one["at"] for one in steps if isinstance(one.get("at"), int | float)]
    return SignIn(
        began=datetime.fromtimestamp(min(times), UTC) if times else None,
        used_second_factor=any(one.get("method") == SECOND_FACTOR for one in steps),
    )


def is_too_old(asked: Asked, sign_in: SignIn, now: datetime) -> bool:
    """Say whether a session must be begun anew; one that does not tell when it began must be."""
    if asked.session_hours is None:
        return False
    return sign_in.began is None or now - sign_in.began >= timedelta(hours=asked.session_hours)


def lacks_second_factor(asked: Asked, sign_in: SignIn, *, has_one: bool) -> bool:
    """Say whether a second factor is still to be shown. One that was removed since counts no more."""
    return asked.second_factor and not (has_one and sign_in.used_second_factor)


def admits(domains: Sequence[str], email: str) -> bool:
    """Say whether an address may be invited: its domain is one of these, or there are none. Subdomains are others."""
    _, at, domain = email.strip().lower().rpartition("@")
    return not domains or (bool(at) and domain in domains)


def read_domains(typed: str) -> tuple[list[str], list[str]]:
    """Return the domains in what was typed, and the words that are none."""
    words = [word.lower().lstrip("@").rstrip(".") for word in re.split(r"[\s,;]+", typed) if word]
    unique = list(dict.fromkeys(words))
    return [one for one in unique if DOMAIN.fullmatch(one)], [one for one in unique if not DOMAIN.fullmatch(one)]
