from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pathways", "0009_lists")]
    operations = [
        migrations.AddIndex(
            "loggedevent",
            models.Index(fields=["changes"], condition=models.Q(changes__isnull=False), name="event_changes"),
        ),
    ]
