"""What happened to a citizen, as people read it: the log that holds, the stays, what was changed."""

from collections.abc import Iterable
from dataclasses import dataclass

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import CANCELLED, effective
from naer.messages.linking import link
from naer.messages.medcom.status import Stay, stays
from naer.site.pathways import store


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log as it was written, and what has become of it."""

    event: Event
    standing: str
    """counts, corrected, cancelled, waiting (its original is not known), change, or later."""


@dataclass(frozen=True, slots=True)
class History:
    """One citizen's log at one instant."""

    entries: tuple[Entry, ...]
    """Everything ever written, newest first."""
    events: tuple[Event, ...]
    """What holds, oldest first."""
    stays: tuple[Stay, ...]
    """Oldest first."""

    def of(self, pathway: str) -> tuple[Event, ...]:
        """What holds in one pathway."""
        return tuple(event for event in self.events if event.pathway == pathway)

    def ready(self, stay: Stay) -> Instant | None:
        """Since when the citizen is ready for discharge; None when not, or taken back."""
        since: Instant | None = None
        for event in self.events:
            if (stay.start is not None and event.at < stay.start) or (
                stay.end is not None and event.at > stay.end
            ):
                continue
            if event.kind == "ready_for_discharge":
                since = event.at
            elif event.kind == "ready_withdrawn":
                since = None
        return since


def histories(keys: Iterable[str], now: Instant) -> dict[str, History]:
    """The histories of some citizens; the number of queries does not grow with them."""
    return {key: _history(events, now) for key, events in store.logs(keys).items()}


def history(key: str, now: Instant) -> History:
    """The history of one citizen."""
    return histories([key], now)[key]


def _history(raw: list[Event], now: Instant) -> History:
    linked = link(raw)
    log = effective(linked, now)
    holding = {event.id: event for event in log.events}
    later = {event.id for event in log.later}
    known = {event.id for event in linked}
    changed = {event.changes: event.kind for event in linked if event.changes is not None}
    entries = [
        Entry(event, _standing(event, holding, later, known, changed))
        for event in sorted(linked, key=lambda e: (e.sent_or_at, e.order), reverse=True)
    ]
    return History(tuple(entries), tuple(log.events), tuple(stays(log.events)))


def _standing(
    event: Event,
    holding: dict[str | int, Event],
    later: set[str | int],
    known: set[str | int],
    changed: dict[str | int, str],
) -> str:
    if event.changes is not None or event.kind == CANCELLED:
        return "change" if event.changes in known else "waiting"
    if event.id in later:
        return "later"
    if event.id not in holding:
        return "cancelled"
    return "corrected" if event.id in changed else "counts"
