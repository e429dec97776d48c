"""Lines: one message with its changes, additions and cancellations, whatever order they came in.

`ConversationRef` names the latest version (parent) and the first (root). A change replaces what the line says
of the same kind; an updated warning (HELSEOPPL_SOKNAD, "Oppdaterte opplysninger") stands beside the first
one, which was given in time or not whatever is said later. A cancellation withdraws the whole line. A report
that is changed keeps the time at which it was first given: a change never makes anybody late.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import CANCELLED
from naer.messages.plo.times import point

UPDATE = "warning_updated"
"""A message that brings this stands beside earlier versions of its line."""


@dataclass(slots=True)
class Message:
    """The events of one message, the main one first, and what it says about others."""

    id: str
    type: str
    status: str
    parent: str
    root: str
    sent: Instant
    organisation: str | None
    events: list[Event]

    @property
    def order(self) -> tuple[Instant, str]:
        """By sent time, then id."""
        return (self.sent, self.id)

    @property
    def update(self) -> bool:
        """Whether it stands beside earlier versions instead of replacing them."""
        return any(event.kind == UPDATE for event in self.events)


@dataclass(slots=True)
class Slot:
    """One thing a line says: the event that said it first, and what later versions made of it."""

    original: Event
    current: Event
    changes: list[Event] = field(default_factory=list)
    withdrawn: bool = False


@dataclass(slots=True)
class Line:
    """All versions of one message, and what came of them."""

    messages: list[Message]
    slots: list[Slot] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)
    """Cancellations of something that is not here."""
    first: Message = field(init=False)
    """The version that was sent first."""

    def events(self) -> list[Event]:
        """The settled events."""
        said = [event for slot in self.slots for event in (slot.original, *slot.changes)]
        return said + self.waiting

    def __post_init__(self) -> None:
        self.first = min(self.messages, key=lambda message: message.order)

    def extend(self, messages: Iterable[Message]) -> None:
        """Take further versions in."""
        self.messages.extend(messages)
        self.first = min(self.messages, key=lambda message: message.order)


def messages(events: Iterable[Event]) -> list[Message]:
    """The messages that brought `events`, in the order they were sent."""
    found: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        found[_text(event, "message"), _text(event, "content")].append(event)
    said = [_message(*key, parts) for key, parts in found.items()]
    return sorted(said, key=lambda message: message.order)


def lines(messages: Sequence[Message]) -> list[Line]:
    """The messages in lines, each settled."""
    grouped: dict[tuple[str, str], list[Message]] = defaultdict(list)
    by_id = {message.id: message for message in messages}
    for message in messages:
        grouped[_key(message, by_id)].append(message)
    found = [Line(members) for members in grouped.values()]
    headed: dict[tuple[str, str | None], list[Line]] = defaultdict(list)
    orphans = []
    for line in found:
        first = next((message for message in line.messages if message.status == "new"), None)
        if first is None:
            orphans.append(line)
        else:
            headed[first.type, first.organisation].append(line)
    for line in orphans:
        first = line.first
        _adopt(line, headed[first.type, first.organisation])
    settled = [line for line in found if line.messages]
    for line in settled:
        _settle(line)
    return settled


def _message(message: str, content: str, events: list[Event]) -> Message:
    marked = f"{message}~{content}"
    id = marked if content and str(events[0].id).startswith(marked) else message
    events = sorted(events, key=lambda event: (str(event.id) != id, str(event.id)))
    one = events[0]
    status = _text(one, "status") or "new"
    return Message(
        id=id,
        type=_text(one, "type"),
        status=status,
        parent=_text(one, "parent"),
        root=_text(one, "root"),
        sent=one.sent_or_at,
        organisation=one.organisation,
        events=events,
    )


def _key(message: Message, by_id: dict[str, Message]) -> tuple[str, str]:
    """What the versions of one message share: the first message, as far as the references lead."""
    passed = {message.id}
    while message.status != "new":
        known = [by_id.get(name) for name in (message.parent, message.root)]
        older = [one for one in known if one is not None and one.type == message.type]
        if not older:
            return message.type, message.root or message.parent or message.id
        if older[0].id in passed:
            return message.type, min(passed)
        message = older[0]
        passed.add(message.id)
    return message.type, message.id


def _adopt(line: Line, headed: list[Line]) -> None:
    """Give a line whose first message is not here to the only one it can be about, if there is just one.

    `headed` are those of the same type and sender. It was sent before; where several were, the time that the
    message is about decides.
    """
    first = line.first
    fits = [
        one
        for one in headed
        if one.first.sent <= first.sent and not any(message.status == "cancel" for message in one.messages)
    ]
    times = _times(first)
    if len(fits) > 1 and times:
        fits = [one for one in fits if times & {time for message in one.messages for time in _times(message)}]
    if len(fits) == 1:
        fits[0].extend(line.messages)
        line.messages = []


def _times(message: Message) -> set[Instant]:
    """The times a message is about, as far as they are not just when it was sent."""
    said = {event.at for event in message.events if not _when_sent(event)}
    named = [when(event.attributes.get("of_at")) for event in message.events]
    return said | {at for at in named if at is not None}


def when(text: Any) -> Instant | None:
    """The instant that an attribute names as it was sent (a date, or a time without offset); None if none."""
    said = point(text) if isinstance(text, str) else None
    return None if said is None else said.at


def _settle(line: Line) -> None:
    line.messages.sort(key=lambda message: (message.status != "new", *message.order))
    known = line.messages[0].status == "new"
    for message in line.messages:
        if message.status == "cancel":
            _cancel(line, message)
        elif not line.slots or message.update:
            orphaned = not known and not line.slots
            for raw in message.events:
                event = _with(raw, original="unknown") if orphaned else raw
                line.slots.append(Slot(event, event))
        else:
            _change(line, message)


def _change(line: Line, message: Message) -> None:
    """Let a later version say its part: replace, add to, or only repeat what the line says."""
    for event in message.events:
        slot = _last(line, event.kind)
        if slot is None:
            line.slots.append(Slot(event, event))
        elif message.status == "change":
            _replace(slot, event)
        else:
            _supplement(slot, event, adds=message.status == "addition")
    if message.status == "change":
        kinds = {event.kind for event in message.events} | {UPDATE}
        for slot in line.slots:
            if slot.original.kind not in kinds and not slot.original.attributes.get("reported"):
                _withdraw(slot, message.events[0], f"{message.id}~without-{slot.original.kind}")


def _replace(slot: Slot, event: Event) -> None:
    original = slot.original
    at = original.at if _when_sent(original) and _when_sent(event) else event.at
    slot.current = _with(event, changes=original.id, at=at, revised=event.sent_or_at)
    slot.changes.append(slot.current)
    slot.withdrawn = False


def _supplement(slot: Slot, event: Event, adds: bool) -> None:
    """An addition to what stands, or (history) a copy of it; neither ever revives what was withdrawn."""
    current = slot.current
    said = {**current.attributes, **event.attributes} if adds else dict(current.attributes)
    done = msgspec.structs.replace(
        current,
        id=event.id,
        received=event.received,
        sent=current.sent_or_at + (1 if adds else 0),
        attributes=said,
        changes=slot.original.id,
    )
    slot.changes.append(done)
    if adds:
        slot.current = done


def _cancel(line: Line, message: Message) -> None:
    """Withdraw all that the line says. The cancellation's own id goes to the main thing."""
    event = message.events[0]
    if not line.slots:
        line.waiting.append(_with(event, changes=f"unknown {message.type}", original="unknown"))
        return
    for number, slot in enumerate(line.slots):
        _withdraw(slot, event, str(event.id) if number == 0 else f"{event.id}~{number}")


def _withdraw(slot: Slot, by: Event, id: str) -> None:
    slot.changes.append(
        msgspec.structs.replace(by, id=id, kind=CANCELLED, at=by.sent_or_at, changes=slot.original.id)
    )
    slot.withdrawn = True


def _last(line: Line, kind: str) -> Slot | None:
    return next((slot for slot in reversed(line.slots) if slot.original.kind == kind), None)


def _when_sent(event: Event) -> bool:
    return event.at == event.sent_or_at


def _with(event: Event, changes: Any = None, at: Instant | None = None, **attributes: Any) -> Event:
    return msgspec.structs.replace(
        event,
        attributes={**event.attributes, **attributes},
        changes=event.changes if changes is None else changes,
        at=event.at if at is None else at,
    )


def _text(event: Event, name: str) -> str:
    return str(event.attributes.get(name, ""))
