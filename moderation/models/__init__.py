from __future__ import annotations

from moderation.models.exemption import Exemption
from moderation.models.hit_record import HitRecord
from moderation.models.organization_policy import OrganizationPolicy
from moderation.models.policy_version import PolicyVersion
from moderation.models.risk_score import RiskScore
from moderation.models.shadow_tally import ShadowTally

__all__ = ["Exemption", "HitRecord", "OrganizationPolicy", "PolicyVersion", "RiskScore", "ShadowTally"]
