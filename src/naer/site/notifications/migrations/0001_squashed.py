import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [("notifications", "0001_initial"), ("notifications", "0002_unconfirmed")]
    dependencies = [("accounts", "0002_squashed"), ("pathways", "0001_squashed")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Gathered",
                fields=[
                    ("source", models.CharField(max_length=40, primary_key=True, serialize=False)),
                    ("upto", models.BigIntegerField(default=0)),
                ],
            ),
            migrations.CreateModel(
                name="Preference",
                fields=[
                    (
                        "user",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            primary_key=True,
                            related_name="told_how",
                            serialize=False,
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "email",
                        models.CharField(
                            choices=[("never", "Never"), ("soon", "Soon"), ("daily", "Daily")],
                            default="soon",
                            max_length=8,
                        ),
                    ),
                    ("daily_at", models.PositiveSmallIntegerField(default=420)),
                    ("quiet_from", models.PositiveSmallIntegerField(default=1080)),
                    ("quiet_until", models.PositiveSmallIntegerField(default=420)),
                    ("leads", models.BooleanField(default=False)),
                    ("muted", models.CharField(blank=True, default="", max_length=300)),
                ],
            ),
            migrations.CreateModel(
                name="Mail",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("made", models.BigIntegerField()),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "Waiting"),
                                ("sent", "Sent"),
                                ("dropped", "Dropped"),
                                ("refused", "Refused"),
                                ("failed", "Failed"),
                            ],
                            default="waiting",
                            max_length=8,
                        ),
                    ),
                    ("next_at", models.BigIntegerField()),
                    ("tries", models.PositiveSmallIntegerField(default=0)),
                    ("closed", models.BigIntegerField(null=True)),
                    ("detail", models.CharField(blank=True, default="", max_length=100)),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("state", "waiting")), fields=["next_at"], name="mail_waits"
                        ),
                        models.Index(fields=["user", "-made"], name="mail_of_user"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Notification",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("kind", models.CharField(max_length=40)),
                    ("thing", models.CharField(max_length=150)),
                    ("at", models.BigIntegerField()),
                    ("subject", models.CharField(blank=True, default="", max_length=100)),
                    ("read", models.BigIntegerField(null=True)),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "mail",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="tells",
                            to="notifications.mail",
                        ),
                    ),
                    (
                        "obligation",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="pathways.obligation",
                        ),
                    ),
                    (
                        "user",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["user", "-at"], name="told_of_user"),
                        models.Index(condition=models.Q(("read", None)), fields=["user"], name="told_unread"),
                        models.Index(
                            condition=models.Q(("mail", None), ("read", None)),
                            fields=["at"],
                            name="told_to_mail",
                        ),
                    ],
                    "constraints": [models.UniqueConstraint(fields=("user", "thing"), name="told_once")],
                },
            ),
            migrations.CreateModel(
                name="Unconfirmed",
                fields=[
                    (
                        "user",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            primary_key=True,
                            related_name="unconfirmed",
                            serialize=False,
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    ("address", models.EmailField(max_length=254)),
                    ("since", models.BigIntegerField()),
                    ("next_at", models.BigIntegerField(null=True)),
                    ("tries", models.PositiveSmallIntegerField(default=0)),
                    ("sent", models.BigIntegerField(null=True)),
                ],
            ),
        ),
    ]
