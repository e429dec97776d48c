"""Exact quantiles of a large sorted column after a little was taken out of it and a little put in.

Only a few places of the column are looked at, so that it may stay on disk.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from naer.agreement.report import MEDIAN, P90
from naer.columnar.counting import COMPILED
from naer.columnar.quantiles import Quantiles
from naer.events.chunk import Ints
from naer.events.instant import HOUR


def both(base: Ints, out: Ints, into: Ints, unit: int) -> Quantiles:
    """Median and 90th percentile in hours (S33) of `base` less `out` and with `into`, all sorted.

    Times are whole `unit`s (microseconds). Everything in `out` is in `base`.
    """
    return _hours(base, out, into, MEDIAN, unit), _hours(base, out, into, P90, unit)


def _hours(base: Ints, out: Ints, into: Ints, share: Fraction, unit: int) -> float | None:
    count = len(base) - len(out) + len(into)
    if not count:
        return None
    parts = share.denominator
    below, rest = divmod((count - 1) * share.numerator, parts)
    low = ranked(base, out, into, below)
    high = ranked(base, out, into, below + 1) if rest else low
    return (low * parts + (high - low) * rest) * unit / (parts * HOUR)


def ranked(base: Ints, out: Ints, into: Ints, rank: int) -> int:
    """The value of a rank, counted from 0, in `base` less `out` and with `into`.

    It stands in `base` at most as many places before the rank as were put in, and at most as many after
    it as were taken out, or it was put in.
    """
    if not len(out) and not len(into):
        return int(base[rank])
    if COMPILED:
        return int(_ranked(base, out, into, rank))
    near = base[max(0, rank - len(into)) : rank + len(out) + 1]
    values = np.unique(np.concatenate((near.astype(np.int64), into.astype(np.int64))))
    fitting = np.minimum(values, np.iinfo(base.dtype).max).astype(base.dtype)
    upto = (
        np.searchsorted(base, fitting, side="right")
        - np.searchsorted(out, values, side="right")
        + np.searchsorted(into, values, side="right")
    )
    return int(values[np.argmax(upto > rank)])


if COMPILED:
    from naer.jit import njit

    @njit(nogil=True, cache=True)
    def _upto(times: Any, value: int) -> int:
        """How many sorted times are not above a value."""
        low, high = 0, len(times)
        while low < high:
            middle = (low + high) // 2
            if times[middle] <= value:
                low = middle + 1
            else:
                high = middle
        return low

    @njit(nogil=True, cache=True)
    def _ranked(base: Any, out: Any, into: Any, rank: int) -> int:
        """The least value that more than `rank` times are not above."""
        low, high = 0, 0
        if len(base):
            high = max(high, int(base[-1]))
        if len(into):
            high = max(high, int(into[-1]))
        while low < high:
            middle = (low + high) // 2
            if _upto(base, middle) - _upto(out, middle) + _upto(into, middle) > rank:
                high = middle
            else:
                low = middle + 1
        return low
