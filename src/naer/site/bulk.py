"""Hand-written SQL for the hot path: whole batches in few statements, the same on SQLite and PostgreSQL.

A statement says `{in}` where a column is one of a list. Values are plain: microseconds as integers, dates as
`datetime.date`, JSON as text. PostgreSQL gets prepared statements over arrays, sent together in a
pipeline; SQLite gets `executemany`.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection

Row = tuple[Any, ...]
Query = tuple[str, Sequence[Any]]
"""(SQL with `%s` and `{in}`, parameters; a list where `{in}` stands)."""

_CASTS = {"jsonb", "date", "timestamptz"}


def read(queries: Sequence[Query]) -> list[list[Row]]:
    """The rows of each query, asked together."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            return _read_postgres(queries)
        return [
            _sqlite().execute(_for_sqlite(sql), _flat(parameters)).fetchall() for sql, parameters in queries
        ]


class Writes:
    """Statements collected and sent together by `flush`, in the order they were added."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], object]] = []

    def insert(self, table: str, columns: Mapping[str, str], rows: Iterable[Row], conflict: str = "") -> None:
        """Insert rows into `table`; `columns` is name → PostgreSQL type, `conflict` an ON CONFLICT clause."""
        self._add(
            _insert_statement(connection.vendor, table, tuple(columns.items()), conflict), columns, rows
        )

    def each(self, statement: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
        """Run `statement` for all rows at once; it reads them as the table `given (columns…)`."""
        self._add(_each_statement(connection.vendor, statement, tuple(columns.items())), columns, rows)

    def flush(self) -> None:
        """Send everything."""
        if not self._waiting:
            return
        connection.ensure_connection()
        with connection.wrap_database_errors:
            if connection.vendor == "postgresql":
                with _postgres().pipeline():
                    for send in self._waiting:
                        send()
            else:
                for send in self._waiting:
                    send()
        self._waiting.clear()

    def _add(self, statement: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
        rows = list(rows)
        if not rows:
            return
        if connection.vendor == "postgresql":
            arrays = [list(column) for column in zip(*rows, strict=True)]
            self._waiting.append(lambda: psycopg.Cursor(_postgres()).execute(statement, arrays))
        else:
            shaped = _sqlite_rows(tuple(columns.values()), rows)
            self._waiting.append(lambda: _sqlite().executemany(statement, shaped))


def lock(query: Query) -> None:
    """Lock the rows that `query` selects, in its order, so that two batches never deadlock.

    SQLite has one writer at a time, so nothing is left to lock there.
    """
    if connection.vendor == "postgresql":
        read([(query[0] + " FOR UPDATE", query[1])])


def run(sql: str) -> None:
    """Run a statement without parameters or result."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        connection.connection.execute(sql)


def moment(value: dt.datetime | str) -> dt.datetime:
    """A time as read, aware: SQLite gives text or a naive datetime, UTC."""
    read = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)


def day(value: dt.date | str | None) -> dt.date | None:
    """A date as read: SQLite keeps it as text."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _read_postgres(queries: Sequence[Query]) -> list[list[Row]]:
    raw = _postgres()
    cursors = [psycopg.Cursor(raw) for _ in queries]
    if len(queries) == 1:
        cursors[0].execute(_for_postgres(queries[0][0]), queries[0][1])
    else:
        with raw.pipeline():
            for cursor, (sql, parameters) in zip(cursors, queries, strict=True):
                cursor.execute(_for_postgres(sql), parameters)
    return [cursor.fetchall() for cursor in cursors]


def _postgres() -> Any:
    raw = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 2
    return raw


def _sqlite() -> Any:
    return connection.connection


@lru_cache(maxsize=256)
def _for_postgres(sql: str) -> bytes:
    return sql.replace("{in}", "= ANY(%s)").encode()


@lru_cache(maxsize=256)
def _for_sqlite(sql: str) -> str:
    return sql.replace("{in}", "IN (SELECT value FROM json_each(%s))").replace("%s", "?")


def _flat(parameters: Sequence[Any]) -> list[Any]:
    return [json.dumps(value) if isinstance(value, list) else value for value in parameters]


@lru_cache(maxsize=64)
def _insert_statement(vendor: str, table: str, columns: tuple[tuple[str, str], ...], conflict: str) -> str:
    names = ", ".join(f'"{name}"' for name, _ in columns)
    if vendor != "postgresql":
        return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' for _ in columns)}) {conflict}"  # noqa: S608
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {_given(columns)} {conflict}"  # noqa: S608


@lru_cache(maxsize=64)
def _each_statement(vendor: str, statement: str, columns: tuple[tuple[str, str], ...]) -> str:
    if vendor == "postgresql":
        return statement.replace("{given}", _given(columns))
    marks = ", ".join(f'? AS "{name}"' for name, _ in columns)
    return statement.replace("{given}", f"(SELECT {marks}) AS given")


def _given(columns: tuple[tuple[str, str], ...]) -> str:
    """The rows as a table, in the order given, from one array for each column."""
    arrays = ", ".join("%s::text[]" if kind in _CASTS else f"%s::{kind}[]" for _, kind in columns)
    names = ", ".join(f'"{name}"' for name, _ in columns)
    cast = ", ".join(f'"{name}"::{kind}' if kind in _CASTS else f'"{name}"' for name, kind in columns)
    return f"(SELECT {cast} FROM unnest({arrays}) AS raw ({names})) AS given"  # noqa: S608


def _sqlite_rows(kinds: tuple[str, ...], rows: list[Row]) -> list[Row]:
    """Rows with times as Django writes them on SQLite: text, UTC, without offset."""
    times = [place for place, kind in enumerate(kinds) if kind in ("date", "timestamptz")]
    if not times:
        return rows
    shaped = []
    for row in rows:
        values = list(row)
        for place in times:
            value = values[place]
            if isinstance(value, dt.datetime):
                values[place] = str(value.astimezone(dt.UTC).replace(tzinfo=None))
            elif isinstance(value, dt.date):
                values[place] = value.isoformat()
        shaped.append(tuple(values))
    return shaped
