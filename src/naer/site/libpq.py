"""Statements that PostgreSQL hears again and again, said through libpq itself.

psycopg's cursor costs 0.1 ms of processor for each statement. That is nothing beside a page, and a fifth of
what taking in a few messages costs. So what `naer.site.bulk` says is prepared and sent here; rows are read as
psycopg reads them. The transaction is psycopg's: it is begun here when it is not, as its cursor would, and
ended by Django, whose own cursors prepare nothing.
"""

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import Connection, DataError, errors
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

Said = tuple[bytes, tuple[int, ...]]
"""A statement and the types of its values."""

_MOST = 100
"""Statements that are kept prepared on a connection; the one not said for longest goes first."""

_prepared: WeakKeyDictionary[Connection[Any], dict[Said, bytes]] = WeakKeyDictionary()
"""Connection → what was said on it → its name; empty while it was said only once."""
_names = count(1)
_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_UNSAID, _BOOLEAN, _BIGINT, _BIGINTS, _DATE = 0, 16, 20, 1016, 1082
"""Types as PostgreSQL numbers them; what is unsaid it tells from the statement."""


def execute(connection: Connection[Any], sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run `sql`, which has `%s` where values go; the rows that it finds.

    Raises:
        psycopg.Error: what the cursor would raise.
    """
    server = connection.pgconn
    if server.transaction_status == TransactionStatus.IDLE and not connection.autocommit:
        _checked(server.exec_(b"BEGIN"))
    given = [_text(value) for value in values]
    said = _numbered(sql), tuple([_type(value) for value in values])
    known = _prepared.setdefault(connection, {})
    if connection.prepare_threshold is None or said not in known:  # many a page says a thing once
        known[said] = b""
        found = _checked(server.exec_params(said[0], given, said[1]))
    else:
        name = known[said] = known.pop(said) or _prepare(server, said, known)
        try:
            found = _checked(server.exec_prepared(name, given))  # type: ignore[arg-type]  # None is NULL
        except errors.InvalidSqlStatementName:  # somebody said DEALLOCATE ALL
            known.clear()
            raise
    if not found.ntuples:
        return []
    reading = Transformer(connection)
    reading.set_pgresult(found)
    return reading.load_rows(0, found.ntuples, tuple)


def _prepare(server: PGconn, said: Said, known: dict[Said, bytes]) -> bytes:
    """The name of the statement, prepared now."""
    name = f"naer_{next(_names)}".encode()
    _checked(server.prepare(name, *said))
    while len(known) >= _MOST:
        if oldest := known.pop(next(iter(known))):
            _checked(server.exec_(b"DEALLOCATE " + oldest))
    return name


def _checked(result: PGresult) -> PGresult:
    if result.status not in _DONE:
        raise errors.error_from_result(result)
    return result


@lru_cache(maxsize=256)
def _numbered(sql: str) -> bytes:
    """The statement with $1, $2, … for its values."""
    first, *others = re.split("%s", sql)
    numbered = first + "".join(f"${place}{part}" for place, part in enumerate(others, 1))
    return numbered.replace("%%", "%").encode()


def _type(value: Any) -> int:
    """The number of the type; text is left to the statement, as psycopg does."""
    match value:
        case bool():
            return _BOOLEAN
        case int():
            return _BIGINT
        case dt.date():
            return _DATE
        case [int(), *_]:
            return _BIGINTS
        case _:
            return _UNSAID


def _text(value: Any) -> bytes | None:
    """A value as PostgreSQL reads it; a list as an array."""
    if value is None:
        return None
    if isinstance(value, list):
        return b"{" + b",".join(_member(one) for one in value) + b"}"
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    if "\0" in text:
        raise DataError("PostgreSQL text cannot contain NUL (0x00) bytes")
    return text.encode()


def _member(value: Any) -> bytes:
    """A member of an array."""
    text = _text(value)
    if text is None:
        return b"NULL"
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
