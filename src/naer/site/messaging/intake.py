"""The one way in for messages: HTTP, upload, command line and demo.

parse → duplicate → validate → receiver → legal basis → classify → apply → acknowledge, all in the
transaction that stores the result: `round` decides, `notification_intake`, `letter_intake` and `receipts`
say what each kind of message does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, transaction
from msgspec.structs import replace

from naer.events.instant import Instant
from naer.messages.envelope import Issue
from naer.site.messaging import answering
from naer.site.messaging.answer import Answer, Prepared, Raw
from naer.site.messaging.prepared import prepare_all
from naer.site.messaging.round import Round
from naer.site.pathways.actor import Actor

NewId = Callable[[], str]
Decided = Callable[[], None]
ATTEMPTS = 3
"""How often a batch is tried when another writer was in the way."""

_UNAVAILABLE = Issue("transient", "the message could not be stored; send it again later", "", "error")
_log = structlog.get_logger("naer.intake")


def _go_on() -> None:
    """Nobody waits for the decision."""


def receive(batch: Sequence[Raw], *, now: Instant, new_id: NewId, actor: Actor) -> list[Answer]:
    """Take in messages in one transaction; the answers are in the order of `batch`.

    Never raises for what a message says. When the database fails, or a message cannot be processed by our
    own fault, that message's answer is a transient-error, and nothing of it is stored.
    """
    return take_in(prepare_all(batch, now=now, new_id=new_id), now=now, new_id=new_id, actor=actor)


def take_in(
    batch: Sequence[Prepared], *, now: Instant, new_id: NewId, actor: Actor, decided: Decided = _go_on
) -> list[Answer]:
    """What `receive` does, with messages that were prepared elsewhere.

    `decided` is called as soon as all that they touch is locked and read, before the last of it is written.
    """
    return _Intake(now, new_id, actor).run(batch, decided)


@dataclass(slots=True)
class _Intake:
    now: Instant
    new_id: NewId
    actor: Actor

    def run(self, batch: Sequence[Prepared], decided: Decided = _go_on) -> list[Answer]:
        """Answer all, in one transaction; on a fault, each alone, so that one cannot hold up the others."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return self._rounds(batch, decided)
            except Exception as error:
                _log.warning("batch failed", messages=len(batch), attempt=attempt, exc_info=error)
                if not isinstance(error, DatabaseError):
                    break
        if len(batch) == 1:
            return [self._unprocessed(batch[0])]
        return [answer for message in batch for answer in self.run([message])]

    def _unprocessed(self, message: Prepared) -> Answer:
        """That it may be sent again; as an OperationOutcome where it cannot even be said in its standard."""
        _log.error("message not processed", message_id=message.incoming.message_id)
        try:
            return self._later(message)
        except Exception as error:
            _log.error("message not answered", exc_info=error)
            nobody = replace(message.incoming, sender=None)
            return self._later(replace(message, incoming=nobody, thanks=b""))

    def _later(self, message: Prepared) -> Answer:
        return answering.answer(message, "transient-error", [_UNAVAILABLE], now=self.now, new_id=self.new_id)

    def _rounds(self, batch: Sequence[Prepared], decided: Decided) -> list[Answer]:
        """Decide and store all, in as many rounds as it takes."""
        answers: list[Answer] = []
        for some in _rounds(batch):
            one = Round(some, now=self.now, new_id=self.new_id, actor=self.actor)
            answers += one.decide()
            if len(answers) == len(batch):
                decided()
            one.write()
        return answers


def identities(message: Prepared) -> set[tuple[str, str]]:
    """What a message is known by, as (kind, id): those who share one are decided one after the other."""
    known = {("header", message.incoming.message_id), ("bundle", message.incoming.bundle_id)}
    return known - {("header", ""), ("bundle", "")}


def _rounds(batch: Sequence[Prepared]) -> list[list[Prepared]]:
    """The batch in parts, so that no message id or bundle id stands twice in one part."""
    rounds: list[list[Prepared]] = []
    used: set[tuple[str, str]] = set()
    for message in batch:
        ids = identities(message)
        if not rounds or not used.isdisjoint(ids):
            rounds.append([])
            used = set()
        rounds[-1].append(message)
        used |= ids
    return rounds
