"""Deadlines of whole columns: `naer.agreement.deadlines` as expressions (S11 to S18).

Every method takes and gives expressions of instants, in microseconds.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from naer.agreement import deadlines
from naer.agreement.deadlines import ELAPSED, FAR, Ahead, AtOnce, ByClock, Duration, Within
from naer.columnar.oracle_calendar import Clock, Days, told
from naer.events.calendar import WorkCalendar, end_of_day
from naer.events.instant import DAY, HOUR, MINUTE, Instant, local_date

_EPOCH = dt.date(1970, 1, 1)
_END_OF_DAY = 1440


@dataclass(frozen=True, slots=True)
class Deadlines:
    """One calendar with its tables: the days of the usual years, and the changes of the clock."""

    calendar: WorkCalendar
    days: Days
    clock: Clock

    def due(self, start: pl.Expr, limit: Within) -> pl.Expr:
        """When something owed from `start` is due; empty for `at once`, never after FAR."""
        if isinstance(limit, AtOnce):
            return pl.lit(None, pl.Int64)
        found = self._by_clock(start, limit) if isinstance(limit, ByClock) else self._add(start, limit, 1)
        due = told(found, lambda instant: deadlines.due(instant, limit, self.calendar), start)
        return pl.min_horizontal(due, FAR)

    def due_before(self, event: pl.Expr, limit: Ahead | None) -> pl.Expr:
        """When something is due that must stand before an event, never later than the event (S17)."""
        if limit is None:
            return event
        found = self._by_clock(event, limit) if isinstance(limit, ByClock) else self._add(event, limit, -1)
        due = told(found, lambda instant: deadlines.due_before(instant, limit, self.calendar), event)
        return pl.min_horizontal(due, event)

    def after(self, begin: pl.Expr, length: Duration) -> pl.Expr:
        """The instant a length after another."""
        ask = _asking(deadlines.add, length, self.calendar)
        return told(self._add(begin, length, 1), ask, begin)

    def window_start(self, end: pl.Expr, length: Duration) -> pl.Expr:
        """The earliest instant that is `length` or less before `end` (S23)."""
        if length.unit == "working days":
            day = self.days.working_day(self.days.day(end), -length.amount)
            found = self.days.of("begins", day)
        else:
            found = self._add(end, length, -1)
        return told(found, _asking(deadlines.window_start, length, self.calendar), end)

    def is_open(self, instant: pl.Expr) -> pl.Expr:
        """Whether an instant lies inside opening hours."""
        found = told(self.days.is_open(instant), lambda at: int(self.calendar.is_open(at)), instant)
        return found.cast(pl.Boolean)

    def next_opening(self, instant: pl.Expr) -> pl.Expr:
        """The instant itself when open, else the next opening."""
        found = pl.when(self.days.is_open(instant)).then(instant).otherwise(self.days.opening(instant))
        return told(found, self.calendar.next_opening, instant)

    def working_time(self, begin: pl.Expr, end: pl.Expr) -> pl.Expr:
        """Opening hours between two instants: W(end) - W(begin), 0 when end is not after begin."""
        found = pl.when(end <= begin).then(0).otherwise(self.days.worked(end) - self.days.worked(begin))
        return told(found, self.calendar.working_time, begin, end)

    def add_working(self, start: pl.Expr, amount: pl.Expr) -> pl.Expr:
        """The earliest instant at which `amount` of opening hours have passed."""
        return told(self._add_working(start, amount), self.calendar.add_working, start, amount)

    def day(self, instant: pl.Expr) -> pl.Expr:
        """The local day of an instant, counted from 1970-01-01."""
        return told(self.days.day(instant), self._day, instant)

    def workdays_between(self, first: pl.Expr, last: pl.Expr) -> pl.Expr:
        """Working days after one day up to and with another; 0 when there are none."""
        passed = self.days.of("passed", last) - self.days.of("passed", first)
        return told(pl.when(last <= first).then(0).otherwise(passed), self._workdays_between, first, last)

    def end_of_working_day(self, start: pl.Expr, count: pl.Expr) -> pl.Expr:
        """The end of the `count`-th working day after the start's (S14)."""
        day = self.days.working_day(self.days.day(start), count)
        return told(self._end_of(day), self._end_of_working_day, start, count)

    def _add(self, instant: pl.Expr, length: Duration, sign: int) -> pl.Expr:
        """What the tables say of the instant a length after, or before, another."""
        amount = sign * length.amount
        if length.unit in ELAPSED:
            return instant + amount * ELAPSED[length.unit]
        if length.unit == "working hours":
            return self._add_working(instant, pl.lit(amount * HOUR))
        if length.unit == "working days":
            return self._end_of(self.days.working_day(self.days.day(instant), amount))
        local = self.clock.local(instant)
        if length.unit == "months":
            there = local.cast(pl.Datetime("us")).dt.offset_by(f"{amount}mo").cast(pl.Int64)
        else:
            there = local + amount * DAY * (7 if length.unit == "weeks" else 1)
        return self.clock.later(there)

    def _add_working(self, start: pl.Expr, amount: pl.Expr) -> pl.Expr:
        passed = self.days.worked_off(self.days.worked(start) + amount)
        return pl.when(amount <= 0).then(start).otherwise(passed)

    def _by_clock(self, instant: pl.Expr, limit: ByClock) -> pl.Expr:
        day = self.days.day(instant)
        day = self.days.working_day(day, limit.days) if limit.working else day + limit.days
        if limit.minute == _END_OF_DAY:
            return self._end_of(day)
        return self.clock.later(day * DAY + limit.minute * MINUTE)

    def _end_of(self, day: pl.Expr) -> pl.Expr:
        """The last microsecond of a day (S13)."""
        return self.days.of("ends", day)

    def _day(self, instant: Instant) -> int:
        return (local_date(instant, self.calendar.zone) - _EPOCH).days

    def _workdays_between(self, first: int, last: int) -> int:
        return sum(
            self.calendar.is_working_day(_EPOCH + dt.timedelta(day)) for day in range(first + 1, last + 1)
        )

    def _end_of_working_day(self, start: Instant, count: int) -> Instant:
        day = self.calendar.working_day(local_date(start, self.calendar.zone), count)
        return end_of_day(day, self.calendar.zone)


def _asking(
    how: Callable[[Instant, Duration, WorkCalendar], Instant], length: Duration, calendar: WorkCalendar
) -> Callable[[Instant], Instant]:
    return lambda instant: how(instant, length, calendar)
