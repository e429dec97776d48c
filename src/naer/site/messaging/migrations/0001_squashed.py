import django.db.models.deletion
from django.db import migrations, models

from naer.site.append_only import refuse
from naer.site.tables import CreateModels


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("messaging", "0001_initial"),
        ("messaging", "0002_letters"),
        ("messaging", "0003_append_only"),
        ("messaging", "0004_letter_for_each_receiver"),
    ]
    dependencies = [("pathways", "0001_squashed")]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name="Message",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("message_id", models.CharField(blank=True, default="", max_length=64)),
                    ("bundle_id", models.CharField(blank=True, default="", max_length=64)),
                    ("content_hash", models.CharField(max_length=64)),
                    ("standard", models.CharField(max_length=40)),
                    ("code", models.CharField(blank=True, default="", max_length=40)),
                    ("format", models.CharField(max_length=4)),
                    ("channel", models.CharField(max_length=20)),
                    ("received", models.BigIntegerField(db_index=True)),
                    ("sent", models.BigIntegerField(null=True)),
                    ("sender", models.CharField(blank=True, default="", max_length=64)),
                    ("receiver", models.CharField(blank=True, default="", max_length=64)),
                    ("acknowledgement", models.CharField(max_length=16)),
                    ("issues", models.JSONField(default=list)),
                    ("flags", models.JSONField(default=list)),
                    ("shown", models.BooleanField(default=False)),
                    ("stored", models.BooleanField(default=False)),
                    ("reason", models.CharField(blank=True, default="", max_length=40)),
                    ("pathway", models.CharField(blank=True, default="", max_length=128)),
                    ("event", models.CharField(blank=True, default="", max_length=128)),
                    ("content", models.BinaryField(null=True)),
                    ("answer", models.BinaryField(null=True)),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "duplicate_of",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="copies",
                            to="messaging.message",
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["message_id"], name="messaging_m_message_04af3d_idx"),
                        models.Index(fields=["bundle_id"], name="messaging_m_bundle__4a224f_idx"),
                        models.Index(fields=["citizen"], name="messaging_m_citizen_77232d_idx"),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(
                                ("duplicate_of", None), models.Q(("message_id", ""), _negated=True)
                            ),
                            fields=("message_id", "content_hash"),
                            name="first_copy_is_one",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="OutgoingMessage",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("message_id", models.CharField(max_length=128)),
                    ("kind", models.CharField(max_length=40)),
                    ("sender", models.CharField(blank=True, default="", max_length=64)),
                    ("receiver", models.CharField(blank=True, default="", max_length=64)),
                    ("obligation", models.CharField(blank=True, default="", max_length=300)),
                    ("created", models.BigIntegerField()),
                    ("sent", models.BigIntegerField(null=True)),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("waiting", "Waiting"),
                                ("sent", "Sent"),
                                ("acknowledged", "Acknowledged"),
                                ("refused", "Refused"),
                                ("late", "Late"),
                                ("failed", "Failed"),
                                ("given-up", "Given Up"),
                            ],
                            default="waiting",
                            max_length=16,
                        ),
                    ),
                    ("format", models.CharField(default="json", max_length=4)),
                    ("content", models.BinaryField()),
                    (
                        "cause",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="answers",
                            to="messaging.message",
                        ),
                    ),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False,
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            to="pathways.citizen",
                        ),
                    ),
                    (
                        "answer",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="answered",
                            to="messaging.message",
                        ),
                    ),
                    ("answered", models.BigIntegerField(null=True)),
                    ("answered_with", models.CharField(blank=True, db_default="", default="", max_length=16)),
                    ("answers", models.CharField(blank=True, db_default="", default="", max_length=128)),
                    ("attempts", models.IntegerField(db_default=0, default=0)),
                    ("bundle_id", models.CharField(blank=True, db_default="", default="", max_length=128)),
                    ("by", models.CharField(blank=True, db_default="", default="", max_length=64)),
                    ("closed", models.BigIntegerField(null=True)),
                    ("closed_by", models.CharField(blank=True, db_default="", default="", max_length=64)),
                    ("due", models.BigIntegerField(null=True)),
                    ("event", models.CharField(blank=True, db_default="", default="", max_length=128)),
                    (
                        "issues",
                        models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
                    ),
                    ("last_error", models.CharField(blank=True, db_default="", default="", max_length=300)),
                    ("letter", models.BinaryField(null=True)),
                    ("next_attempt", models.BigIntegerField(null=True)),
                    ("pathway", models.CharField(blank=True, db_default="", default="", max_length=128)),
                    ("reason", models.CharField(blank=True, db_default="", default="", max_length=300)),
                    ("resends", models.IntegerField(db_default=0, default=0)),
                    ("standard", models.CharField(blank=True, db_default="", default="", max_length=40)),
                    ("transport", models.CharField(blank=True, db_default="", default="", max_length=20)),
                    ("type", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["state", "next_attempt"], name="messaging_o_state_9bd3ae_idx"),
                        models.Index(fields=["receiver", "state"], name="messaging_o_receive_a7900d_idx"),
                        models.Index(fields=["sender", "state"], name="messaging_o_sender_55dd2d_idx"),
                        models.Index(fields=["citizen"], name="messaging_o_citizen_3880d2_idx"),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("message_id", "receiver"), name="one_message_to_a_receiver"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Delivery",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("at", models.BigIntegerField()),
                    ("transport", models.CharField(blank=True, default="", max_length=20)),
                    ("target", models.CharField(blank=True, default="", max_length=300)),
                    ("bundle_id", models.CharField(blank=True, default="", max_length=128)),
                    ("outcome", models.CharField(max_length=20)),
                    ("detail", models.CharField(blank=True, default="", max_length=300)),
                    ("by", models.CharField(blank=True, default="", max_length=64)),
                    (
                        "message",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="deliveries",
                            to="messaging.outgoingmessage",
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="Thread",
                fields=[
                    ("key", models.CharField(max_length=140, primary_key=True, serialize=False)),
                    ("identifier", models.CharField(max_length=64)),
                    ("standard", models.CharField(max_length=40)),
                    ("newest", models.BigIntegerField()),
                    (
                        "citizen",
                        models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="pathways.citizen"),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("citizen", "identifier"), name="one_thread")
                    ],
                },
            ),
            migrations.CreateModel(
                name="StoredLetter",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("message_id", models.CharField(max_length=128)),
                    ("content_hash", models.CharField(blank=True, default="", max_length=64)),
                    ("standard", models.CharField(max_length=40)),
                    ("type", models.CharField(max_length=40)),
                    ("sender", models.CharField(blank=True, default="", max_length=64)),
                    ("receiver", models.CharField(blank=True, default="", max_length=64)),
                    ("sent", models.BigIntegerField()),
                    ("stored", models.BigIntegerField()),
                    ("read", models.BigIntegerField(null=True)),
                    ("read_by", models.CharField(blank=True, default="", max_length=64)),
                    ("content", models.BinaryField()),
                    (
                        "citizen",
                        models.ForeignKey(
                            db_index=False, on_delete=django.db.models.deletion.PROTECT, to="pathways.citizen"
                        ),
                    ),
                    (
                        "incoming",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="letters",
                            to="messaging.message",
                        ),
                    ),
                    (
                        "outgoing",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="letters",
                            to="messaging.outgoingmessage",
                        ),
                    ),
                    (
                        "thread",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.PROTECT,
                            related_name="letters",
                            to="messaging.thread",
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["citizen", "sent"], name="messaging_s_citizen_53aa15_idx"),
                        models.Index(fields=["receiver", "read"], name="messaging_s_receive_ca884e_idx"),
                        models.Index(fields=["message_id"], name="messaging_s_message_54844a_idx"),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            condition=models.Q(("outgoing", None)),
                            fields=("message_id", "content_hash", "receiver"),
                            name="letter_in_once",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ThreadParty",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("organisation", models.CharField(max_length=64)),
                    ("unread", models.IntegerField(default=0)),
                    ("newest", models.BigIntegerField()),
                    (
                        "thread",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="parties",
                            to="messaging.thread",
                        ),
                    ),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["organisation", "-newest"], name="messaging_t_organis_05a049_idx"
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(fields=("thread", "organisation"), name="party_once")
                    ],
                },
            ),
        ),
        refuse("messaging_delivery"),
    ]
