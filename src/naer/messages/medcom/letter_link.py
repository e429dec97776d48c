"""Links one citizen's Danish letters: what each changes or withdraws, and which stay's pathway it is on.

A pure function of the set of events: the order in which they came, and how often, changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec

from naer.events.event import Event, EventId
from naer.events.instant import Instant
from naer.messages.letter_events import CARE_COMMUNICATION, XDIS
from naer.messages.medcom.events import SOURCE as NOTIFICATION
from naer.messages.plo.lines import Line, Message, lines

STARTS = ("acute_ambulant", "admitted")


def link(events: Iterable[Event]) -> list[Event]:
    """The events of one citizen with the Danish letters settled, in log order.

    A changed or cancelled letter of the discharge family names in `changes` what it replaces; one whose
    original is not here has the attribute `original: "unknown"`. A letter and its versions, or a
    conversation, go to the pathway of the episode that any of them names. A letter of the discharge family
    without one goes where the message it answers is, else to the stay that began last before it was sent; a
    conversation without one stays by itself. Events of other sources keep everything, except that one
    recorded on a pathway that was joined to another follows it there.
    """
    everything = sorted(events, key=_order)
    ours = [event for event in everything if event.source == XDIS]
    talk = [event for event in everything if event.source == CARE_COMMUNICATION]
    if not ours and not talk:
        return everything
    stays = _Stays(everything)
    joined: dict[str, set[str]] = defaultdict(set)
    done = []
    for line in _lines(ours):
        raw = sorted((event for message in line.messages for event in message.events), key=_order)
        pathway = stays.of_letter(raw) or raw[0].pathway
        for event in raw:
            joined[event.pathway].add(pathway)
        done += [_on(event, pathway) for event in line.events()]
    done += _copies(ours, done)
    by_thread: dict[str, list[Event]] = defaultdict(list)
    for event in talk:
        by_thread[str(event.attributes.get("thread", event.id))].append(event)
    for members in by_thread.values():
        pathway = stays.by_episode(members) or members[0].pathway
        for event in members:
            joined[event.pathway].add(pathway)
            done.append(_on(event, pathway))
    moved = {raw: min(targets) for raw, targets in joined.items() if len(targets) == 1}
    others = (event for event in everything if event.source not in (XDIS, CARE_COMMUNICATION))
    done += [_on(event, moved.get(event.pathway, event.pathway)) for event in others]
    return sorted(done, key=_order)


def _lines(ours: Sequence[Event]) -> list[Line]:
    """The letters of the discharge family with their versions, each id once."""
    once = {event.id: event for event in reversed(ours)}
    by_letter = sorted(once.values(), key=_letter)
    messages = [_message(list(parts)) for _, parts in groupby(by_letter, key=_letter)]
    senders = {message.id: message.organisation for message in messages}
    for message in messages:
        # Nobody changes or cancels what another organisation said.
        if any(senders.get(name, message.organisation) != message.organisation for name in _about(message)):
            message.parent = message.root = ""
    return lines(sorted(messages, key=lambda one: one.order))


def _about(message: Message) -> tuple[str, ...]:
    return () if message.status == "new" else (message.parent, message.root)


def _copies(ours: Sequence[Event], settled: Iterable[Event]) -> list[Event]:
    """The same event once more is settled like the first; other content under its id is left as it is."""
    first: dict[EventId, Event] = {}
    by_id = {event.id: event for event in settled}
    copies = []
    for event in ours:
        if (raw := first.setdefault(event.id, event)) is event:
            continue
        same = event == msgspec.structs.replace(raw, received=event.received)
        copies.append(msgspec.structs.replace(by_id[event.id], received=event.received) if same else event)
    return copies


def _order(event: Event) -> tuple[object, str]:
    return (event.order, repr(event))


def _letter(event: Event) -> tuple[str, str]:
    return str(event.attributes.get("letter", event.id)), str(event.attributes.get("content", ""))


def _message(events: list[Event]) -> Message:
    events.sort(key=lambda event: (len(str(event.id)), str(event.id)))
    one = events[0]
    said = {name: str(one.attributes.get(name, "")) for name in ("type", "status", "parent", "root")}
    return Message(
        id=str(one.id).removesuffix(f"~{one.attributes.get('part', '')}"),
        type=said["type"],
        status=said["status"] or "new",
        parent=said["parent"],
        root=said["root"],
        sent=one.sent_or_at,
        organisation=one.organisation,
        events=events,
    )


class _Stays:
    """Where the citizen's notifications are, after they were linked."""

    def __init__(self, events: Sequence[Event]) -> None:
        told = [event for event in events if event.source == NOTIFICATION]
        self._episodes = {
            str(key): event.pathway for event in told for key in event.attributes.get("episodes") or ()
        }
        self._pathways = {str(event.id): event.pathway for event in told}
        starts = (event for event in told if event.kind in STARTS)
        self._starts: list[tuple[Instant, str]] = sorted((event.at, event.pathway) for event in starts)

    def by_episode(self, events: Sequence[Event]) -> str | None:
        """The pathway of the first episode that is known, else of the first that is named."""
        named = [event for event in events if event.attributes.get("episode")]
        known = (self._episodes.get(str(event.attributes["episode"])) for event in named)
        return next((one for one in known if one), named[0].pathway if named else None)

    def of_letter(self, events: Sequence[Event]) -> str | None:
        """The pathway of a letter of the discharge family, given with all its versions in log order."""
        if (pathway := self.by_episode(events)) is not None:
            return pathway
        parents = (self._pathways.get(str(event.attributes.get("parent", ""))) for event in events)
        if (answered := next((one for one in parents if one), None)) is not None:
            return answered
        first = min(event.sent_or_at for event in events)
        begun = [pathway for at, pathway in self._starts if at <= first]
        return begun[-1] if begun else None


def _on(event: Event, pathway: str) -> Event:
    if event.pathway == pathway:
        return event
    return msgspec.structs.replace(event, pathway=pathway)
