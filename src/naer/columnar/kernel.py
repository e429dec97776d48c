"""One walk over a chunk for all clauses at once, compiled: `naer.agreement.reference` on columns.

The walk takes one log after another (a pathway's, or under `scope: citizen` a citizen's), event by event
in the order of S2. What an event does in which slot is looked up in the role table. Each slot has a fixed
number of cells for the log at hand, and its waiting obligations are linked backwards through the rows
written so far. One event acts in this order: decide what opens, pause, close, judge, open, mark (S23).

Nothing in here knows a clause: all that differs between agreements stands in the arrays.
"""

import numpy as np

from naer.columnar.dues import accepted_from, due_before, due_within, long_enough
from naer.columnar.ending import settle, tally
from naer.columnar.parameters import (
    ACCEPT_UNIT,
    AFTER_ONLY,
    ANCHORS,
    ANCHORS_END,
    ASKING,
    BEFORE_ONLY,
    BOTH,
    CALENDAR,
    CLAUSE,
    DELIVERED,
    FAMILY,
    MATCH,
    MODE,
    NEXT_OPENING,
    PAUSES,
    PLAIN,
    REPEAT,
    SINCE_LAST,
    SINCE_OPERATOR,
    WAIVER,
    WHEN,
)  # fmt: skip
from naer.columnar.pausing import due_after_pauses, paused_time
from naer.columnar.records import (
    BEFORE,
    BY_DELIVERY,
    BY_RELEASE,
    BY_RESTART,
    BY_WAIVER,
    CLOSED,
    CLOSER,
    DUE,
    JUDGED,
    KEPT,
    LATE,
    MISSING,
    PAUSED,
    RELEASED,
    SLOT,
    START,
    SUPERSEDED,
    TRIGGERED,
    UNJUDGED,
    VERSION,
    WAITING,
)
from naer.columnar.roles import (
    CLOSING,
    COVERED,
    DELIVER,
    FIRST,
    JUDGE,
    JUDGING,
    LAST,
    MARKING,
    NO_VERSION,
    OPENING,
    OUTSIDE,
    PAUSE,
    RELEASE,
    RESET,
    RESUME,
    WINDOW,
)  # fmt: skip
from naer.columnar.room import (
    FIRST_PLACE,
    SAME_DELIVERY,
    UNJUDGED_ROWS,
    WAITS,
    WINDOW_BEGINS,
    WINDOW_DELIVERY,
    WINDOW_RELEASE,
)  # fmt: skip
from naer.columnar.times import (
    is_open,
    next_opening,
)  # fmt: skip
from naer.columnar.units import AT_ONCE
from naer.events.chunk import NONE
from naer.jit import njit

BATCH = 256
"""So many rows are counted at once: the nearest cache holds them, and it is asked seldom enough."""

LEFT_NO_VERSION, LEFT_OUTSIDE, LEFT_NO_MATCH, LEFT_NO_START, LEFT_LATER = 1, 2, 4, 8, 16
"""Bits of `Found.left_out`."""


