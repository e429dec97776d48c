"""Pathways of one citizen merged into one log, compiled."""

import numpy as np

from naer.jit import njit


@njit(nogil=True, cache=True)
def merge(
    components, pathways, citizens, citizen_of_event, at, ties, classes, waived, order, logs, keys, spare
):
    """Each citizen's events that have a role, by (at, tie); events without citizen stay with their pathway.

    Writes their places to `order` and where logs begin to `logs`; gives the number of logs.
    `keys` and `spare` are room for as many numbers as there are events.
    """
    count, filled = 0, 0
    for one in range(len(components) - 1):
        begin = filled
        alike = True
        first = np.int64(-1)
        for pathway in range(components[one], components[one + 1]):
            whose = citizens[pathway]
            for event in range(pathways[pathway], pathways[pathway + 1]):
                if classes[event] == 0 and (len(waived) == 0 or waived[event] < 0):
                    continue
                key = np.int64(whose)
                if key == -2:
                    key = np.int64(citizen_of_event[event])
                if key < 0:
                    key = np.int64(-2 - pathway)
                if filled == begin:
                    first = key
                elif key != first:
                    alike = False
                keys[event] = key
                order[filled] = event
                filled += 1
        if filled == begin:
            continue
        if components[one + 1] - components[one] > 1 or not alike:
            _sort(order, begin, filled, keys, at, ties, spare)
        for place in range(begin, filled):
            if place == begin or (not alike and keys[order[place]] != keys[order[place - 1]]):
                logs[count] = place
                count += 1
    logs[count] = filled
    return count


@njit(nogil=True, cache=True)
def _after(one, other, keys, at, ties):
    """Whether event `one` belongs after `other`."""
    if keys[one] != keys[other]:
        return keys[one] > keys[other]
    if at[one] != at[other]:
        return at[one] > at[other]
    return len(ties) > 1 and ties[one] > ties[other]


@njit(nogil=True, cache=True)
def _sort(order, begin, end, keys, at, ties, spare):
    """Merge the runs that already stand in order, two and two, until there is one."""
    while True:
        runs = 0
        low = begin
        while low < end:
            middle = low + 1
            while middle < end and not _after(order[middle - 1], order[middle], keys, at, ties):
                middle += 1
            runs += 1
            if middle == end:
                break
            high = middle + 1
            while high < end and not _after(order[high - 1], order[high], keys, at, ties):
                high += 1
            left, right = low, middle
            for place in range(high - low):
                if right >= high or (left < middle and not _after(order[left], order[right], keys, at, ties)):
                    spare[place] = order[left]
                    left += 1
                else:
                    spare[place] = order[right]
                    right += 1
            for place in range(high - low):
                order[low + place] = spare[place]
            low = high
        if runs <= 1:
            return
