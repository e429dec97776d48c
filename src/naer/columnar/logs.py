"""The logs that a chunk is read as: each pathway alone, or all of a citizen's pathways as one (S28)."""

import numpy as np

from naer.columnar import merging
from naer.events.chunk import MIXED, Chunk, Ints


def by_pathway(chunk: Chunk) -> tuple[Ints, Ints]:
    """(order, logs): events as they stand, one log for each pathway."""
    return np.arange(len(chunk), dtype=np.int64), np.asarray(chunk.pathways, np.int64)


def alone(chunk: Chunk) -> bool:
    """Whether every component is one pathway of one citizen, so that both readings are the same."""
    return len(chunk.components) == len(chunk.pathways) and not (chunk.citizens == MIXED).any()


def by_citizen(chunk: Chunk) -> tuple[Ints, Ints]:
    """(order, logs): each citizen's events merged; events without citizen stay with their pathway."""
    size = len(chunk)
    lengths = np.diff(chunk.pathways)
    whose = np.repeat(np.asarray(chunk.citizens, np.int64), lengths)
    if chunk.citizen_of_event is not None:
        whose = np.where(whose == MIXED, chunk.citizen_of_event, whose)
    pathway = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    keys = np.where(whose < 0, -2 - pathway, whose)
    ties = np.zeros(1, np.uint32) if chunk.tie is None else np.asarray(chunk.tie, np.uint32)
    order, logs = np.arange(size, dtype=np.int64), np.empty(size + 1, np.int64)
    events = np.asarray(chunk.pathways, np.int64)[np.asarray(chunk.components, np.int64)]
    count = merging.merge(events, keys, np.asarray(chunk.at, np.int64), ties, order, logs)
    return order, logs[: count + 1].copy()
