"""What pauses do to a due and to the time taken (S18), compiled.

`starts` and `ends` are int64[clauses with pauses, room] as in `room.Room`, of which row `mine` has
`counts[mine]` pauses, one after the other; an end of NONE means that the pause still runs. `slot` is a row of
`clauses`, the array `Parameters.slots`; tables and trouble are as in `times`.
"""

from naer.columnar.parameters import CALENDAR, LIMIT, LIMIT_UNIT
from naer.columnar.tables import WORKING
from naer.columnar.times import add_working, day_of, end_of_day, working_day, working_time
from naer.columnar.units import WORKING_DAYS, WORKING_HOURS
from naer.events.chunk import NONE
from naer.jit import njit


@njit(nogil=True, cache=True)
def due_after_pauses(due, start, begin, clauses, slot, mine, starts, ends, counts, tables, trouble):
    """Due moved by the pauses seen so far; NONE while one that began before due runs.

    Only paused time after `begin` counts.
    """
    unit, row = clauses[slot, LIMIT_UNIT], clauses[slot, CALENDAR]
    worked = 0
    first_day = last_counted = rank = -1
    for number in range(counts[mine]):
        if ends[mine, number] != NONE and ends[mine, number] <= begin:
            continue
        if starts[mine, number] >= due:
            break
        if ends[mine, number] == NONE:
            return NONE
        low, high = max(starts[mine, number], begin), ends[mine, number]
        if unit == WORKING_HOURS:
            worked += working_time(low, high, row, tables, trouble)
            day = day_of(start, tables, trouble)
            due = add_working(start, day, clauses[slot, LIMIT] + worked, row, tables, trouble)
        elif unit == WORKING_DAYS:
            if high <= low or clauses[slot, LIMIT] == 0:
                continue
            if first_day < 0:
                first_day = last_counted = day_of(start, tables, trouble)
                rank = tables.days[row, WORKING, first_day] + clauses[slot, LIMIT]
            from_day = max(day_of(low, tables, trouble), last_counted + 1)
            to_day = day_of(high - 1, tables, trouble)
            if to_day >= from_day:
                passed = tables.days[row, WORKING, from_day - 1]
                if passed < rank:
                    rank += tables.days[row, WORKING, to_day] - passed
                last_counted = to_day
            away = rank - tables.days[row, WORKING, first_day]
            due = end_of_day(working_day(first_day, away, row, tables, trouble), tables, trouble)
        else:
            due += max(0, high - low)
    return due


@njit(nogil=True, cache=True)
def paused_time(begin, end, row, mine, starts, ends, counts, tables, trouble):
    """Paused time between two instants; in opening hours when `row` is not negative."""
    found = 0
    for number in range(counts[mine]):
        if starts[mine, number] >= end:
            break
        low = max(starts[mine, number], begin)
        high = end if ends[mine, number] == NONE else min(ends[mine, number], end)
        if low < high:
            found += high - low if row < 0 else working_time(low, high, row, tables, trouble)
    return found
