"""Exact quantiles of times that lie in several parts, found by counting: nothing is joined or sorted.

A time is looked at from its highest bits down. Counting how many have which leading bits tells which of them
the wanted rank has; the next bits are then counted among those alone. Times of 23 bits, ten years in minutes,
are read twice.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np

from naer.agreement.report import MEDIAN, P90
from naer.columnar.counting import COMPILED
from naer.events.chunk import Ints
from naer.events.instant import HOUR

Quantiles = tuple[float | None, float | None]

_SHARES = 16
"""Into so many portions the work is cut."""
_DIGIT = 11
"""Bits that are counted at a time: the counts of all ranks fit into the nearest cache."""
_RANKS = 4
"""The two ranks beside the median and the two beside the 90th percentile."""


def quantiles(times: Sequence[Ints], begins: Ints, lengths: Ints, unit: int, threads: int) -> list[Quantiles]:
    """Median and 90th percentile in hours of each of k cells (S33); (None, None) of an empty one.

    `times` are p columns of one type, uint32 or int64, of whole `unit`s (microseconds), none negative. The
    times of cell c are `times[q][begins[q, c] : begins[q, c] + lengths[q, c]]` of every part q; cells that
    have the same are counted once.
    """
    runs = np.concatenate((begins, lengths)).T.copy()
    known: dict[bytes, int] = {}
    which = [known.setdefault(run.tobytes(), len(known)) for run in runs]
    if len(known) < len(which):
        _, firsts = np.unique(which, return_index=True)
        found = quantiles(times, begins[:, firsts], lengths[:, firsts], unit, threads)
        return [found[one] for one in which]
    counts = lengths.sum(axis=0, dtype=np.int64)
    ranks, rests = ranks_of(counts)
    values = np.zeros((len(counts), _RANKS), np.int64)
    ends = np.cumsum(counts)
    shares = np.searchsorted(ends, np.arange(1, _SHARES) * (int(ends[-1]) if len(ends) else 0) / _SHARES)
    cuts = [0, *sorted(set(shares.tolist())), len(counts)]

    def some(first: int, last: int) -> None:
        select(times, begins[:, first:last], lengths[:, first:last], ranks[first:last], values[first:last])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, cuts[:-1], cuts[1:]))
    return in_hours(counts, values, rests, unit)


def in_hours(counts: Ints, values: Ints, rests: Ints, unit: int) -> list[Quantiles]:
    """The quantiles of k cells from what stands at the ranks of `ranks_of`, int64[k, 4] of `unit`s."""
    there = np.flatnonzero(counts)
    found: list[Quantiles] = [(None, None)] * len(counts)
    columns = []
    for number, share in enumerate((MEDIAN, P90)):
        low, high = values[there, 2 * number], values[there, 2 * number + 1]
        parts = share.denominator
        above = ((low * parts + (high - low) * rests[there, number]) * unit).tolist()
        columns.append([one / (parts * HOUR) for one in above])
    for place, median, p90 in zip(there.tolist(), *columns, strict=True):
        found[place] = (median, p90)
    return found


def ranks_of(counts: Ints) -> tuple[Ints, Ints]:
    """int64[k, 4]: the ranks on both sides of each quantile; int64[k, 2]: what lies beyond the lower one."""
    ranks = np.zeros((len(counts), _RANKS), np.int64)
    rests = np.zeros((len(counts), 2), np.int64)
    shares: tuple[Fraction, ...] = (MEDIAN, P90)
    for number, share in enumerate(shares):
        below, rest = np.divmod((np.maximum(counts, 1) - 1) * share.numerator, share.denominator)
        ranks[:, 2 * number], ranks[:, 2 * number + 1] = below, below + (rest > 0)
        rests[:, number] = rest
    return ranks, rests


def select(times: Sequence[Ints], begins: Ints, lengths: Ints, ranks: Ints, values: Ints) -> None:
    """Write into `values` the times of `ranks`, counted from 0, of each cell that is not empty."""
    if COMPILED and len(times):
        addresses = np.array([column.ctypes.data for column in times], np.int64)
        runs = (np.ascontiguousarray(one, np.int64) for one in (begins, lengths))
        counts, room = np.empty((_RANKS, 1 << _DIGIT), np.int64), np.empty((3, _RANKS), np.int64)
        _select(addresses, times[0][:0], *runs, ranks, counts, room, values)
        return
    for cell in np.flatnonzero(lengths.sum(axis=0)):
        parts = zip(times, begins[:, cell].tolist(), lengths[:, cell].tolist(), strict=True)
        whole = np.concatenate([column[begin : begin + length] for column, begin, length in parts])
        whole.partition(np.unique(ranks[cell]))
        values[cell] = whole[ranks[cell]]


if COMPILED:
    from naer.columnar.borrowing import pointer
    from naer.jit import carray, njit

    @njit(counting=True, nogil=True, cache=True)
    def _select(
        addresses: Any, like: Any, begins: Any, lengths: Any, ranks: Any, counts: Any, room: Any, values: Any
    ) -> None:
        prefixes, left, table = room[0], room[1], room[2]
        for cell in range(len(ranks)):
            highest = np.int64(-1)
            for part in range(len(addresses)):
                start = addresses[part] + like.itemsize * begins[part, cell]
                for value in carray(pointer(start), (lengths[part, cell],), like.dtype):
                    highest = max(highest, np.int64(value))
            if highest < 0:
                continue
            above = 0
            while highest >> above:
                above += 1
            for rank in range(_RANKS):
                prefixes[rank], left[rank] = 0, ranks[cell, rank]
            while True:
                shift = max(0, above - _DIGIT)
                different = 0
                for rank in range(_RANKS):
                    table[rank] = different
                    for other in range(rank):
                        if prefixes[other] == prefixes[rank]:
                            table[rank] = table[other]
                            break
                    if table[rank] == different:
                        different += 1
                counts[:different] = 0
                for part in range(len(addresses)):
                    start = addresses[part] + like.itemsize * begins[part, cell]
                    for value in carray(pointer(start), (lengths[part, cell],), like.dtype):
                        prefix = np.int64(value) >> above
                        for rank in range(_RANKS):
                            if prefix == prefixes[rank]:
                                digit = (np.int64(value) >> shift) & ((1 << (above - shift)) - 1)
                                counts[table[rank], digit] += 1
                                break
                for rank in range(_RANKS):
                    wanted = 0
                    while left[rank] >= counts[table[rank], wanted]:
                        left[rank] -= counts[table[rank], wanted]
                        wanted += 1
                    prefixes[rank] = (prefixes[rank] << (above - shift)) | wanted
                above = shift
                if above == 0:
                    break
            for rank in range(_RANKS):
                values[cell, rank] = prefixes[rank]
