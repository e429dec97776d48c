"""Messages that come at the same time share a transaction, so that many senders cost few commits.

Whoever comes first leads: takes in all that wait, and hands each its answer; meanwhile others gather, and
one of them leads next. A message alone is taken in at once; while many come, a leader gives those that
were just answered a moment to be back, so that all share the next transaction (a third more messages a
second at eight senders on PostgreSQL). Each reads its own message before it queues: that needs no
transaction, and goes on while the leader waits for the database.
"""

import threading
import time
from collections.abc import Callable
from itertools import groupby

from naer.events.instant import Instant
from naer.site.messaging import intake
from naer.site.messaging.answer import Answer, Prepared, Raw
from naer.site.messaging.prepared import prepare
from naer.site.pathways.actor import Process

MOST = 64
"""Messages in one transaction."""

GATHER_S = 0.004
"""How long the next leader waits for company, where the last one had more."""


class _Waiter:
    """One message at the gate, and the signal that it was answered or is to lead."""

    __slots__ = ("actor", "answer", "error", "message", "now", "signal")

    def __init__(self, message: Prepared, now: Instant, actor: Process) -> None:
        self.message, self.now, self.actor = message, now, actor
        self.answer: Answer | None = None
        self.error: Exception | None = None
        self.signal = threading.Event()


class Gate:
    """The door for messages that come one by one, from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiter] = []
        self._led = False
        self._last = 0
        """Messages in the transaction before."""

    def receive(self, raw: Raw, *, now: Instant, new_id: Callable[[], str], actor: Process) -> Answer:
        """What `intake.receive` answers to one message; those taken in together get the latest `now`."""
        waiter = _Waiter(prepare(raw, now=now, new_id=new_id), now, actor)
        with self._lock:
            self._waiting.append(waiter)
            lead, self._led = not self._led, True
        if not lead:
            waiter.signal.wait()
            if waiter.answer is None and waiter.error is None and len(self._waiting) < self._last:
                time.sleep(GATHER_S)
        if waiter.answer is None and waiter.error is None:
            self._lead(new_id)
        if waiter.error is not None:
            raise waiter.error
        assert waiter.answer is not None
        return waiter.answer

    def _lead(self, new_id: Callable[[], str]) -> None:
        """Take in those who wait, the caller first; then let the next one lead."""
        with self._lock:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._last = len(batch)
        try:
            for actor, group in groupby(batch, key=lambda waiter: waiter.actor):
                _take_in(list(group), actor, new_id)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._led = following is not None
            for waiter in batch[1:]:
                waiter.signal.set()
            if following is not None:
                following.signal.set()


def _take_in(waiters: list[_Waiter], actor: Process, new_id: Callable[[], str]) -> None:
    try:
        answers = intake.take_in(
            [waiter.message for waiter in waiters],
            now=max(waiter.now for waiter in waiters),
            new_id=new_id,
            actor=actor,
        )
    except Exception as error:
        for waiter in waiters:
            waiter.error = error
        return
    for waiter, answer in zip(waiters, answers, strict=True):
        waiter.answer = answer


receive = Gate().receive
"""The gate of this process."""
