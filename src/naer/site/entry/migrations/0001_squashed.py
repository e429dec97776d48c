import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [("entry", "0001_initial")]
    dependencies = [
        ("accounts", "0002_squashed"),
        ("messaging", "0001_squashed"),
        ("pathways", "0001_squashed"),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="HelpRequest",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    (
                        "asked_by",
                        models.CharField(
                            choices=[
                                ("citizen", "Citizen"),
                                ("relative", "Relative"),
                                ("gp", "Gp"),
                                ("hospital", "Hospital"),
                                ("other", "Other"),
                            ],
                            max_length=10,
                        ),
                    ),
                    (
                        "channel",
                        models.CharField(
                            choices=[("form", "Form"), ("message", "Message"), ("phone", "Phone")],
                            max_length=10,
                        ),
                    ),
                    ("event", models.CharField(max_length=128)),
                    ("at", models.BigIntegerField()),
                    (
                        "sorting",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("urgent", "Urgent"),
                                ("assess", "Assess"),
                                ("answer", "Answer"),
                                ("other", "Other"),
                            ],
                            default="",
                            max_length=10,
                        ),
                    ),
                    ("answered", models.BigIntegerField(null=True)),
                    ("content", models.BinaryField()),
                    (
                        "asker",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "asking",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                    (
                        "citizen",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="help_requests",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "letter",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
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
                    (
                        "owner",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["organisation", "answered", "at"], name="entry_helpr_organis_5ad317_idx"
                        ),
                        models.Index(fields=["asking", "at"], name="entry_helpr_asking__477256_idx"),
                        models.Index(fields=["citizen", "at"], name="entry_helpr_citizen_d56d7f_idx"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="HelpStep",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("number", models.PositiveSmallIntegerField()),
                    ("at", models.BigIntegerField()),
                    (
                        "what",
                        models.CharField(
                            choices=[
                                ("asked", "Asked"),
                                ("sorted", "Sorted"),
                                ("taken", "Taken"),
                                ("answered", "Answered"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("by", models.CharField(max_length=150)),
                    ("by_name", models.CharField(max_length=200)),
                    (
                        "sorting",
                        models.CharField(
                            blank=True,
                            choices=[
                                ("urgent", "Urgent"),
                                ("assess", "Assess"),
                                ("answer", "Answer"),
                                ("other", "Other"),
                            ],
                            default="",
                            max_length=10,
                        ),
                    ),
                    ("owner_name", models.CharField(blank=True, default="", max_length=200)),
                    ("content", models.BinaryField(null=True)),
                    (
                        "request",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="steps",
                            to="entry.helprequest",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("request", "number"), name="help_step_once")
                    ],
                },
            ),
        ),
    ]
