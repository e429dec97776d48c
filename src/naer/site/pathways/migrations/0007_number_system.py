from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pathways", "0006_obligation_updated")]
    operations = [
        migrations.AddField(
            model_name="citizen",
            name="number_system",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
