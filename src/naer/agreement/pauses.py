"""Pauses of a pathway, and how they move due (S18)."""

from collections.abc import Sequence
from dataclasses import dataclass

from naer.agreement import deadlines
from naer.agreement.deadlines import Duration
from naer.agreement.language import Pause
from naer.events.calendar import WorkCalendar, days_touched, end_of_day
from naer.events.event import Event
from naer.events.instant import HOUR, Instant, local_date


@dataclass(frozen=True, slots=True)
class Interval:
    """One pause; `end` is None while it runs."""

    start: Instant
    end: Instant | None


def intervals(pause: Pause, log: Sequence[Event]) -> list[Interval]:
    """The pauses in a log: a `from` inside one and an `until` outside are ignored."""
    found: list[Interval] = []
    running: Instant | None = None
    for event in log:
        if running is None:
            if pause.start.matches(event):
                running = event.at
        elif pause.end.matches(event):
            found.append(Interval(running, event.at))
            running = None
    if running is not None:
        found.append(Interval(running, None))
    return found


def moved(
    due: Instant,
    start: Instant,
    begin: Instant,
    length: Duration,
    pauses: Sequence[Interval],
    calendar: WorkCalendar,
) -> Instant | None:
    """Due after the pauses; None while one that began before due runs.

    `begin` is the later of trigger and start: only paused time after it counts.
    """
    counted: list[Interval] = []
    for pause in pauses:
        if pause.start >= due:
            break
        if pause.end is None:
            return None
        counted.append(Interval(max(pause.start, begin), max(pause.end, begin)))
        due = _due(start, length, counted, calendar)
    return due


def paused_time(pauses: Sequence[Interval], begin: Instant, end: Instant) -> int:
    """Paused microseconds between two instants."""
    return sum(
        max(0, min(end if pause.end is None else pause.end, end) - max(pause.start, begin))
        for pause in pauses
    )


def paused_working(pauses: Sequence[Interval], begin: Instant, end: Instant, calendar: WorkCalendar) -> int:
    """Paused microseconds of opening hours between two instants."""
    return sum(
        calendar.working_time(max(pause.start, begin), min(end if pause.end is None else pause.end, end))
        for pause in pauses
    )


def _due(start: Instant, length: Duration, pauses: Sequence[Interval], calendar: WorkCalendar) -> Instant:
    """Due from start, with the pauses' time, working time or working days added."""
    if length.unit == "working hours":
        worked = sum(calendar.working_time(pause.start, pause.end or pause.start) for pause in pauses)
        return calendar.add_working(start, length.amount * HOUR + worked)
    if length.unit == "working days":
        touched = {
            day
            for pause in pauses
            for day in days_touched(pause.start, pause.end or pause.start, calendar.zone)
        }
        day = local_date(start, calendar.zone)
        left = length.amount
        while left:
            day = calendar.working_day(day, 1)
            left -= day not in touched
        return end_of_day(day, calendar.zone)
    paused = sum((pause.end or pause.start) - pause.start for pause in pauses)
    return deadlines.add(start, length, calendar) + paused
