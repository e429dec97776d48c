"""What happens to a block of citizens, in columns: a year of courses, and those that run today.

Every citizen has a course, some have two, one after the other. A course is an acute contact or a stay with
what follows it. What would happen after `now` is left out, so that a course that began lately still runs.
"""

from dataclasses import dataclass

import numpy as np

from naer.demo.courses import AFTERWARDS
from naer.demo.region import HOSPITALS, PLACES
from naer.events.chunk import Ints
from naer.events.instant import DAY, HOUR, MINUTE, SECOND, Instant

TWICE = 0.2
"""Share of citizens with a second course."""
STAYS, STAYS_LATELY = 0.24, 0.8
"""Share of courses that are stays, of those that began lately; the others are acute contacts."""
SERVICES_NEEDED, SERVICES_LATELY = 0.66, 0.95
"""Share of stays of more than a day after which the municipality's services are needed."""
FOLLOWED, FOLLOWED_LATELY = 0.16, 0.95
"""Share of those after which the citizen is visited for eight weeks."""
LATELY = 45 * DAY
"""A course that may still run began so long ago, at most."""

KINDS = (
    "acute_ambulant", "admitted", "admission_report", "medication_list", "need_assessed", "care_forecast",
    "treatment_finished", "ready_for_discharge", "municipality_answer", "rehabilitation_plan", "waived",
    "phone_call", "discharged", "died", "discharge_report", "epicrisis", "home_visit",
    "rehabilitation_contact", "rehabilitation_started", "follow_up_chosen", "follow_up_visit",
)  # fmt: skip

ATTRIBUTES: tuple[dict[str, object], ...] = (
    {},
    {"report_requested": True, "class": "EMER"},
    {"report_requested": True, "class": "IMP"},
    {"channel": "message"},
    {"rehabilitation_needed": False, "services_needed": True},
    {"rehabilitation_needed": True, "services_needed": False},
    {"rehabilitation_needed": True, "services_needed": True},
    {"can_receive": True},
    {"can_receive": False},
    {"class": "EMER"},
    {"class": "IMP"},
    {"by": "Koordinator", "clause": "care-forecast", "why": AFTERWARDS},
    {"visit": 1},
    {"visit": 2},
    {"visit": 3},
)
"""What an event says besides; an event names one by its place."""
(
    NOTHING, EMERGENCY, ADMITTED, BY_MESSAGE, SERVICES, REHABILITATION, BOTH, CAN, CANNOT, ENDS_EMERGENCY,
    ENDS_STAY, WAIVED, VISIT_1, VISIT_2, VISIT_3,
) = range(15)  # fmt: skip

_THURSDAY, _FRIDAY = 3, 4
"""1 January 1970 was a Thursday; Monday is 0."""

HOSPITAL, MUNICIPALITY = range(2)
"""Who tells: the hospital of the course, or the municipality."""


@dataclass(frozen=True, slots=True)
class Told:
    """n events of p courses, in no particular order."""

    owner: Ints
    """int64[p]: the citizen of each course, ascending; a citizen's courses in the order of time."""
    hospital: Ints
    """int64[p]: place in `region.HOSPITALS`."""
    course: Ints
    """int64[n]"""
    kind: Ints
    """int64[n]: place in KINDS."""
    at: Ints
    """int64[n], microseconds, as is `received`, which is never after `now`."""
    received: Ints
    by: Ints
    """int64[n]: HOSPITAL or MUNICIPALITY."""
    says: Ints
    """int64[n]: place in ATTRIBUTES."""


