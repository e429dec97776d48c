"""Hand-written SQL for the hot path: whole batches in few statements, the same on SQLite and PostgreSQL.

A statement says `{in}` where a column is one of a list. Values are plain: microseconds as integers, dates as
`datetime.date`, JSON as text. PostgreSQL is a conversation, so what can be said together is: several queries
become one that answers in JSON, several inserts become one statement fed with JSON, all prepared. SQLite is a
library: each query alone, each insert an `executemany`.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from django.db import connection

Row = tuple[Any, ...]
Query = tuple[str, Sequence[Any]]
"""(SQL with `%s` and `{in}`, parameters; a list where `{in}` stands)."""

_BY_INDEX = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""How PostgreSQL plans under a lock."""
_BY_INDEX_SQL = "SELECT " + ", ".join(
    f"set_config('{name}', '{value}', true)" for name, value in _BY_INDEX.items()
)
_BY_INDEX_OPTIONS = " ".join(f"-c {name}={value}" for name, value in _BY_INDEX.items())
_rows = msgspec.json.Decoder(list[dict[str, Any]])


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
    """Statements collected and sent by `flush`, in the order they were added.

    Those between two calls of `then` do not see each other's rows.
    """

    def __init__(self) -> None:
        self._groups: list[list[_Write]] = [[]]

    def insert(self, table: str, columns: Mapping[str, str], rows: Iterable[Row], conflict: str = "") -> None:
        """Insert rows into `table`; `columns` is name → PostgreSQL type, `conflict` an ON CONFLICT clause."""
        names = ", ".join(f'"{name}"' for name in columns)
        statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM {{given}} WHERE true {conflict}"  # noqa: S608
        marks = ", ".join("?" * len(columns))
        alone = f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}"  # noqa: S608
        self._add(_Write(statement, columns, list(rows), alone))

    def each(self, statement: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
        """Run `statement` for all rows at once.

        It reads them as the table `{given}`, after FROM or last in its list, and says `given.` before each
        of its columns.
        """
        self._add(_Write(statement, columns, list(rows)))

    def _add(self, write: "_Write") -> None:
        if write.rows:
            self._groups[-1].append(write)

    def then(self) -> None:
        """What is added from here on sees what was added before."""
        self._groups.append([])

    def flush(self) -> None:
        """Send everything."""
        connection.ensure_connection()
        with connection.wrap_database_errors:
            for group in self._groups:
                if not group:
                    continue
                if connection.vendor == "postgresql":
                    _send_together(group)
                else:
                    for write in group:
                        _send_alone(write)
        self._groups = [[]]


@dataclass(frozen=True, slots=True)
class _Write:
    statement: str
    columns: Mapping[str, str]
    rows: list[Row]
    alone: str = ""
    """The same for one row, where that is more than its values in their places."""


def lock(query: Query) -> list[Row]:
    """The rows that `query` selects, locked until the commit; in its order, so that none deadlock.

    SQLite has one writer at a time, so nothing is left to lock there. On PostgreSQL everything from here to
    the commit is looked up by index: plans are kept, and one that was made while a table was small would
    read the whole table long after it has grown.
    """
    if connection.vendor != "postgresql":
        return read([query])[0]
    if not connection.settings_dict["OPTIONS"].get("options", "").endswith(_BY_INDEX_OPTIONS):
        read([(_BY_INDEX_SQL, [])])
    return read([(query[0] + " FOR UPDATE", query[1])])[0]


def by_index() -> None:
    """This thread's connection looks up by index from its start: it takes in messages, and does nothing else.

    That spares each transaction a statement.
    """
    if connection.vendor == "postgresql":
        connection.close()
        told = connection.settings_dict["OPTIONS"]
        options = told | {"options": f"{told.get('options', '')} {_BY_INDEX_OPTIONS}"}
        connection.settings_dict = connection.settings_dict | {"OPTIONS": options}


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
    cursor = _postgres()
    if len(queries) == 1:
        sql, parameters = queries[0]
        return [cursor.execute(_for_postgres(sql), parameters).fetchall()]
    together = _together(tuple(sql for sql, _ in queries))
    found = cursor.execute(together, [value for _, parameters in queries for value in parameters]).fetchone()
    return [[tuple(row.values()) for row in _rows.decode(text)] if text else [] for text in found or ()]


@lru_cache(maxsize=64)
def _together(queries: tuple[str, ...]) -> bytes:
    """One query that answers several, each with its rows as a JSON array of objects."""
    parts = (f"(SELECT json_agg(row)::text FROM ({sql}) AS row)" for sql in queries)  # noqa: S608
    return _for_postgres("SELECT " + ", ".join(parts))


def _send_together(group: list[_Write]) -> None:
    """One statement for the group: each write a WITH part that reads its rows from a JSON parameter."""
    statement = _parts(tuple((write.statement, tuple(write.columns.items())) for write in group))
    _postgres().execute(statement, [_as_json(write) for write in group])


@lru_cache(maxsize=256)
def _parts(group: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> bytes:
    """The statement for writes with these texts and columns."""
    parts = []
    for number, (statement, columns) in enumerate(group):
        typed = ", ".join(f'"{name}" {"text" if kind == "jsonb" else kind}' for name, kind in columns)
        cast = ", ".join(f'"{name}"::jsonb' if kind == "jsonb" else f'"{name}"' for name, kind in columns)
        given = f"(SELECT {cast} FROM json_to_recordset(%s::json) AS raw ({typed})) AS given"  # noqa: S608
        parts.append(f"w{number} AS ({statement.replace('{given}', given)})")
    return ("WITH " + ", ".join(parts) + " SELECT 1").encode()


def _as_json(write: _Write) -> str:
    """The rows as a JSON array of objects; bytes as PostgreSQL reads them."""
    names = tuple(write.columns)
    if "bytea" in write.columns.values():
        rows = [
            [f"\\x{value.hex()}" if isinstance(value, bytes) else value for value in row]
            for row in write.rows
        ]
        return msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows]).decode()
    return msgspec.json.encode([dict(zip(names, row, strict=True)) for row in write.rows]).decode()


