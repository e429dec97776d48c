"""An obligation: who owed what to whom, by when, and how it ended."""

import datetime as dt

import msgspec

from naer.events.event import Event
from naer.events.instant import Instant

UNKNOWN = "unknown"


class ResolvedParty(msgspec.Struct, frozen=True):
    """The organisation that has a role at the trigger; `key` is "unknown" when nobody is known (S9)."""

    key: str
    role: str


class Escalation(msgspec.Struct, frozen=True):
    """When a step of the escalation fires, and to whom; `at` is None while due is empty (S32)."""

    step: int
    at: Instant | None
    to: str


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """One obligation as it stands at `now`. Its identity is (clause, trigger.id) (S29).

    Instants are microseconds since the epoch, lengths microseconds. `ended` is true for a `missing`
    that nothing can change any more (S24). `elapsed` and `working` are empty unless kept or late.
    """

    agreement: str
    version: dt.date | None
    clause: str
    trigger: Event
    owed_by: ResolvedParty
    owed_to: ResolvedParty
    start: Instant
    due: Instant | None
    outcome: str
    ended: bool = False
    closed_by: Event | None = None
    elapsed: int | None = None
    paused: int = 0
    working: int | None = None
    escalations: tuple[Escalation, ...] = ()
    partial: bool = False
    verified: bool = True

    @property
    def pathway(self) -> str:
        """The pathway of its trigger (S28)."""
        return self.trigger.pathway

    @property
    def citizen(self) -> str | None:
        """The citizen of its trigger."""
        return self.trigger.citizen

    @property
    def running(self) -> bool:
        """Whether a delivery could still close it."""
        return self.outcome in ("open", "missing") and not self.ended
