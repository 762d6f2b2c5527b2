from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inference", "0006_quotas")]

    operations = [
        migrations.AddIndex(
            model_name="usageday",
            index=models.Index(fields=["organization_id", "user_id", "day"], name="inference_usage_of_person"),
        ),
    ]
