"""A thread that does nothing but take in messages, with a connection to the database of its own."""

from collections.abc import Callable
from threading import Thread

from django.db import connection

from naer.site import bulk


def start(work: Callable[[], object], name: str) -> Thread:
    """Have a thread do `work`; nobody waits for it when the process ends."""
    thread = Thread(target=_with_own_connection, args=(work,), name=name, daemon=True)
    thread.start()
    return thread


def _with_own_connection(work: Callable[[], object]) -> None:
    bulk.by_index()
    try:
        work()
    finally:
        connection.close()
