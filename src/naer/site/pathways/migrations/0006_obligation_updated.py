from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pathways", "0005_provisional")]
    operations = [
        migrations.AddField(model_name="obligation", name="updated", field=models.BigIntegerField(null=True)),
    ]
