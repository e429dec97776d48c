"""Messages that come at the same time share a transaction, so that many senders cost few commits.

One thread of the server prepares and takes in all that wait, and gives each sender its answer; meanwhile
others gather. A message alone is taken in at once; while many come, those that were just answered get a
moment to be there again, so that all share the transaction.

The senders' threads could read their messages while the database writes. But Python runs one thread at a
time, and to read by turns in many takes twice as long as to read one after the other in one.
"""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from itertools import groupby
from typing import NamedTuple

from naer.events.instant import Instant
from naer.site.messaging import clerk, intake
from naer.site.messaging.answer import Answer, Raw
from naer.site.pathways.actor import Process

MOST = 64
"""Messages in one transaction."""

GATHER_S = 0.02
"""The longest that those who wait are kept for company that is expected.

No longer than the last transaction took, which is what is to be spared.
"""


class _Waiter(NamedTuple):
    """One message at the gate, and what its sender waits for."""

    raw: Raw
    now: Instant
    new_id: Callable[[], str]
    actor: Process
    answer: Future[Answer]


class Gate:
    """The door for messages that come one by one, from many threads."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._waiting: list[_Waiter] = []
        self._expected = 0
        """How many would wait if all who were in the transaction before, or waited then, came again."""
        self._took = 0.0
        """Seconds it took."""
        self._thread = threading.Thread()

    def receive(self, raw: Raw, *, now: Instant, new_id: Callable[[], str], actor: Process) -> Answer:
        """What `intake.receive` answers to one message; those taken in together get the latest `now`."""
        waiter = _Waiter(raw, now, new_id, actor, Future())
        with self._arrived:
            if not self._thread.is_alive():  # nobody came before
                self._thread = clerk.start(self._work, "intake")
            self._waiting.append(waiter)
            if len(self._waiting) == 1 or self._complete():
                self._arrived.notify()
        return waiter.answer.result()

    def _complete(self) -> bool:
        """Whether all who are expected wait, or as many as can be taken in together."""
        return len(self._waiting) >= min(self._expected, MOST)

    def _work(self) -> None:
        """Take in those who wait, again and again."""
        while True:
            batch = self._gathered()
            begun = time.monotonic()
            for _, group in groupby(batch, key=lambda waiter: waiter.actor):
                _take_in(list(group))
            self._took = time.monotonic() - begun

    def _gathered(self) -> list[_Waiter]:
        """Those who are next, as soon as there are any."""
        with self._arrived:
            self._expected += len(self._waiting)
            while not self._waiting:
                self._arrived.wait()
            self._arrived.wait_for(self._complete, min(self._took, GATHER_S))
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._expected = len(batch)
        return batch


def _take_in(waiters: list[_Waiter]) -> None:
    """One transaction for messages of the same actor."""
    first = waiters[0]
    try:
        answers = intake.receive(
            [waiter.raw for waiter in waiters],
            now=max(waiter.now for waiter in waiters),
            new_id=first.new_id,
            actor=first.actor,
        )
    except BaseException as error:  # the thread goes on, whatever it was; each sender's raises it
        for waiter in waiters:
            waiter.answer.set_exception(error)
    else:
        for waiter, answer in zip(waiters, answers, strict=True):
            waiter.answer.set_result(answer)


_gate: Gate | None = None


def man() -> None:
    """Have one thread of this process take in what comes: for a server, which may fork afterwards."""
    global _gate
    _gate = _gate or Gate()
    os.register_at_fork(after_in_child=_anew)


def _anew() -> None:
    """No thread lives on in a child, and a lock may be held by one that does not."""
    global _gate
    _gate = Gate()


def receive(raw: Raw, *, now: Instant, new_id: Callable[[], str], actor: Process) -> Answer:
    """What `intake.receive` answers to one message, by the thread of the gate where there is one."""
    if _gate is not None:
        return _gate.receive(raw, now=now, new_id=new_id, actor=actor)
    return intake.receive([raw], now=now, new_id=new_id, actor=actor)[0]
