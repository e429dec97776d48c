from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fhir", "0001_initial")]

    operations = [
        migrations.RenameField(model_name="subscription", old_name="observations", new_name="looked"),
        migrations.AddField(
            model_name="subscription",
            name="newest",
            field=models.BigIntegerField(default=0),
        ),
    ]
