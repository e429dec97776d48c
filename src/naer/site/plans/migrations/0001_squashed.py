import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [("plans", "0001_initial"), ("plans", "0002_taken_up")]
    dependencies = [("accounts", "0002_squashed"), ("pathways", "0001_squashed")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Coordinator",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[("main", "Main"), ("child", "Child")], default="main", max_length=5
                        ),
                    ),
                    ("phone", models.CharField(blank=True, default="", max_length=40)),
                    ("offered", models.BigIntegerField()),
                    ("offered_by", models.CharField(max_length=150)),
                    ("accepted", models.BigIntegerField(null=True)),
                    ("declined", models.BigIntegerField(null=True)),
                    ("started", models.BigIntegerField(null=True)),
                    ("until", models.BigIntegerField(null=True)),
                    ("ended", models.BigIntegerField(null=True)),
                    ("end_reason", models.CharField(blank=True, default="", max_length=20)),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="coordinators",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "deputy",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
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
                        "user",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["citizen"], name="plans_coord_citizen_e7b803_idx"),
                        models.Index(fields=["user", "ended"], name="plans_coord_user_id_87a17b_idx"),
                        models.Index(
                            condition=models.Q(("deputy__isnull", False)),
                            fields=["deputy"],
                            name="coordinator_deputy",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("ended", None), ("started__isnull", False)),
                            fields=("citizen", "kind"),
                            name="one_coordinator_of_each_kind",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="HandOver",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("proposed", models.BigIntegerField()),
                    ("proposed_by", models.CharField(max_length=150)),
                    ("confirmed_from", models.BigIntegerField(null=True)),
                    ("confirmed_to", models.BigIntegerField(null=True)),
                    ("cancelled", models.BigIntegerField(null=True)),
                    (
                        "coordinator",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="hand_overs",
                            to="plans.coordinator",
                        ),
                    ),
                    (
                        "to",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("cancelled", None)),
                            fields=("coordinator",),
                            name="one_hand_over_at_a_time",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Plan",
                fields=[
                    (
                        "citizen",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.PROTECT,
                            primary_key=True,
                            related_name="plan",
                            serialize=False,
                            to="pathways.citizen",
                        ),
                    ),
                    ("started", models.BigIntegerField()),
                    ("ended", models.BigIntegerField(null=True)),
                    ("end_reason", models.CharField(blank=True, default="", max_length=20)),
                    ("version", models.PositiveIntegerField(default=0)),
                    ("agreed", models.BigIntegerField(null=True)),
                    ("revise_by", models.DateField(db_index=True, null=True)),
                    ("seen_by_citizen", models.BigIntegerField(null=True)),
                    (
                        "responsible",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                    ("taken_up", models.BigIntegerField(null=True)),
                ],
            ),
            migrations.CreateModel(
                name="Part",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[("section", "Section"), ("goal", "Goal"), ("activity", "Activity")],
                            max_length=10,
                        ),
                    ),
                    ("section", models.PositiveSmallIntegerField()),
                    ("owner", models.CharField(blank=True, default="", max_length=64)),
                    ("state", models.CharField(blank=True, default="", max_length=10)),
                    ("starts", models.DateField(null=True)),
                    ("ends", models.DateField(null=True)),
                    ("revise_by", models.DateField(null=True)),
                    ("version", models.PositiveIntegerField(default=1)),
                    ("agreed_version", models.PositiveIntegerField(null=True)),
                    ("removed", models.BooleanField(default=False)),
                    (
                        "only_for",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="parts",
                            to="plans.plan",
                        ),
                    ),
                ],
                options={
                    "indexes": [models.Index(fields=["plan", "kind"], name="plans_part_plan_id_b10140_idx")],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("kind", "section"), ("only_for", None)),
                            fields=("plan", "section"),
                            name="section_shared_once",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("kind", "section"), ("only_for__isnull", False)),
                            fields=("plan", "section", "only_for"),
                            name="section_once_for_each",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PartVersion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    ("at", models.BigIntegerField()),
                    ("by", models.CharField(max_length=150)),
                    ("by_name", models.CharField(max_length=200)),
                    ("organisation", models.CharField(blank=True, default="", max_length=64)),
                    (
                        "change",
                        models.CharField(
                            choices=[
                                ("made", "Made"),
                                ("changed", "Changed"),
                                ("merged", "Merged"),
                                ("restored", "Restored"),
                                ("removed", "Removed"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("restored", models.PositiveIntegerField(null=True)),
                    ("content", models.BinaryField()),
                    (
                        "part",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="versions",
                            to="plans.part",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("part", "number"), name="part_version_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Participant",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("organisation", "Organisation"),
                                ("person", "Person"),
                                ("relative", "Relative"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("name", models.CharField(blank=True, default="", max_length=200)),
                    ("role", models.CharField(blank=True, default="", max_length=100)),
                    ("phone", models.CharField(blank=True, default="", max_length=40)),
                    ("joined", models.BigIntegerField()),
                    ("left", models.BigIntegerField(null=True)),
                    ("active", models.BooleanField(default=False)),
                    (
                        "organisation",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                    (
                        "user",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="participants",
                            to="plans.plan",
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["plan"], name="plans_parti_plan_id_afbe3c_idx"),
                        models.Index(
                            fields=["organisation", "active"], name="plans_parti_organis_f45e3c_idx"
                        ),
                        models.Index(
                            condition=models.Q(("user__isnull", False)),
                            fields=["user"],
                            name="participant_user",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("left", None), ("organisation__isnull", False)),
                            fields=("plan", "organisation"),
                            name="takes_part_once",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Consent",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("given", models.BigIntegerField()),
                    ("how", models.CharField(max_length=10)),
                    ("given_by", models.CharField(max_length=150)),
                    ("withdrawn", models.BigIntegerField(null=True)),
                    ("withdrawn_by", models.CharField(blank=True, default="", max_length=150)),
                    (
                        "participant",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="consents",
                            to="plans.participant",
                        ),
                    ),
                    (
                        "plan",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="consents",
                            to="plans.plan",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("participant", None), ("withdrawn", None)),
                            fields=("plan",),
                            name="plan_consent_once",
                        ),
                        models.UniqueConstraint(
                            condition=models.Q(("participant__isnull", False), ("withdrawn", None)),
                            fields=("participant",),
                            name="sharing_consent_once",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="PlanVersion",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("number", models.PositiveIntegerField()),
                    ("at", models.BigIntegerField()),
                    ("by", models.CharField(max_length=150)),
                    ("by_name", models.CharField(max_length=200)),
                    ("organisation", models.CharField(max_length=64)),
                    ("parts", models.JSONField()),
                    ("revise_by", models.DateField(null=True)),
                    (
                        "plan",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="versions",
                            to="plans.plan",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("plan", "number"), name="plan_version_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="TeamMember",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("role", models.CharField(max_length=20)),
                    ("name", models.CharField(max_length=200)),
                    ("phone", models.CharField(blank=True, default="", max_length=40)),
                    ("hours", models.CharField(blank=True, default="", max_length=60)),
                    (
                        "place",
                        models.CharField(
                            choices=[("any", "Anywhere"), ("home", "Home"), ("hospital", "Hospital")],
                            default="any",
                            max_length=8,
                        ),
                    ),
                    ("starts", models.DateField()),
                    ("ends", models.DateField(null=True)),
                    (
                        "citizen",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="team",
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
            ),
        ),
    ]
