"""When something is due, and what pauses do to it (S11 to S18, S21), compiled.

`slot` is a row of `clauses`, the array `Parameters.slots`; tables and trouble are as in `times`.
"""

from naer.columnar.parameters import (
    AHEAD,
    AHEAD_MINUTE,
    AHEAD_UNIT,
    CALENDAR,
    LIMIT,
    LIMIT_MINUTE,
    LIMIT_UNIT,
    SINCE_LIMIT,
    SINCE_OPERATOR,
    SINCE_UNIT,
)  # fmt: skip
from naer.columnar.tables import WORKING
from naer.columnar.times import (
    add_working,
    clock,
    day_of,
    end_of_day,
    moved_by,
    working_day,
    working_time,
)  # fmt: skip
from naer.columnar.units import AT_ONCE, CLOCK, ELAPSED, WORKING_DAYS, WORKING_HOURS
from naer.events.chunk import NONE
from naer.jit import njit

FAR = 253_402_128_000_000_000
"""`deadlines.FAR`: nothing is due later."""


@njit(nogil=True, cache=True, forceinline=True)
def due_within(start, clauses, slot, tables, trouble):
    """When something owed from `start` is due, without pauses; NONE for "at once"."""
    unit = clauses[slot, LIMIT_UNIT]
    if unit == AT_ONCE:
        return NONE
    if unit == ELAPSED:
        return min(start + clauses[slot, LIMIT], FAR)
    if unit >= CLOCK:
        return clock(
            start,
            unit,
            clauses[slot, LIMIT],
            clauses[slot, LIMIT_MINUTE],
            clauses[slot, CALENDAR],
            tables,
            trouble,
        )
    return moved_by(start, 1, unit, clauses[slot, LIMIT], clauses[slot, CALENDAR], tables, trouble)


@njit(nogil=True, cache=True)
def due_before(event, clauses, slot, tables, trouble):
    """When something is due that must stand before an event, never later than the event (S17)."""
    unit = clauses[slot, AHEAD_UNIT]
    if unit == AT_ONCE:
        return event
    if unit >= CLOCK:
        found = clock(
            event,
            unit,
            clauses[slot, AHEAD],
            clauses[slot, AHEAD_MINUTE],
            clauses[slot, CALENDAR],
            tables,
            trouble,
        )
    else:
        found = moved_by(event, -1, unit, clauses[slot, AHEAD], clauses[slot, CALENDAR], tables, trouble)
    return min(found, event)


@njit(nogil=True, cache=True)
def long_enough(begin, end, clauses, slot, tables, trouble):
    """Whether the time between two events meets `since` (S21)."""
    row = clauses[slot, CALENDAR]
    if clauses[slot, SINCE_UNIT] == WORKING_HOURS:
        measured, limit = working_time(begin, end, row, tables, trouble), clauses[slot, SINCE_LIMIT]
    else:
        measured = end
        limit = moved_by(
            begin, 1, clauses[slot, SINCE_UNIT], clauses[slot, SINCE_LIMIT], row, tables, trouble
        )
    operator = clauses[slot, SINCE_OPERATOR]
    if operator == 1:
        return measured > limit
    if operator == 2:
        return measured >= limit
    if operator == 3:
        return measured < limit
    return measured <= limit


@njit(nogil=True, cache=True)
def due_after_pauses(due, start, begin, clauses, slot, starts, ends, count, tables, trouble):
    """Due moved by the `count` pauses seen so far; NONE while one that began before due runs (S18).

    An end of NONE means the pause still runs. Only paused time after `begin` counts.
    """
    unit, row = clauses[slot, LIMIT_UNIT], clauses[slot, CALENDAR]
    worked = 0
    first_day = last_counted = rank = -1
    for number in range(count):
        if ends[number] != NONE and ends[number] <= begin:
            continue
        if starts[number] >= due:
            break
        if ends[number] == NONE:
            return NONE
        low, high = max(starts[number], begin), ends[number]
        if unit == WORKING_HOURS:
            worked += working_time(low, high, row, tables, trouble)
            due = add_working(start, clauses[slot, LIMIT] + worked, row, tables, trouble)
        elif unit == WORKING_DAYS:
            if high <= low or clauses[slot, LIMIT] == 0:
                continue
            if first_day < 0:
                first_day = last_counted = day_of(start, tables, trouble)
                rank = tables.days[row, first_day, WORKING] + clauses[slot, LIMIT]
            from_day = max(day_of(low, tables, trouble), last_counted + 1)
            to_day = day_of(high - 1, tables, trouble)
            if to_day >= from_day:
                passed = tables.days[row, from_day - 1, WORKING]
                if passed < rank:
                    rank += tables.days[row, to_day, WORKING] - passed
                last_counted = to_day
            away = rank - tables.days[row, first_day, WORKING]
            due = end_of_day(working_day(first_day, away, row, tables, trouble), tables, trouble)
        else:
            due += max(0, high - low)
    return due


@njit(nogil=True, cache=True)
def paused_time(begin, end, row, starts, ends, count, tables, trouble):
    """Paused time between two instants; in opening hours when `row` is not negative."""
    found = 0
    for number in range(count):
        if starts[number] >= end:
            break
        low = max(starts[number], begin)
        high = end if ends[number] == NONE else min(ends[number], end)
        if low < high:
            found += high - low if row < 0 else working_time(low, high, row, tables, trouble)
    return found
