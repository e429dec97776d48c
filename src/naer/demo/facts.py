"""What a course consists of: facts, each with its three times, some carried by a HospitalNotification."""

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import Any

from naer.events.instant import DAY, HOUR, MINUTE, SECOND, ZONES, Instant, from_local, local

ZONE = ZONES["DK"]
LATE_MESSAGES = 0.025
"""Share of notifications that arrive hours after they were sent."""
COPIES = 0.03
"""Share of notifications that are sent a second time."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a HospitalNotification says beside time and place: MedCom code and periods."""

    code: str
    contact: str
    """EMER or IMP."""
    start: Instant
    end: Instant | None = None
    leave_start: Instant | None = None
    leave_end: Instant | None = None
    report_requested: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a citizen. `course` is the episode it belongs to."""

    id: str
    course: str
    kind: str
    at: Instant
    sent: Instant
    received: Instant
    organisation: str
    attributes: dict[str, Any] = field(default_factory=dict)
    notice: Notice | None = None
    previous: str | None = None
    """For a correction or cancellation: id of the notification it changes."""
    copied: Instant | None = None
    """When the same notification arrived a second time."""


@dataclass(slots=True)
class Course:
    """Collects the facts of one course; everything random comes from `rng`."""

    rng: random.Random
    municipality: str
    """Register keys of the parties."""
    practice: str
    id: str
    facts: list[Fact] = field(default_factory=list)
    end: Instant = 0
    died: bool = False

    def tell(self, kind: str, at: Instant, organisation: str, **attributes: object) -> Fact:
        """Something a person or a record system writes down, within a few minutes."""
        received = at + self.rng.randrange(20, 600) * SECOND
        fact = Fact(new_id(self.rng), self.id, kind, at, at, received, organisation, attributes)
        return self._keep(fact)

    def waive(self, clause: str, at: Instant, why: str) -> Fact:
        """The municipality notes that an obligation of this course no longer holds."""
        return self.tell("waived", at, self.municipality, clause=clause, why=why, by="Koordinator")

    def notify(
        self, kind: str, at: Instant, hospital: str, notice: Notice, previous: Fact | None = None,
        sent: Instant | None = None,
    ) -> Fact:  # fmt: skip
        """A HospitalNotification: sent soon after, and mostly received at once."""
        written = at + self.rng.randrange(60, 1500) * SECOND if sent is None else sent
        received = written + self.rng.randrange(3, 90) * SECOND
        if self.rng.random() < LATE_MESSAGES:
            received += self.rng.randrange(2 * HOUR, 20 * HOUR)
        copied = None
        if self.rng.random() < COPIES:
            copied = received + self.rng.randrange(31 * MINUTE, 50 * MINUTE)
        return self._keep(
            Fact(
                new_id(self.rng), self.id, kind, at, written, received, hospital,
                notice=notice, previous=previous.id if previous else None, copied=copied,
            )
        )  # fmt: skip

    def _keep(self, fact: Fact) -> Fact:
        self.facts.append(fact)
        self.end = max(self.end, fact.at)
        return fact

    def happens(self, share: float) -> bool:
        """True in `share` of the cases."""
        return self.rng.random() < share

    def between(self, low: float, high: float, unit: int = HOUR) -> int:
        """A length between `low` and `high` units, in microseconds, whole seconds."""
        return int(self.rng.uniform(low, high) * unit) // SECOND * SECOND

    def within(self, first: Instant, last: Instant, low: float, high: float) -> Instant:
        """An instant that lies between the shares `low` and `high` of the way from `first` to `last`."""
        return first + int((last - first) * self.rng.uniform(low, high)) // SECOND * SECOND

    def around(self, median: float, spread: float, unit: int = HOUR) -> int:
        """A length with this median and a long tail (log-normal), in microseconds, whole seconds."""
        return int(median * self.rng.lognormvariate(0, spread) * unit) // SECOND * SECOND


def new_id(rng: random.Random) -> str:
    """A random id in the form of a UUID, version 4."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def clock(day: dt.date, hour: float) -> Instant:
    """The instant at `hour` (9.5 is 09:30) on a local day."""
    minutes = round(hour * 60)
    return from_local(dt.datetime.combine(day, dt.time(minutes // 60 % 24, minutes % 60)), ZONE)


def day_of(instant: Instant) -> dt.date:
    """The local day."""
    return local(instant, ZONE).date()


def at_hours(rng: random.Random, instant: Instant, first: float, last: float) -> Instant:
    """The first instant not before `instant` with a local time between `first` and `last`."""
    wanted = clock(day_of(instant), rng.uniform(first, last))
    if wanted < instant:
        wanted = clock(day_of(instant + DAY), rng.uniform(first, last))
    return wanted


def in_office(instant: Instant, span: int) -> Instant:
    """`span` microseconds of office time (Monday to Friday, 8 to 16) after `instant`."""
    day = day_of(instant)
    while True:
        if day.weekday() < 5:
            opens, closes = clock(day, 8), clock(day, 16)
            begin = max(instant, opens)
            if begin < closes:
                if begin + span < closes:
                    return begin + span
                span -= closes - begin
        day += dt.timedelta(days=1)
