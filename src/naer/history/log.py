"""A log to be replayed: as events for the reference, in pieces of columns for the other engines."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from naer.events.chunk import Chunk
from naer.events.event import Event
from naer.events.instant import Instant, utc
from naer.events.log import EffectiveLog, effective

if TYPE_CHECKING:
    from naer.logs.row import Exclusion

LeftOut = list[dict[str, str | int]]
"""[{"reason", "events", "pathways"}], by reason (S35)."""


class Piece(Protocol):
    """Some whole components of a log."""

    def load(self, needs: frozenset[str], /) -> Chunk:
        """Its events, with at least the columns asked for (as in `Plan.needs`)."""
        ...

    def __len__(self) -> int:
        """How many events it has."""
        ...


class Log(Protocol):
    """What an engine asks of a log."""

    @property
    def described(self) -> Mapping[str, Any]:
        """Where it came from, for the manifest."""
        ...

    @property
    def excluded(self) -> LeftOut:
        """What reading it and making it effective left out."""
        ...

    def latest(self, clock: Instant, /) -> Instant | None:
        """The time of the latest effective event that is not after the clock (S5)."""
        ...

    def events(self) -> Sequence[Event]:
        """The effective events, in the order of S2."""
        ...

    def pieces(self) -> Sequence[Piece]:
        """The same as columns."""
        ...


@dataclass(frozen=True)
class EventLog:
    """A log in memory, from raw events in any order; `exclusions` are what its reader left out."""

    raw: Iterable[Event]
    exclusions: "Iterable[Exclusion]" = ()
    described: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """How many events, from when to when: never the events, which are about citizens."""
        events = self._effective.events
        span = (events[0].at, events[-1].at) if events else None
        return described(len(events), span, self.described.get("format"))

    @cached_property
    def _effective(self) -> EffectiveLog:
        found = effective(self.raw)
        for reason, row, pathway in self.exclusions:
            found.excluded.add(reason, ("row", row), pathway)
        return found

    @property
    def excluded(self) -> LeftOut:
        """By reason."""
        return self._effective.excluded.rows()

    def latest(self, clock: Instant) -> Instant | None:
        """The latest event's time up to the clock."""
        place = bisect_right(self._effective.events, clock, key=lambda event: event.at)
        return self._effective.events[place - 1].at if place else None

    def events(self) -> Sequence[Event]:
        """All effective events."""
        return self._effective.events

    def pieces(self) -> Sequence["Packed"]:
        """One piece."""
        return [Packed(self._effective.events)] if self._effective.events else []


def described(events: int, span: tuple[Instant, Instant] | None, form: object) -> str:
    """A log in a line: events, the first and last day (UTC) and the format, as far as they are known."""
    days = "" if span is None else ", " + " to ".join(f"{utc(one):%Y-%m-%d}" for one in span)
    return f"<log: {events:,} events{days}{f', {form}' if form else ''}>"


class Packed:
    """Events packed when they are first asked for."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    def load(self, needs: frozenset[str]) -> Chunk:
        """All columns, whatever is needed."""
        del needs
        return self._chunk

    @cached_property
    def _chunk(self) -> Chunk:
        from naer.events.pack import pack

        return pack(self._events)

    def __len__(self) -> int:
        return len(self._events)


def together(*parts: LeftOut) -> LeftOut:
    """What several stages left out; no two of them leave out the same event for the same reason."""
    found: dict[str, list[int]] = {}
    for row in (row for part in parts for row in part):
        counts = found.setdefault(str(row["reason"]), [0, 0])
        counts[0] += int(row["events"])
        counts[1] += int(row["pathways"])
    return [
        {"reason": reason, "events": events, "pathways": pathways}
        for reason, (events, pathways) in sorted(found.items())
    ]
