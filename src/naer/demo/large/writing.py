"""Rows in bulk into empty tables: COPY on PostgreSQL, many at once on SQLite; indexes are made afterwards.

The tables are empty before, and nobody else uses the database meanwhile. What keeps them sound (indexes,
constraints, triggers) is taken away and put back as it was: on PostgreSQL in one transaction, on SQLite in
a file that gets its name when it is whole (see `build`).
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
from django.db import connection, transaction

from naer.site import append_only

TABLES = (
    "pathways_citizen", "pathways_case", "pathways_loggedevent", "pathways_obligation",
    "pathways_escalationstep",
)  # fmt: skip
NUMBERED = {"pathways_loggedevent": "seq", "pathways_obligation": "id"}
"""Tables whose rows we number, and by which column."""

_FAST = {"foreign_keys": "OFF", "journal_mode": "OFF", "synchronous": "OFF", "cache_size": "-524288"}
_AS_BEFORE = {"journal_mode": "WAL", "synchronous": "FULL", "cache_size": "-65536", "foreign_keys": "ON"}
_INDEXES_SQL = """
SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
  AND tbl_name IN (SELECT value FROM json_each(?))"""
_CONSTRAINTS_SQL = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint
WHERE contype IN ('f', 'p', 'u')
  AND (conrelid::regclass::text = ANY(%s) OR (contype = 'f' AND confrelid::regclass::text = ANY(%s)))
ORDER BY contype = 'f' DESC, conname"""
_PG_INDEXES_SQL = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = ANY(%s) ORDER BY indexname"""


def write(table: str, frame: pl.DataFrame) -> None:
    """Append rows to a table; the columns of the frame are the table's."""
    names = ", ".join(f'"{name}"' for name in frame.columns)
    if connection.vendor == "postgresql":
        given = io.BytesIO()
        hexed = [
            pl.concat_str(pl.lit("\\x"), pl.col(name).bin.encode("hex")).alias(name)
            for name, kind in frame.schema.items()
            if kind == pl.Binary
        ]
        frame.with_columns(hexed).write_csv(given, include_header=False, quote_style="non_numeric")
        with connection.cursor() as cursor:
            copying = cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)")
            with copying as copy:
                copy.write(given.getbuffer())
        return
    marks = ", ".join("?" * frame.width)
    dates = [pl.col(name).cast(pl.String) for name, kind in frame.schema.items() if kind == pl.Date]
    connection.connection.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of our own
        frame.with_columns(dates).iter_rows(),
    )


@contextmanager
def in_bulk() -> Iterator["list[str]"]:
    """Within this rows are written without indexes; gives a list that hears what is done at the end."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield from _postgres()
    else:
        yield from _sqlite()


def _sqlite() -> Iterator[list[str]]:
    raw = connection.connection
    alone = not connection.in_atomic_block
    found = raw.execute(_INDEXES_SQL, [_json(TABLES)]).fetchall()
    if alone:
        _set(_FAST)
        raw.execute("BEGIN")
    for name, _ in found:
        raw.execute(f'DROP INDEX "{name}"')
    append_only.unlock(raw.execute, "sqlite", "pathways_loggedevent")
    told: list[str] = []
    yield told
    for name, sql in found:
        told.append(name)
        raw.execute(sql)
    append_only.lock(raw.execute, "sqlite", "pathways_loggedevent")
    raw.execute("ANALYZE")
    if alone:
        raw.execute("COMMIT")
        _set(_AS_BEFORE)


def _set(pragmas: dict[str, str]) -> None:
    for name, value in pragmas.items():
        connection.connection.execute(f"PRAGMA {name} = {value}")


def _postgres() -> Iterator[list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered while a check of its rows waits
        cursor.execute(_CONSTRAINTS_SQL, [list(TABLES), list(TABLES)])
        constraints = cursor.fetchall()
        for table, name, _, _ in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(_PG_INDEXES_SQL, [list(TABLES)])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        told: list[str] = []
        yield told
        for table, name, definition, _ in reversed(constraints):
            told.append(name)
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for name, definition in indexes:
            told.append(name)
            cursor.execute(definition)
        for table, column in NUMBERED.items():
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "  # noqa: S608
                f"GREATEST((SELECT max({column}) FROM {table}), 1))"
            )
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")


def _json(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
