"""Links one citizen's notifications: which message corrects or cancels which, and which course each is in.

A pure function of the set of events: the order in which they came, and how often, changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import msgspec

from naer.events.event import Event
from naer.events.instant import Instant
from naer.messages.medcom.codes import amends, family
from naer.messages.medcom.course import Courses, joined
from naer.messages.medcom.events import SOURCE
from naer.messages.medcom.reused import names


def link(events: Iterable[Event]) -> list[Event]:
    """The raw events of one citizen, settled and in log order.

    Each notification gets its id (`reused`), its settled code, the pathway of its course, and in `changes`
    the event it corrects or cancels; a correction inherits the asking for a report. One whose original is
    not known waits, with the attribute `original: "unknown"`. Events of other sources keep everything,
    except that one recorded on a pathway that was joined to another follows it there.
    """
    everything = list(events)
    if renamed := names(everything):
        everything = [
            msgspec.structs.replace(event, id=renamed[event.id]) if event.id in renamed else event
            for event in everything
        ]
    tied = len({event.id for event in everything}) < len(everything)
    everything.sort(key=_full_order if tied else _order)
    ours = [event for event in everything if event.source == SOURCE]
    courses = Courses(ours).members()
    follows = joined(courses) if len(ours) < len(everything) else {}
    known = {str(event.id) for event in everything}
    settled: dict[int, Event] = {}
    for pathway, members in courses:
        if all(event.changes is None and event.attributes.get("code") in _PLAIN for event in members):
            settled |= {id(event): _on(pathway, event) for event in members}
            continue
        members.sort(key=_sent_order)
        for raw, event in zip(members, _Course(members, known).settle(), strict=True):
            settled[id(raw)] = _on(pathway, event)
    done = [
        settled[id(event)] if id(event) in settled else _on(follows.get(event.pathway, event.pathway), event)
        for event in everything
    ]
    if tied:  # what settling says of an event may tell it from others; else they stand in order
        done.sort(key=_full_order)
    return done


_PLAIN = frozenset({"STAA", "STIN", "STOR", "SLOR", "SLHJ"})
"""The codes of what changes nothing, and that only a change or a death in the same course could change."""


class _Course:
    """One course's notifications in the order they were sent."""

    def __init__(self, members: list[Event], known: set[str]) -> None:
        self.members = members
        self.known = known
        self.originals: dict[str, list[Event]] = defaultdict(list)
        self.by_header: dict[str, list[Event]] = defaultdict(list)
        self.cancelled: set[str] = set()
        self.death: Event | None = None

    def settle(self) -> list[Event]:
        """Each member settled by those sent before it."""
        settled = []
        first: dict[str, tuple[Event, Event]] = {}
        for event in self.members:
            raw, done = first.get(str(event.id), (None, event))
            if raw is not None and _same(raw, event):
                settled.append(msgspec.structs.replace(done, received=event.received))
                continue
            done = self._settle(event)
            first.setdefault(str(event.id), (event, done))
            self.by_header[_text(event, "header")].append(event)
            settled.append(done)
        return settled

    def _settle(self, event: Event) -> Event:
        code = _text(event, "code")
        base = family(code)
        if code == "AN_MORS" or (event.attributes.get("deceased") is False and self._denies_death(event)):
            return self._resurrect(event)
        if base == "MORS":
            return self._die(event)
        if event.changes is None:
            self.originals[base].append(event)
            return event
        original = self._original(event, base)
        if original is None:
            return self._waiting(event, base)
        if event.kind == "cancelled":
            self.cancelled.add(str(original.id))
        return _with(_inherit(event, original), changes=original.id)

    def _die(self, event: Event) -> Event:
        if self.death is None or self.death.id == event.id:
            self.death = event
            self.originals["MORS"].append(event)
            return _with(event, code="MORS")
        return _with(event, code="RE_MORS", amends="MORS", changes=self.death.id)

    def _denies_death(self, event: Event) -> bool:
        return (
            self.death is not None
            and event.changes is None
            and event.attributes.get("activity") == self.death.attributes.get("activity")
        )

    def _resurrect(self, event: Event) -> Event:
        death, self.death = self.death, None
        if death is None:
            return self._waiting(event, "MORS")
        self.cancelled.add(str(death.id))
        cancelled = msgspec.structs.replace(event, kind="cancelled")
        return _with(cancelled, code="AN_MORS", amends="MORS", changes=death.id)

    def _waiting(self, event: Event, base: str) -> Event:
        """One whose original is not here; what its chain names must not change in its place."""
        wrong = str(event.changes) in self.known
        return _with(event, changes=f"unknown {base}" if wrong else None, original="unknown")

    def _original(self, event: Event, base: str) -> Event | None:
        candidates = self.originals[base]
        if (chained := self._chained(event, candidates)) is not None:
            return chained
        standing = [one for one in candidates if str(one.id) not in self.cancelled]
        return next(iter((standing or candidates)[-1:]), None)

    def _chained(self, event: Event, candidates: list[Event]) -> Event | None:
        """The candidate that the chain of previous messages leads to."""
        names = {str(one.id) for one in candidates}
        seen: set[str] = set()
        header = event.attributes.get("previous")
        while isinstance(header, str) and header not in seen:
            seen.add(header)
            steps = self.by_header[header]
            for step in reversed(steps):
                if str(step.id) in names:
                    return step
            if not steps:
                return None
            header = steps[-1].attributes.get("previous")
        return None


def _inherit(event: Event, original: Event) -> Event:
    """A correction with what only the first message says: who asked for a report."""
    asked = {
        name: original.attributes[name]
        for name in ("report_requested", "report_recipient")
        if original.attributes.get(name)
    }
    return _with(event, **asked) if asked and event.kind != "cancelled" else event


def _with(event: Event, changes: str | int | None = None, **attributes: Any) -> Event:
    return msgspec.structs.replace(
        event,
        attributes={**event.attributes, **attributes},
        changes=event.changes if changes is None else changes,
    )


def _on(pathway: str, event: Event) -> Event:
    return event if event.pathway == pathway else msgspec.structs.replace(event, pathway=pathway)


def _text(event: Event, name: str) -> str:
    return str(event.attributes.get(name, ""))


def _same(left: Event, right: Event) -> bool:
    return left == msgspec.structs.replace(right, received=left.received)


def _sent_order(event: Event) -> tuple[Instant, bool, str]:
    """By sent time; what corrects or cancels stands after what it may be about."""
    return (event.sent_or_at, amends(_text(event, "code")), str(event.id))


_order = attrgetter("order")


def _full_order(event: Event) -> tuple[tuple[Instant, Instant, int, int, str], str]:
    """Only needed where ids repeat: then the content decides, never the order of arrival."""
    return (event.order, repr(event))
