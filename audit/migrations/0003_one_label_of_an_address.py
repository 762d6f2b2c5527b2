"""Keep one label for an address, and find it without reading them all."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

# Events cannot be changed, so each label that one may point to stays; of those that are double one is found from now on.
SET_ASIDE = """
UPDATE audit_label SET kind = 'address twice'
WHERE kind = 'address' AND id NOT IN (
    SELECT DISTINCT ON (text) id FROM audit_label WHERE kind = 'address' ORDER BY text, id
);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("audit", "0002_guard")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(SET_ASIDE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="label",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "address")),
                fields=("text",),
                name="audit_one_label_of_an_address",
            ),
        ),
    ]
