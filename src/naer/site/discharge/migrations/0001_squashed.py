import django.db.models.deletion
from django.db import migrations, models

from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [("discharge", "0001_initial")]
    dependencies = [
        ("accounts", "0002_squashed"),
        ("messaging", "0001_squashed"),
        ("pathways", "0001_squashed"),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Confirmation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("stay", models.CharField(max_length=128)),
                    ("decision", models.CharField(max_length=12)),
                    ("at", models.BigIntegerField()),
                    ("by", models.CharField(max_length=150)),
                    ("name", models.CharField(max_length=200)),
                    ("content", models.BinaryField()),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "organisation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                ],
                options={
                    "indexes": [models.Index(fields=["citizen", "stay"], name="confirmation_of_stay")],
                },
            ),
            migrations.CreateModel(
                name="MedicineList",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("stay", models.CharField(max_length=128)),
                    (
                        "moment",
                        models.CharField(choices=[("before", "Before"), ("after", "After")], max_length=8),
                    ),
                    ("version", models.IntegerField()),
                    ("at", models.BigIntegerField()),
                    ("by", models.CharField(max_length=150)),
                    ("name", models.CharField(max_length=200)),
                    ("content", models.BinaryField()),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "letter",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="messaging.storedletter",
                        ),
                    ),
                    (
                        "organisation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("citizen", "stay", "moment", "version"), name="one_version_of_medicines"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Supply",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("stay", models.CharField(max_length=128)),
                    ("until", models.DateField(null=True)),
                    ("doses_until", models.DateField(null=True)),
                    ("at", models.BigIntegerField()),
                    ("by", models.CharField(max_length=150)),
                    ("name", models.CharField(max_length=200)),
                    ("note", models.BinaryField()),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "organisation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                ],
                options={
                    "indexes": [models.Index(fields=["citizen", "stay"], name="supply_of_stay")],
                },
            ),
        ),
    ]
