"""Links one citizen's Danish letters: what each changes or withdraws, and which stay's pathway it is on.

A pure function of the set of events: the order in which they came, and how often, changes nothing.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec

from naer.events.event import Event, EventId
from naer.events.instant import Instant
from naer.messages.letter_events import CARE_COMMUNICATION, XDIS
from naer.messages.medcom.events import SOURCE as NOTIFICATION
from naer.messages.plo.lines import Message, lines

STARTS = ("acute_ambulant", "admitted")


def link(events: Iterable[Event]) -> list[Event]:
    """The events of one citizen with the Danish letters settled, in log order; others keep everything.

    A changed or cancelled letter of the discharge family names in `changes` what it replaces; one whose
    original is not here has the attribute `original: "unknown"`. A letter goes to the pathway of its episode.
    A letter of the discharge family without one goes where the message it answers is, else to the stay that
    began last before it was sent; a conversation goes where any of its messages named an episode.
    """
    everything = sorted(events, key=lambda event: (event.order, repr(event)))
    ours = [event for event in everything if event.source == XDIS]
    talk = [event for event in everything if event.source == CARE_COMMUNICATION]
    if not ours and not talk:
        return everything
    stays = _Stays(everything)
    settled = _settled(ours)
    done = [event for event in everything if event.source not in (XDIS, CARE_COMMUNICATION)]
    done += [_on(event, stays.of_letter(event)) for event in settled]
    threads = {_thread(event): pathway for event in talk if (pathway := stays.by_episode(event))}
    done += [_on(event, stays.by_episode(event) or threads.get(_thread(event))) for event in talk]
    return sorted(done, key=lambda event: (event.order, repr(event)))


def _settled(ours: Sequence[Event]) -> list[Event]:
    """The events of the discharge family with what they change; copies of one id are settled alike."""
    once: dict[EventId, Event] = {}
    copies = []
    for event in ours:
        if once.setdefault(event.id, event) is not event:
            copies.append(event)
    by_letter = sorted(once.values(), key=_letter)
    messages = [_message(list(parts)) for _, parts in groupby(by_letter, key=_letter)]
    found = [event for line in lines(sorted(messages, key=lambda one: one.order)) for event in line.events()]
    by_id = {event.id: event for event in found}
    again = [
        msgspec.structs.replace(by_id[copy.id], received=copy.received)
        if copy == msgspec.structs.replace(once[copy.id], received=copy.received)
        else copy
        for copy in copies
    ]
    return found + again


def _letter(event: Event) -> tuple[str, str]:
    return str(event.attributes.get("letter", event.id)), str(event.attributes.get("content", ""))


def _thread(event: Event) -> str:
    return str(event.attributes.get("thread", ""))


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

    def by_episode(self, event: Event) -> str | None:
        return self._episodes.get(str(event.attributes.get("episode", "")))

    def of_letter(self, event: Event) -> str | None:
        if event.attributes.get("episode"):
            return self.by_episode(event)
        if (answered := self._pathways.get(str(event.attributes.get("parent", "")))) is not None:
            return answered
        begun = [pathway for at, pathway in self._starts if at <= event.sent_or_at]
        return begun[-1] if begun else None


def _on(event: Event, pathway: str | None) -> Event:
    if pathway is None or event.pathway == pathway:
        return event
    return msgspec.structs.replace(event, pathway=pathway)
