import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_analyst"),
        ("accounts", "0003_address"),
        ("accounts", "0005_sign_in"),
        ("accounts", "0006_sessions_ended"),
    ]
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Organisation",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("name", models.CharField(max_length=200)),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("hospital", "Hospital"),
                                ("municipality", "Municipality"),
                                ("gp", "General practice"),
                                ("other", "Other"),
                            ],
                            max_length=20,
                        ),
                    ),
                    ("municipality", models.CharField(blank=True, db_index=True, default="", max_length=4)),
                    ("sor", models.CharField(max_length=20, null=True, unique=True)),
                    ("gln", models.CharField(max_length=13, null=True, unique=True)),
                ],
            ),
            migrations.CreateModel(
                name="User",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("password", models.CharField(max_length=128, verbose_name="password")),
                    ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                    (
                        "is_superuser",
                        models.BooleanField(
                            default=False,
                            help_text="Designates that this user has all permissions without explicitly assigning them.",
                            verbose_name="superuser status",
                        ),
                    ),
                    (
                        "username",
                        models.CharField(
                            error_messages={"unique": "A user with that username already exists."},
                            help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                            max_length=150,
                            unique=True,
                            validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                            verbose_name="username",
                        ),
                    ),
                    ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                    ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                    ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                    (
                        "is_staff",
                        models.BooleanField(
                            default=False,
                            help_text="Designates whether the user can log into this admin site.",
                            verbose_name="staff status",
                        ),
                    ),
                    (
                        "is_active",
                        models.BooleanField(
                            default=True,
                            help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                            verbose_name="active",
                        ),
                    ),
                    (
                        "date_joined",
                        models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                    ),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("coordinator", "Care coordinator"),
                                ("municipal_nurse", "Municipal nurse"),
                                ("discharge_nurse", "Discharge nurse"),
                                ("gp", "General practitioner"),
                                ("director", "Health director"),
                                ("analyst", "Analyst"),
                                ("administrator", "Administrator"),
                                ("integration", "System integration"),
                                ("citizen", "Citizen"),
                                ("relative", "Next of kin"),
                            ],
                            default="coordinator",
                            max_length=20,
                        ),
                    ),
                    ("language", models.CharField(blank=True, default="", max_length=2)),
                    ("is_demo", models.BooleanField(default=False)),
                    (
                        "groups",
                        models.ManyToManyField(
                            blank=True,
                            help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                            related_name="user_set",
                            related_query_name="user",
                            to="auth.group",
                            verbose_name="groups",
                        ),
                    ),
                    (
                        "user_permissions",
                        models.ManyToManyField(
                            blank=True,
                            help_text="Specific permissions for this user.",
                            related_name="user_set",
                            related_query_name="user",
                            to="auth.permission",
                            verbose_name="user permissions",
                        ),
                    ),
                    (
                        "organisation",
                        models.ForeignKey(
                            blank=True,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            to="accounts.organisation",
                        ),
                    ),
                    ("sessions_ended", models.BigIntegerField(blank=True, null=True)),
                ],
                options={
                    "verbose_name": "user",
                    "verbose_name_plural": "users",
                    "abstract": False,
                },
                managers=[
                    ("objects", django.contrib.auth.models.UserManager()),
                ],
            ),
            migrations.CreateModel(
                name="Address",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("system", models.CharField(choices=[("her", "HER")], default="her", max_length=10)),
                    ("value", models.CharField(max_length=20)),
                    ("service", models.CharField(blank=True, default="", max_length=20)),
                    ("name", models.CharField(blank=True, default="", max_length=200)),
                    (
                        "organisation",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="addresses",
                            to="accounts.organisation",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("system", "value"), name="address_is_of_one")
                    ],
                },
            ),
            migrations.CreateModel(
                name="FailedSignIn",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("name", models.CharField(max_length=64)),
                    ("address", models.CharField(max_length=64)),
                    ("at", models.BigIntegerField(db_index=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["name", "at"], name="accounts_fa_name_9b5de5_idx"),
                        models.Index(fields=["address", "at"], name="accounts_fa_address_564401_idx"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Identity",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("provider", models.CharField(max_length=40)),
                    ("subject", models.CharField(max_length=255, null=True)),
                    ("number_index", models.CharField(max_length=64, null=True)),
                    ("number_cipher", models.BinaryField(null=True)),
                    ("made", models.BigIntegerField()),
                    ("used", models.BigIntegerField(null=True)),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="identities",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("provider", "subject"), name="subject_is_of_one"),
                        models.UniqueConstraint(fields=("provider", "number_index"), name="expected_once"),
                    ],
                },
            ),
        ),
    ]
