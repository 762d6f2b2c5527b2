from __future__ import annotations

from inference.models.chat_model import ChatModel
from inference.models.endpoint import Endpoint
from inference.models.ledger_entry import LedgerEntry
from inference.models.preset import Preset
from inference.models.quota import QuotaLimit, UsageWindow
from inference.models.rules import OrganizationRules, PlatformRules, Rules
from inference.models.schema import Schema, SchemaVersion
from inference.models.usage_day import UsageDay, UsageGroupDay

__all__ = [
    "ChatModel",
    "Endpoint",
    "LedgerEntry",
    "OrganizationRules",
    "PlatformRules",
    "Preset",
    "QuotaLimit",
    "Rules",
    "Schema",
    "SchemaVersion",
    "UsageDay",
    "UsageGroupDay",
    "UsageWindow",
]
