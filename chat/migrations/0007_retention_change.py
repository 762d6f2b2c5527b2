from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_governance")]

    operations = [
        migrations.AddField(model_name="retentionrules", name="before", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="retentionrules", name="changed_at", field=models.DateTimeField(null=True)),
        migrations.AlterField(
            model_name="legalhold",
            name="conversation",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="chat.conversation",
            ),
        ),
    ]
