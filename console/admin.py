from __future__ import annotations

from console.operator.events import EventAdmin
from console.operator.features import FeatureSwitchAdmin
from console.operator.jobs import JobAdmin
from console.operator.organizations import OrganizationAdmin
from console.operator.quotas import QuotaLimitAdmin
from console.platform_rules_admin import PlatformRulesAdmin

__all__ = [
    "EventAdmin",
    "FeatureSwitchAdmin",
    "JobAdmin",
    "OrganizationAdmin",
    "PlatformRulesAdmin",
    "QuotaLimitAdmin",
]
