"""Where the citizen is: status now and the stays so far, from the effective events."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from naer.events.event import Event
from naer.events.instant import Instant

Status = Literal["none", "acute-ambulant", "admitted", "on-leave", "discharged", "deceased"]

_STARTS: dict[str, Status] = {"acute_ambulant": "acute-ambulant", "admitted": "admitted"}


class Stay(msgspec.Struct, frozen=True):
    """A chain of starts until discharge or death.

    `start` is None when no message told it; `end` while it lasts. `kind` is the latest start's kind,
    `hospital` the latest start's organisation, `pathway` the first event's. `leaves` are (start, end),
    each None when unknown.
    """

    start: Instant | None
    end: Instant | None
    kind: str
    hospital: str | None
    pathway: str
    leaves: tuple[tuple[Instant | None, Instant | None], ...] = ()
    died: bool = False


def status(events: Iterable[Event]) -> tuple[Status, Instant | None]:
    """The status after the effective events of one citizen in log order (S2), and since when."""
    walk = _walk(events)
    return walk.status, walk.since


def stays(events: Iterable[Event]) -> list[Stay]:
    """The stays of one citizen, first to last, from the effective events in log order (S2)."""
    return _walk(events).stays


def _walk(events: Iterable[Event]) -> "_Walk":
    walk = _Walk()
    for event in events:
        walk.step(event)
    return walk


class _Walk:
    """One pass over the events; after a death nothing moves any more."""

    def __init__(self) -> None:
        self.status: Status = "none"
        self.since: Instant | None = None
        self.stays: list[Stay] = []
        self._ended: set[str] = set()
        """Pathways whose stay has ended and has not started again."""
        self._lasting: set[str] = set()
        """Pathways that are part of the stay now open."""

    def step(self, event: Event) -> None:
        if self.status == "deceased":
            return
        if event.kind in _STARTS:
            self._start(event)
        elif event.kind in ("leave_started", "leave_ended"):
            if event.pathway not in self._ended:
                self._leave(event)
        elif event.kind == "died" or (event.kind == "discharged" and self._ends_something(event)):
            self._end(event)

    def _ends_something(self, event: Event) -> bool:
        return self._open() is not None or event.pathway not in self._ended

    def _start(self, event: Event) -> None:
        stay = self._open()
        self._ended.discard(event.pathway)
        self._lasting.add(event.pathway)
        if stay is None:
            self.stays.append(Stay(event.at, None, event.kind, event.organisation, event.pathway))
        else:
            hospital = event.organisation or stay.hospital
            leaves = _end_leave(stay.leaves, event.at)
            self._replace(stay, kind=event.kind, hospital=hospital, leaves=leaves)
        self._become(_STARTS[event.kind], event.at)

    def _leave(self, event: Event) -> None:
        stay = self._open() or self._unseen(event)
        if event.kind == "leave_started":
            leaves = (*_end_leave(stay.leaves, event.at), (event.at, None))
            self._become("on-leave", event.at)
        else:
            away = bool(stay.leaves) and stay.leaves[-1][1] is None
            leaves = _end_leave(stay.leaves, event.at) if away else (*stay.leaves, (None, event.at))
            self._become("admitted", event.at)
        self._lasting.add(event.pathway)
        self._replace(stay, leaves=leaves, kind="admitted")

    def _end(self, event: Event) -> None:
        died = event.kind == "died"
        if self._ends_something(event):
            stay = self._open() or self._unseen(event)
            self._replace(stay, end=event.at, died=died, leaves=_end_leave(stay.leaves, event.at))
            self._ended |= self._lasting | {stay.pathway, event.pathway}
            self._lasting = set()
        self._become("deceased" if died else "discharged", event.at)

    def _unseen(self, event: Event) -> Stay:
        """A stay whose start no message told, apart from what this one says of it, if it can be true."""
        said = event.attributes.get("stay_start")
        start = said if isinstance(said, int) and said <= event.at else None
        kind = "acute_ambulant" if event.attributes.get("class") == "EMER" else "admitted"
        stay = Stay(start, None, kind, event.organisation, event.pathway)
        self.stays.append(stay)
        return stay

    def _open(self) -> Stay | None:
        return self.stays[-1] if self.stays and self.stays[-1].end is None else None

    def _replace(self, stay: Stay, **changes: object) -> None:
        self.stays[-1] = msgspec.structs.replace(stay, **changes)

    def _become(self, status: Status, at: Instant) -> None:
        if status != self.status:
            self.status, self.since = status, at


def _end_leave(
    leaves: tuple[tuple[Instant | None, Instant | None], ...], at: Instant
) -> tuple[tuple[Instant | None, Instant | None], ...]:
    if leaves and leaves[-1][1] is None:
        return (*leaves[:-1], (leaves[-1][0], at))
    return leaves
