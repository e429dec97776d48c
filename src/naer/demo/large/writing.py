"""Rows in bulk into empty tables: COPY on PostgreSQL, whole files on SQLite; indexes are made afterwards.

The tables are empty before, and nobody else uses the database meanwhile. What keeps them sound (indexes,
constraints, triggers) is taken away and put back as it was: on PostgreSQL in one transaction, on SQLite in
a file that gets its name when it is whole (see `build`).
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import polars as pl
from django.db import connection, transaction

from naer.demo.large import laid
from naer.demo.large.copy_file import binary
from naer.demo.large.laid import Laid
from naer.demo.load import OtherDataError
from naer.site import append_only

Told = Callable[[str, int, int], None]
"""Hears how far the work is: what, done, of how many."""

TABLES = (*laid.TABLES, "pathways_escalationstep")
NUMBERED = {"pathways_loggedevent": "seq", "pathways_obligation": "id"}
"""Tables whose rows are known by their number, from 1 without a gap, and the column that has it."""
_TOGETHER = 1 << 20
"""Bytes that are handed on at once."""

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


def take(laid: Laid, before: dict[str, int]) -> None:
    """Append the rows of a block; `before` says how many rows the tables that we number have already."""
    if connection.vendor == "postgresql":
        for table, columns in laid.columns.items():
            with laid.copied(table).open("rb") as file:
                _copy(table, columns, file)
        return
    raw = connection.connection
    raw.execute("ATTACH ? AS block", [str(laid.path)])
    raw.execute("BEGIN")
    for table, columns in laid.columns.items():
        names, taken = _named(columns), _named(columns)
        if table in NUMBERED:
            names, taken = f"{NUMBERED[table]}, {names}", f"rowid + {before[table]}, {taken}"
        raw.execute(
            f"INSERT INTO main.{table} ({names}) SELECT {taken} FROM block.{table}"  # noqa: S608 - our own names
        )
    raw.execute("COMMIT")
    raw.execute("DETACH block")


def write(table: str, frame: pl.DataFrame) -> None:
    """Append rows to a table; the columns of the frame are the table's, in name and type."""
    if connection.vendor == "postgresql":
        _copy(table, frame.columns, io.BytesIO(binary(frame)))
        return
    marks = ", ".join("?" * frame.width)
    connection.connection.executemany(
        f"INSERT INTO {table} ({_named(frame.columns)}) VALUES ({marks})",  # noqa: S608 - names of our own
        frame.iter_rows(),
    )


def _copy(table: str, columns: list[str], rows: BinaryIO) -> None:
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({_named(columns)}) FROM STDIN (FORMAT binary, FREEZE)") as copy,
    ):
        while some := rows.read(_TOGETHER):
            copy.write(some)


def _named(columns: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


@contextmanager
def in_bulk(told: Told) -> Iterator[None]:
    """Within this rows are written without indexes; these are made at the end, and `told` of."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield from _postgres(told)
    else:
        yield from _sqlite(told)


def _sqlite(told: Told) -> Iterator[None]:
    raw = connection.connection
    found = raw.execute(_INDEXES_SQL, [_json(TABLES)]).fetchall()
    _set(_FAST)
    for name, _ in found:
        raw.execute(f'DROP INDEX "{name}"')
    append_only.unlock(raw.execute, "sqlite", "pathways_loggedevent")
    yield
    for number, (_, sql) in enumerate(found):
        told("Indexes", number, len(found))
        raw.execute(sql)
    append_only.lock(raw.execute, "sqlite", "pathways_loggedevent")
    raw.execute("ANALYZE")
    told("Indexes", len(found), len(found))
    _set(_AS_BEFORE)


def _set(pragmas: dict[str, str]) -> None:
    for name, value in pragmas.items():
        connection.connection.execute(f"PRAGMA {name} = {value}")


def _postgres(told: Told) -> Iterator[None]:
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
        for table in TABLES:  # asked under the lock that altering took: nobody writes from here on
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608 - our own names
            if cursor.fetchone() == (True,):
                raise OtherDataError("something was written to this database meanwhile; name another one")
        # Emptied in this transaction, a table takes rows as if vacuumed: none is written a second time.
        append_only.unlock(cursor.execute, "postgresql", "pathways_loggedevent")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
        append_only.lock(cursor.execute, "postgresql", "pathways_loggedevent")
        for table, column in NUMBERED.items():
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), 1, false)")
        yield
        made = [
            *(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'
              for table, name, definition, _ in reversed(constraints)),
            *(definition for _, definition in indexes),
            *(f"ANALYZE {table}" for table in TABLES),
        ]  # fmt: skip
        for number, statement in enumerate(made):
            told("Indexes", number, len(made))
            cursor.execute(statement)
        told("Indexes", len(made), len(made))


def _json(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