def _send_alone(write: _Write) -> None:
    statement = write.alone or _for_each(write.statement, tuple(write.columns))
    _sqlite().executemany(statement, _sqlite_rows(tuple(write.columns.values()), write.rows))


@lru_cache(maxsize=64)
def _for_each(statement: str, columns: tuple[str, ...]) -> str:
    """The statement for one row: its values stand where it says a column of `given`.

    SQLite puts every row that it is to read from elsewhere into a temporary table first, for an UPDATE or
    into a table with triggers: four times as long.
    """
    said = re.sub(r"(FROM|,)\s+\{given\}", "", statement)
    return re.sub(r'\bgiven\."?(\w+)"?', lambda found: f"?{columns.index(found[1]) + 1}", said)


def _postgres() -> Any:
    """A plain cursor: Django's own prepares no statement, whatever the settings say.

    The driver is loaded here and not above: with SQLite nobody needs it.
    """
    from psycopg import Cursor

    return Cursor(connection.connection)


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


def _sqlite_rows(kinds: tuple[str, ...], rows: list[Row]) -> list[Row]:
    """Rows with times as Django writes them on SQLite: text, UTC, without offset."""
    times = [place for place, kind in enumerate(kinds) if kind in ("date", "timestamptz")]
    if not times:
        return rows
    shaped = []
    for row in rows:
        values = list(row)
        for place in times:
            values[place] = _sqlite_time(values[place])
        shaped.append(tuple(values))
    return shaped


@lru_cache(maxsize=1024)  # the rows of a batch share theirs
def _sqlite_time(value: dt.date | None) -> str | None:
    """A time or day as Django writes it on SQLite."""
    if isinstance(value, dt.datetime):
        return str(value.astimezone(dt.UTC).replace(tzinfo=None))
    return value.isoformat() if value is not None else None
