"""Tables that the database itself keeps append-only: it refuses UPDATE, DELETE, TRUNCATE and REPLACE.

SQLite's `INSERT OR REPLACE` deletes the row in its way without asking the DELETE trigger, so an INSERT
that would take a row's place is refused by a trigger of its own.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION naer_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING
        MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' refused', ERRCODE = '23001';
END $$
"""

TABLES = (
    "access_accessentry",
    "access_accessseal",
    "messaging_delivery",
    "pathways_anchor",
    "pathways_loggedevent",
)
"""Every table that is append-only."""

_ALSO_UNIQUE = {"pathways_loggedevent": ("pathway", "place")}
"""What is unique beside the primary key: a REPLACE could aim at it."""

_NAMES = {"sqlite": ("no_update", "no_delete", "no_replace"), "postgresql": ("no_change", "no_truncate")}


def refuse(table: str) -> RunPython:
    """The migration step that makes `table` append-only; taking it back lifts that again."""

    def forward(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
        lock(editor.execute, editor.connection.vendor, table)

    def backward(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
        unlock(editor.execute, editor.connection.vendor, table)

    return RunPython(forward, backward)


def renew(table: str) -> RunPython:
    """The migration step that gives `table` the triggers added since it was made; none are taken away."""

    def forward(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
        lock(editor.execute, editor.connection.vendor, table)

    return RunPython(forward, RunPython.noop)


def missing() -> list[str]:
    """The triggers that should be on the append-only tables and are not (or are switched off)."""
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        there = {name for (name,) in cursor.fetchall()}
    wanted = [f"{table}_{name}" for table in TABLES for name in _NAMES[connection.vendor]]
    return [name for name in wanted if name not in there]


def lock(execute: Callable[[str], Any], vendor: str, table: str) -> None:
    """Make the database refuse changes to the rows of `table`; may be done again.

    Raises:
        NotImplementedError: on a database that Naer is not written for.
    """
    if vendor == "sqlite":
        for act in ("update", "delete"):
            execute(
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {act.upper()} refused'); END"
            )
        unique = " AND ".join(f"{name} = NEW.{name}" for name in _ALSO_UNIQUE.get(table, ()))
        taken = f"rowid = NEW.rowid{f' OR ({unique})' if unique else ''}"
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {taken})"  # noqa: S608 - names of our own
        execute(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: REPLACE refused'); END"
        )
    elif vendor == "postgresql":
        execute(POSTGRES_FUNCTION)
        execute(
            f"CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION naer_append_only()"
        )
        execute(
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION naer_append_only()"
        )
    else:
        raise NotImplementedError(f"no append-only triggers for {vendor}; use SQLite or PostgreSQL")


def unlock(execute: Callable[[str], Any], vendor: str, table: str) -> None:
    """Let the rows of `table` be changed again: for taking a migration back, and for tests."""
    for name in _NAMES[vendor]:
        on = "" if vendor == "sqlite" else f" ON {table}"
        execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}")
