"""Find an organization's events of one kind, of one person, about one thing, without reading them all."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("audit", "0005_chain")]
    operations: ClassVar[list[Operation]] = [
        migrations.AddIndex(
            "event", models.Index(fields=["organization_id", "action", "-at"], name="audit_organization_action")
        ),
        migrations.AddIndex(
            "event", models.Index(fields=["organization_id", "actor_id", "-at"], name="audit_organization_actor")
        ),
        migrations.AddIndex(
            "event", models.Index(fields=["organization_id", "target_id", "-at"], name="audit_organization_target")
        ),
    ]
