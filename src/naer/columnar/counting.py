"""Counting obligations by cell, and putting their elapsed times in order of the cells.

With numba one pass each; without it the same by numpy, several times slower.
"""

from typing import Any

import numpy as np

from naer.columnar.found import OUTCOMES
from naer.events.chunk import Ints
from naer.events.instant import MINUTE, SECOND

try:
    from naer.jit import njit

    COMPILED = True
except ImportError:
    COMPILED = False

_LARGEST = 2**32


def counted(cell: Ints, outcome: Ints, cells: int) -> Ints:
    """int64[cells, 6]: how many obligations of each outcome are in each cell."""
    if COMPILED:
        counts = np.zeros(cells * len(OUTCOMES), np.int64)
        _count(cell, outcome, counts)
    else:
        counts = np.bincount(cell * len(OUTCOMES) + outcome, minlength=cells * len(OUTCOMES))
    return np.asarray(counts.reshape(cells, len(OUTCOMES)))


def unit_of(elapsed: Ints) -> int:
    """The largest of a minute, a second and a microsecond that divides every elapsed time.

    Minutes and seconds only where the times then fit into 32 bits.
    """
    if COMPILED:
        return int(_unit(elapsed))
    for unit in (MINUTE, SECOND):
        if not (elapsed % unit).any() and not (elapsed // unit >= _LARGEST).any():
            return int(unit)
    return 1


def by_cell(cell: Ints, elapsed: Ints, begins: Ints, unit: int) -> Ints:
    """Elapsed times of some cells in whole `unit`s, cell after cell: those of each begin at its `begins`.

    uint32[d], int64 when unit is 1.
    """
    form: Any = np.int64 if unit == 1 else np.uint32
    if not COMPILED:
        order = np.argsort(begins[cell], kind="stable")
        return np.asarray((elapsed[order] // unit).astype(form))
    found, place = np.empty(len(elapsed), form), begins.copy()
    if unit == MINUTE:
        _put_minutes(cell, elapsed, place, found)
    elif unit == SECOND:
        _put_seconds(cell, elapsed, place, found)
    else:
        _put(cell, elapsed, place, found)
    return found


def latest_named(
    pathways: Ints,
    kind: Ints,
    sends: Ints,
    organisation: tuple[Ints, Ints, Ints],
    towns: Ints,
    organisations: Ints | None,
    municipalities: Ints | None,
) -> Ints:
    """int32[n]: the latest name in the pathway up to each event; only with numba.

    Tables: whether a kind's sender has the role; of an organisation its name, whether it has the role,
    whether the kind decides; of a municipality its name. Then the two columns of codes.
    """
    codes = np.zeros(len(kind), np.int32)
    nothing = np.zeros(0, np.uint8)
    of, in_ = (nothing if one is None else one for one in (organisations, municipalities))
    _name(pathways, kind, sends, *organisation, towns, of, in_, codes)
    return codes


def copied(source: Ints, begins: Ints, lengths: Ints, target: Ints, places: Ints) -> None:
    """Copy runs of `source` into `target`, each to its place."""
    if COMPILED:
        _copy(source, begins, lengths, target, places)
        return
    inside = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    target[np.repeat(places, lengths) + inside] = source[np.repeat(begins, lengths) + inside]


if COMPILED:

    @njit(nogil=True, cache=True)
    def _count(cell: Any, outcome: Any, counts: Any) -> None:
        for i in range(len(cell)):
            counts[cell[i] * 6 + outcome[i]] += 1

    @njit(nogil=True, cache=True)
    def _unit(elapsed: Any) -> int:
        place = 0
        for i in range(len(elapsed)):
            if elapsed[i] % 60_000_000 or elapsed[i] >= 60_000_000 << 32:
                break
            place += 1
        if place == len(elapsed):
            return 60_000_000
        for i in range(len(elapsed)):
            if elapsed[i] % 1_000_000 or elapsed[i] >= 1_000_000 << 32:
                return 1
        return 1_000_000

    @njit(nogil=True, cache=True)
    def _put_minutes(cell: Any, elapsed: Any, place: Any, found: Any) -> None:
        for i in range(len(cell)):
            found[place[cell[i]]] = elapsed[i] // 60_000_000
            place[cell[i]] += 1

    @njit(nogil=True, cache=True)
    def _put_seconds(cell: Any, elapsed: Any, place: Any, found: Any) -> None:
        for i in range(len(cell)):
            found[place[cell[i]]] = elapsed[i] // 1_000_000
            place[cell[i]] += 1

    @njit(nogil=True, cache=True)
    def _put(cell: Any, elapsed: Any, place: Any, found: Any) -> None:
        for i in range(len(cell)):
            found[place[cell[i]]] = elapsed[i]
            place[cell[i]] += 1

    @njit(nogil=True, cache=True)
    def _copy(source: Any, begins: Any, lengths: Any, target: Any, places: Any) -> None:
        for k in range(len(begins)):
            for i in range(lengths[k]):
                target[places[k] + i] = source[begins[k] + i]

    @njit(nogil=True, cache=True)
    def _name(
        pathways: Any, kind: Any, sends: Any, keys: Any, certain: Any, perhaps: Any, towns: Any,
        organisations: Any, municipalities: Any, codes: Any,
    ) -> None:  # fmt: skip
        for p in range(len(pathways) - 1):
            latest = 0
            for i in range(pathways[p], pathways[p + 1]):
                own = 0
                if len(municipalities):
                    own = towns[municipalities[i]]
                if len(organisations):
                    code = organisations[i]
                    if certain[code] or (perhaps[code] and sends[kind[i]]):
                        own = keys[code]
                if own:
                    latest = own
                codes[i] = latest
