from __future__ import annotations

from inference.models.chat_model import ChatModel
from inference.models.endpoint import Endpoint
from inference.models.ledger_entry import LedgerEntry
from inference.models.preset import Preset
from inference.models.rules import OrganizationRules, PlatformRules, Rules
from inference.models.schema import Schema, SchemaVersion

__all__ = [
    "ChatModel",
    "Endpoint",
    "LedgerEntry",
    "OrganizationRules",
    "PlatformRules",
    "Preset",
    "Rules",
    "Schema",
    "SchemaVersion",
]
