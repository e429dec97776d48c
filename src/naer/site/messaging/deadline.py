"""A bound on everything that one call of another system takes.

A socket's timeout begins anew with every byte, so that a system that drips could hold a call for ever.
"""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LONGEST_S = 240.0
"""Seconds: less than a claim on a message holds (`delivery.LEASE`), with room for what follows."""


@contextmanager
def bound(link: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """Connect `link`, and cut it when the block has not ended within `seconds` from now.

    What was cut leaves as `TimeoutError`, whatever the block made of it.

    Raises:
        TimeoutError: when the time is up; nothing was sent if it was up before the block.
        OSError: when there is no connection.
    """
    over = threading.Event()
    held: list[socket.socket] = []  # `link` lets go of it before the answer's body is read

    def cut() -> None:
        over.set()
        for one in held:
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    timer = threading.Timer(min(seconds, LONGEST_S), cut)
    timer.daemon = True
    timer.start()
    try:
        link.connect()
        held.append(link.sock)
        if not over.is_set():
            yield
    except (OSError, http.client.HTTPException, ValueError):
        if not over.is_set():
            raise
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError
