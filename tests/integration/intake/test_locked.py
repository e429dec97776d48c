"""A citizen's row is read as it is locked: who waited for another finds what that one wrote."""

import time
from threading import Thread

import psycopg
from django.db import connection, transaction

from naer.site.pathways import store
from naer.site.pathways.models import Citizen

_WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def test_who_waited_for_the_lock_finds_what_the_other_wrote(committed: str) -> None:
    key = Citizen.objects.values_list("key", flat=True)[0]
    found: list[str] = []

    def load() -> None:
        try:
            with transaction.atomic():
                found.append(store.load([key])[key].status)
        finally:
            connection.close()

    waiting = Thread(target=load)
    with psycopg.connect(committed) as other, psycopg.connect(committed, autocommit=True) as watch:
        other.execute("UPDATE pathways_citizen SET status = 'on-leave' WHERE \"key\" = %s", [key])
        waiting.start()
        until = time.monotonic() + 10
        while not watch.execute(_WAITS).fetchone() and time.monotonic() < until:
            time.sleep(0.01)
        assert not found
        other.commit()
        waiting.join()
    assert found == ["on-leave"]
