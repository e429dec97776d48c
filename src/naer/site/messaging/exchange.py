"""One round of everything that goes between this installation and others by itself."""

from collections.abc import Callable
from dataclasses import dataclass

from naer.events.instant import Instant
from naer.site import clock
from naer.site.identity import new_id
from naer.site.messaging import delivery, inbox_folder
from naer.site.messaging.connections import connections
from naer.site.messaging.delivery import Delivered
from naer.site.pathways.actor import Process


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: files taken in from folders, and what was delivered."""

    taken: int
    delivered: Delivered


def once(name: str, now: Callable[[], Instant] = clock.now, drop: str = "") -> Round:
    """Take in what lies in folders, and deliver what is due, in the name of the process `name`.

    With a folder `drop`, what is due goes there instead of to its receivers, and nothing is taken in. What is
    due is delivered also when taking in failed.

    Raises:
        WrongConnectionsError: when the file of connections cannot be used.
    """
    actor = Process(name)
    if not drop:
        connections()  # a wrong file is said before anything leaves
    taken = 0
    try:
        if not drop:
            taken = inbox_folder.take(now, new_id=new_id, actor=actor)
    finally:
        delivered = delivery.deliver(now, new_id=new_id, actor=actor, drop=drop)
    return Round(taken, delivered)
