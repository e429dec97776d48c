"""What a large region is made of."""

import datetime as dt
from dataclasses import dataclass

from naer.events.instant import Instant

CITIZENS = 10_000
"""In one block."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a region is made of; the same plan makes the same region."""

    seed: int
    citizens: int
    today: dt.date
    now: Instant
    running: float
    """Share of citizens whose course began within `courses.LATELY`."""

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return -(-self.citizens // CITIZENS)

    def citizens_of(self, block: int) -> int:
        """How many citizens the block of that number (from 0) has."""
        return min(CITIZENS, self.citizens - block * CITIZENS)
