"""Quantiles found by counting are those of the sorted times, however the times are cut into parts (S33)."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.agreement.report import MEDIAN, P90, quantile
from naer.columnar.quantiles import quantiles
from naer.events.instant import HOUR

pytestmark = pytest.mark.statement("S33")

SMALL = st.integers(0, 40)
ANY = st.integers(0, 2**32 - 1)


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.lists(st.one_of(SMALL, ANY), max_size=30), min_size=3, max_size=3), max_size=4),
    st.sampled_from([(np.uint32, 60_000_000), (np.uint32, 1_000_000), (np.int64, 1)]),
)
def test_counted_is_sorted(parts, form):
    """`parts[q][c]` are the times that part q has of cell c."""
    kind, unit = form
    columns = [np.array([time for cell in part for time in cell], kind) for part in parts]
    lengths = np.array([[len(cell) for cell in part] for part in parts], np.int64).reshape(-1, 3)
    begins = np.cumsum(lengths, axis=1) - lengths
    expected = []
    for cell in range(3):
        times = sorted(time * unit for part in parts for time in part[cell])
        expected.append(tuple(_hours(quantile(times, share)) for share in (MEDIAN, P90)))
    assert quantiles(columns, begins, lengths, unit, threads=2) == expected


def test_times_of_a_lifetime_in_microseconds():
    """60 bits, six digits of eleven: the highest are told apart."""
    times = np.array([2**59 + 1, 2**59, 5, 2**59 + 2, 3], np.int64)
    found = quantiles([times], np.zeros((1, 1), np.int64), np.full((1, 1), 5, np.int64), 1, threads=1)
    assert found == [
        (float(Fraction(2**59, HOUR)), _hours(quantile(sorted(times.tolist()), P90))),
    ]


def _hours(microseconds):
    return None if microseconds is None else float(microseconds / HOUR)
