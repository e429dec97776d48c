"""Correcting what a message told: the event stands corrected, and a message says so to whoever got the first.

One that has not left is stopped, and the corrected one goes in its place; one that was refused is sent anew;
of one that arrived, another (status M, with references to the last and the first) says everything that
stands. A change never makes anybody late: what is done by being sent keeps its time. Correspondence cannot be
corrected in either country, and an updated warning is followed by another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from django.db import transaction

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.messages.content import Fact, Letter
from naer.site.access import rules
from naer.site.accounts.models import User
from naer.site.messaging import composing, dead_letters, letter_content, letters, parties, telling
from naer.site.messaging.models import OutgoingMessage, StoredLetter
from naer.site.messaging.tellers import Teller
from naer.site.messaging.telling import UPDATE, Offer
from naer.site.pathways import actions, live, store
from naer.site.pathways.actions import ActionRefusedError
from naer.site.pathways.models import Citizen
from naer.site.pathways.state import State as Course

NewId = Callable[[], str]
State = OutgoingMessage.State
Way = Literal["instead", "anew", "change"]
"""It goes in the place of one that has not left; anew, as the first was refused; as a change of the first."""

_ARRIVED = (State.SENT, State.ACKNOWLEDGED, State.LATE)
CORRECTED = "corrected"
"""The reason of a refused message that was sent anew."""


@dataclass(frozen=True, slots=True)
class Correctable:
    """A message whose event can be corrected, and what stands now."""

    message: OutgoingMessage
    letter: Letter
    event: Event
    """What it told, as it stands."""
    line: tuple[Event, ...]
    """All that the line of messages told and that stands, what it is for first."""
    latest: str
    """Id of the last message of the line."""
    offered: Offer
    way: Way

    @property
    def teller(self) -> Teller:
        """The message that says such an event."""
        return self.offered.teller(self.event.kind)

    @property
    def timed(self) -> bool:
        """Whether its time can be corrected: it is not the sending itself."""
        return not self.teller.sent_is_done


class _Log:
    """One citizen's events: as stored, and as they stand."""

    def __init__(self, citizen: str, now: Instant) -> None:
        (state,) = store.load([citizen], locked=False).values()
        self.raw = {str(event.id): event for event in state.events}
        self.standing = {str(event.id): event for event in live.log(state.events, now).events}

    def original(self, name: str) -> str:
        """The id of the event that one corrects, else its own."""
        passed = {name}
        while (event := self.raw.get(name)) is not None and event.changes and event.changes not in passed:
            name = str(event.changes)
            passed.add(name)
        return name

    def versions(self, original: str) -> set[str]:
        """The ids of an event and of what corrects it."""
        return {name for name in self.raw if self.original(name) == original}


def find(user: User, message: OutgoingMessage, now: Instant) -> Correctable | None:
    """What a message told, when somebody of its sender can correct it."""
    way, citizen = _way(message), message.citizen
    if way is None or citizen is None or not message.event or message.sender != user.organisation_id:
        return None
    stored = StoredLetter.objects.filter(outgoing=message).first()
    if stored is None or not rules.relation(user, citizen, now, "record"):
        return None
    letter, log = letters.unpack(bytes(stored.content)), _Log(citizen.key, now)
    event = log.standing.get(log.original(message.event))
    if event is None or log.raw[str(event.id)].source != actions.PERSON or event.kind == UPDATE:
        return None
    offered = telling.offer(user, message.receiver, [event.kind])
    if offered is None or offered.teller(event.kind).type != letter.type or offered.teller(event.kind).part:
        return None
    told = _line(letter, stored)
    versions = log.versions(str(event.id))
    if any(one.outgoing.event in versions and one.pk > stored.pk for one, _ in told if one.outgoing):
        return None  # a later message corrects it already
    line, latest = [event], letter.message_id
    if way == "change":
        names = [log.original(one.outgoing.event) for one, _ in told if one.outgoing and one.outgoing.event]
        standing = {one.kind: one for one in map(log.standing.get, names) if one is not None}
        line = list((standing | {event.kind: event}).values())
        latest = told[-1][1].message_id
        if UPDATE in standing or not any(_is_main(letter, one) for one in line):
            return None
        line.sort(key=lambda one: not _is_main(letter, one))
    return Correctable(message, letter, event, tuple(line), latest, offered, way)


