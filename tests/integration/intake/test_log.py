"""The log cannot be changed, and shows when it was."""

import pytest
from django.db import DatabaseError, connection, transaction

from naer.events.instant import DAY
from naer.site.append_only import lock, unlock
from naer.site.messaging.models import Delivery, OutgoingMessage
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import LoggedEvent, Obligation
from naer.site.pathways.tick import tick
from tests.integration.intake.ward import LATER, Stay, at, one_by_one, take_in, town

pytestmark = pytest.mark.django_db

TABLES = (
    "pathways_loggedevent",
    "pathways_anchor",
    "access_accessentry",
    "access_accessseal",
    "messaging_delivery",
)


@pytest.fixture(autouse=True)
def log() -> None:
    town()
    stay = Stay()
    one_by_one(
        [stay.send("STIN", at("2 10:00")), stay.send("STOR", at("3 10:00")), stay.send("SLHJ", at("4 10:00"))]
    )
    assert tick(LATER).anchored
    out = OutgoingMessage.objects.create(message_id="out", kind="letter", created=LATER, content=b"")
    Delivery.objects.create(message=out, at=LATER, outcome="delivered")


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def tamper(sql: str) -> None:
    """What somebody with all rights over the database could do."""

    def execute(text: str) -> None:
        run(text)

    unlock(execute, connection.vendor, "pathways_loggedevent")
    run(sql)
    lock(execute, connection.vendor, "pathways_loggedevent")


@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_update_and_delete(table: str) -> None:
    for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="append-only"):
            run(sql)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_truncate(table: str) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")  # else the rows just made are refused for that alone
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("table", "aimed_at"),
    [
        ("pathways_loggedevent", "seq"),
        ("pathways_loggedevent", "place"),
        ("pathways_anchor", "id"),
        ("access_accessentry", "id"),
    ],
)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has INSERT OR REPLACE")
def test_the_database_refuses_replace(table: str, aimed_at: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, pk FROM pragma_table_info('{table}')")
        columns = ", ".join(f'"{name}"' for name, key in cursor.fetchall() if not key or name == aimed_at)
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1")


def test_the_doctor_finds_a_guard_that_was_taken_away() -> None:
    def execute(text: str) -> None:
        run(text)

    unlock(execute, connection.vendor, "access_accessentry")
    found = examine(LATER).findings
    assert found
    assert all("access_accessentry" in one and "is gone" in one for one in found)
    lock(execute, connection.vendor, "access_accessentry")
    assert examine(LATER).sound


def test_an_anchor_kept_elsewhere_shows_a_log_that_was_written_anew() -> None:
    noted = examine(LATER).anchor
    assert examine(LATER, noted=[noted]).sound

    def execute(text: str) -> None:
        run(text)

    unlock(execute, connection.vendor, "pathways_anchor")
    run("DELETE FROM pathways_anchor")
    lock(execute, connection.vendor, "pathways_anchor")
    assert examine(LATER).sound
    (finding,) = examine(LATER, noted=[noted]).findings
    assert noted[:16] in finding


def test_an_untouched_log_is_sound() -> None:
    report = examine(LATER)
    assert report.sound
    assert (report.events, report.chains, report.anchors, report.citizens) == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        (
            "UPDATE pathways_loggedevent SET at = at + 1 WHERE place = 2",
            "its content is not what was written",
        ),
        (
            "UPDATE pathways_loggedevent SET attributes = '{}' WHERE place = 3",
            "its content is not what was written",
        ),
        ("DELETE FROM pathways_loggedevent WHERE place = 2", "1 events before it are gone"),
        ("DELETE FROM pathways_loggedevent WHERE place = 3", "the log up to event"),
        ("DELETE FROM pathways_loggedevent", "the log up to event"),
    ],
)
def test_the_doctor_finds_what_was_changed(sql: str, finding: str) -> None:
    tamper(sql)
    assert any(finding in found for found in examine(LATER).findings)


def test_the_doctor_finds_and_repairs_an_obligation_that_is_not_what_the_log_says() -> None:
    Obligation.objects.update(outcome="kept")
    report = examine(LATER, repair=True)
    assert not report.sound
    assert report.repaired == 1
    assert examine(LATER).sound


def test_anchors_are_set_when_the_log_grew_and_time_passed() -> None:
    assert not tick(LATER + DAY).anchored
    take_in(Stay(episode="another", name="n").send("STIN", at("10 10:00")), now=LATER + DAY)
    assert not tick(LATER + 1).anchored
    assert tick(LATER + DAY).anchored
    assert examine(LATER + DAY).anchors == 2
    assert LoggedEvent.objects.count() == 4
    assert examine(LATER + DAY).sound
