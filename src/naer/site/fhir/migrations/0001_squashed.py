import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [("fhir", "0001_initial"), ("fhir", "0002_looked")]
    dependencies = [("accounts", "0002_squashed"), ("pathways", "0001_squashed")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Client",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("name", models.CharField(max_length=200)),
                    ("scopes", models.TextField()),
                    ("keys", models.JSONField(default=dict)),
                    ("created", models.BigIntegerField()),
                    (
                        "user",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="system",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="Job",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("kind", models.CharField(max_length=10)),
                    ("client", models.CharField(blank=True, default="", max_length=64)),
                    ("scopes", models.TextField(null=True)),
                    ("request", models.TextField()),
                    ("base", models.TextField()),
                    ("parameters", models.JSONField(default=dict)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "Waiting"),
                                ("running", "Running"),
                                ("done", "Done"),
                                ("failed", "Failed"),
                            ],
                            default="waiting",
                            max_length=10,
                        ),
                    ),
                    ("created", models.BigIntegerField(db_index=True)),
                    ("started", models.BigIntegerField(null=True)),
                    ("finished", models.BigIntegerField(null=True)),
                    ("progress", models.CharField(blank=True, default="", max_length=100)),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                        ),
                    ),
                ],
                options={
                    "indexes": [models.Index(fields=["state", "created"], name="fhir_job_state_26352e_idx")],
                },
            ),
            migrations.CreateModel(
                name="JobFile",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("number", models.IntegerField()),
                    ("side", models.CharField(max_length=6)),
                    ("type", models.CharField(max_length=40)),
                    ("count", models.IntegerField()),
                    ("content", models.BinaryField()),
                    (
                        "job",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="files",
                            to="fhir.job",
                        ),
                    ),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("job", "number"), name="job_file_once")],
                },
            ),
            migrations.CreateModel(
                name="StoredObservation",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("at", models.BigIntegerField()),
                    ("stored", models.BigIntegerField(db_index=True)),
                    ("organisation", models.CharField(blank=True, default="", max_length=64)),
                    ("by", models.CharField(max_length=150)),
                    ("identifier", models.CharField(blank=True, default="", max_length=64)),
                    ("code", models.CharField(blank=True, default="", max_length=200)),
                    ("content", models.BinaryField()),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False, on_delete=django.db.models.deletion.PROTECT, to="pathways.citizen"
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["citizen", "at"], name="fhir_stored_citizen_40b922_idx")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("identifier", ""), _negated=True),
                            fields=("identifier",),
                            name="observation_once",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Subscription",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("client", models.CharField(blank=True, default="", max_length=64)),
                    ("scopes", models.TextField(null=True)),
                    ("criteria", models.TextField()),
                    ("reason", models.TextField()),
                    ("endpoint", models.TextField()),
                    ("header", models.BinaryField(null=True)),
                    ("payload", models.CharField(blank=True, default="", max_length=60)),
                    ("base", models.TextField()),
                    (
                        "status",
                        models.CharField(
                            choices=[
                                ("requested", "Requested"),
                                ("active", "Active"),
                                ("error", "Error"),
                                ("off", "Off"),
                            ],
                            default="requested",
                            max_length=10,
                        ),
                    ),
                    ("error", models.CharField(blank=True, default="", max_length=300)),
                    ("end", models.BigIntegerField(null=True)),
                    ("created", models.BigIntegerField()),
                    ("changed", models.BigIntegerField()),
                    ("events", models.BigIntegerField(default=0)),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                        ),
                    ),
                    ("looked", models.BigIntegerField(default=0)),
                    ("newest", models.BigIntegerField(default=0)),
                ],
                options={
                    "indexes": [models.Index(fields=["status"], name="fhir_subscr_status_9d6c9f_idx")],
                },
            ),
            migrations.CreateModel(
                name="Known",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("resource", models.CharField(max_length=110)),
                    ("version", models.CharField(max_length=64)),
                    (
                        "subscription",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            to="fhir.subscription",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("subscription", "resource"), name="known_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Token",
                fields=[
                    ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("scopes", models.TextField()),
                    ("issued", models.BigIntegerField()),
                    ("expires", models.BigIntegerField(db_index=True)),
                    (
                        "client",
                        models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="fhir.client"),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="Assertion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("jti", models.CharField(max_length=64)),
                    ("expires", models.BigIntegerField(db_index=True)),
                    (
                        "client",
                        models.ForeignKey(
                            db_index=False, on_delete=django.db.models.deletion.CASCADE, to="fhir.client"
                        ),
                    ),
                ],
                options={
                    "constraints": [models.UniqueConstraint(fields=("client", "jti"), name="assertion_once")],
                },
            ),
        ),
    ]
