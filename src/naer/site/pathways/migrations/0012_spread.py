"""PostgreSQL: rows of one citizen or pathway are few, however many there are in all.

They lie together, so what ANALYZE samples makes it believe that there are a tenth as many citizens as there
are. It then expects hundreds of events of each, and reads whole tables where an index has the answer.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SPREAD = {
    "pathways_loggedevent": {"citizen": -0.11, "pathway": -0.13},
    "pathways_obligation": {"citizen_id": -0.18, "pathway": -0.2},
}
"""Different values for each row, with a minus as PostgreSQL has it: a citizen has some nine events."""


def say(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Tell the planner; it believes it from the next ANALYZE on."""
    _alter(schema_editor, "SET (n_distinct = {share})")


def unsay(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _alter(schema_editor, "RESET (n_distinct)")


def _alter(schema_editor: BaseDatabaseSchemaEditor, what: str) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in SPREAD.items():
        for column, share in columns.items():
            schema_editor.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" {what.format(share=share)}')


class Migration(migrations.Migration):
    dependencies = [("pathways", "0011_practice_lists")]

    operations = [migrations.RunPython(say, unsay)]
