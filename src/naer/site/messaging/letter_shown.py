"""A letter as people read it: what it tells, and its notes. For those it was sent to, and who sent it."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from naer.events.event import Event
from naer.events.instant import Instant
from naer.messages.content import Fact, Letter
from naer.site.accounts.models import User
from naer.site.messaging import letters
from naer.site.messaging.models import Message, OutgoingMessage, StoredLetter
from naer.site.pathways.said import said
from naer.site.ui import words
from naer.site.ui.times import date, when


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a letter tells: what, when, and what it says of it."""

    what: str
    at: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in a letter. `conversation` is a row to address its conversation by, 0 for none."""

    told: list[Told]
    notes: tuple[tuple[str, str], ...]
    conversation: int = 0
    changes: str = ""
    """change, cancel, addition or history: how it stands to an earlier one; empty for a new letter."""


def of_message(user: User, message: Message, now: Instant) -> Shown | None:
    """What an incoming message says, to somebody of its sender or receiver; None for everybody else."""
    return _shown(user, StoredLetter.objects.filter(incoming=message.duplicate_of_id or message.pk), now)


def of_outgoing(user: User, message: OutgoingMessage, now: Instant) -> Shown | None:
    """What an outgoing message says, as `of_message`."""
    return _shown(user, StoredLetter.objects.filter(outgoing=message), now)


def _shown(user: User, found: QuerySet[StoredLetter], now: Instant) -> Shown | None:
    own = user.organisation_id or "-"
    row = found.filter(Q(sender=own) | Q(receiver=own)).first()
    if row is None:
        return None
    letter = letters.unpack(bytes(row.content))
    return Shown(
        told=[_told(fact, letter, now) for fact in letter.facts],
        notes=letter.notes,
        conversation=row.pk if row.thread_id else 0,
        changes="" if letter.status == "new" else letter.status,
    )


def _told(fact: Fact, letter: Letter, now: Instant) -> Told:
    event = Event(
        id=letter.message_id,
        pathway="",
        kind=fact.kind,
        at=fact.at,
        attributes=dict(fact.attributes),
        source=letter.type,
    )
    at = date(fact.at, now) if fact.precision == "day" else when(fact.at, now)
    return Told(words.kind(fact.kind), at, said(event, now))
