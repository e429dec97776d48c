"""What is said to PostgreSQL through libpq is understood as psycopg's cursor would have it."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from naer.site import bulk

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="libpq is PostgreSQL's"),
]
ODD = ['"', "\\", "{a,b}", "NULL", "", "Ålborg 🏥", "two\nlines"]


def said(sql: str, *values: Any) -> Any:
    """The first column of the first row, as JSON."""
    from naer.site import libpq

    connection.ensure_connection()
    with connection.wrap_database_errors:
        ((found,),) = libpq.execute(connection.connection, f"SELECT to_json({sql})::text", values)
    return None if found is None else json.loads(found)


@pytest.mark.parametrize("turn", ["first", "prepared", "again"])
def test_values_arrive_as_they_are(turn: str) -> None:
    del turn  # the same connection each time: it is said once, prepared, and then known
    assert said("%s::text[]", ODD) == ODD
    assert said("%s", [1, -(2**62)]) == [1, -(2**62)]
    assert said("%s::text[]", []) == []
    assert said("%s::text", ODD[1]) == ODD[1]
    assert said("%s", 2**40) == 2**40
    assert said("%s", True) is True
    assert said("%s", dt.date(2026, 11, 22)) == "2026-11-22"
    assert said("%s::text", None) is None
    assert said("'100 %%'::text || %s", "!") == "100 %!"


def test_one_statement_with_values_of_other_types_is_another() -> None:
    for _ in range(3):
        assert said("%s", 1) == 1
        assert said("%s", dt.date(2026, 11, 22)) == "2026-11-22"


def test_what_is_wrong_is_told_as_ever() -> None:
    with pytest.raises(DataError, match="NUL"):
        said("%s::text", "a\0b")
    with pytest.raises(ProgrammingError, match="no_such"):
        said("(SELECT 1 FROM no_such)")


def test_rows_are_read_by_their_types() -> None:
    typed = "SELECT 7::bigint, 'a'::text, '\\x00ff'::bytea, true, NULL::text, '2026-11-22'::date WHERE %s"
    for _ in range(3):
        assert bulk.read([(typed, [True])]) == [[(7, "a", b"\0\xff", True, None, dt.date(2026, 11, 22))]]
        assert bulk.read([(typed, [False])]) == [[]]


def test_statements_that_somebody_forgot_are_prepared_anew() -> None:
    for _ in range(3):
        said("'here'::text")
    with transaction.atomic():
        bulk.run("DEALLOCATE ALL")
        with pytest.raises(ProgrammingError):
            said("'here'::text")
        transaction.set_rollback(True)
    assert said("'here'::text") == "here"


def test_no_more_is_kept_prepared_than_a_connection_can_bear() -> None:
    for number in range(130):
        for _ in range(2):
            said(f"{number}")
    ((kept,),) = bulk.read([("SELECT count(*) FROM pg_prepared_statements", [])])[0]
    assert kept <= 110
