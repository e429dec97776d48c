"""A citizen's whole life in the demo: course after course, the same whenever it is asked for.

The timeline is a function of (seed, citizen, first day). Asking for more days only adds to it, so a
demo that is opened again tomorrow goes on where it was.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

from naer.demo.courses import (
    MUNICIPALITY_KEYS,
    ORDINARY,
    Build,
    seeded,
    slow_report,
    waiting,
)  # fmt: skip
from naer.demo.facts import Course, Fact, clock, day_of, new_id
from naer.demo.people import Resident
from naer.events.instant import DAY, HOUR, MINUTE, Instant

HISTORY_DAYS = 365
COURSES_A_YEAR = 1.9
"""For a citizen of middle frailty."""
SLOTS_A_DAY = 16
"""In a demo municipality a staged contact begins every 90 minutes, so that something is always due."""
TURN = 6
"""Days until it is the same resident's turn again."""
WAITING_HOURS = (10, 15)
"""When the two staged stays of a day begin whose end waits for the municipality."""
POOL = (SLOTS_A_DAY + len(WAITING_HOURS)) * TURN
"""Residents who take turns in being staged."""
STAGED_DAYS = 9
"""How long before the first day of the demo the staged contacts begin."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the demo began: its first day; a year of history lies before it."""

    seed: int
    first_day: dt.date

    @property
    def origin(self) -> Instant:
        """When history begins."""
        return clock(self.first_day - dt.timedelta(days=HISTORY_DAYS), 0)

    @property
    def staged(self) -> dt.date:
        """The first day of staged contacts."""
        return self.first_day - dt.timedelta(days=STAGED_DAYS)


def timeline(person: Resident, calendar: Calendar, until: Instant) -> list[Fact]:
    """Every fact of the courses that begin before `until`, in the order they were received."""
    quiet = until if person.staged is None else min(until, clock(calendar.staged, 0) - 40 * DAY)
    courses = list(_ordinary(person, calendar, quiet))
    if person.staged is not None:
        courses = [course for course in courses if not course.died]
        courses += _staged(person, calendar, until)
    facts = [fact for course in courses for fact in course.facts]
    death = min((fact.at for fact in facts if fact.kind == "died"), default=None)
    if death is not None:
        facts = [fact for fact in facts if fact.at <= death]
    return sorted(facts, key=lambda fact: (fact.received, fact.id))


def _ordinary(person: Resident, calendar: Calendar, until: Instant) -> Iterator[Course]:
    """Course after course, by chance, until death."""
    rng = seeded(calendar.seed, "life", person.key)
    builds, weights = zip(*ORDINARY, strict=True)
    mean = 365 * DAY / (COURSES_A_YEAR * person.frailty)
    start = calendar.origin + int(rng.expovariate(1 / mean))
    while (start := _likely_hour(rng, start)) < until:
        course = _course(person, rng)
        build: Build = rng.choices(builds, weights)[0]
        build(course, person, start)
        yield course
        if course.died:
            return
        # The next course leaves the stay behind; what follows a stay may still be going on.
        left = max((fact.at for fact in course.facts if fact.notice), default=course.end)
        start = left + 20 * HOUR + int(rng.expovariate(1 / mean))


def _staged(person: Resident, calendar: Calendar, until: Instant) -> Iterator[Course]:
    """One short course every six days, at this person's own time of day."""
    turn, slot = divmod(person.staged or 0, SLOTS_A_DAY + len(WAITING_HOURS))
    day = calendar.staged + dt.timedelta(days=turn)
    while True:
        rng = seeded(calendar.seed, "staged", person.key, day)
        waits = slot >= SLOTS_A_DAY
        hour = WAITING_HOURS[slot - SLOTS_A_DAY] if waits else slot * 24 / SLOTS_A_DAY
        start = clock(day, hour) + rng.randrange(0, 10) * MINUTE
        if start >= until:
            return
        course = _course(person, rng)
        if waits:
            waiting(course, person, start)
        else:
            slow_report(course, person, start, late=slot % 5 == 0)
        yield course
        day += dt.timedelta(days=TURN)


def _course(person: Resident, rng: random.Random) -> Course:
    return Course(rng, MUNICIPALITY_KEYS[person.municipality], person.practice, new_id(rng))


def _likely_hour(rng: random.Random, instant: Instant) -> Instant:
    """The same day, at an hour when things happen: most by day, some at night."""
    hour = rng.triangular(6, 23, 11) if rng.random() < 0.86 else rng.uniform(0, 6)
    return clock(day_of(instant), min(hour, 23.9))
