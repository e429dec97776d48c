"""The logs that a chunk is read as: each pathway alone, or all of a citizen's pathways as one (S28)."""

from functools import lru_cache

import numpy as np

from naer.columnar import merging
from naer.events.chunk import MIXED, Chunk, Ints


def by_pathway(chunk: Chunk, some: Ints | None = None) -> tuple[Ints, Ints]:
    """(order, logs): events as they stand, one log for each pathway, or for each of some, bool[p]."""
    if some is not None:
        sizes = np.diff(chunk.pathways)
        order = np.flatnonzero(np.repeat(some, sizes)).astype(np.int32)
        return order, np.append(0, np.cumsum(sizes[some])).astype(np.int64)
    return _places(1 << len(chunk).bit_length())[: len(chunk)], _plain(chunk.pathways, np.int64)


@lru_cache(maxsize=2)
def _places(most: int) -> Ints:
    """int32: 0, 1, 2 …; never written to, and the same for chunks of about one size."""
    return np.arange(most, dtype=np.int32)


def alone(chunk: Chunk) -> bool:
    """Whether every component is one pathway of one citizen, so that both readings are the same."""
    return len(chunk.components) == len(chunk.pathways) and not (chunk.citizens == MIXED).any()


def by_citizen(chunk: Chunk, classes: Ints, waived: Ints) -> tuple[Ints, Ints]:
    """(order, logs): each citizen's events merged, those alone that have a class or are a waiver."""
    whose = np.zeros(1, np.int32) if chunk.citizen_of_event is None else chunk.citizen_of_event
    ties = np.zeros(1, np.uint32) if chunk.tie is None else chunk.tie
    order, logs = np.empty(len(chunk), np.int32), np.empty(len(chunk) + 1, np.int64)
    count = merging.merge(
        _plain(chunk.components, np.int64),
        _plain(chunk.pathways, np.int64),
        _plain(chunk.citizens, np.int32),
        _plain(whose, np.int32),
        _plain(chunk.at, np.int64),
        _plain(ties, np.uint32),
        classes,
        waived,
        order,
        logs,
        np.empty(len(chunk), np.int64),
        np.empty(len(chunk), np.int32),
    )
    return order[: int(logs[count])], logs[: count + 1]


def _plain(column: Ints, kind: type) -> Ints:
    """The column as compiled code was compiled for it: of one type, whole, writable."""
    return np.require(column, kind, ["C", "A", "W"])
