"""Batches of messages taken in one after the other, as `naer receive` does with a backlog.

On PostgreSQL some messages are decided while others are written: one is Python's work, the other the
database's. A batch is parted by citizen, and two threads take in the parts in turn, each with a connection
and transactions of its own. A part begins when the one before it is decided, that is: holds its locks; when
both are about the same citizen or message, only when that one is stored. So each finds what it would find if
all were taken in one by one. SQLite has one writer: there they are.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from queue import SimpleQueue
from threading import Event
from typing import NamedTuple
from zlib import crc32

from django.db import connection

from naer.events.instant import Instant
from naer.messages.envelope import Incoming
from naer.site import boot
from naer.site.messaging import clerk, intake
from naer.site.messaging.answer import Answer, Prepared
from naer.site.pathways.actor import Actor

Batch = tuple[Sequence[Prepared], Instant]
"""Messages, and when they were received."""
NewId = Callable[[], str]
_THREADS = 2


def taken_in(
    coming: Iterable[Batch], *, several: bool, new_id: NewId, actor: Actor
) -> Iterator[list[Answer]]:
    """The answers to each batch, in order: what `intake.take_in` says to one after the other.

    Where `several` are to be expected, two threads with connections of their own pay.
    """
    if several and connection.vendor == "postgresql":
        return Relay(new_id, actor).run(coming)
    return (intake.take_in(messages, now=now, new_id=new_id, actor=actor) for messages, now in coming)


class _Part(NamedTuple):
    """Some messages of a batch, and what is known of how they are taken in."""

    messages: list[Prepared]
    now: Instant
    concerns: set[str]
    """Ids of messages and numbers of persons."""
    decided: Event
    answers: Future[list[Answer]]


class Relay:
    """Two threads that take in the parts of batches in turn."""

    def __init__(self, new_id: NewId, actor: Actor) -> None:
        self._new_id, self._actor = new_id, actor
        self._given: SimpleQueue[_Part | None] = SimpleQueue()
        self._begun: deque[_Part] = deque(maxlen=_THREADS)

    def run(self, coming: Iterable[Batch]) -> Iterator[list[Answer]]:
        """The answers to each batch, in order; a batch is asked for while the one before is taken in."""
        boot.before_threads()
        threads = [clerk.start(self._work, "relay") for _ in range(_THREADS)]
        batches: deque[list[_Placed]] = deque()
        try:
            for messages, now in coming:
                batches.append([(places, self._begin(messages, places, now)) for places in parted(messages)])
                if len(batches) > 1:
                    yield _in_order(batches.popleft())
            if batches:
                yield _in_order(batches.popleft())
        finally:
            for _ in threads:
                self._given.put(None)
            for thread in threads:
                thread.join()

    def _begin(self, messages: Sequence[Prepared], places: list[int], now: Instant) -> _Part:
        """Hand a part to a thread, as soon as it may begin."""
        some = [messages[place] for place in places]
        concerns = _concerns(some)
        if len(self._begun) == _THREADS:
            wait([self._begun[0].answers])
        if self._begun:
            self._begun[-1].decided.wait()
            if not concerns.isdisjoint(self._begun[-1].concerns):
                wait([self._begun[-1].answers])
        part = _Part(some, now, concerns, Event(), Future())
        self._begun.append(part)
        self._given.put(part)
        return part

    def _work(self) -> None:
        """Take in what is given, until there is no more."""
        while (part := self._given.get()) is not None:
            self._take_in(part)

    def _take_in(self, part: _Part) -> None:
        try:
            answers = intake.take_in(
                part.messages, now=part.now, new_id=self._new_id, actor=self._actor, decided=part.decided.set
            )
        except BaseException as error:  # who waits for the answers raises it
            part.answers.set_exception(error)
        else:
            part.answers.set_result(answers)
        finally:
            part.decided.set()


_Placed = tuple[list[int], _Part]
"""The places of a part's messages in its batch."""


def parted(messages: Sequence[Prepared]) -> list[list[int]]:
    """The places of messages in parts of about the same size that have nothing in common; else in one."""
    parts: list[list[int]] = [[] for _ in range(_THREADS)]
    for place, message in enumerate(messages):
        parts[crc32(_person(message.incoming).encode()) % _THREADS].append(place)
    concerns = [_concerns(messages[place] for place in part) for part in parts]
    if sum(map(len, concerns)) > len(set().union(*concerns)):
        return [list(range(len(messages)))]
    return [part for part in parts if part]


def _in_order(parts: Iterable[_Placed]) -> list[Answer]:
    """The answers to a batch, from those to its parts."""
    found: dict[int, Answer] = {}
    for places, part in parts:
        found |= zip(places, part.answers.result(), strict=True)
    return [found[place] for place in sorted(found)]


def _person(incoming: Incoming) -> str:
    """The number of whom a message is about; else its id."""
    if incoming.notification is not None:
        return incoming.notification.person_number
    return incoming.letter.person.number if incoming.letter is not None else incoming.message_id


def _concerns(messages: Iterable[Prepared]) -> set[str]:
    """All that messages may have in common with others, of which one must find what the other did."""
    found = set()
    for message in messages:
        incoming = message.incoming
        found |= {incoming.message_id, incoming.bundle_id, _person(incoming)}
        if incoming.letter is not None:
            found |= {number for _, number in incoming.letter.person.others}
        if incoming.response is not None:
            found |= {incoming.response.message_id, incoming.response.chained_to or ""}
    return found - {""}
