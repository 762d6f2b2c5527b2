from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_running_is_claimed")]

    operations = [
        migrations.AddField(
            model_name="backtest", name="failures", field=models.PositiveSmallIntegerField(default=0)
        ),
    ]
