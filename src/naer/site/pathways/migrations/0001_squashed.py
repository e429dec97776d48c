import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from naer.site.append_only import refuse
from naer.site.tables import CreateModels

SPREAD = {
    "pathways_loggedevent": {"citizen": -0.11, "pathway": -0.13},
    "pathways_obligation": {"citizen_id": -0.18, "pathway": -0.2},
}
"""PostgreSQL: how many different values a column has for each row, with a minus as PostgreSQL writes it.

Rows of one citizen or pathway are few and lie together, so what ANALYZE samples makes it believe that there are
a tenth as many citizens as there are; it then expects hundreds of events of each, and reads whole tables where
an index has the answer. The shares are those of large synthetic regions (`naer demo build`: nine events and six
obligations a citizen); nobody has counted in a real one.
"""


def say(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Tell the planner; it believes it from the next ANALYZE on."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in SPREAD.items():
        for column, share in columns.items():
            schema_editor.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET (n_distinct = {share})')


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("pathways", "0001_initial"),
        ("pathways", "0002_append_only"),
        ("pathways", "0003_obligation_closed"),
        ("pathways", "0004_former"),
        ("pathways", "0005_provisional"),
        ("pathways", "0006_obligation_updated"),
        ("pathways", "0007_number_system"),
        ("pathways", "0008_stage"),
        ("pathways", "0009_lists"),
        ("pathways", "0010_changes"),
        ("pathways", "0011_practice_lists"),
        ("pathways", "0012_spread"),
    ]
    dependencies = [("accounts", "0001_squashed")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Anchor",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("at", models.DateTimeField()),
                    ("seq", models.BigIntegerField()),
                    ("chains", models.BigIntegerField()),
                    ("digest", models.CharField(max_length=64)),
                ],
            ),
            migrations.CreateModel(
                name="Citizen",
                fields=[
                    ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ("number_index", models.CharField(max_length=64, unique=True)),
                    ("number_cipher", models.BinaryField()),
                    ("name", models.CharField(blank=True, default="", max_length=200)),
                    ("born", models.DateField(null=True)),
                    ("municipality", models.CharField(db_index=True, max_length=4)),
                    ("status", models.CharField(default="none", max_length=16)),
                    ("status_since", models.BigIntegerField(null=True)),
                    ("wake", models.BigIntegerField(null=True)),
                    (
                        "gp",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                    ("provisional", models.BooleanField(default=False)),
                    (
                        "number_system",
                        models.CharField(blank=True, db_default="", default="", max_length=200),
                    ),
                    ("stage", models.CharField(blank=True, db_default="", default="", max_length=12)),
                    ("stage_since", models.BigIntegerField(null=True)),
                    ("stage_plan", models.BigIntegerField(null=True)),
                    (
                        "stage_hospital",
                        models.CharField(blank=True, db_default="", default="", max_length=64),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("wake__isnull", False)), fields=["wake"], name="citizen_wakes"
                        ),
                        models.Index(fields=["stage", "stage_since", "key"], name="citizen_staged"),
                        models.Index(fields=["status", "-status_since", "key"], name="citizen_status"),
                        models.Index(fields=["name", "key"], name="citizen_name"),
                        models.Index(fields=["gp", "stage", "stage_since", "key"], name="citizen_gp_staged"),
                        models.Index(
                            fields=["gp", "status", "-status_since", "key"], name="citizen_gp_status"
                        ),
                        models.Index(fields=["gp", "name", "key"], name="citizen_gp_name"),
                    ],
                },
            ),
            migrations.CreateModel(
                name="Case",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("municipality", models.CharField(max_length=4)),
                    ("kind", models.CharField(max_length=40)),
                    ("opened", models.DateField()),
                    ("closed", models.DateField(null=True)),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="cases",
                            to="pathways.citizen",
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["citizen", "municipality"], name="pathways_ca_citizen_1d46ad_idx"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="LoggedEvent",
                fields=[
                    ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                    ("id", models.CharField(max_length=128)),
                    ("pathway", models.CharField(max_length=128)),
                    ("citizen", models.CharField(max_length=64)),
                    ("kind", models.CharField(max_length=64)),
                    ("at", models.BigIntegerField()),
                    ("sent", models.BigIntegerField(null=True)),
                    ("received", models.BigIntegerField()),
                    ("organisation", models.CharField(max_length=64, null=True)),
                    ("municipality", models.CharField(max_length=4, null=True)),
                    ("attributes", models.TextField(default="{}")),
                    ("source", models.CharField(max_length=128)),
                    ("changes", models.CharField(max_length=128, null=True)),
                    ("place", models.IntegerField()),
                    ("previous", models.CharField(max_length=64)),
                    ("digest", models.CharField(max_length=64)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["citizen"], name="pathways_lo_citizen_e2233d_idx"),
                        models.Index(fields=["id"], name="pathways_lo_id_7dddb2_idx"),
                        models.Index(
                            condition=models.Q(("changes__isnull", False)),
                            fields=["changes"],
                            name="event_changes",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("pathway", "place"), name="one_chain_per_pathway")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Obligation",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("pathway", models.CharField(max_length=128)),
                    ("agreement", models.CharField(max_length=100)),
                    ("version", models.DateField(null=True)),
                    ("clause", models.CharField(max_length=100)),
                    ("trigger", models.CharField(max_length=128)),
                    ("triggered_at", models.BigIntegerField()),
                    ("owed_by", models.CharField(max_length=64)),
                    ("owed_to", models.CharField(max_length=64)),
                    ("owed_by_role", models.CharField(default="", max_length=20)),
                    ("owed_to_role", models.CharField(default="", max_length=20)),
                    ("start", models.BigIntegerField()),
                    ("due", models.BigIntegerField(null=True)),
                    ("outcome", models.CharField(blank=True, default="", max_length=12)),
                    ("closed_by", models.CharField(max_length=128, null=True)),
                    ("closed_at", models.BigIntegerField(null=True)),
                    ("elapsed", models.BigIntegerField(null=True)),
                    ("paused", models.BigIntegerField(default=0)),
                    ("working", models.BigIntegerField(null=True)),
                    ("withdrawn", models.BooleanField(default=False)),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="obligations",
                            to="pathways.citizen",
                        ),
                    ),
                    ("updated", models.BigIntegerField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["pathway"], name="pathways_ob_pathway_199d5c_idx"),
                        models.Index(
                            condition=models.Q(("closed_at__isnull", False)),
                            fields=["owed_by", "closed_at"],
                            name="obligation_closed",
                        ),
                        models.Index(
                            condition=models.Q(("outcome", ""), ("withdrawn", False)),
                            fields=["owed_by", "due", "start", "id"],
                            name="waits_owed_by_due",
                        ),
                        models.Index(
                            condition=models.Q(("due__isnull", True), ("outcome", ""), ("withdrawn", False)),
                            fields=["owed_by", "start", "id"],
                            name="waits_owed_by_open",
                        ),
                        models.Index(
                            condition=models.Q(("outcome", ""), ("withdrawn", False)),
                            fields=["owed_to", "due", "start", "id"],
                            name="waits_owed_to_due",
                        ),
                        models.Index(
                            condition=models.Q(("due__isnull", True), ("outcome", ""), ("withdrawn", False)),
                            fields=["owed_to", "start", "id"],
                            name="waits_owed_to_open",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("citizen", "agreement", "clause", "trigger"), name="obligation_identity"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="EscalationStep",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("step", models.SmallIntegerField()),
                    ("at", models.BigIntegerField()),
                    ("to", models.CharField(max_length=40)),
                    ("fired_at", models.BigIntegerField(null=True)),
                    (
                        "obligation",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="steps",
                            to="pathways.obligation",
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(condition=models.Q(("fired_at", None)), fields=["at"], name="step_waits")
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("obligation", "step"), name="step_fires_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Former",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("until", models.BigIntegerField()),
                    ("municipality", models.CharField(max_length=4)),
                    (
                        "citizen",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="former",
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "gp",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="+",
                            to="accounts.organisation",
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("citizen", "until"), name="one_move_at_a_time")
                    ],
                },
            ),
        ),
        refuse("pathways_loggedevent"),
        refuse("pathways_anchor"),
        migrations.RunPython(say, migrations.RunPython.noop),
    ]
