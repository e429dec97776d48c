"""Quantiles after a change are those of the changed column."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.agreement.report import quantile
from naer.columnar import shift
from naer.columnar.shift import both, ranked
from naer.events.instant import HOUR, MINUTE

_times = st.lists(st.integers(0, 12), max_size=30)


@pytest.fixture(params=[True, False], ids=["numba", "numpy"])
def compiled(request, monkeypatch):
    monkeypatch.setattr(shift, "COMPILED", request.param)


@pytest.mark.statement("S33")
@pytest.mark.usefixtures("compiled")
@settings(deadline=None)
@given(_times, _times, st.randoms())
def test_taking_out_and_putting_in_moves_the_ranks(kept, into, rng):
    out = [rng.randint(0, 12) for _ in range(rng.randint(0, 10))]
    left = sorted([*kept, *into])
    base, out, into = (np.array(sorted(one), np.uint32) for one in ([*kept, *out], out, into))
    assert [ranked(base, out, into, rank) for rank in range(len(left))] == left
    median, p90 = (quantile([one * MINUTE for one in left], Fraction(*share)) for share in ((1, 2), (9, 10)))
    expected = tuple(None if one is None else float(one / HOUR) for one in (median, p90))
    assert both(base, out, into, MINUTE) == expected
