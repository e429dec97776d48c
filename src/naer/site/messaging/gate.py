"""Messages that come at the same time share a transaction, so that many senders cost few commits.

Each reads its own message first: that needs no transaction, and goes on while others wait for the database.
Then whoever comes first leads: takes in all that wait, and hands each its answer; meanwhile others gather,
and one of them leads next. A message alone is taken in at once; while many come, a leader gives those that
are being read, and those that were just answered, a moment to be there, so that all share the transaction.
"""

import threading
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
"""How long a leader waits for company that is on its way, or that the last one had."""


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
        self._arrived = threading.Condition(self._lock)
        self._coming = 0
        """Messages being read, on their way to the queue."""
        self._waiting: list[_Waiter] = []
        self._led = False
        self._last = 0
        """Messages in the transaction before."""

    def receive(self, raw: Raw, *, now: Instant, new_id: Callable[[], str], actor: Process) -> Answer:
        """What `intake.receive` answers to one message; those taken in together get the latest `now`."""
        waiter = _Waiter(self._read(raw, now, new_id), now, actor)
        with self._lock:
            self._waiting.append(waiter)
            self._arrived.notify()
            lead, self._led = not self._led, True
        if not lead:
            waiter.signal.wait()
        if waiter.answer is None and waiter.error is None:
            self._lead(new_id)
        if waiter.error is not None:
            raise waiter.error
        assert waiter.answer is not None
        return waiter.answer

    def _read(self, raw: Raw, now: Instant, new_id: Callable[[], str]) -> Prepared:
        with self._lock:
            self._coming += 1
        try:
            return prepare(raw, now=now, new_id=new_id)
        finally:
            with self._lock:
                self._coming -= 1

    def _complete(self) -> bool:
        """Whether nobody is known to be on the way: all have been read, and as many wait as last time."""
        return not self._coming and len(self._waiting) >= self._last

    def _lead(self, new_id: Callable[[], str]) -> None:
        """Take in those who wait, the caller first; then let the next one lead."""
        with self._arrived:
            self._arrived.wait_for(self._complete, GATHER_S)
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
