"""Obligations of the reference evaluator as columns, for tests of what is made from columns."""

from collections.abc import Sequence

import numpy as np

from naer.agreement.obligation import Obligation
from naer.columnar.found import LATE, OUTCOMES, Found
from naer.columnar.plan import Plan
from naer.events.chunk import NONE, Chunk


def found(plan: Plan, chunk: Chunk, obligations: Sequence[Obligation]) -> Found:
    """What a driver finds in the chunk when it finds exactly these obligations."""
    assert chunk.naming
    place = {name: number for number, name in enumerate(chunk.naming().ids)}
    slots, versions = [], []
    for one in obligations:
        version = next(n for n, agreement in enumerate(plan.versions) if agreement.version == one.version)
        slot = next(
            by_version[version]
            for family, by_version in zip(plan.families, plan.slot_of, strict=True)
            if family.clause == one.clause and by_version[version] >= 0
        )
        slots.append(slot)
        versions.append(version)
    outcome = np.array([OUTCOMES.index(one.outcome) for one in obligations], np.uint8)
    columns = {
        "slot": np.array(slots, np.int32),
        "version": np.array(versions, np.int32),
        "trigger": np.array([place[one.trigger.id] for one in obligations], np.int32),
        "closer": np.array(
            [place[one.closed_by.id] if one.closed_by else -1 for one in obligations], np.int32
        ),
        "outcome": outcome,
        "start": np.array([one.start for one in obligations], np.int64),
        "due": _times([one.due for one in obligations]),
        "elapsed": _times([one.elapsed for one in obligations]),
        "paused": np.array([one.paused for one in obligations], np.int64),
        "working": _times([one.working for one in obligations]),
    }
    assert ((columns["elapsed"] == NONE) == (outcome > LATE)).all()
    return Found(**columns, left_out=np.zeros(len(chunk), np.uint8))


def _times(values: Sequence[int | None]) -> np.ndarray:
    return np.array([NONE if value is None else value for value in values], np.int64)
