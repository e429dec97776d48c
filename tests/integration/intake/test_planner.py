"""Whoever holds the lock looks rows up by index, however small the tables were when the plan was made."""

import pytest
from django.db import connection

from naer.site import bulk
from naer.site.pathways import store
from tests.integration.intake.ward import town

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no plan of a size"),
]


def test_no_table_is_read_whole_under_the_lock() -> None:
    key = town()

    def plan(sql: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql, [[key]])
            return "\n".join(line for (line,) in cursor.fetchall())

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pathways_case")
    case = "SELECT * FROM pathways_case WHERE citizen_id = ANY(%s)"
    assert "Seq Scan" in plan(case)
    store.lock([key])
    assert "Seq Scan" not in plan(case)


def test_what_is_said_again_is_prepared() -> None:
    asked = "SELECT count(*) FROM pathways_case WHERE citizen_id {in}"
    for _ in range(3):
        bulk.read([(asked, [["nobody"]])])
    prepared = bulk.read([("SELECT statement FROM pg_prepared_statements", [])])[0]
    assert ("SELECT count(*) FROM pathways_case WHERE citizen_id = ANY($1)",) in prepared
