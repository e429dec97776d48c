"""The times that clocks start from, as columns: when an event was sent, received, or what it names (S11)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np

from naer.agreement.opening import written_time
from naer.columnar.parameters import Time
from naer.events.chunk import NONE, Chunk, Coded, Ints


def starting_times(chunk: Chunk, wanted: Sequence[Time], zone: ZoneInfo) -> Ints:
    """int64[times, n]: `at` first, then each time that is wanted; NONE where an event has none."""
    rows = [np.asarray(chunk.at, np.int64)]
    if not wanted:
        return np.ascontiguousarray(rows[0]).reshape(1, -1)
    for what, name in wanted:
        if what == "sent":
            sent = chunk.sent
            rows.append(rows[0] if sent is None else np.where(sent == NONE, rows[0], sent))
        elif what == "received":
            rows.append(_missing(chunk) if chunk.received is None else chunk.received)
        else:
            column = chunk.coded(name)
            rows.append(_missing(chunk) if column is None else _written(column, zone))
    return np.ascontiguousarray(np.stack(rows), np.int64)


def _missing(chunk: Chunk) -> Ints:
    return np.full(len(chunk), NONE, np.int64)


def _written(column: Coded, zone: ZoneInfo) -> Ints:
    times = [written_time(value, zone) for value in column.values]
    table = np.array([NONE, *(NONE if time is None else time for time in times)], np.int64)
    return np.asarray(table[column.codes])
