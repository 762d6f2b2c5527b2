from __future__ import annotations

from audit.models.event import Event
from audit.models.label import Label
from audit.models.seal import Anchor, Seal, Unsealed

__all__ = ["Anchor", "Event", "Label", "Seal", "Unsealed"]
