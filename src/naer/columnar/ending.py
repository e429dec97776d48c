"""What has become of a log's obligations when it has ended, compiled: their outcomes and times, or counts."""

import numpy as np

from naer.columnar.bundles import AMOUNT, BASE, MINUTE, ROW, UNIT
from naer.columnar.dues import due_from, due_within
from naer.columnar.parameters import CALENDAR, FAMILY, PAUSES, PLAIN
from naer.columnar.pausing import due_after_pauses, paused_time
from naer.columnar.records import (
    BY_DELIVERY,
    BY_RELEASE,
    BY_RESTART,
    CLOSED,
    CLOSER,
    DUE,
    ELAPSED_TIME,
    JUDGED,
    KEPT,
    LATE,
    MISSING,
    NEVER,
    OPEN,
    PAUSED,
    RELEASED,
    SLOT,
    START,
    SUPERSEDED,
    TRIGGERED,
    VERSION,
    WAITING,
    WORKING,
)
from naer.columnar.times import day_of, working_time
from naer.columnar.units import AT_ONCE, ELAPSED
from naer.events.chunk import NONE
from naer.jit import njit


@njit(nogil=True, cache=True, forceinline=True)
def outcomes_of(how):
    """In time, and not: what a plain obligation is, by what `outcomes` says while the log is walked."""
    if how == CLOSED + BY_DELIVERY:
        return KEPT, LATE
    if how == WAITING:
        return OPEN, MISSING
    if how == CLOSED + BY_RELEASE:
        return RELEASED, MISSING
    if how == CLOSED + BY_RESTART:
        return SUPERSEDED, MISSING
    return RELEASED, RELEASED


@njit(nogil=True, cache=True, forceinline=True)
def settle(
    first_row, rows, at, now, judged_at_all, clauses, tables, trouble, working_wanted, counting,
    numbers, instants, outcomes, room,
):  # fmt: skip
    """Say what is open or missing among a log's rows, and work out times; plain ones are left to `tally`."""
    pauses, pause_starts, pause_ends = room.pauses, room.pause_starts, room.pause_ends
    end = NEVER - 1 if judged_at_all else now
    for row in range(first_row, rows):
        slot = numbers[SLOT, row]
        outcome = outcomes[row]
        trigger, start = numbers[TRIGGERED, row], instants[START, row]
        number = clauses[slot, PAUSES]
        if clauses[slot, PLAIN]:
            if counting:
                continue
            in_time, late = outcomes_of(outcome)
            closed = end if outcome == WAITING else at[numbers[CLOSER, row]]
            due = due_within(start, clauses, slot, tables, trouble)
            outcome = outcomes[row] = in_time if due == NONE or closed <= due else late
            instants[DUE, row] = due
            instants[PAUSED, row] = 0
        elif outcome in (WAITING, JUDGED):
            due = instants[DUE, row]
            if number >= 0:
                begin = max(at[trigger], start)
                if due != NONE:
                    due = due_after_pauses(
                        due, start, begin, clauses, slot, number, pause_starts, pause_ends, pauses,
                        tables, trouble,
                    )  # fmt: skip
                    instants[DUE, row] = due
                if not judged_at_all:
                    instants[PAUSED, row] = paused_time(
                        begin, now, -1, number, pause_starts, pause_ends, pauses, tables, trouble
                    )
            if numbers[CLOSER, row] >= 0:
                outcome = KEPT
            elif due != NONE and (judged_at_all or due < now):
                outcome = MISSING
            else:
                outcome = OPEN
            outcomes[row] = outcome
        instants[ELAPSED_TIME, row] = NONE
        if outcome <= LATE:
            closed = at[numbers[CLOSER, row]]
            instants[ELAPSED_TIME, row] = max(0, closed - start - instants[PAUSED, row])
            if working_wanted:
                calendar = clauses[slot, CALENDAR]
                spent = working_time(start, closed, calendar, tables, trouble)
                if number >= 0:
                    spent -= paused_time(
                        max(at[trigger], start), closed, calendar, number, pause_starts, pause_ends,
                        pauses, tables, trouble,
                    )  # fmt: skip
                instants[WORKING, row] = max(0, spent)
        if working_wanted and outcome > LATE:
            instants[WORKING, row] = NONE


@njit(nogil=True, cache=True)
def tally(
    first_row, rows, at, now, judged_at_all, clauses, tables, trouble, numbers, instants, outcomes, sink
):
    """Count rows of logs that have ended, once for each clause that runs like a row's own."""
    counts, versions, delivered_count = sink.counts, sink.versions[0], sink.delivered[0]
    led, limits, column_of, columns = sink.starts, sink.limits, sink.column_of, sink.columns
    end = NEVER - 1 if judged_at_all else now
    for row in range(first_row, rows):
        slot, outcome = numbers[SLOT, row], outcomes[row]
        pair = clauses[slot, FAMILY] * versions + numbers[VERSION, row]
        first, column = led[pair], np.int64(0)
        if column_of[pair] >= 0:
            column = np.int64(columns[column_of[pair], numbers[TRIGGERED, row]])
        if clauses[slot, PLAIN]:
            in_time, late = outcomes_of(outcome)
            start, day = instants[START, row], np.int64(-1)
            closed = end if outcome == WAITING else at[numbers[CLOSER, row]]
            for one in range(first, led[pair + 1]):
                unit, due = limits[one, UNIT], NEVER
                if unit != AT_ONCE:
                    if unit > ELAPSED and day < 0:
                        day = day_of(start, tables, trouble)
                    due = due_from(
                        start, day, unit, limits[one, AMOUNT], limits[one, MINUTE], limits[one, ROW],
                        tables, trouble,
                    )  # fmt: skip
                counts[limits[one, BASE] + column, in_time if closed <= due else late] += 1
            delivered, elapsed = outcome == CLOSED + BY_DELIVERY, max(0, closed - start)
        else:
            counts[limits[first, BASE] + column, outcome] += 1
            delivered, elapsed = outcome <= LATE, instants[ELAPSED_TIME, row]
        if delivered:
            sink.cells[delivered_count] = limits[first, BASE] + column
            sink.times[delivered_count] = elapsed
            delivered_count += 1
    sink.delivered[0] = delivered_count
