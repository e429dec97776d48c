"""When something is due (S11 to S17, S21, S23), compiled.

`slot` is a row of `clauses`, the array `Parameters.slots`; tables and trouble are as in `times`.
"""

from naer.columnar.parameters import (
    ACCEPT,
    ACCEPT_UNIT,
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
from naer.columnar.times import (
    clock,
    day_of,
    moved_by,
    moved_from,
    window_start,
    working_time,
)  # fmt: skip
from naer.columnar.units import AT_ONCE, CLOCK, ELAPSED, WORKING_HOURS
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
    day = day_of(start, tables, trouble) if unit > ELAPSED else 0
    return due_from(
        start, day, unit, clauses[slot, LIMIT], clauses[slot, LIMIT_MINUTE], clauses[slot, CALENDAR],
        tables, trouble,
    )  # fmt: skip


@njit(nogil=True, cache=True, forceinline=True)
def due_from(start, day, unit, amount, minute, row, tables, trouble):
    """When something owed from an instant on a day is due; which day is not asked for an amount of time."""
    if unit == ELAPSED:
        return min(start + amount, FAR)
    if unit >= CLOCK:
        return clock(day, unit, amount, minute, row, tables, trouble)
    return moved_from(start, day, 1, unit, amount, row, tables, trouble)


@njit(nogil=True, cache=True)
def due_before(event, clauses, slot, tables, trouble):
    """When something is due that must stand before an event, never later than the event (S17)."""
    unit, amount, row = clauses[slot, AHEAD_UNIT], clauses[slot, AHEAD], clauses[slot, CALENDAR]
    if unit == AT_ONCE:
        return event
    day = day_of(event, tables, trouble) if unit > ELAPSED else 0
    if unit >= CLOCK:
        return min(clock(day, unit, amount, clauses[slot, AHEAD_MINUTE], row, tables, trouble), event)
    return min(moved_from(event, day, -1, unit, amount, row, tables, trouble), event)


@njit(nogil=True, cache=True)
def accepted_from(happened, clauses, slot, tables, trouble):
    """How early a delivery may stand before what asks for it (S19)."""
    return window_start(
        happened, clauses[slot, ACCEPT_UNIT], clauses[slot, ACCEPT], clauses[slot, CALENDAR], tables, trouble
    )


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
