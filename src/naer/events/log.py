"""The effective log: what holds after duplicates, corrections and cancellations (S2 to S5).

The log itself is append-only and may arrive in any order, any number of times. What people and
engines read is a function of its content alone.
"""

from collections.abc import Iterable
from operator import attrgetter

import msgspec

from naer.events.event import Event, EventId
from naer.events.instant import Instant

CANCELLED = "cancelled"
_order = attrgetter("order")


class Ledger:
    """What was left out, and why: every event and pathway counted once for each reason (S35)."""

    def __init__(self) -> None:
        self._events: dict[str, set[object]] = {}
        self._pathways: dict[str, set[str]] = {}

    def add(self, reason: str, event: object, pathway: str | None) -> None:
        """Count `event` (its id, or anything that tells it from others) under `reason`."""
        self._events.setdefault(reason, set()).add(event)
        pathways = self._pathways.setdefault(reason, set())
        if pathway is not None:
            pathways.add(pathway)

    def merge(self, other: "Ledger") -> None:
        """Take over what another ledger counted."""
        for reason, events in other._events.items():
            self._events.setdefault(reason, set()).update(events)
            self._pathways.setdefault(reason, set()).update(other._pathways[reason])

    def count(self, reason: str) -> int:
        """Events left out for a reason."""
        return len(self._events.get(reason, ()))

    def events(self, reason: str) -> frozenset[object]:
        """What was left out for a reason, each as it was added."""
        return frozenset(self._events.get(reason, ()))

    def rows(self) -> list[dict[str, str | int]]:
        """[{"reason", "events", "pathways"}], by reason."""
        return [
            {"reason": reason, "events": len(self._events[reason]), "pathways": len(self._pathways[reason])}
            for reason in sorted(self._events)
        ]


class EffectiveLog(msgspec.Struct, frozen=True):
    """Events that hold, in the order of S2, and the ledger of those that do not."""

    events: list[Event]
    excluded: Ledger = msgspec.field(default_factory=Ledger)
    later: list[Event] = []
    """Effective events after `now`, in order; they are seen when now reaches them (S5)."""


def effective(
    events: Iterable[Event], now: Instant | None = None, excluded: Ledger | None = None
) -> EffectiveLog:
    """The log in force at `now` (microseconds; None means at the end of time).

    The result is the same for any order and any duplication of `events`. What is left out is counted in
    `excluded`, or in a ledger of its own.
    """
    excluded = Ledger() if excluded is None else excluded
    known = _without_duplicates(events, excluded)
    holding = _changed(known, excluded)
    holding.sort(key=_order)
    if now is None:
        return EffectiveLog(holding, excluded)
    later = [event for event in holding if event.at > now]
    for event in later:
        excluded.add("after now", event.id, event.pathway)
    seen = holding[: len(holding) - len(later)]
    return EffectiveLog(seen, excluded, later)


def content(event: Event) -> str:
    """The event as text, without when it was received: equal texts are the same fact (S3)."""
    return msgspec.json.encode(
        [
            event.at,
            event.sent,
            event.kind,
            event.pathway,
            event.citizen,
            event.organisation,
            event.municipality,
            dict(event.attributes),
            event.source,
            event.changes,
        ],
        order="sorted",
    ).decode()


def _without_duplicates(events: Iterable[Event], excluded: Ledger) -> dict[EventId, Event]:
    """One event for each id (S3)."""
    known: dict[EventId, Event] = {}
    repeated: dict[EventId, list[Event]] = {}
    for event in events:
        if event.id in repeated:
            repeated[event.id].append(event)
        elif event.id in known:
            repeated[event.id] = [known[event.id], event]
        else:
            known[event.id] = event
    for event_id, copies in repeated.items():
        by_content: dict[str, list[Event]] = {}
        for copy in copies:
            by_content.setdefault(content(copy), []).append(copy)
        best = min(by_content, key=lambda text: (by_content[text][0].order[:2], text))
        for text, same in by_content.items():
            for extra in range(1, len(same)):
                excluded.add("duplicate", (event_id, text, extra), same[0].pathway)
            if text != best:
                excluded.add("id reused", (event_id, text), same[0].pathway)
        received = [copy.received for copy in by_content[best] if copy.received is not None]
        known[event_id] = msgspec.structs.replace(
            by_content[best][0], received=min(received) if received else None
        )
    return known


def _changed(known: dict[EventId, Event], excluded: Ledger) -> list[Event]:
    """The events after corrections and cancellations (S4)."""
    latest: dict[EventId, Event] = {}
    for event in known.values():
        if event.changes is None and event.kind != CANCELLED:
            continue
        original = _original(event, known)
        if original is None:
            excluded.add("original unknown", event.id, event.pathway)
            continue
        rival = latest.get(original)
        if rival is None or _written(event) > _written(rival):
            latest[original] = event
    holding = []
    for event in known.values():
        if event.changes is not None or event.kind == CANCELLED:
            continue
        change = latest.get(event.id)
        if change is None:
            holding.append(event)
        elif change.kind == CANCELLED:
            excluded.add("cancelled", event.id, event.pathway)
        else:
            holding.append(msgspec.structs.replace(change, id=event.id, changes=None))
    return holding


def _original(event: Event, known: dict[EventId, Event]) -> EventId | None:
    """The id of the event a change reaches through any chain; None when it is not known."""
    passed = set()
    while event.changes is not None:
        if event.id in passed:
            return None
        passed.add(event.id)
        named = known.get(event.changes)
        if named is None:
            return None
        event = named
    return None if event.kind == CANCELLED else event.id


def _written(event: Event) -> tuple[Instant, tuple[int, int, str]]:
    return event.sent_or_at, event.order[2:]
