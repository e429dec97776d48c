"""Pauses of a pathway, and how they move due (S18)."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from naer.agreement.deadlines import Duration
from naer.agreement.indexed import IndexedLog
from naer.agreement.language import Pause
from naer.events.calendar import WorkCalendar, days_touched, end_of_day
from naer.events.instant import HOUR, Instant, local_date


@dataclass(frozen=True, slots=True)
class Interval:
    """One pause; `end` is None while it runs."""

    start: Instant
    end: Instant | None


class Pauses:
    """The pauses that one log makes: a `from` inside one and an `until` outside are ignored."""

    def __init__(self, pause: Pause | None, log: IndexedLog) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._log = log.events
        place = log.following(pause.start, -1) if pause else None
        while pause and place is not None:
            self._starts.append(place)
            end = log.following(pause.end, place)
            if end is None:
                break
            self._ends.append(end)
            place = log.following(pause.start, end)
        self._end_times = [self._log[end].at for end in self._ends]

    def seen(self, until: int, begin: Instant) -> Iterator[Interval]:
        """The pauses as events up to place `until` make them, without those over at `begin`."""
        passed = min(bisect_right(self._ends, until), bisect_right(self._end_times, begin))
        for number in range(passed, bisect_right(self._starts, until)):
            over = number < len(self._ends) and self._ends[number] <= until
            start = self._log[self._starts[number]].at
            yield Interval(start, self._end_times[number] if over else None)

    def time(self, until: int, begin: Instant, end: Instant) -> int:
        """Paused microseconds between two instants."""
        return sum(high - low for low, high in self._within(until, begin, end))

    def working_time(self, until: int, begin: Instant, end: Instant, calendar: WorkCalendar) -> int:
        """Paused microseconds of opening hours between two instants."""
        return sum(calendar.working_time(low, high) for low, high in self._within(until, begin, end))

    def _within(self, until: int, begin: Instant, end: Instant) -> Iterator[tuple[Instant, Instant]]:
        for pause in self.seen(until, begin):
            if pause.start >= end:
                return
            low, high = max(pause.start, begin), end if pause.end is None else min(pause.end, end)
            if low < high:
                yield low, high

    def moved(
        self,
        due: Instant,
        start: Instant,
        begin: Instant,
        until: int,
        length: Duration,
        calendar: WorkCalendar,
    ) -> Instant | None:
        """Due after the pauses; None while one that began before due runs.

        `begin` is the later of trigger and start: only paused time after it counts.
        """
        moving = _Moving(due, start, length, calendar)
        for pause in self.seen(until, begin):
            if pause.start >= moving.due:
                break
            if pause.end is None:
                return None
            moving.count(max(pause.start, begin), pause.end)
        return moving.due


class _Moving:
    """A due that moves with each pause: by its time, its working time, or the working days it touches."""

    def __init__(self, due: Instant, start: Instant, length: Duration, calendar: WorkCalendar) -> None:
        self.due, self.start, self.length, self.calendar = due, start, length, calendar
        self.worked = 0
        self.touched: set[dt.date] = set()

    def count(self, begin: Instant, end: Instant) -> None:
        """Count one pause; they come in order."""
        calendar, amount = self.calendar, self.length.amount
        if self.length.unit == "working hours":
            self.worked += calendar.working_time(begin, end)
            self.due = calendar.add_working(self.start, amount * HOUR + self.worked)
        elif self.length.unit == "working days":
            self.touched |= days_touched(begin, end, calendar.zone)
            self.due = end_of_day(self._working_day(amount), calendar.zone)
        else:
            self.due += max(0, end - begin)

    def _working_day(self, left: int) -> dt.date:
        """The working day `left` days after the start's, not counting those that a pause touched."""
        day = local_date(self.start, self.calendar.zone)
        while left:
            day = self.calendar.working_day(day, 1)
            left -= day not in self.touched
        return day
