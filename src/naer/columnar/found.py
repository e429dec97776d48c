"""What a chunk owes: one row for each obligation, as columns of numbers."""

from dataclasses import dataclass, fields

import numpy as np

from naer.events.chunk import Ints

OUTCOMES = ("kept", "late", "missing", "open", "released", "superseded")
"""By code, as in `naer.agreement.report.OUTCOMES`."""
KEPT, LATE, MISSING, OPEN, RELEASED, SUPERSEDED = range(6)

REASONS = ("no version in force", "outside the agreement", "no match value", "start unknown", "after now")
"""Bits of `Found.left_out`, lowest first: why an event opened nothing."""


@dataclass(frozen=True, slots=True)
class Found:
    """m obligations of one chunk, in no particular order, and why triggers opened none."""

    slot: Ints
    """int32[m]: the place in `Plan.slots`, one version of one clause."""
    version: Ints
    """int32[m]: the place in `Plan.versions`, the agreement's version at the trigger."""
    trigger: Ints
    """int32[m]: the trigger's place in the chunk."""
    closer: Ints
    """int32[m]: the place of the event that closed it (delivery, release, ...), -1 while none has."""
    outcome: Ints
    """uint8[m]: a place in OUTCOMES. A `missing` with a closer has ended (S24)."""
    start: Ints
    """int64[m], microseconds."""
    due: Ints
    """int64[m], microseconds; NONE while empty."""
    elapsed: Ints
    """int64[m], microseconds; NONE unless kept or late (S30)."""
    paused: Ints
    """int64[m], microseconds."""
    working: Ints
    """int64[m], microseconds in the clause's calendar; NONE unless kept or late, or not asked for."""
    left_out: Ints
    """uint8[n]: for each event of the chunk the bits of REASONS that hold."""

    def __len__(self) -> int:
        return len(self.slot)


def joined(parts: list[Found]) -> Found:
    """The rows of several findings over the same chunk."""
    if len(parts) == 1:
        return parts[0]
    columns = {
        one.name: np.concatenate([getattr(part, one.name) for part in parts])
        for one in fields(Found)
        if one.name != "left_out"
    }
    return Found(**columns, left_out=np.bitwise_or.reduce([part.left_out for part in parts]))
