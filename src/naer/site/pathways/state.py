"""Everything stored about one citizen, in memory while a batch works on it, and what changed since."""

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from naer.events import chain
from naer.events.event import Event
from naer.events.instant import Instant
from naer.site.pathways.stage import NONE, Stage


class CaseRow(NamedTuple):
    """An active or former case: the legal basis. Days are inclusive; `closed` None is open."""

    municipality: str
    kind: str
    opened: dt.date
    closed: dt.date | None


class Place(NamedTuple):
    """Where a citizen belonged until an instant: code of the municipality, key of the practice."""

    until: Instant
    municipality: str
    gp: str | None


class Identity(NamedTuple):
    """What an obligation is, for one citizen: the clause and the event that opened it (S29)."""

    agreement: str
    clause: str
    trigger: str


class Owed(NamedTuple):
    """An obligation as stored, beside citizen and identity; see `models.Obligation` for each field."""

    pathway: str
    version: dt.date | None
    triggered_at: Instant
    owed_by: str
    owed_to: str
    owed_by_role: str
    owed_to_role: str
    start: Instant
    due: Instant | None
    outcome: str
    closed_by: str | None
    closed_at: Instant | None
    elapsed: int | None
    paused: int
    working: int | None
    withdrawn: bool


class Step(NamedTuple):
    """One escalation step as stored; `row` is None while it is not."""

    row: int | None
    at: Instant
    to: str
    fired_at: Instant | None


class Link(NamedTuple):
    """An event with its place in its pathway's chain."""

    event: Event
    place: int
    previous: str
    digest: str


@dataclass(slots=True)
class State:
    """One citizen: who, the log so far, what is owed, and the changes waiting to be written."""

    key: str
    municipality: str
    gp: str | None
    status: str
    status_since: Instant | None
    wake: Instant | None
    provisional: bool = False
    """Made known by a message only; see `models.Citizen`."""
    stage: Stage = NONE
    cases: list[CaseRow] = field(default_factory=list)
    former: list[Place] = field(default_factory=list)
    """Earlier first."""
    events: list[Event] = field(default_factory=list)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Pathway → (events in its chain, digest of the last)."""
    owed: dict[Identity, Owed] = field(default_factory=dict)
    steps: dict[tuple[Identity, int], Step] = field(default_factory=dict)
    appended: list[Link] = field(default_factory=list)
    changed: dict[Identity, Owed] = field(default_factory=dict)
    moved_steps: dict[tuple[Identity, int], Step] = field(default_factory=dict)
    dropped_steps: list[int] = field(default_factory=list)
    moved: bool = False
    """Whether status or wake changed."""
    staged: bool = False
    """Whether the stage changed."""
    judged: Instant | None = None
    """When `changed` was found."""

    def append(self, event: Event) -> None:
        """Add an event to the log, chained to the one before it in its pathway."""
        place, previous = self.heads.get(event.pathway, (0, chain.ORIGIN))
        digest = chain.digest(previous, event)
        self.heads[event.pathway] = (place + 1, digest)
        self.events.append(event)
        self.appended.append(Link(event, place + 1, previous, digest))

    def settle(self, identity: Identity, owed: Owed) -> None:
        """Make this what is owed."""
        if self.owed.get(identity) != owed:
            self.owed[identity] = self.changed[identity] = owed

    def plan(self, identity: Identity, number: int, at: Instant, to: str) -> None:
        """Make a step wait for its time; one that has fired stays as it was (S32)."""
        known = self.steps.get((identity, number))
        if known is not None and (known.fired_at is not None or (known.at, known.to) == (at, to)):
            return
        step = Step(known.row if known else None, at, to, None)
        self.steps[identity, number] = self.moved_steps[identity, number] = step

    def unplan(self, identity: Identity, number: int) -> None:
        """Drop a step that has not fired."""
        step = self.steps[identity, number]
        if step.fired_at is not None:
            return
        del self.steps[identity, number]
        self.moved_steps.pop((identity, number), None)
        if step.row is not None:
            self.dropped_steps.append(step.row)

    def stand(self, status: str, since: Instant | None, wake: Instant | None) -> None:
        """Set the status, since when, and when the clock alone changes it next."""
        if (self.status, self.status_since, self.wake) != (status, since, wake):
            self.status, self.status_since, self.wake = status, since, wake
            self.moved = True

    def come(self, stage: Stage) -> None:
        """Set how far the stay has come."""
        if self.stage != stage:
            self.stage, self.staged = stage, True
