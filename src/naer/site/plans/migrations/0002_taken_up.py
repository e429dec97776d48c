from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]

    operations = [
        migrations.AddField(model_name="plan", name="taken_up", field=models.BigIntegerField(null=True)),
    ]
