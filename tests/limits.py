"""Limits of an organization, set as an administrator does it."""

from __future__ import annotations

from typing import Any

from accounts.models import Membership
from inference.actions import quotas
from inference.models import QuotaLimit
from inference.quotas.limit import LimitDraft


def set_limit(*, acting: Membership, **draft: Any) -> QuotaLimit:
    """Set one."""
    return quotas.set_limit(acting=acting, draft=LimitDraft(**draft))
