"""Less to write when a message changes where a citizen stands."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

LIKE_SQL = """
SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()
AND tablename = 'pathways_citizen' AND indexdef LIKE '%varchar_pattern_ops)'"""
LISTS = {
    "citizen_gp_staged": ["gp", "stage", "stage_since", "key"],
    "citizen_gp_status": ["gp", "status", "-status_since", "key"],
    "citizen_gp_name": ["gp", "name", "key"],
}


def drop(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL: the second index that Django gives each unique or indexed text, for LIKE.

    Nobody asks for keys so, and each change of a row's status would write three more entries.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(LIKE_SQL)
        found = cursor.fetchall()
    for (name,) in found:
        schema_editor.execute(f'DROP INDEX "{name}"')


class Migration(migrations.Migration):
    dependencies = [("pathways", "0001_squashed")]

    operations = [
        *(migrations.RemoveIndex("citizen", name) for name in LISTS),
        *(
            migrations.AddIndex(
                "citizen", models.Index(fields=fields, condition=models.Q(gp__isnull=False), name=name)
            )
            for name, fields in LISTS.items()
        ),
        migrations.RunPython(drop, migrations.RunPython.noop),
    ]