@dataclass(slots=True)
class _Draft:
    """Collects events of `total` courses."""

    rng: np.random.Generator
    total: int
    parts: list[tuple[Ints, ...]]

    def tell(
        self, kind: str, there: Ints, at: Ints, by: int, says: "int | Ints" = NOTHING, *, last: bool = False
    ) -> None:
        """An event of a kind in the courses where `there`, at a whole second of its kind's own."""
        number = KINDS.index(kind)
        at = at // MINUTE * MINUTE + (2 * number + int(last)) * SECOND
        places = np.flatnonzero(there)
        delay = self.rng.integers(20, 600, len(places)) * SECOND
        late = self.rng.random(len(places)) < 0.02
        delay += late * self.rng.integers(2 * HOUR, 20 * HOUR, len(places))
        said = np.broadcast_to(says, self.total)[places]
        whose = np.full(len(places), by)
        self.parts.append((places, np.full(len(places), number), at[places], at[places] + delay, whose, said))

    def between(self, low: float, high: float, unit: int = HOUR) -> Ints:
        """A length in microseconds for every course."""
        return (self.rng.uniform(low, high, self.total) * unit).astype(np.int64)

    def around(self, median: "float | Ints", spread: float, unit: int = HOUR) -> Ints:
        """The same with a long tail (log-normal)."""
        return (median * self.rng.lognormal(0, spread, self.total) * unit).astype(np.int64)

    def happens(self, share: "float | Ints") -> Ints:
        """True in `share` of the courses."""
        return np.asarray(self.rng.random(self.total) < share)

    def by_day(self, instants: Ints) -> Ints:
        """The first time in office hours (about: Monday to Friday, 7 to 15 UTC) not before `instants`."""
        wanted = instants // DAY * DAY + self.between(7, 15)
        wanted = np.where(wanted < instants, wanted + DAY, wanted)
        weekday = (wanted // DAY + _THURSDAY) % 7
        return np.asarray(wanted + np.where(weekday > _FRIDAY, 7 - weekday, 0) * DAY)


def courses(rng: np.random.Generator, place: Ints, now: Instant, running: float) -> Told:
    """The courses of citizens who live at `place` (int64[n] in `region.PLACES`); `running` is the share of
    citizens whose last course began within `LATELY`."""
    owner, start, lately = _starts(rng, len(place), now, running)
    total = len(owner)
    lives = place[owner]
    near = np.array([each.hospitals[0] for each in PLACES])[lives]
    next_one = np.array([each.hospitals[-1] for each in PLACES])[lives]
    draft = _Draft(rng, total, [])
    hospital = np.where(draft.happens(0.18), next_one, near)
    stay = draft.happens(np.where(lately, STAYS_LATELY, STAYS))
    _contact(draft, lives, start, stay)
    died = _stay(draft, lives, hospital, start, stay, lately)
    columns = [np.concatenate(one) for one in zip(*draft.parts, strict=True)]
    course, kind, at, received, by, says = columns
    # After a death nothing happens any more, in this course or a later one.
    death = np.full(len(place), 2**62)
    np.minimum.at(death, owner[died], _ends(course, kind, at, total)[died])
    kept = (received <= now) & (at <= death[owner[course]])
    return Told(owner, hospital, course[kept], kind[kept], at[kept], received[kept], by[kept], says[kept])


def _starts(rng: np.random.Generator, count: int, now: Instant, running: float) -> tuple[Ints, Ints, Ints]:
    """Owner and start of every course, and whether it began lately."""
    twice = rng.random(count) < TWICE
    owner = np.repeat(np.arange(count), 1 + twice)
    last = np.append(owner[1:] != owner[:-1], True)
    lately = last & (rng.random(count) < running)[owner]
    low, high = np.where(twice[owner], 190, 365), 75
    ago = np.where(last, rng.uniform(high, low), rng.uniform(230, 365, len(owner)))
    ago = np.where(lately, rng.triangular(0, 0, LATELY / DAY, len(owner)), ago)
    return owner, (now - (ago * DAY).astype(np.int64)).astype(np.int64), lately


def _ends(course: Ints, kind: Ints, at: Ints, total: int) -> Ints:
    """int64[p]: when the citizen died in the course."""
    ends = np.full(total, 2**62)
    dead = kind == KINDS.index("died")
    ends[course[dead]] = at[dead]
    return ends


def _contact(draft: _Draft, lives: Ints, start: Ints, stay: Ints) -> None:
    """Acute contacts: all courses that are no stays, and the first hours of half of the stays."""
    arrives = ~stay | draft.happens(0.45)
    draft.tell("acute_ambulant", arrives, start, HOSPITAL, EMERGENCY)
    leaves = start + draft.between(2, 9)
    draft.tell("discharged", ~stay, leaves, HOSPITAL, ENDS_EMERGENCY)
    _report(draft, lives, start, ~stay)
    draft.tell(
        "medication_list", ~stay & draft.happens(0.98), leaves + draft.between(0.1, 2), HOSPITAL, last=True
    )


def _report(draft: _Draft, lives: Ints, asked: Ints, there: Ints) -> None:
    """The municipality's admission report: by itself, by hand, days late, or never."""
    habits = [each.habits for each in PLACES]
    automatic = np.array([one.automatic for one in habits])[lives]
    hours = np.array([one.report_hours for one in habits])[lives]
    never = np.array([one.never for one in habits])[lives]
    after = np.where(draft.happens(automatic), draft.between(3, 50, MINUTE), draft.around(hours, 0.55))
    after = np.where(draft.happens(never), draft.between(1.2, 5, DAY), after)
    draft.tell("admission_report", there & ~draft.happens(never / 4), asked + after, MUNICIPALITY, BY_MESSAGE)


def _stay(draft: _Draft, lives: Ints, hospital: Ints, start: Ints, stay: Ints, lately: Ints) -> Ints:
    """From admission to what follows discharge; whether each course ended in death."""
    habits = [each.habits for each in PLACES]
    houses = {
        name: np.array([getattr(one, name) for one in HOSPITALS])[hospital]
        for name in ("forecast", "ready", "plan")
    }
    admitted = start + draft.between(2, 7)
    draft.tell("admitted", stay, admitted, HOSPITAL, ADMITTED)
    _report(draft, lives, admitted, stay)
    draft.tell("medication_list", stay & draft.happens(0.9), admitted + draft.between(1, 12), HOSPITAL)
    finished = draft.by_day(admitted + np.clip(draft.around(3.4, 0.75, DAY), 8 * HOUR, 25 * DAY))
    died = stay & draft.happens(0.03)
    leaves_dead = admitted + ((finished - admitted) * draft.rng.uniform(0.2, 1, draft.total)).astype(np.int64)
    draft.tell("died", died, leaves_dead, HOSPITAL, ENDS_STAY)
    long = stay & (finished - admitted > DAY)
    services, rehabilitation = (
        long & draft.happens(np.where(lately, SERVICES_LATELY, SERVICES_NEEDED)),
        long & draft.happens(0.3),
    )
    assessed = admitted + ((finished - admitted) * draft.rng.uniform(0.15, 0.4, draft.total)).astype(np.int64)
    needs = np.where(services & rehabilitation, BOTH, np.where(services, SERVICES, REHABILITATION))
    draft.tell("need_assessed", services | rehabilitation, assessed, HOSPITAL, needs)
    # Ready, the answer, the wait.
    draft.tell("treatment_finished", services, finished, HOSPITAL)
    quick = draft.happens(houses["ready"])
    ready = finished + np.where(quick, draft.between(0.1, 1.8), draft.between(2.1, 7))
    draft.tell("ready_for_discharge", services, ready, HOSPITAL)
    answer_hours = np.array([one.answer_hours for one in habits])[lives]
    waiting = np.array([one.waiting_days for one in habits])[lives]
    soon = draft.happens(0.5)
    leaves = np.where(
        soon, ready + draft.between(2, 6), draft.by_day(ready + draft.around(waiting, 0.5, DAY))
    )
    leaves = np.where(services, leaves, finished + draft.between(1, 5))
    answered = draft.by_day(ready + draft.around(answer_hours * 0.62, 0.6))
    can = np.where(leaves - answered < DAY, CAN, CANNOT)
    draft.tell("municipality_answer", services & (answered < leaves), answered, MUNICIPALITY, can)
    early = draft.happens(houses["forecast"])
    before = np.where(early, leaves - DAY, leaves - draft.between(1, 5))
    sent = services & draft.happens(0.96)
    draft.tell("care_forecast", sent & (before > assessed), before, HOSPITAL, BY_MESSAGE)
    draft.tell("waived", services & ~sent, leaves + draft.between(3, 24), MUNICIPALITY, WAIVED)
    planned = rehabilitation & draft.happens(houses["plan"])
    made = np.maximum(assessed, leaves - draft.between(3, 26)) + HOUR
    draft.tell("rehabilitation_plan", planned, made, HOSPITAL, BY_MESSAGE)
    # After the stay.
    weekday, hour = (leaves // DAY + _THURSDAY) % 7, leaves % DAY // HOUR
    outside = stay & ((weekday > _FRIDAY) | (hour < 7) | (hour >= 18))
    draft.tell("phone_call", outside & draft.happens(0.85), leaves - draft.between(0.5, 4), HOSPITAL)
    draft.tell("discharged", stay, leaves, HOSPITAL, ENDS_STAY)
    draft.tell(
        "medication_list", stay & draft.happens(0.98), leaves + draft.between(0.1, 2), HOSPITAL, last=True
    )
    draft.tell("epicrisis", stay & draft.happens(0.9), leaves + draft.around(9, 0.9), HOSPITAL)
    draft.tell("discharge_report", services, leaves - draft.between(0.2, 2), HOSPITAL, BY_MESSAGE)
    draft.tell("home_visit", services, leaves + draft.between(2, 26), MUNICIPALITY)
    contact = draft.by_day(made + draft.around(4, 0.4, DAY))
    draft.tell("rehabilitation_contact", planned & draft.happens(0.97), contact, MUNICIPALITY)
    begun = np.maximum(made + draft.around(10.5, 0.22, DAY), leaves + HOUR)
    draft.tell("rehabilitation_started", planned & draft.happens(0.97), begun, MUNICIPALITY)
    followed = services & draft.happens(np.where(lately, FOLLOWED_LATELY, FOLLOWED))
    chosen = assessed + (leaves - assessed) // 2
    draft.tell("follow_up_chosen", followed, chosen, HOSPITAL)
    for says, days in ((VISIT_1, 5.0), (VISIT_2, 18.0), (VISIT_3, 50.0)):
        visit = draft.by_day(leaves + draft.around(days, 0.2, DAY))
        draft.tell("follow_up_visit", followed & draft.happens(0.94), visit, MUNICIPALITY, says)
    return died
