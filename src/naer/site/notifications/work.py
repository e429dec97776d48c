"""Telling people, in the process beside a server: news is gathered, e-mails leave, deviations are proposed.

In a thread of its own, so that a mail server that hangs holds up no message.
"""

import threading
import time
from collections.abc import Callable

from django.db import close_old_connections

from naer.events.instant import Instant
from naer.site.citizen import leaving
from naer.site.deviations import proposing, tellers
from naer.site.identity import new_id
from naer.site.notifications import actions, gathering, mailing, smtp
from naer.site.trouble import Trouble

EVERY_S = 20.0
"""Between two rounds."""
PROPOSES_EVERY = 45
"""Rounds between two looks for what missed obligations propose, and for what ends by itself."""


def beside() -> None:
    """Round after round in a thread of its own, for as long as the process lives."""
    threading.Thread(target=_rounds, name="told", daemon=True).start()


def once(now: Instant, *, propose: bool = True) -> None:
    """One round at `now`.

    Raises:
        ExceptionGroup: of all that failed, when the rest was done.
    """
    steps: list[Callable[[], object]] = [
        lambda: gathering.gather(now),
        lambda: actions.settle(now),
        lambda: mailing.mail(now, smtp.server()),
    ]
    if propose:
        seldom: list[Callable[[], object]] = [
            lambda: leaving.end_left(now, new_id),
            lambda: proposing.propose(now, new_id),
            lambda: tellers.late(now),
        ]
        steps = seldom + steps
    errors: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as error:
            errors.append(error)
            close_old_connections()
    if errors:
        raise ExceptionGroup("steps of a round failed", errors)


def _rounds() -> None:
    from naer.site import clock

    trouble, number = Trouble("naer.told", "telling people is in trouble; tried again"), 0
    while True:
        with trouble.caught():
            once(clock.now(), propose=number % PROPOSES_EVERY == 0)
        number += 1
        time.sleep(EVERY_S)
