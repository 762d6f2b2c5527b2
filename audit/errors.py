"""Errors of the audit record.

AuditError
├── NotInTransaction   record() was called where it could not share the action's fate
├── UnsafeFact         a fact that may hold a secret or message text
└── PlaceFailed        a place of the anchors did not take them
"""

from __future__ import annotations


class AuditError(Exception):
    """Do not raise directly."""


class NotInTransaction(AuditError):
    def __init__(self, action: str) -> None:
        super().__init__(f"record({action!r}) must be called inside the transaction of the action itself.")


class UnsafeFact(AuditError):
    def __init__(self, name: str) -> None:
        super().__init__(f"The audit record must not hold a fact named {name!r}.")


class PlaceFailed(AuditError):
    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"The audit record's {place} of anchors failed: {why}.")
