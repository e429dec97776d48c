"""The day-fee clock: whether it runs, since when, for how many days, and every condition as a fact.

Amounts are no part of it: they are dated parameters of the settlement. A condition that nothing shows is
named as the reason why the clock does not run. Sources: Norway FOR-2011-11-18-1115 §§ 8-13 and
helse- og omsorgstjenesteloven § 11-4; Denmark law 1737 of 27 December 2016. Neither says how the day of
leaving counts: here it does not (unverified).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from naer.events.event import Event
from naer.events.instant import HOUR, ZONES, Instant, local_date
from naer.site.discharge import moments
from naer.site.discharge.moments import Way
from naer.site.pathways.stage import moment as named

NORWAY, DENMARK = "NO", "DK"
_WARNED_WITHIN = 24 * HOUR
"""§ 8: from admission."""
_READY, _WITHDRAWN = "ready_for_discharge", "ready_withdrawn"
_DAY = dt.timedelta(days=1)

Stretch = tuple[Instant, Instant | None]
"""From when to when days count; None while they still do (microseconds)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. `holds` is None when nothing here shows it either way; `event` is what shows it."""

    name: str
    """admitted, warned, assessed, ready, unanswered or present."""
    holds: bool | None
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of one stay at one instant."""

    conditions: tuple[Condition, ...]
    days: int
    """Days so far: Norway from and including the day declared ready, Denmark bed-days (nights) since."""
    since: dt.date | None
    """The first day that counts."""
    runs: bool

    @property
    def missing(self) -> tuple[Condition, ...]:
        """The conditions that keep it from running."""
        return tuple(one for one in self.conditions if not one.holds)


@dataclass(frozen=True, slots=True)
class Warned:
    """What became of the obligation to warn: kept, late, missing, open, or "" when nothing was owed."""

    outcome: str = ""


def clock(way: Way, country: str, warned: Warned, now: Instant) -> Clock | None:
    """The clock of a stay at `now` (microseconds); None for an emergency contact without admission."""
    if way.stay.kind != "admitted":
        return None
    norway = country == NORWAY
    conditions = _norway(way, warned, now) if norway else _denmark(way)
    if norway and not conditions[0].holds:
        return Clock(conditions, 0, None, runs=False)
    stretches = _stretches(way, norway, now)
    days, since = _days(stretches, NORWAY if norway else DENMARK, now)
    return Clock(conditions, days, since, runs=bool(stretches) and stretches[-1][1] is None)


def _stretches(way: Way, norway: bool, now: Instant) -> list[Stretch]:
    """When the citizen was ready and in hospital; in Norway less what the municipality could receive."""
    found: list[Stretch] = []
    ready: Instant | None = None
    for event in way.events:
        if event.kind == _READY and ready is None:
            ready = event.at
        elif event.kind == _WITHDRAWN and ready is not None:
            found.append((ready, event.at))
            ready = None
        elif norway and event.kind in ("municipality_answer", "offer_ready"):
            able = _able(event)
            if moments.said(event) == moments.CANNOT and ready is None and found and _still(way, event):
                ready = event.at
            elif able is not None and ready is not None and able <= now:
                found.append((ready, able))
                ready = None
    if ready is not None:
        found.append((ready, None))
    end = way.stay.end
    return [
        (start, min((one for one in (until, end) if one is not None), default=None))
        for start, until in found
        if end is None or start < end
    ]


def _still(way: Way, answer: Event) -> bool:
    """Whether the declaration of readiness before an answer stands at the answer."""
    before = [one for one in way.events if one.order < answer.order and one.kind in (_READY, _WITHDRAWN)]
    return bool(before) and before[-1].kind == _READY


def _able(answer: Event) -> Instant | None:
    """From when an answer says that the municipality can receive; None when it does not."""
    if moments.said(answer) != moments.CAN:
        return None
    return max(answer.at, named(answer, "from") or answer.at)


def _days(stretches: Sequence[Stretch], country: str, now: Instant) -> tuple[int, dt.date | None]:
    """How many days the stretches hold, none twice, and the first of them.

    The day a stretch ends on does not count; today counts in Norway while the clock runs.
    """
    zone, total = ZONES[country], 0
    since: dt.date | None = None
    free = dt.date.min
    for start, until in stretches:
        last = local_date(until if until is not None else now, zone)
        if until is None and country == NORWAY:
            last += _DAY
        first = max(local_date(start, zone), free)
        if last > first:
            total += (last - first).days
            since = since or first
            free = last
    return total, since


def _norway(way: Way, warned: Warned, now: Instant) -> tuple[Condition, ...]:
    assessed = way.moment("finished").event or way.ready
    able = _able(way.answer) if way.answer is not None else None
    return (
        Condition("warned", _in_time(way, warned), _first(way.events, "admission_warning")),
        Condition("assessed", assessed is not None or None, assessed),
        Condition("ready", way.ready is not None, way.ready),
        Condition("unanswered", able is None or able > now, way.answer),
        Condition("present", way.stay.end is None, _leaving(way)),
    )


def _denmark(way: Way) -> tuple[Condition, ...]:
    return (
        Condition("admitted", True, way.moment("admitted").event),
        Condition("ready", way.ready is not None, way.ready),
        Condition("present", way.stay.end is None, _leaving(way)),
    )


def _in_time(way: Way, warned: Warned) -> bool | None:
    """Whether the municipality was warned in time: as the agreement judged it, else by the 24 hours of § 8.

    None when nobody can tell: no warning is known, and none was owed; or it came later than 24 hours after
    admission, and nothing here says when the need became clear.
    """
    if warned.outcome in ("kept", "late", "missing"):
        return warned.outcome == "kept"
    warning, start = _first(way.events, "admission_warning"), way.stay.start
    if warning is None or start is None:
        return None
    return True if warning.at <= start + _WARNED_WITHIN else None


def _first(events: Sequence[Event], kind: str) -> Event | None:
    return next((one for one in events if one.kind == kind), None)


def _leaving(way: Way) -> Event | None:
    return way.moment("discharged").event
