import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from naer.site.append_only import refuse
from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("access", "0001_initial"),
        ("access", "0002_append_only"),
        ("access", "0003_no_replace"),
        ("access", "0004_doors"),
        ("access", "0005_by_organisation"),
    ]
    dependencies = [("accounts", "0002_squashed"), ("pathways", "0001_squashed")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="AccessEntry",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("at", models.DateTimeField(db_index=True)),
                    ("user", models.CharField(max_length=150)),
                    ("organisation", models.CharField(blank=True, default="", max_length=64)),
                    ("role", models.CharField(blank=True, default="", max_length=20)),
                    ("citizen", models.CharField(blank=True, default="", max_length=64)),
                    ("action", models.CharField(max_length=40)),
                    ("subject", models.CharField(blank=True, default="", max_length=200)),
                    ("relation", models.CharField(blank=True, default="", max_length=40)),
                    ("purpose", models.CharField(blank=True, db_default="", default="", max_length=16)),
                    ("whence", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["citizen", "at"], name="access_acce_citizen_58632f_idx"),
                        models.Index(fields=["user", "at"], name="access_by_user"),
                        models.Index(fields=["organisation", "at"], name="access_by_organisation"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="AccessSeal",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("at", models.DateTimeField()),
                    ("last", models.BigIntegerField()),
                    ("entries", models.BigIntegerField()),
                    ("digest", models.CharField(max_length=64)),
                ],
            ),
            migrations.CreateModel(
                name="Block",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("since", models.BigIntegerField()),
                    ("lifted", models.BigIntegerField(null=True)),
                    (
                        "citizen",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="blocks",
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
                    "indexes": [
                        models.Index(fields=["organisation", "citizen"], name="block_of_organisation")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("lifted", None)),
                            fields=("citizen", "organisation"),
                            name="blocked_once",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Emergency",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("at", models.BigIntegerField()),
                    ("until", models.BigIntegerField()),
                    ("reason", models.BinaryField()),
                    ("reviewed", models.BigIntegerField(null=True)),
                    (
                        "verdict",
                        models.CharField(
                            blank=True,
                            choices=[("right", "Right"), ("wrong", "Wrong")],
                            default="",
                            max_length=8,
                        ),
                    ),
                    ("note", models.BinaryField(default=b"")),
                    (
                        "citizen",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="emergencies",
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
                    (
                        "reviewer",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["user", "citizen"], name="emergency_of_user"),
                        models.Index(fields=["organisation", "reviewed"], name="emergency_to_review"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Grant",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("name", models.CharField(blank=True, default="", max_length=100)),
                    ("code", models.CharField(blank=True, default="", max_length=64)),
                    ("what", models.CharField(max_length=200)),
                    ("since", models.BigIntegerField()),
                    ("until", models.BigIntegerField()),
                    ("ended", models.BigIntegerField(null=True)),
                    (
                        "citizen",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="grants",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "relative",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "indexes": [models.Index(fields=["relative", "citizen"], name="grant_of_relative")],
                },
            ),
        ),
        refuse("access_accessentry"),
        refuse("access_accessseal"),
    ]
