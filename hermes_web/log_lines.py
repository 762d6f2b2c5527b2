"""Which lines the log does without."""

from __future__ import annotations

import logging


class WithoutReadiness(logging.Filter):
    """Leave out that /readyz was refused: who asks it reads the answer, and asks again every few seconds."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(getattr(record, "request", None), "path", "") != "/readyz"
