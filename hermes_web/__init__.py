from __future__ import annotations

from hermes_web.celery import app as celery_app

__all__ = ["celery_app"]
