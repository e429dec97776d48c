"""Quantiles after a change are those of the changed column."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naer.agreement.report import quantile
from naer.columnar import shift
from naer.columnar.shift import shifted
from naer.events.instant import HOUR, MINUTE, SECOND

_times = st.lists(st.integers(0, 12), max_size=30)


@pytest.fixture(params=[True, False], ids=["numba", "numpy"])
def compiled(request, monkeypatch):
    monkeypatch.setattr(shift, "COMPILED", request.param)


@pytest.mark.statement("S33")
@pytest.mark.usefixtures("compiled")
@given(
    st.lists(st.tuples(_times, _times, _times), max_size=4),
    st.sampled_from([(np.uint32, MINUTE), (np.int64, SECOND)]),
)
def test_taking_out_and_putting_in_moves_the_quantiles(cells, of):
    form, unit = of
    parts = [([*kept, *out], out, into) for kept, out, into in cells]
    times = [np.array([one for cell in parts for one in sorted(cell[part])], form) for part in range(3)]
    lengths = np.array([[len(cell[part]) for cell in parts] for part in range(3)], np.int64)
    lengths = lengths.reshape(3, len(cells))
    begins = np.cumsum(lengths, axis=1) - lengths
    expected = []
    for kept, _, into in cells:
        left = sorted(one * unit for one in (*kept, *into))
        found = [quantile(left, Fraction(*share)) for share in ((1, 2), (9, 10))]
        expected.append(tuple(None if one is None else float(one / HOUR) for one in found))
    assert shifted(times, begins, lengths, unit) == expected
