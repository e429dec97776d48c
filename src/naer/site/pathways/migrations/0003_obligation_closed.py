from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pathways", "0002_append_only")]
    operations = [
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["owed_by", "closed_at"],
                name="obligation_closed",
            ),
        )
    ]
