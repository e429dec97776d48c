import django.db.models.deletion
from django.db import migrations, models

from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [("deviations", "0001_initial")]
    dependencies = [("accounts", "0002_squashed"), ("pathways", "0001_squashed")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Deviation",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("pathway", models.CharField(blank=True, default="", max_length=128)),
                    ("municipality", models.CharField(blank=True, default="", max_length=4)),
                    ("by_engine", models.BooleanField(default=False)),
                    ("agreement", models.CharField(blank=True, default="", max_length=100)),
                    ("clause", models.CharField(blank=True, default="", max_length=100)),
                    ("version", models.DateField(null=True)),
                    ("stage", models.CharField(max_length=20)),
                    ("harm", models.CharField(max_length=20)),
                    ("severity", models.CharField(max_length=20)),
                    ("cause", models.CharField(max_length=20)),
                    ("happened", models.BigIntegerField()),
                    ("raised", models.BigIntegerField()),
                    ("asked_by", models.BigIntegerField(null=True)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("proposed", "Proposed"),
                                ("dismissed", "Dismissed"),
                                ("open", "Open"),
                                ("answered", "Answered"),
                                ("agreed", "Agreed"),
                                ("closed", "Closed"),
                                ("withdrawn", "Withdrawn"),
                            ],
                            max_length=12,
                        ),
                    ),
                    (
                        "turn",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("", "Nobody"),
                                ("raiser", "Raiser"),
                                ("counterpart", "Counterpart"),
                                ("both", "Both"),
                            ],
                            default="",
                            max_length=12,
                        ),
                    ),
                    ("event", models.CharField(blank=True, default="", max_length=128)),
                    ("raiser_owner", models.CharField(blank=True, default="", max_length=150)),
                    ("counterpart_owner", models.CharField(blank=True, default="", max_length=150)),
                    ("answered", models.BigIntegerField(null=True)),
                    ("agreed", models.BigIntegerField(null=True)),
                    ("measure_by", models.BigIntegerField(null=True)),
                    ("raiser_closed", models.BigIntegerField(null=True)),
                    ("counterpart_closed", models.BigIntegerField(null=True)),
                    ("closed", models.BigIntegerField(null=True)),
                    ("authority_told", models.BigIntegerField(null=True)),
                    (
                        "citizen",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "counterpart",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                    (
                        "raised_by",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["raised_by", "state", "raised"], name="deviation_of_raiser"),
                        models.Index(fields=["counterpart", "state", "raised"], name="deviation_of_other"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Contribution",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("at", models.BigIntegerField()),
                    ("by", models.CharField(max_length=150)),
                    ("act", models.CharField(max_length=20)),
                    ("content", models.BinaryField()),
                    (
                        "organisation",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                    (
                        "deviation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="said",
                            to="deviations.deviation",
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="Breach",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "obligation",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="breach",
                            to="pathways.obligation",
                        ),
                    ),
                    (
                        "deviation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="breaches",
                            to="deviations.deviation",
                        ),
                    ),
                ],
            ),
        ),
    ]