def correct(
    user: User,
    found: Correctable,
    at: Instant,
    attributes: Mapping[str, Any],
    *,
    now: Instant,
    new_id: NewId,
) -> OutgoingMessage:
    """Correct what the message told: when it happened, and what it says; and send the message that says so.

    `attributes` are those of the event as it shall stand.

    Raises:
        UnwritableError: when the standard cannot say it; the text may be shown, and nothing is recorded.
        ActionRefusedError: when it moved on meanwhile, or lies in the future.
        PermissionDenied: when no care relation allows it.
    """
    citizen, event = Citizen.objects.get(pk=found.event.citizen), found.event
    if at > now:
        raise ActionRefusedError("this lies in the future; record it when it has happened")
    message_id = new_id()
    with transaction.atomic():
        relation = rules.require(user, citizen, "record", now)
        row = OutgoingMessage.objects.select_for_update().get(pk=found.message.pk)
        if _way(row) != found.way or not _close(user, row, found.way, now):
            raise ActionRefusedError("the message moved on meanwhile; look at it again")
        said = telling.whole(event.kind, found.teller, {"by": user.name, **attributes})
        new = msgspec.structs.replace(event, at=at if found.timed else event.at, attributes=said)
        line = [new if one.id == event.id else one for one in found.line]
        facts = _facts(line, found.offered)
        actions.append(
            user,
            citizen.key,
            lambda _: _events(citizen.key, found.line, facts, message_id, now),
            action="record",
            subject=f"corrected {event.id}",
            relation=relation,
            now=now,
        )
        letter = _letter(user, found, citizen, line, facts, message_id, now)
        outgoing = composing.send(
            letter,
            row.standard,
            actor=user,
            citizen=citizen,
            receiver=row.receiver,
            now=now,
            new_id=new_id,
            obligation=row.obligation,
            event=message_id,
            pathway=row.pathway,
            hold=telling.HOLD,
        )
        letters.keep(
            letter,
            standard=row.standard,
            citizen=citizen,
            sender=row.sender,
            receiver=row.receiver,
            outgoing=outgoing,
            now=now,
        )
    return outgoing


def revert(user: User, message: OutgoingMessage, *, now: Instant, new_id: NewId) -> None:
    """Let stand what stood before a correction, when the message that told the correction was stopped."""
    assert message.citizen is not None

    def before(state: Course) -> list[Event]:
        own = [one for one in state.events if str(one.id).partition("~")[0] == message.event]
        kept = [one for one in state.events if one not in own]
        held = {one.id: one for one in live.log(kept, now).events}
        return [
            _restored(held[one.changes], one, new_id(), now)
            if one.changes in held
            else _cancelled(one, new_id(), now)
            for one in own
        ]

    relation = rules.require(user, message.citizen, "undo", now)
    actions.append(
        user,
        message.citizen.key,
        before,
        action="undo",
        subject=message.event,
        relation=relation,
        now=now,
    )


def corrected_by(message: OutgoingMessage, now: Instant) -> str:
    """The id of the event that a message corrects, as another told it before; empty when it corrects none."""
    if not message.event or message.citizen_id is None:
        return ""
    log = _Log(message.citizen_id, now)
    event = log.raw.get(message.event)
    if event is None or event.changes is None or event.kind == CANCELLED:
        return ""
    return log.original(message.event)


def _way(message: OutgoingMessage) -> Way | None:
    if message.kind != composing.LETTER:
        return None
    if "take-back" in dead_letters.possible(message):
        return "instead"
    if message.state == State.REFUSED and message.answered_with != "transient-error":
        return "anew"
    return "change" if message.state in _ARRIVED else None


def _close(user: User, row: OutgoingMessage, way: Way, now: Instant) -> bool:
    """Whether the first message is out of the way."""
    if way == "instead":
        return dead_letters.take_back(row, user, now=now)
    if way == "anew":
        dead_letters.give_up(row, user, CORRECTED, now=now)
    return True


