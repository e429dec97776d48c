import json
import time
from collections import defaultdict

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Q

_STAYS = ("acute-ambulant", "admitted", "on-leave")
_LATELY = 60 * 24 * 3600 * 1_000_000
_BATCH = 500
_FIELDS = ("id", "pathway", "citizen", "kind", "at", "sent", "received", "organisation", "municipality")


def fill(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """The stage of those whose stay runs or lately ran."""
    from naer.events.event import Event
    from naer.events.log import effective
    from naer.messages.linking import link
    from naer.site.pathways.stage import stage

    now = int(time.time() * 1_000_000)
    citizens, logged = apps.get_model("pathways", "Citizen"), apps.get_model("pathways", "LoggedEvent")
    lately = Q(status__in=_STAYS) | Q(status="discharged", status_since__gte=now - _LATELY)
    keys = list(citizens.objects.filter(lately).order_by("key").values_list("key", flat=True))
    for first in range(0, len(keys), _BATCH):
        logs: dict[str, list[Event]] = defaultdict(list)
        for row in logged.objects.filter(citizen__in=keys[first : first + _BATCH]).order_by("seq"):
            given = {name: getattr(row, name) for name in (*_FIELDS, "source", "changes")}
            logs[row.citizen].append(Event(**given, attributes=json.loads(row.attributes)))
        for key, events in logs.items():
            name, since, plan, hospital = stage(effective(link(events), now).events)
            citizens.objects.filter(key=key).update(
                stage=name, stage_since=since, stage_plan=plan, stage_hospital=hospital
            )


class Migration(migrations.Migration):
    dependencies = [("pathways", "0007_number_system")]
    operations = [
        migrations.AddField(
            model_name="citizen",
            name="stage",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
        migrations.AddField(
            model_name="citizen", name="stage_since", field=models.BigIntegerField(null=True)
        ),
        migrations.AddField(model_name="citizen", name="stage_plan", field=models.BigIntegerField(null=True)),
        migrations.AddField(
            model_name="citizen",
            name="stage_hospital",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddIndex(
            model_name="citizen",
            index=models.Index(
                condition=models.Q(("stage", ""), _negated=True),
                fields=["stage", "stage_since"],
                name="citizen_stage",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
