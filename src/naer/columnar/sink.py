"""Where the kernel counts obligations, in place of writing them as rows."""

from math import prod
from typing import NamedTuple

import numpy as np

from naer.columnar.bundles import BASE, Bundles
from naer.columnar.found import OUTCOMES
from naer.columnar.tally import Cells, Layout
from naer.events.chunk import Ints


class Sink(NamedTuple):
    """The cell of an obligation is told as in `tally.Layout`; without counts nothing is counted.

    What runs alike has one row, and is counted once for each that does.
    """

    counts: Ints
    """int64[cells, 6], by outcome."""
    delivered: Ints
    """int64[1]: how many of the next two are written, the cell and elapsed time of what was delivered."""
    cells: Ints
    """int32[most]"""
    times: Ints
    """int64[most]"""
    versions: Ints
    """int64[1]"""
    starts: Ints
    """As in `Bundles`: by family × versions + version the rows of limits."""
    limits: Ints
    """int64[rows, WIDTH] as in `Bundles`, each with the first part of its cell."""
    column_of: Ints
    """int64[families * versions]: the row of `columns` that the other part is in, -1 for none."""
    columns: Ints
    """int32[c, n]"""


def sink(layout: Layout, bundles: Bundles, versions: int, used: tuple[Ints, Ints]) -> Sink:
    """Counts of nothing yet; `used` are cells and times for as many obligations as may be followed."""
    limits = bundles.limits.copy()
    limits[:, BASE] = layout.bases[bundles.pairs]
    firsts = np.minimum(bundles.starts[:-1], max(0, len(limits) - 1))
    return Sink(
        counts=np.zeros((prod(layout.sizes), len(OUTCOMES)), np.int64),
        delivered=np.zeros(1, np.int64),
        cells=used[0],
        times=used[1],
        versions=np.array([versions], np.int64),
        starts=bundles.starts,
        limits=limits,
        column_of=layout.column_of[bundles.pairs[firsts]] if len(limits) else firsts,
        columns=layout.columns,
    )


def no_sink() -> Sink:
    """Nothing is counted."""
    table, none = np.zeros((0, 1), np.int64), np.zeros(1, np.int64)
    return Sink(table, none, np.zeros(1, np.int32), none, none, none, table, none, np.zeros((0, 1), np.int32))


def counted(sink: Sink, layout: Layout, same: Ints) -> Cells:
    """What was counted; `same` as in `Layout.cells`."""
    delivered = int(sink.delivered[0])
    return layout.cells(sink.counts, sink.cells[:delivered], sink.times[:delivered], same)
