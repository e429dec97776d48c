"""Deadlines and calendars on tables of days, compiled: `naer.agreement.deadlines` for the kernel.

Every function takes `Tables`; a day outside them sets `trouble[0]`, and the component is then judged by
the reference evaluator instead. Times are int64 microseconds, days count from `Tables.lowest`.
"""

import numpy as np

from naer.columnar.tables import (
    CHANGE,
    CHANGES_AT,
    CLOSES,
    LISTED,
    MIDNIGHT,
    MONTH,
    MONTH_BEGINS,
    OPEN_BEFORE,
    OPENS,
    WORKING,
)  # fmt: skip
from naer.columnar.units import DAYS, ELAPSED, WORKING_CLOCK, WORKING_DAYS, WORKING_HOURS
from naer.events.instant import DAY
from naer.jit import njit

END_OF_DAY = 1440
"""The minute of 24:00."""
NEAR = 32
"""Days that are looked at one after the other before halving begins."""

MINUTE = 60_000_000


@njit(nogil=True, cache=True, forceinline=True)
def day_of(t, tables, trouble):
    """The local day of an instant."""
    day = t // DAY - tables.lowest[0]
    if day < 2 or day > tables.days.shape[2] - 4:
        trouble[0] = 1
        return 2
    if t >= tables.days[0, MIDNIGHT, day + 1]:
        return day + 1
    if t < tables.days[0, MIDNIGHT, day]:
        return day - 1
    return day


@njit(nogil=True, cache=True, forceinline=True)
def checked(day, tables, trouble):
    """The day itself, when the tables have it and its neighbours."""
    if day < 1 or day > tables.days.shape[2] - 3:
        trouble[0] = 1
        return 1
    return day


@njit(nogil=True, cache=True, forceinline=True)
def end_of_day(day, tables, trouble):
    """The last microsecond of a day (S13)."""
    return tables.days[0, MIDNIGHT, checked(day, tables, trouble) + 1] - 1


@njit(nogil=True, cache=True, forceinline=True)
def later_reading(day, wall, tables, trouble):
    """The later instant of a clock time, `wall` microseconds after midnight (S16)."""
    day = checked(day, tables, trouble)
    begin, change = tables.days[0, MIDNIGHT, day], tables.days[0, CHANGE, day]
    if change != 0 and wall >= tables.days[0, CHANGES_AT, day] + change:
        return begin + wall - change
    return begin + wall


@njit(nogil=True, cache=True, forceinline=True)
def wall_of(t, day, tables):
    """The clock time of an instant on its day, in microseconds after midnight."""
    passed = t - tables.days[0, MIDNIGHT, day]
    if tables.days[0, CHANGE, day] != 0 and passed >= tables.days[0, CHANGES_AT, day]:
        return passed + tables.days[0, CHANGE, day]
    return passed


@njit(nogil=True, cache=True, forceinline=True)
def working_day(day, count, row, tables, trouble):
    """The `count`-th working day after a day, before it when negative; the day itself at 0 (S14)."""
    if count == 0:
        return day
    place = tables.days[row, WORKING, day] + count
    if count > 0:
        place -= 1
    else:
        place -= tables.days[row, WORKING, day] - tables.days[row, WORKING, day - 1]
    if place < 0 or place >= tables.days.shape[2] or tables.days[row, LISTED, place] < 0:
        trouble[0] = 1
        return day
    return tables.days[row, LISTED, place]


@njit(nogil=True, cache=True, forceinline=True)
def is_open(t, row, tables, trouble):
    """Whether an instant lies inside opening hours."""
    day = day_of(t, tables, trouble)
    return tables.days[row, OPENS, day] <= t < tables.days[row, CLOSES, day]


@njit(nogil=True, cache=True)
def next_opening(t, row, tables, trouble):
    """The instant itself when open, else the next opening."""
    day = day_of(t, tables, trouble)
    if tables.days[row, OPENS, day] <= t < tables.days[row, CLOSES, day]:
        return t
    while day < tables.days.shape[2] - 2:
        opens = tables.days[row, OPENS, day]
        if opens >= t and tables.days[row, CLOSES, day] > opens:
            return opens
        day += 1
    trouble[0] = 1
    return t


@njit(nogil=True, cache=True, forceinline=True)
def open_until(t, day, row, tables):
    """W(t): opening time from the first day of the tables to an instant on a day."""
    opens, closes = tables.days[row, OPENS, day], tables.days[row, CLOSES, day]
    return tables.days[row, OPEN_BEFORE, day] + min(max(t - opens, 0), closes - opens)


