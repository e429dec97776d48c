"""Pathways of one citizen merged into one log, compiled."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def merge(components, keys, at, ties, order, logs):
    """Sort the places of each component by (key, at, tie); write where logs begin, give their number."""
    count = 0
    longest = 0
    for one in range(len(components) - 1):
        longest = max(longest, components[one + 1] - components[one])
    spare = np.empty(longest, np.int64)
    for one in range(len(components) - 1):
        begin, end = components[one], components[one + 1]
        _sort(order, begin, end, keys, at, ties, spare)
        for place in range(begin, end):
            if place == begin or keys[order[place]] != keys[order[place - 1]]:
                logs[count] = place
                count += 1
    logs[count] = len(order)
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