def _line(letter: Letter, stored: StoredLetter) -> list[tuple[StoredLetter, Letter]]:
    """The messages of a line that left or will, by their sender, in the order they were written."""
    root = letter.root or letter.message_id
    rows = StoredLetter.objects.filter(
        citizen=stored.citizen_id, sender=stored.sender, type=stored.type, outgoing__isnull=False
    ).exclude(outgoing__state__in=(State.GIVEN_UP, State.REFUSED))
    told = [
        (row, letters.unpack(bytes(row.content))) for row in rows.select_related("outgoing").order_by("pk")
    ]
    return [(row, one) for row, one in told if (one.root or one.message_id) == root]


def _is_main(letter: Letter, event: Event) -> bool:
    """Whether an event is what a message of the letter's type is sent for, not what is added to it."""
    return any(not teller.adds and teller.type == letter.type for teller in telling.tellers(event.kind))


def _facts(line: list[Event], offered: Offer) -> list[tuple[Event, Fact]]:
    """What the message says, each with the event that it is of; the main fact has no suffix."""
    facts = []
    for place, event in enumerate(line):
        said = letter_content.said(event, offered.country)
        suffix = event.kind if place else ""
        facts.append((event, Fact(kind=event.kind, at=event.at, attributes=said, suffix=suffix)))
        facts += [(event, fact) for fact in letter_content.brought(event, offered.teller(event.kind))]
    return facts


def _events(
    citizen: str, before: tuple[Event, ...], facts: list[tuple[Event, Fact]], message_id: str, now: Instant
) -> list[Event]:
    """The corrections that the facts are, under the ids that a reader of the message gives them."""
    log, made = _Log(citizen, now), []
    if any(log.standing.get(str(event.id)) != event for event in before):
        raise ActionRefusedError("it was corrected or taken back meanwhile; look at it again")
    for event, fact in facts:
        brought = fact.kind != event.kind
        earlier = log.standing.get(f"{event.id}~{fact.suffix}" if brought else str(event.id))
        base = event if earlier is None or not brought else earlier
        attributes = {"channel": "message", **fact.attributes} if brought else event.attributes
        made.append(
            msgspec.structs.replace(
                base,
                id=f"{message_id}~{fact.suffix}" if fact.suffix else message_id,
                kind=fact.kind,
                at=base.at if brought and earlier is not None else fact.at,
                pathway=log.raw[str(event.id)].pathway,
                sent=now,
                received=now,
                attributes=attributes,
                source=actions.PERSON,
                changes=earlier.id if earlier is not None else None,
            )
        )
    kept = {str(one.changes) for one in made}
    for gone in (f"{event.id}~{letter_content.EXPECTED}" for event in before):
        if gone in log.standing and gone not in kept:
            made.append(_cancelled(log.standing[gone], f"{message_id}~without-expected_ready", now))
    return made


def _cancelled(event: Event, name: str, now: Instant) -> Event:
    return msgspec.structs.replace(
        event, id=name, kind=CANCELLED, at=now, sent=now, received=now, attributes={}, changes=event.id
    )


def _restored(earlier: Event, correction: Event, name: str, now: Instant) -> Event:
    return msgspec.structs.replace(
        earlier, id=name, pathway=correction.pathway, sent=now, received=now, changes=earlier.id
    )


def _letter(
    user: User,
    found: Correctable,
    citizen: Citizen,
    line: list[Event],
    facts: list[tuple[Event, Fact]],
    message_id: str,
    now: Instant,
) -> Letter:
    before, teller, country = found.letter, found.teller, found.offered.country
    notes: list[tuple[str, str]] = []
    details = {
        name: value for name, value in before.details.items() if not name.startswith(("note", "service"))
    }
    for event in line:
        texts, values = letter_content.notes(event, found.offered.teller(event.kind), country)
        notes += texts
        details |= values
    told = [fact for _, fact in facts]
    changes = found.way == "change"
    return msgspec.structs.replace(
        before,
        message_id=message_id,
        sent=now,
        sender=parties.party(user.organisation_id or "", teller.by),
        receiver=parties.party(found.message.receiver, teller.to),
        person=parties.person(citizen),
        status="change" if changes else before.status,
        parent=found.latest if changes else before.parent,
        root=(before.root or before.message_id) if changes else before.root,
        facts=(*told, *letter_content.repeated(line[0], teller)),
        notes=tuple(notes),
        details=details,
    )
