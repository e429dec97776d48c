"""The agreement as a typed model: what a file says, after it has been read and found right.

The meaning of each part is in docs/reference/agreement-language.md; `reading` turns YAML into these
values and `reference` evaluates them.
"""

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import msgspec

from naer.agreement.conditions import Conditions, all_hold
from naer.agreement.deadlines import Ahead, Duration, Within
from naer.agreement.document import Node
from naer.events.calendar import WorkCalendar
from naer.events.event import Event

Text = Mapping[str, str]
"""Language code to text; "" holds a text given without a language."""

LANGUAGES = ("da", "nb", "en")

WAIVED = "waived"
"""The kind of event by which whoever has the right gives up what a clause says (S25)."""


def in_language(text: Text, language: str) -> str:
    """The text in a language, else in English, else in any."""
    for choice in (language, "", "en", *LANGUAGES):
        if choice in text:
            return text[choice]
    return ""


class Pattern(msgspec.Struct, frozen=True):
    """EVENT: one of some kinds, with conditions. `activities` are the names a log uses for them."""

    kinds: tuple[str, ...]
    activities: frozenset[str]
    where: Conditions = ()

    def matches(self, event: Event) -> bool:
        """Whether the event is of one of the kinds and meets the conditions."""
        return event.kind in self.activities and all_hold(self.where, event)


def any_matches(patterns: tuple[Pattern, ...], event: Event) -> bool:
    """Whether the event matches one of the patterns."""
    for pattern in patterns:
        if event.kind in pattern.activities and (not pattern.where or all_hold(pattern.where, event)):
            return True
    return False


class Anchor(msgspec.Struct, frozen=True):
    """Where the clock starts: a time of the trigger, or of the latest event of a kind before it."""

    time: Literal["at", "sent", "received", ""] = "at"
    last: Pattern | None = None
    attribute: str | None = None


class Since(msgspec.Struct, frozen=True):
    """How long since an earlier event: `last`, or the `first` after the latest `reset` (S21)."""

    operator: Literal["over", "at least", "under", "at most"]
    length: Duration
    last: Pattern | None = None
    first: Pattern | None = None
    reset: Pattern | None = None


class Pause(msgspec.Struct, frozen=True):
    """The kinds that begin and end a pause of the pathway (S18)."""

    start: Pattern
    end: Pattern


class Step(msgspec.Struct, frozen=True):
    """One step of an escalation: at `due` or `trigger`, plus or minus a length, told to somebody."""

    base: Literal["due", "trigger"]
    sign: int
    length: Duration | None
    to: str


class Threshold(msgspec.Struct, frozen=True):
    """When a breach is proposed as a deviation (S36): how late, and how often within how long."""

    over: Duration | None = None
    times: int = 1
    within: Duration | None = None


class Party(msgspec.Struct, frozen=True):
    """A role, resolved by citizen, place and date (S9)."""

    role: str
    of: Literal["residence", "stay", "event"] = "event"


class Example(msgspec.Struct, frozen=True):
    """A clause's own test: a timeline and the outcomes it must give."""

    timeline: Node
    now: Node | None
    expect: tuple[str, ...]
    node: Node


class Clause(msgspec.Struct, frozen=True):
    """One rule: who owes what to whom, by when, after which event. Without events it is text."""

    id: str
    source: str
    node: Node
    calendar: WorkCalendar
    title: Text = msgspec.field(default_factory=dict)
    verified: bool = False
    owed_by: str | None = None
    owed_to: str | None = None
    after: tuple[Pattern, ...] = ()
    where: Conditions = ()
    when: Literal["open", "closed"] | None = None
    next_opening: bool = False
    since: Since | None = None
    deliver: tuple[Pattern, ...] = ()
    within: Within | None = None
    before: Pattern | None = None
    ahead: Ahead | None = None
    anchors: tuple[Anchor, ...] = (Anchor(),)
    unless: tuple[Pattern, ...] = ()
    """The clause's own and the agreement's, less those it survives."""
    waiver: Literal["owed_to", "owed_by", "both"] | None = None
    accept_earlier: Duration | None = None
    pause: Pause | None = None
    repeat: Literal["each", "first", "restart"] = "each"
    scope: Literal["pathway", "citizen"] = "pathway"
    match: str | None = None
    partial: bool = False
    """Evidence is partial: not everything done is recorded (S31)."""
    escalate: tuple[Step, ...] = ()
    deviation: Threshold | None = None
    examples: tuple[Example, ...] = ()

    @property
    def is_text(self) -> bool:
        """Shown and translated, never run."""
        return not (self.after or self.before or self.deliver)

    @property
    def triggers(self) -> tuple[Pattern, ...]:
        """What opens an obligation: `after`, else the `before` event itself (S17)."""
        return self.after or ((self.before,) if self.before else ())

    @property
    def closers(self) -> frozenset[str]:
        """The kinds a log uses for what can close an obligation, apart from a trigger that restarts it."""
        closing = (*self.deliver, *self.unless)
        return frozenset((WAIVED,)).union(*(pattern.activities for pattern in closing))

    @property
    def origins(self) -> frozenset[str] | None:
        """The kinds a log uses for what `since` measures from, before anything opens (S21); else None."""
        if self.since is None or (self.after and self.before):
            return None
        named = (self.since.last, self.since.first)
        return frozenset().union(*(pattern.activities for pattern in named if pattern is not None))


class Agreement(msgspec.Struct, frozen=True, dict=True):
    """One version of one agreement, merged with what it extends, in force from `starts` to `ends`."""

    id: str
    title: Text
    country: str
    clauses: tuple[Clause, ...]
    node: Node
    extends: str | None = None
    starts: dt.date | None = None
    ends: dt.date | None = None
    """First and last day in force, both included; None is open."""
    version: dt.date | None = None
    """The `valid: from` of the agreement's own file; None when it says none."""
    applies: Conditions = ()
    parties: Mapping[str, Party] = msgspec.field(default_factory=dict)
    calendars: Mapping[str, WorkCalendar] = msgspec.field(default_factory=dict)
    events: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)

    def in_force(self, day: dt.date) -> bool:
        """Whether it is in force on a local day."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)

    def clause(self, clause_id: str) -> Clause | None:
        """The clause with an id."""
        return self._by_id.get(clause_id)

    @cached_property
    def run(self) -> Mapping[str, Clause]:
        """By id, the clauses that are run."""
        return {clause.id: clause for clause in self.clauses if not clause.is_text}

    @cached_property
    def _by_id(self) -> Mapping[str, Clause]:
        return {clause.id: clause for clause in self.clauses}
