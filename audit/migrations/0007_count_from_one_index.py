"""Count an organization's events from one index alone, without looking at the events."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

COUNTED = models.Index(
    fields=["organization_id", "-at"], include=["action", "actor_id"], name="audit_organization_counted"
)


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("audit", "0006_indexes_of_the_viewer")]
    operations: ClassVar[list[Operation]] = [
        migrations.AddIndex("event", COUNTED),
        migrations.RemoveIndex("event", "audit_organization_at"),
    ]
