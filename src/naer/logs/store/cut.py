"""A choice of components of a piece, and where their pathways and events lie."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Offsets = NDArray[np.uint32]
Chosen = NDArray[np.int64] | NDArray[np.bool_] | slice
"""Places, a mask, or those that stand next to each other."""


class Cut:
    """Which components of a piece are wanted, and where their pathways and events lie."""

    def __init__(self, pathways: Offsets, components: Offsets, chosen: Places | None) -> None:
        """Looks only at the offsets of what is wanted.

        Raises:
            ValueError: when those do not rise, or lead beyond the end.
        """
        self.chosen = chosen
        self._pathways: Chosen | None = None
        self._events: Chosen | None = None
        if chosen is None:
            for offsets in (pathways, components):
                _check(offsets[:-1], offsets[1:])
            self.pathways, self.components = pathways.astype(np.int64), components.astype(np.int64)
        else:
            self._pathways, self.components = _chosen(components, chosen, len(components) - 1)
            self._events, self.pathways = _chosen(pathways, self._pathways, len(pathways) - 1)

    @property
    def which_events(self) -> Places | None:
        """The places of the wanted events; None for all."""
        return _places(self._events)

    @property
    def which_pathways(self) -> Places | None:
        """The places of the wanted pathways; None for all."""
        return _places(self._pathways)

    def events[T: np.generic](self, values: NDArray[T]) -> NDArray[T]:
        """Of a column of events, the wanted ones."""
        return values if self._events is None else values[self._events]

    def of_pathways[T: np.generic](self, values: NDArray[T]) -> NDArray[T]:
        """Of a column of pathways, the wanted ones."""
        return values if self._pathways is None else values[self._pathways]


def _places(chosen: Chosen | None) -> Places | None:
    if chosen is None:
        return None
    if isinstance(chosen, slice):
        return np.arange(chosen.start, chosen.stop)
    return np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen.astype(np.int64)


def _chosen(offsets: Offsets, chosen: Chosen, count: int) -> tuple[Chosen, Places]:
    """All that lies in the chosen ranges, and where each range begins among it.

    Places where few are chosen; a mask, which is quicker, where most are, and a slice, which copies nothing,
    for ranges next to each other.
    """
    if not isinstance(chosen, slice) and len(chosen) and _next_to_each_other(chosen):
        chosen = slice(int(chosen[0]), int(chosen[-1]) + 1)
    if isinstance(chosen, slice):
        begins = offsets[chosen.start : chosen.stop + 1].astype(np.int64)
        _check(begins[:-1], begins[1:], offsets[-1])
        return slice(int(begins[0]), int(begins[-1])), begins - begins[0]
    if chosen.dtype != np.bool_ and 2 * len(chosen) > count:
        dense = np.zeros(count, np.bool_)
        dense[chosen] = True
        chosen = dense
    if chosen.dtype == np.bool_:
        _check(offsets[:-1], offsets[1:])
        every = np.diff(offsets)
        mask: NDArray[np.bool_] = np.repeat(chosen.astype(np.bool_), every)
        return mask, _begins(every[chosen])
    starts = offsets[chosen].astype(np.int64)
    ends = offsets[chosen + 1].astype(np.int64)
    _check(starts, ends, offsets[-1])
    sizes = ends - starts
    begins = _begins(sizes)
    return np.arange(begins[-1]) + np.repeat(starts - begins[:-1], sizes), begins


def _check(starts: NDArray[Any], ends: NDArray[Any], last: int | None = None) -> None:
    if (ends < starts).any() or (last is not None and (ends > last).any()):
        raise ValueError("its offsets do not rise")


def _next_to_each_other(chosen: NDArray[np.int64] | NDArray[np.bool_]) -> bool:
    return chosen.dtype != np.bool_ and int(chosen[-1]) - int(chosen[0]) + 1 == len(chosen)


def _begins(sizes: NDArray[Any]) -> Places:
    begins = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, dtype=np.int64, out=begins[1:])
    return begins
