"""Days as tables: local midnights, clock changes, working days and opening hours of some years.

Working time becomes W(t2) - W(t1) on a cumulative column, exact and without loops. The tables cover
the years that a chunk needs; what reaches outside them, or before 1981, when clocks began to change as
they do now, is left to the reference evaluator.
"""

import datetime as dt
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from naer.events.calendar import WorkCalendar, readings
from naer.events.chunk import Ints
from naer.events.instant import DAY, HOUR, SECOND, Instant

FIRST_YEAR, LAST_YEAR = 1981, 2060
"""Clocks change in whole hours, and never at midnight, in all these years. More would cost seconds for a slip
of the pen (a year 2250), which is one component for the reference evaluator."""


(
    MIDNIGHT, CHANGE, CHANGES_AT, OPENS, CLOSES, OPEN_BEFORE, WORKING, LISTED, MONTH, MONTH_BEGINS, WIDTH,
) = range(11)  # fmt: skip
"""The numbers of a day in a calendar, each a column that near caches hold for years: when the local day
begins; how far its clock is put forward (negative: back) and after how much of the day; opening and closing;
opening time before the day; working days up to and including it; as its last the day that is the n-th working
day of all, n being this day's number, -1 after the last; its month, counted from the first; and the day that
the n-th month begins with, also the one after the last, -1 beyond."""


class Tables(NamedTuple):
    """Days d are counted from `lowest`, itself in days since 1970-01-01. K calendars."""

    lowest: Ints
    """int64[1]"""
    days: Ints
    """int64[K, WIDTH, days + 1]: of the last only MIDNIGHT and OPEN_BEFORE count."""


class DayTables(msgspec.Struct):
    """Tables that grow with the years that are asked for; threads may ask at once."""

    zone: ZoneInfo
    calendars: Sequence[WorkCalendar]
    reach_back: int
    """Years that a deadline can reach before an event."""
    reach: int
    """Years that a deadline can reach after an event."""
    _made: tuple[int, int, Tables] | None = None
    _lock: Lock = msgspec.field(default_factory=Lock)

    def covering(self, first: Instant, last: Instant) -> Tables:
        """Tables for events from `first` to `last` (microseconds), as far as tables go."""
        low = min(max(_year(first) - self.reach_back - 1, FIRST_YEAR), LAST_YEAR)
        high = max(min(_year(last) + self.reach + 1, LAST_YEAR), low)
        with self._lock:  # who comes second waits for the first: making them takes a quarter of a second
            if self._made is not None:
                begins, ends, tables = self._made
                if begins <= low and high <= ends:
                    return tables
                low, high = min(low, begins), max(high, ends)
            tables = _build(self.zone, self.calendars, low, high)
            self._made = (low, high, tables)
            return tables


def no_days() -> Tables:
    """Tables for clauses that never ask what day it is: a week long ago, so that asking is trouble."""
    return Tables(np.zeros(1, np.int64), np.zeros((1, WIDTH, 8), np.int64))


def _year(instant: Instant) -> int:
    """About the year of an instant: within one, and cheap at any distance."""
    return 1970 + instant // (365 * DAY + 6 * HOUR)


def _build(zone: ZoneInfo, calendars: Sequence[WorkCalendar], first: int, last: int) -> Tables:
    begin, end = np.datetime64(f"{first}-01-01", "D"), np.datetime64(f"{last + 1}-01-01", "D")
    days = np.arange(begin, end + np.timedelta64(1, "D"))
    midnight = np.array([readings(day, 0, zone)[0] for day in days.tolist()], np.int64)
    change = DAY - np.diff(midnight)
    changes_at = np.zeros(len(change), np.int64)
    for day in np.flatnonzero(change).tolist():
        changes_at[day] = _changing(int(midnight[day]), int(midnight[day + 1]), zone)
    count = len(change)
    table = np.zeros((max(1, len(calendars)), WIDTH, count + 1), np.int64)
    table[:, MIDNIGHT] = midnight
    table[:, CHANGE, :count], table[:, CHANGES_AT, :count] = change, changes_at
    months = days.astype("datetime64[M]")
    firsts = np.flatnonzero(months.astype("datetime64[D]") == days)
    table[:, MONTH] = (months - months[0]).astype(np.int64)
    table[:, LISTED] = table[:, MONTH_BEGINS] = -1
    table[:, MONTH_BEGINS, : len(firsts)] = firsts
    for row, calendar in enumerate(calendars):
        hours = np.array(list(calendar.days(first, last)), np.int64)
        opens, closes, working = hours.T
        table[row, OPENS, :count], table[row, CLOSES, :count] = opens, closes
        np.cumsum(closes - opens, out=table[row, OPEN_BEFORE, 1:])
        np.cumsum(working, out=table[row, WORKING, :count])
        found = np.flatnonzero(working)
        table[row, LISTED, : len(found)] = found
    return Tables(np.array([begin.astype(np.int64)], np.int64), table)


def _changing(begin: Instant, end: Instant, zone: ZoneInfo) -> int:
    """How long after midnight the clock changes on a day that is not 24 hours long."""

    def offset(instant: Instant) -> dt.timedelta | None:
        moment = dt.datetime.fromtimestamp(instant // SECOND, zone)
        return moment.utcoffset()

    before = offset(begin)
    return next(moment for moment in range(begin, end, HOUR) if offset(moment) != before) - begin
