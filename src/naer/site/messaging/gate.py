"""Messages that come at the same time share a transaction, so that many senders cost few commits.

Each sender's thread reads its own message: that needs no transaction, and goes on while others wait for the
database. One thread of the server, with a connection of its own, takes in all that wait and hands each
its answer; meanwhile others gather. A message alone is taken in at once; while many come, those that are
being read, and those that were just answered, get a moment to be there, so that all share the transaction.
"""

import os
import threading
import time
from collections.abc import Callable
from itertools import groupby

from naer.events.instant import Instant
from naer.site import bulk
from naer.site.messaging import intake
from naer.site.messaging.answer import Answer, Prepared, Raw
from naer.site.messaging.prepared import prepare
from naer.site.pathways.actor import Process

MOST = 64
"""Messages in one transaction."""

GATHER_S = 0.02
"""The longest that those who wait are kept for company that is on its way, or that the last transaction had.

No longer than that one took, which is what is to be spared.
"""


class _Waiter:
    """One message at the gate, and the lock that is opened when it was answered."""

    __slots__ = ("actor", "answer", "answered", "error", "message", "new_id", "now")

    def __init__(self, message: Prepared, now: Instant, new_id: Callable[[], str], actor: Process) -> None:
        self.message, self.now, self.new_id, self.actor = message, now, new_id, actor
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.answered = threading.Lock()
        self.answered.acquire()


class Gate:
    """The door for messages that come one by one, from many threads."""

    def __init__(self) -> None:
        self._arrived = threading.Condition()
        self._coming = 0
        """Messages being read, on their way to the queue."""
        self._waiting: list[_Waiter] = []
        self._last = 0
        """Messages in the transaction before."""
        self._took = 0.0
        """Seconds it took."""
        self._thread = threading.Thread()

    def receive(self, raw: Raw, *, now: Instant, new_id: Callable[[], str], actor: Process) -> Answer:
        """What `intake.receive` answers to one message; those taken in together get the latest `now`."""
        with self._arrived:
            self._coming += 1
            if not self._thread.is_alive():  # nobody came before
                self._thread = threading.Thread(target=self._work, name="intake", daemon=True)
                self._thread.start()
        waiter = None
        try:
            waiter = _Waiter(prepare(raw, now=now, new_id=new_id), now, new_id, actor)
        finally:
            with self._arrived:
                self._coming -= 1
                if waiter is not None:
                    self._waiting.append(waiter)
                if len(self._waiting) == 1 or self._complete():
                    self._arrived.notify()
        waiter.answered.acquire()
        if waiter.error is not None:
            raise waiter.error
        assert waiter.answer is not None
        return waiter.answer

    def _complete(self) -> bool:
        """Whether nobody is known to be on the way: all have been read, and as many wait as last time."""
        return not self._coming and len(self._waiting) >= max(1, self._last)

    def _work(self) -> None:
        """Take in those who wait, again and again."""
        bulk.by_index()
        while True:
            batch = self._gathered()
            begun = time.monotonic()
            for _, group in groupby(batch, key=lambda waiter: waiter.actor):
                _take_in(list(group))
            self._took = time.monotonic() - begun

    def _gathered(self) -> list[_Waiter]:
        """Those who are next, as soon as there are any."""
        with self._arrived:
            while not self._waiting:
                self._arrived.wait()
            self._arrived.wait_for(self._complete, min(self._took, GATHER_S))
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._last = len(batch)
        return batch


def _take_in(waiters: list[_Waiter]) -> None:
    """One transaction for messages of the same actor."""
    first = waiters[0]
    try:
        answers = intake.take_in(
            [waiter.message for waiter in waiters],
            now=max(waiter.now for waiter in waiters),
            new_id=first.new_id,
            actor=first.actor,
        )
        for waiter, answer in zip(waiters, answers, strict=True):
            waiter.answer = answer
    except BaseException as error:  # the thread goes on, whatever it was; each sender's raises it
        for waiter in waiters:
            waiter.error = error
    finally:
        for waiter in waiters:
            waiter.answered.release()


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
