"""Links one citizen's Norwegian messages: what each changes or withdraws, and which stay each is in.

A pure function of the set of events: the order in which they came, and how often, changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import msgspec

from naer.events.event import Event, EventId
from naer.events.instant import Instant
from naer.events.log import CANCELLED, effective
from naer.messages.plo.events import SOURCE
from naer.messages.plo.lines import Line, Slot, lines, messages
from naer.messages.plo.same_day import placed
from naer.messages.plo.stays import Stay, Stays


def link(events: Iterable[Event]) -> list[Event]:
    """The raw events of one citizen, settled and in log order; a list without such messages as it came.

    Each event of a message gets the pathway of its stay, and in `changes` the event that it changes or
    withdraws. A message that withdraws several things becomes several events. One whose original is not known
    has the attribute `original: "unknown"`: a cancellation waits, any other stands for itself until the
    original comes. An admission that a ready message repeats is the same event as the admission's own. Events
    of other sources keep everything, except that one recorded on a pathway that was joined to another follows
    it there.
    """
    everything = list(events)
    if not any(event.source == SOURCE for event in everything):
        return everything
    order = _full_order if len({event.id for event in everything}) < len(everything) else _order
    everything.sort(key=order)
    ours: dict[EventId, Event] = {}
    others, copies = [], []
    for event in everything:
        if event.source != SOURCE:
            others.append(event)
        elif event.id in ours:
            copies.append(event)
        else:
            ours[event.id] = event
    settled = lines(messages(ours.values()))
    standing = effective(event for line in settled for event in line.events()).events
    held = effective(others).events
    stays = Stays(settled, standing, held)
    _Admissions(standing, held, ours.keys()).merge(stays.all())
    pathways = _pathways(settled, stays)
    done = [_on(event, pathways[id(line)]) for line in settled for event in line.events()]
    joined = _joined(settled, pathways)
    done += [_on(event, joined.get(event.pathway, event.pathway)) for event in others]
    by_id = {event.id: event for event in done}
    done += [_again(copy, ours[copy.id], by_id[copy.id]) for copy in copies]
    done = placed(done)
    done.sort(key=order)
    return done


def _pathways(settled: Sequence[Line], stays: Stays) -> dict[int, str]:
    """The pathway of each line (by its `id()`): its stay's, else its own.

    A stay's is that under which another source recorded it, else that of its first-sent line.
    """
    named = {
        id(stay): stay.pathway or _own(min(stay.lines, key=lambda line: line.first.order))
        for stay in stays.all()
        if stay.pathway or stay.lines
    }
    found = {}
    for line in settled:
        stay = stays.of(line)
        found[id(line)] = _own(line) if stay is None else named[id(stay)]
    return found


def _own(line: Line) -> str:
    return line.messages[0].events[0].pathway


def _joined(settled: Sequence[Line], pathways: dict[int, str]) -> dict[str, str]:
    """Pathway as first given → pathway now, where every message on it went the same way."""
    targets: dict[str, set[str]] = defaultdict(set)
    for line in settled:
        for message in line.messages:
            targets[message.events[0].pathway].add(pathways[id(line)])
    return {raw: min(found) for raw, found in targets.items() if len(found) == 1}


class _Admissions:
    """Makes each repeated admission of a stay the same event as the admission itself, or as the first one."""

    def __init__(self, standing: Iterable[Event], others: Iterable[Event], raw: Collection[EventId]) -> None:
        self._standing = {event.id for event in standing}
        self._recorded: dict[str, Event] = {}
        for event in others:
            if event.kind == "admitted":
                self._recorded.setdefault(event.pathway, event)
        self._raw = raw

    def merge(self, stays: Iterable[Stay]) -> None:
        """Change the slots of the stays' lines in place."""
        for stay in stays:
            slots = [
                slot
                for line in sorted(stay.lines, key=lambda line: line.first.order)
                for slot in line.slots
                if slot.original.kind == "admitted" and slot.original.id in self._standing
            ]
            own = [slot for slot in slots if not _repeats(slot)]
            holder = next(iter(own or slots), None)
            recorded = self._recorded.get(stay.pathway)
            for slot in slots:
                if not _repeats(slot) or (recorded is None and slot is holder):
                    continue
                if recorded is not None:
                    self._become(slot, recorded, recorded)
                elif holder is not None:
                    self._become(slot, holder.original, holder.current)

    def _become(self, slot: Slot, holder: Event, current: Event) -> None:
        """Let all that a slot says be another event: it repeats that one, and withdraws nothing of it."""

        def same(event: Event) -> Event:
            return msgspec.structs.replace(
                current,
                id=event.id,
                received=event.received,
                sent=holder.sent_or_at,
                changes=holder.id,
                source=event.source,
            )

        said = [event for event in slot.changes if event.kind != CANCELLED or event.id in self._raw]
        slot.changes = [
            msgspec.structs.replace(event, changes=None) if event.kind == CANCELLED else same(event)
            for event in said
        ]
        slot.original = same(slot.original)


def _repeats(slot: Slot) -> bool:
    return bool(slot.original.attributes.get("reported"))


def _on(event: Event, pathway: str) -> Event:
    return event if event.pathway == pathway else msgspec.structs.replace(event, pathway=pathway)


def _again(copy: Event, raw: Event, settled: Event) -> Event:
    """The same event once more is settled like the first; other content under its id is left as it is."""
    if copy == msgspec.structs.replace(raw, received=copy.received):
        return msgspec.structs.replace(settled, received=copy.received)
    return copy


def _order(event: Event) -> tuple[tuple[Instant, Instant, int, int, str], str]:
    return (event.order, "")


def _full_order(event: Event) -> tuple[tuple[Instant, Instant, int, int, str], str]:
    """Only needed where ids repeat: then the content decides, never the order of arrival."""
    return (event.order, repr(event))
