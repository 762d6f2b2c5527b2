"""The operator's pages of models, their servers, and what was asked of them."""

from __future__ import annotations

from inference.admin.chat_models import ChatModelAdmin
from inference.admin.ledger import LedgerEntryAdmin

__all__ = ["ChatModelAdmin", "LedgerEntryAdmin"]
