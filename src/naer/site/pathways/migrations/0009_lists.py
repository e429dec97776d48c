from django.db import migrations, models


def waits(side: str, name: str, fields: list[str], **narrower: object) -> migrations.AddIndex:
    """The index of a work list: what runs and is owed by, or to, an organisation, in the list's order."""
    condition = models.Q(outcome="", withdrawn=False, **narrower)
    index = models.Index(fields=[side, *fields], condition=condition, name=f"waits_{side}_{name}")
    return migrations.AddIndex("obligation", index)


class Migration(migrations.Migration):
    dependencies = [("pathways", "0008_stage")]
    operations = [
        migrations.RemoveIndex("obligation", "pathways_ob_owed_by_006220_idx"),
        migrations.RemoveIndex("obligation", "pathways_ob_owed_to_eac714_idx"),
        migrations.RemoveIndex("citizen", "citizen_stage"),
        migrations.AddIndex(
            "citizen", models.Index(fields=["stage", "stage_since", "key"], name="citizen_staged")
        ),
        migrations.AddIndex(
            "citizen", models.Index(fields=["status", "-status_since", "key"], name="citizen_status")
        ),
        migrations.AddIndex("citizen", models.Index(fields=["name", "key"], name="citizen_name")),
        waits("owed_by", "due", ["due", "start", "id"]),
        waits("owed_by", "open", ["start", "id"], due__isnull=True),
        waits("owed_to", "due", ["due", "start", "id"]),
        waits("owed_to", "open", ["start", "id"], due__isnull=True),
    ]
