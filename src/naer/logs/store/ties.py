"""The order of events that have the same time, in one pathway or in several of a citizen (S2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from naer.logs.store import kernels

Places = NDArray[np.int64]
ById = Callable[[Places, Mapping[str, NDArray[Any]]], Places]
"""The order of the events at some places by columns of numbers, then by id."""


def by_id(ids: pl.DataFrame, before: Mapping[str, NDArray[Any]]) -> Places:
    """The order of rows by the columns `before`, then by `id` and `row`: numbers first, then texts (S2)."""
    frame = ids.select([name for name in ("row", "id") if name in ids.columns])
    if "id" in frame.columns and "row" in frame.columns:
        frame = frame.with_columns(pl.when(pl.col("id").is_null()).then(pl.col("row")).alias("row"))
    frame = frame.with_columns(*(pl.Series(name, values) for name, values in before.items()))
    names = [*before, *(name for name in ("id", "row") if name in frame.columns)]
    return frame.select(pl.arg_sort_by(names, nulls_last=False)).to_series().cast(pl.Int64).to_numpy()


def ties(
    at: NDArray[np.int64],
    sent: NDArray[np.int64] | None,
    pathways: NDArray[np.int64],
    components: NDArray[np.int64],
    ordered: ById,
) -> tuple[Places, Places]:
    """Where events of several pathways in a component have the same time: their places, rising, and ranks.

    The rank is the order by (sent, id), from 0, and those of rank 0 are left out. `sent` is when each was
    written (None: when it happened).
    """
    nothing = np.zeros(0, np.int64), np.zeros(0, np.int64)
    meets = kernels.meeting(at[pathways[:-1]], at[pathways[1:] - 1], components)
    if not meets.any():
        return nothing
    count = np.diff(components)
    of_pathway = np.repeat(np.arange(len(count)), count)
    meeting = meets[of_pathway]
    sizes = np.diff(pathways)
    places = np.flatnonzero(np.repeat(meeting, sizes))
    component = np.repeat(of_pathway[meeting], sizes[meeting])
    time = at[places]
    order = np.lexsort((time, component))
    component, time, places = component[order], time[order], places[order]
    begins = np.ones(len(places), bool)
    begins[1:] = (component[1:] != component[:-1]) | (time[1:] != time[:-1])
    starts = np.flatnonzero(begins)
    of_tied = np.searchsorted(pathways, places, side="right")
    tied = np.minimum.reduceat(of_tied, starts) != np.maximum.reduceat(of_tied, starts)
    if not tied.any():
        return nothing
    runs = np.cumsum(begins) - 1
    some = tied[runs]
    places, runs = places[some], runs[some]
    order = ordered(places, {"run": runs, "sent": (at if sent is None else sent)[places]})
    places, runs = places[order], runs[order]
    begin = np.ones(len(runs), bool)
    begin[1:] = runs[1:] != runs[:-1]
    starts = np.flatnonzero(begin)
    rank = np.arange(len(runs)) - np.repeat(starts, np.diff(np.append(starts, len(runs))))
    later = rank > 0
    order = np.argsort(places[later])
    return places[later][order], rank[later][order]
