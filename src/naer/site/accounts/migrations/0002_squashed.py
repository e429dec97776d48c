import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("accounts", "0004_citizen")]
    dependencies = [("accounts", "0001_squashed"), ("pathways", "0001_squashed")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="citizen",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="pathways.citizen",
            ),
        ),
    ]