@njit(nogil=True, cache=True)
def walk(
    order, logs, at, classes, now, judged_at_all,
    starts, slots, roles, phases, judges, era_begins, era_versions, slot_of, family_starts, family_slots,
    clauses, anchors, times, matches, cell_count, pause_count,
    waived, clause_starts, clause_slots, waiver_rows, party_keys, waiver_keys,
    tables, trouble, working_wanted, left_out, escaped, rows,
    numbers, instants, outcomes, sink, room,
):  # fmt: skip
    """Judge every log of a chunk, writing after the first `rows` rows; gives how many rows there are then.

    `order[logs[l]:logs[l + 1]]` are the places of log l's events. Everything after `left_out` is written:
    flags of events, of logs that the tables could not judge, and the rows, one for each obligation. When the
    sink has counts, the obligations of a few logs are counted there, and the next logs write over them; there
    must be room for BATCH and a log's.
    """
    slot_count, family_count = len(clauses), len(slot_of)
    counting = len(sink.counts) > 0
    cells, marks, seen, paused_now, pauses = room.cells, room.marks, room.seen, room.paused, room.pauses
    pause_starts, pause_ends = room.pause_starts, room.pause_ends
    opening_slot, opening_start = room.opening[0], room.opening[1]
    closing_slot, closing_how = room.closing[0], room.closing[1]
    eras, versions_differ = len(era_begins), slot_of.shape[1] > 1
    for log in range(len(logs) - 1):
        first_row = rows
        log_begins, log_ends = logs[log], logs[log + 1]
        touched = False
        any_waived = False
        general = False
        for place in range(log_begins, log_ends):
            event = order[place]
            its_class = classes[event]
            waives = -1
            if len(waived):
                waives = waived[event]
            if phases[its_class] == 0 and waives < 0:
                continue
            if not touched:
                touched = True
                for one in range(cell_count):
                    cells[one] = -1
                for one in range(7):
                    for slot in range(slot_count):
                        marks[one, slot] = -1
                for one in range(family_count):
                    seen[one] = 0
                for one in range(pause_count):
                    paused_now[one] = 0
                    pauses[one] = 0
            happened = at[event]
            opening_row, closing_row = starts[its_class, OPENING], starts[its_class, CLOSING]
            judging_row, marking_row = starts[its_class, JUDGING], starts[its_class, MARKING]
            end_row = starts[its_class, MARKING + 1]
            opening_count = 0
            closing_count = 0
            restarting = False

            # What opens: `matches`, jurisdiction and start, from what stands strictly before this event.
            version = -1
            if opening_row < closing_row:
                era = 0
                if eras > 1:
                    era = np.searchsorted(era_begins, happened, side="right") - 1
                version = era_versions[era]
                judge = judges[its_class, era]
                for row in range(opening_row, closing_row):
                    slot = slots[row]
                    family = clauses[slot, FAMILY]
                    if versions_differ and version >= 0 and slot_of[family, version] != slot:
                        continue
                    asking = clauses[slot, ASKING]
                    if asking:
                        when = clauses[slot, WHEN]
                        if when and is_open(happened, clauses[slot, CALENDAR], tables, trouble) != (
                            when == 1
                        ):
                            continue
                        if clauses[slot, SINCE_OPERATOR] and clauses[slot, MODE] != BOTH:
                            origin = (
                                cells[clauses[slot, SINCE_LAST]]
                                if clauses[slot, SINCE_LAST] >= 0
                                else marks[FIRST_PLACE, slot]
                            )
                            if origin < 0 or not long_enough(
                                at[order[origin]], happened, clauses, slot, tables, trouble
                            ):
                                continue
                    if judge == NO_VERSION:
                        left_out[event] |= LEFT_NO_VERSION
                        continue
                    if judge == OUTSIDE:
                        left_out[event] |= LEFT_OUTSIDE
                        continue
                    if judge == COVERED:
                        continue
                    if seen[family] and clauses[slot, REPEAT] == 1:
                        continue
                    seen[family] = 1
                    start = happened
                    if asking:
                        if clauses[slot, MATCH] >= 0 and matches[clauses[slot, MATCH], event] < 0:
                            left_out[event] |= LEFT_NO_MATCH
                            continue
                        if clauses[slot, ANCHORS] < clauses[slot, ANCHORS_END]:
                            start = NONE
                            for number in range(clauses[slot, ANCHORS], clauses[slot, ANCHORS_END]):
                                source = event
                                if anchors[number, 1] >= 0:
                                    if cells[anchors[number, 1]] < 0:
                                        continue
                                    source = order[cells[anchors[number, 1]]]
                                start = max(start, times[anchors[number, 0], source])
                            if start == NONE:
                                left_out[event] |= LEFT_NO_START
                                continue
                        if clauses[slot, NEXT_OPENING]:
                            start = next_opening(start, clauses[slot, CALENDAR], tables, trouble)
                    opening_slot[opening_count] = slot
                    opening_start[opening_count] = start
                    opening_count += 1
                    if clauses[slot, REPEAT] == 2:
                        restarting = True

            # Pauses, and what this event closes: in each slot delivery before release before waiver.
            for row in range(closing_row, judging_row):
                role, slot = roles[row], slots[row]
                if role & (PAUSE | RESUME):
                    number = clauses[slot, PAUSES]
                    if paused_now[number]:
                        if role & RESUME:
                            pause_ends[number, pauses[number] - 1] = happened
                            paused_now[number] = 0
                    elif role & PAUSE:
                        pause_starts[number, pauses[number]] = happened
                        pause_ends[number, pauses[number]] = NONE
                        pauses[number] += 1
                        paused_now[number] = 1
                if marks[WAITS, slot] >= 0:
                    if role & DELIVER:
                        closing_slot[closing_count] = slot
                        closing_how[closing_count] = BY_DELIVERY
                        closing_count += 1
                    if role & RELEASE:
                        closing_slot[closing_count] = slot
                        closing_how[closing_count] = BY_RELEASE
                        closing_count += 1
            if waives >= 0:
                any_waived = True
                for number in range(clause_starts[waives], clause_starts[waives + 1]):
                    if marks[WAITS, clause_slots[number]] >= 0:
                        closing_slot[closing_count] = clause_slots[number]
                        closing_how[closing_count] = BY_WAIVER
                        closing_count += 1
            if restarting:
                for one in range(opening_count):
                    if clauses[opening_slot[one], REPEAT] != 2:
                        continue
                    family = clauses[opening_slot[one], FAMILY]
                    for number in range(family_starts[family], family_starts[family + 1]):
                        if marks[WAITS, family_slots[number]] >= 0:
                            closing_slot[closing_count] = family_slots[number]
                            closing_how[closing_count] = BY_RESTART
                            closing_count += 1

            for one in range(closing_count):
                slot, how = closing_slot[one], closing_how[one]
                if clauses[slot, PLAIN]:
                    row = marks[WAITS, slot]
                    marks[WAITS, slot] = -1
                    while row >= 0:
                        numbers[CLOSER, row] = event
                        outcomes[row] = CLOSED + how
                        row = numbers[BEFORE, row]
                    continue
                later = -1
                row = marks[WAITS, slot]
                while row >= 0:
                    earlier = numbers[BEFORE, row]
                    trigger = numbers[TRIGGERED, row]
                    stays = False
                    if how == BY_DELIVERY and clauses[slot, MATCH] >= 0:
                        stays = matches[clauses[slot, MATCH], trigger] != matches[clauses[slot, MATCH], event]
                    elif how == BY_WAIVER and clauses[slot, WAIVER]:
                        stays = True
                        for side in range(2):
                            key = waiver_rows[slot, numbers[VERSION, row], side]
                            if key == -2 or (
                                key >= 0
                                and (
                                    party_keys[key, trigger] == 0
                                    or party_keys[key, trigger] == waiver_keys[event]
                                )
                            ):
                                stays = False
                        if waiver_keys[event] == -1:
                            stays = False
                    gone = outcomes[row] != WAITING and outcomes[row] != JUDGED
                    if not stays and not gone:
                        numbers[CLOSER, row] = event
                        if clauses[slot, MODE] == BOTH and outcomes[row] == WAITING:
                            if how != BY_DELIVERY:
                                outcomes[row] = SUPERSEDED if how == BY_RESTART else RELEASED
                        else:
                            start = instants[START, row]
                            begin = max(at[trigger], start)
                            due = instants[DUE, row]
                            number = clauses[slot, PAUSES]
                            if number >= 0:
                                if due != NONE:
                                    due = due_after_pauses(
                                        due, start, begin, clauses, slot, number, pause_starts,
                                        pause_ends, pauses, tables, trouble,
                                    )  # fmt: skip
                                    instants[DUE, row] = due
                                instants[PAUSED, row] = paused_time(
                                    begin, happened, -1, number, pause_starts, pause_ends, pauses,
                                    tables, trouble,
                                )  # fmt: skip
                            in_time = due == NONE or happened <= due
                            if how == BY_DELIVERY:
                                outcomes[row] = KEPT if in_time else LATE
                            elif how == BY_WAIVER:
                                outcomes[row] = RELEASED
                            elif how == BY_RELEASE:
                                outcomes[row] = RELEASED if in_time else MISSING
                            else:
                                outcomes[row] = SUPERSEDED if in_time else MISSING
                    if stays and not gone:
                        later = row
                    elif later >= 0:
                        numbers[BEFORE, later] = earlier
                    else:
                        marks[WAITS, slot] = earlier
                    row = earlier

            # The `before` event judges what was opened since the one before it.
            for row in range(judging_row, marking_row):
                slot = slots[row]
                owed = marks[UNJUDGED_ROWS, slot]
                marks[UNJUDGED_ROWS, slot] = -1
                while owed >= 0:
                    if outcomes[owed] == WAITING:
                        due = due_before(happened, clauses, slot, tables, trouble)
                        instants[DUE, owed] = due
                        met = True
                        if clauses[slot, SINCE_OPERATOR]:
                            origin = marks[FIRST_PLACE, slot]
                            if clauses[slot, SINCE_LAST] >= 0:
                                origin = cells[clauses[slot, SINCE_LAST]]
                            met = origin >= 0 and long_enough(
                                at[order[origin]], happened, clauses, slot, tables, trouble
                            )
                        if not met:
                            outcomes[owed] = RELEASED
                            numbers[CLOSER, owed] = event
                        elif numbers[CLOSER, owed] >= 0:
                            outcomes[owed] = KEPT if at[numbers[CLOSER, owed]] <= due else LATE
                        else:
                            outcomes[owed] = JUDGED
                    owed = numbers[UNJUDGED, owed]

            # Open.
            for one in range(opening_count):
                slot, start = opening_slot[one], opening_start[one]
                row = rows
                rows += 1
                numbers[SLOT, row] = slot
                numbers[VERSION, row] = version
                numbers[TRIGGERED, row] = event
                instants[START, row] = start
                if clauses[slot, PLAIN]:
                    delivered = cells[clauses[slot, DELIVERED]]
                    earliest = happened
                    if clauses[slot, ACCEPT_UNIT] != AT_ONCE:
                        earliest = accepted_from(happened, clauses, slot, tables, trouble)
                    if delivered >= 0 and at[order[delivered]] >= earliest:
                        numbers[CLOSER, row] = order[delivered]
                        outcomes[row] = CLOSED + BY_DELIVERY
                    else:
                        numbers[CLOSER, row] = -1
                        outcomes[row] = WAITING
                        numbers[BEFORE, row] = marks[WAITS, slot]
                        marks[WAITS, slot] = row
                    continue
                general = True
                instants[PAUSED, row] = 0
                closer = -1
                how = BY_DELIVERY
                mode = clauses[slot, MODE]
                if mode == AFTER_ONLY:
                    due = due_within(start, clauses, slot, tables, trouble)
                elif mode == BOTH:
                    due = NONE
                else:
                    due = due_before(happened, clauses, slot, tables, trouble)
                if mode == BEFORE_ONLY:
                    if (
                        marks[SAME_DELIVERY, slot] >= 0
                        and at[order[marks[SAME_DELIVERY, slot]]] == happened
                        and marks[SAME_DELIVERY, slot] < marks[WINDOW_BEGINS, slot]
                    ):
                        closer = marks[SAME_DELIVERY, slot]
                    else:
                        if marks[WINDOW_DELIVERY, slot] >= 0:
                            closer = marks[WINDOW_DELIVERY, slot]
                        if marks[WINDOW_RELEASE, slot] >= 0 and (
                            closer < 0 or marks[WINDOW_RELEASE, slot] < closer
                        ):
                            closer, how = marks[WINDOW_RELEASE, slot], BY_RELEASE
                        if any_waived:
                            clause = clauses[slot, CLAUSE]
                            until = place if closer < 0 else closer
                            for earlier in range(max(marks[WINDOW_BEGINS, slot] + 1, log_begins), until):
                                if waived[order[earlier]] != clause:
                                    continue
                                allowed = not clauses[slot, WAIVER] or waiver_keys[order[earlier]] == -1
                                for side in range(2):
                                    key = waiver_rows[slot, version, side]
                                    if clauses[slot, WAIVER] and (
                                        key == -2
                                        or (
                                            key >= 0
                                            and (
                                                party_keys[key, event] == 0
                                                or party_keys[key, event] == waiver_keys[order[earlier]]
                                            )
                                        )
                                    ):
                                        allowed = True
                                if allowed:
                                    closer, how = earlier, BY_WAIVER
                                    break
                elif clauses[slot, MATCH] >= 0:
                    earlier = place - 1
                    while earlier >= log_begins and at[order[earlier]] >= happened and closer < 0:
                        other = order[earlier]
                        if matches[clauses[slot, MATCH], other] == matches[clauses[slot, MATCH], event]:
                            of_other = classes[other]
                            for number in range(starts[of_other, CLOSING], starts[of_other, JUDGING]):
                                if slots[number] == slot and roles[number] & DELIVER:
                                    closer = earlier
                        earlier -= 1
                elif cells[clauses[slot, DELIVERED]] >= 0:
                    earliest = happened
                    if clauses[slot, ACCEPT_UNIT] != AT_ONCE:
                        earliest = accepted_from(happened, clauses, slot, tables, trouble)
                    if at[order[cells[clauses[slot, DELIVERED]]]] >= earliest:
                        closer = cells[clauses[slot, DELIVERED]]
                if closer >= 0 and mode != BOTH:
                    event_closing = order[closer]
                    numbers[CLOSER, row] = event_closing
                    number = clauses[slot, PAUSES]
                    if number >= 0 and due != NONE:
                        due = due_after_pauses(
                            due, start, max(happened, start), clauses, slot, number, pause_starts,
                            pause_ends, pauses, tables, trouble,
                        )  # fmt: skip
                    instants[DUE, row] = due
                    in_time = due == NONE or at[event_closing] <= due
                    if how == BY_DELIVERY:
                        outcomes[row] = KEPT if in_time else LATE
                    else:
                        outcomes[row] = RELEASED
                    continue
                instants[DUE, row] = due
                outcomes[row] = WAITING
                numbers[CLOSER, row] = -1 if closer < 0 else order[closer]
                if mode == BOTH:
                    numbers[UNJUDGED, row] = marks[UNJUDGED_ROWS, slot]
                    marks[UNJUDGED_ROWS, slot] = row
                if closer < 0:
                    numbers[BEFORE, row] = marks[WAITS, slot]
                    marks[WAITS, slot] = row

            # Mark what later events look back to.
            for row in range(marking_row, end_row):
                role, slot = roles[row], slots[row]
                if role & LAST:
                    cells[slot] = place
                    continue
                if role & RESET:
                    marks[FIRST_PLACE, slot] = -1
                elif role & FIRST and marks[FIRST_PLACE, slot] < 0:
                    marks[FIRST_PLACE, slot] = place
                if clauses[slot, MODE] != BEFORE_ONLY:
                    continue
                if role & DELIVER:
                    if marks[WINDOW_DELIVERY, slot] < 0:
                        marks[WINDOW_DELIVERY, slot] = place
                    if marks[SAME_DELIVERY, slot] < 0 or at[order[marks[SAME_DELIVERY, slot]]] != happened:
                        marks[SAME_DELIVERY, slot] = place
                if role & WINDOW and marks[WINDOW_RELEASE, slot] < 0:
                    marks[WINDOW_RELEASE, slot] = place
                if role & JUDGE:
                    marks[WINDOW_BEGINS, slot] = place
                    marks[WINDOW_DELIVERY, slot] = -1
                    marks[WINDOW_RELEASE, slot] = -1

        if general or not counting:
            settle(
                first_row, rows, at, now, judged_at_all, clauses, tables, trouble, working_wanted, counting,
                numbers, instants, outcomes, room,
            )  # fmt: skip
        if counting and (rows >= BATCH or log == len(logs) - 2):
            tally(
                0, rows, at, now, judged_at_all, clauses, tables, trouble, numbers, instants, outcomes, sink
            )
            rows = 0
        if trouble[0]:
            escaped[log] = 1
            trouble[0] = 0
    return rows


@njit(nogil=True, cache=True)
def assign(kinds, bases, starts, columns, begins, answers, codes, class_of, classes, met):
    """Each event's class, by its place among all that the tests of its kind could make: `classes.Assign`."""
    for event in range(len(kinds)):
        kind = kinds[event]
        place = bases[kind]
        for test in range(starts[kind], starts[kind + 1]):
            if answers[begins[test] + codes[columns[test], event if codes.shape[1] > 1 else 0]]:
                place += 1 << (test - starts[kind])
        classes[event] = class_of[place]
        met[place] = 1


@njit(nogil=True, cache=True)
def most(order, logs, classes, starts):
    """How many obligations the events of some logs can open at most, and how many those of one log."""
    found, longest = 0, 0
    for log in range(len(logs) - 1):
        mine = 0
        for place in range(logs[log], logs[log + 1]):
            its_class = classes[order[place]]
            mine += starts[its_class, CLOSING] - starts[its_class, OPENING]
        found += mine
        longest = max(longest, mine)
    return found, longest
