from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0008_fair_line")]

    operations = [
        migrations.AddConstraint(
            model_name="generation",
            constraint=models.CheckConstraint(
                condition=~models.Q(state="running") | models.Q(claimed_at__isnull=False),
                name="chat_generation_running_is_claimed",
            ),
        ),
    ]
