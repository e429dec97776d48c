"""What the kernel writes of each obligation, and how it writes it."""

import numpy as np

from naer.columnar.found import Found
from naer.events.chunk import NONE, Ints

KEPT, LATE, MISSING, OPEN, RELEASED, SUPERSEDED, WAITING, JUDGED, CLOSED = range(9)
"""Outcomes as in `found`; WAITING and JUDGED only while the log is being walked, and of what is plain how it
was closed, from CLOSED on: whether that was in time is asked at the log's end."""

BY_DELIVERY, BY_RELEASE, BY_WAIVER, BY_RESTART = range(4)

SLOT, VERSION, TRIGGERED, CLOSER, BEFORE, UNJUDGED = range(6)
"""Rows of the numbers of an obligation: as in `Found`, then the ones waiting and unjudged before it."""

START, DUE, ELAPSED_TIME, PAUSED, WORKING = range(5)
"""Rows of its instants and lengths: as in `Found`."""

NEVER = 2**63 - 1
"""After everything."""


class Records:
    """Columns for as many obligations as there can be."""

    def __init__(self, most: int, working: bool) -> None:
        self.count = 0
        self.numbers = np.empty((6, most), np.int32)
        self.instants = np.empty((5 if working else 4, most), np.int64)
        self.outcomes = np.empty(most, np.uint8)

    def found(self, left_out: Ints) -> Found:
        """Those that were written."""
        slot, version, trigger, closer = self.numbers[:4, : self.count]
        start, due, elapsed, paused = self.instants[:4, : self.count]
        if len(self.instants) > WORKING:
            working = self.instants[WORKING, : self.count]
        else:
            working = np.full(self.count, NONE, np.int64)
        outcome = self.outcomes[: self.count]
        return Found(slot, version, trigger, closer, outcome, start, due, elapsed, paused, working, left_out)
