"""Tables that the database itself keeps append-only: it refuses UPDATE, DELETE and TRUNCATE."""

from collections.abc import Callable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION naer_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' refused', ERRCODE = '23001';
END $$
"""


def refuse(table: str) -> RunPython:
    """The migration step that makes `table` append-only; taking it back lifts that again."""

    def forward(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
        lock(editor.execute, editor.connection.vendor, table)

    def backward(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
        unlock(editor.execute, editor.connection.vendor, table)

    return RunPython(forward, backward)


def lock(execute: Callable[[str], Any], vendor: str, table: str) -> None:
    """Make the database refuse changes to the rows of `table`.

    Raises:
        NotImplementedError: on a database that Naer is not written for.
    """
    if vendor == "sqlite":
        for act in ("update", "delete"):
            execute(
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {act.upper()} refused'); END"
            )
    elif vendor == "postgresql":
        execute(POSTGRES_FUNCTION)
        execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION naer_append_only()"
        )
        execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION naer_append_only()"
        )
    else:
        raise NotImplementedError(f"no append-only triggers for {vendor}; use SQLite or PostgreSQL")


def unlock(execute: Callable[[str], Any], vendor: str, table: str) -> None:
    """Let the rows of `table` be changed again: for taking a migration back, and for tests."""
    names = ("no_update", "no_delete") if vendor == "sqlite" else ("no_change", "no_truncate")
    for name in names:
        on = "" if vendor == "sqlite" else f" ON {table}"
        execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}")
