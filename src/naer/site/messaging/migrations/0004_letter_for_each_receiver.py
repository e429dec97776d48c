from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0003_append_only")]
    operations = [
        migrations.RemoveConstraint("storedletter", "letter_in_once"),
        migrations.AddConstraint(
            "storedletter",
            models.UniqueConstraint(
                condition=models.Q(outgoing=None),
                fields=("message_id", "content_hash", "receiver"),
                name="letter_in_once",
            ),
        ),
    ]
