"""What the kernel notes of the log at hand."""

from typing import NamedTuple

import numpy as np

from naer.events.chunk import Ints

WAITS, UNJUDGED_ROWS, FIRST_PLACE, WINDOW_BEGINS, WINDOW_DELIVERY, WINDOW_RELEASE, SAME_DELIVERY = range(7)
"""What is kept of each slot in the log at hand: its latest waiting and unjudged obligation, the place that
`since: first` counts from, and of `before` without `after` (S17) the place where the window begins, the first
delivery and release in it, and the first delivery at the latest delivery's instant. -1 is none."""


class Room(NamedTuple):
    """For c cells, s slots, f families and p clauses with pauses."""

    cells: Ints
    """int32[c]: the place of the latest event of some patterns."""
    marks: Ints
    """int32[7, s]"""
    seen: Ints
    """uint8[f]: whether it has opened."""
    paused: Ints
    """uint8[p]: whether a pause runs."""
    pauses: Ints
    """int64[p]: how many there were."""
    pause_starts: Ints
    """int64[p, events of the longest log + 1]"""
    pause_ends: Ints
    """int64[p, events of the longest log + 1]"""
    opening: Ints
    """int64[2, s + 1]: slots and starts of what the event at hand opens."""
    closing: Ints
    """int64[2, 4 s + 4]: slots that it closes, and how."""


def room(cells: int, slots: int, families: int, pauses: int, longest: int) -> Room:
    """For logs of at most `longest` events."""
    cells, pauses = max(1, cells), max(1, pauses)
    return Room(
        np.empty(cells, np.int32),
        np.empty((7, slots), np.int32),
        np.empty(families, np.uint8),
        np.empty(pauses, np.uint8),
        np.empty(pauses, np.int64),
        np.empty((pauses, longest + 1), np.int64),
        np.empty((pauses, longest + 1), np.int64),
        np.empty((2, slots + 1), np.int64),
        np.empty((2, 4 * slots + 4), np.int64),
    )
