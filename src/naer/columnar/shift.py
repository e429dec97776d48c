"""Exact quantiles of large sorted columns after a little was taken out of them and a little put in.

Only a few places of a column are looked at, so that it may stay on disk.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from naer.columnar.counting import COMPILED
from naer.columnar.quantiles import Quantiles, in_hours, ranks_of
from naer.events.chunk import Ints


def shifted(times: Sequence[Ints], begins: Ints, lengths: Ints, unit: int) -> list[Quantiles]:
    """Median and 90th percentile in hours (S33) of each of k cells: a base less what is out with what is in.

    `times` are those three, of one type, in whole `unit`s (microseconds); the times of cell c in part q are
    `times[q][begins[q, c] : begins[q, c] + lengths[q, c]]`, sorted. What is out of a cell is in its base.
    """
    counts = lengths[0] - lengths[1] + lengths[2]
    ranks, rests = ranks_of(counts)
    values = np.zeros(ranks.shape, np.int64)
    if COMPILED:
        runs = (np.ascontiguousarray(one, np.int64) for one in (begins, lengths))
        _select(*(_fixed(column) for column in times), *runs, ranks, values)
    else:
        for cell in np.flatnonzero(counts):
            runs_of = zip(times, begins[:, cell].tolist(), lengths[:, cell].tolist(), strict=True)
            parts = [column[begin : begin + length] for column, begin, length in runs_of]
            values[cell] = [_ranked(parts, rank) for rank in ranks[cell].tolist()]
    return in_hours(counts, values, rests, unit)


def _ranked(parts: Sequence[Ints], rank: int) -> int:
    """The value of a rank, counted from 0, in a base less what is out with what is in.

    It stands in the base at most as many places before the rank as were put in, and at most as many after
    it as were taken out, or it was put in.
    """
    base, out, into = parts
    near = base[max(0, rank - len(into)) : rank + len(out) + 1]
    values = np.unique(np.concatenate((near, into)))
    upto = (
        np.searchsorted(base, values, side="right")
        - np.searchsorted(out, values, side="right")
        + np.searchsorted(into, values, side="right")
    )
    return int(values[np.argmax(upto > rank)])


def _fixed(column: Ints) -> Ints:
    """Not to be written to, mapped or not: so the loop is compiled once for all."""
    column = np.asarray(column).view()
    column.flags.writeable = False
    return column


if COMPILED:
    from naer.jit import njit

    @njit(nogil=True, cache=True)
    def _select(base: Any, out: Any, into: Any, begins: Any, lengths: Any, ranks: Any, values: Any) -> None:
        """Write the value of each rank of each cell with any: the least that enough are not above."""
        for cell in range(len(ranks)):
            first, gone, come = begins[0, cell], begins[1, cell], begins[2, cell]
            count, less, more = lengths[0, cell], lengths[1, cell], lengths[2, cell]
            if count - less + more == 0:
                continue
            for place in range(ranks.shape[1]):
                rank = ranks[cell, place]
                low, high = np.int64(0), np.int64(0)
                if rank - more >= 0:
                    low = np.int64(base[first + rank - more])
                if rank + less < count:
                    high = np.int64(base[first + rank + less])
                else:
                    if count:
                        high = np.int64(base[first + count - 1])
                    if more:
                        high = max(high, np.int64(into[come + more - 1]))
                while low < high:
                    middle = (low + high) // 2
                    upto = _upto(base, first, count, middle) - _upto(out, gone, less, middle)
                    if upto + _upto(into, come, more, middle) > rank:
                        high = middle
                    else:
                        low = middle + 1
                values[cell, place] = low

    @njit(nogil=True, cache=True)
    def _upto(times: Any, begin: int, length: int, value: int) -> int:
        """How many of a run of sorted times are not above a value."""
        low, high = begin, begin + length
        while low < high:
            middle = (low + high) // 2
            if np.int64(times[middle]) <= value:
                low = middle + 1
            else:
                high = middle
        return low - begin
