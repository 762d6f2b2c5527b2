from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_retention_change")]

    operations = [
        migrations.AddField(model_name="fairshare", name="typical", field=models.FloatField(null=True)),
        migrations.AddField(model_name="fairshare", name="seen_until", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="generation", name="charged", field=models.PositiveIntegerField(default=0)),
    ]
