from __future__ import annotations

from accounts.models.branding import Branding
from accounts.models.feature_switch import FeatureSwitch
from accounts.models.group import Group, GroupMembership
from accounts.models.invitation import Invitation
from accounts.models.membership import Membership, Role
from accounts.models.organization import Organization
from accounts.models.setup_link import SetupLink
from accounts.models.sign_in_rules import SignInRules
from accounts.models.user import User, UserManager

__all__ = [
    "Branding",
    "FeatureSwitch",
    "Group",
    "GroupMembership",
    "Invitation",
    "Membership",
    "Organization",
    "Role",
    "SetupLink",
    "SignInRules",
    "User",
    "UserManager",
]