@njit(nogil=True, cache=True, forceinline=True)
def working_time(begin, end, row, tables, trouble):
    """Opening time between two instants; 0 when end is not after begin."""
    if end <= begin:
        return 0
    until = open_until(end, day_of(end, tables, trouble), row, tables)
    return until - open_until(begin, day_of(begin, tables, trouble), row, tables)


@njit(nogil=True, cache=True)
def add_working(start, day, amount, row, tables, trouble):
    """The earliest instant at which `amount` of opening time has passed from an instant on a day."""
    if amount <= 0:
        return start
    wanted = amount + open_until(start, day, row, tables)
    # The first day before which at least `wanted` has passed: most are near, and stand side by side.
    low, last = day, tables.days.shape[2] - 1
    near = min(low + NEAR, last)
    while low < near and tables.days[row, OPEN_BEFORE, low] < wanted:
        low += 1
    if tables.days[row, OPEN_BEFORE, low] < wanted:
        high = last
        while low < high:
            middle = (low + high) // 2
            if tables.days[row, OPEN_BEFORE, middle] < wanted:
                low = middle + 1
            else:
                high = middle
    if tables.days[row, OPEN_BEFORE, low] < wanted:
        trouble[0] = 1
        return start
    day = low - 1
    return tables.days[row, OPENS, day] + wanted - tables.days[row, OPEN_BEFORE, day]


@njit(nogil=True, cache=True, forceinline=True)
def months_later(day, months, tables, trouble):
    """The day that is some months later; 31 becomes the month's last."""
    this = tables.days[0, MONTH, day]
    month = this + months
    if month < 0 or month >= tables.days.shape[2] - 1 or tables.days[0, MONTH_BEGINS, month + 1] < 0:
        trouble[0] = 1
        return day
    later = tables.days[0, MONTH_BEGINS, month] + day - tables.days[0, MONTH_BEGINS, this]
    return min(later, tables.days[0, MONTH_BEGINS, month + 1] - 1)


@njit(nogil=True, cache=True, forceinline=True)
def shifted(t, day, days, months, tables, trouble):
    """The same clock time some days or months away (S16: the later reading; 31 → the month's last)."""
    wall = wall_of(t, day, tables)
    if months != 0:
        day = months_later(day, months, tables, trouble)
    return later_reading(day + days, wall, tables, trouble)


@njit(nogil=True, cache=True, forceinline=True)
def moved_by(t, sign, unit, amount, row, tables, trouble):
    """The instant a length after (sign 1) or before (sign -1) another: `deadlines.add` and `back`."""
    day = day_of(t, tables, trouble) if unit > ELAPSED else 0
    return moved_from(t, day, sign, unit, amount, row, tables, trouble)


@njit(nogil=True, cache=True, forceinline=True)
def moved_from(t, day, sign, unit, amount, row, tables, trouble):
    """The same of an instant on a day; which day is not asked for an amount of time."""
    if unit == ELAPSED:
        return t + sign * amount
    if unit == WORKING_HOURS:
        return add_working(t, day, amount, row, tables, trouble)
    if unit == WORKING_DAYS:
        return end_of_day(working_day(day, sign * amount, row, tables, trouble), tables, trouble)
    if unit == DAYS:
        return shifted(t, day, sign * amount, 0, tables, trouble)
    return shifted(t, day, 0, sign * amount, tables, trouble)


@njit(counting=True, nogil=True, cache=True)
def all_moved(instants, sign, unit, amount, row, tables, trouble):
    """The same for many instants at once: int64[n]."""
    moved = np.empty(len(instants), np.int64)
    for place in range(len(instants)):
        moved[place] = moved_by(instants[place], sign, unit, amount, row, tables, trouble)
    return moved


@njit(nogil=True, cache=True, forceinline=True)
def window_start(t, unit, amount, row, tables, trouble):
    """The earliest instant that a length back reaches; working days from their start."""
    if unit == WORKING_DAYS:
        day = working_day(day_of(t, tables, trouble), -amount, row, tables, trouble)
        return tables.days[0, MIDNIGHT, checked(day, tables, trouble)]
    return moved_by(t, -1, unit, amount, row, tables, trouble)


@njit(nogil=True, cache=True, forceinline=True)
def clock(day, unit, days, minute, row, tables, trouble):
    """A clock time on a day counted from another (S13, S16)."""
    if unit == WORKING_CLOCK:
        day = working_day(day, days, row, tables, trouble)
    else:
        day += days
    if minute == END_OF_DAY:
        return end_of_day(day, tables, trouble)
    return later_reading(day, minute * MINUTE, tables, trouble)
