"""Indicators: intervals, funnel, run chart, small numbers. Tables made by hand from the formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naer.indicators.disclosure import covered, hidden
from naer.indicators.funnel import Unit, funnel, limits, standing
from naer.indicators.proportion import LEVELS, wilson
from naer.indicators.run_chart import run_chart


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson(numerator: int, denominator: int, low: float, high: float) -> None:
    assert wilson(numerator, denominator) == pytest.approx((low, high), abs=0.00006)


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 5), (6, 5), (0, 0)])
def test_what_is_no_share_has_no_interval(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(numerator, denominator)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        # centre 0.5, 100 cases: one standard deviation is 0.05, the limits lie 0.098 and 0.1545 away
        (Unit("a", 50, 100), "within"),
        (Unit("a", 59, 100), "within"),
        (Unit("a", 60, 100), "rather high"),
        (Unit("a", 65, 100), "rather high"),
        (Unit("a", 66, 100), "high"),
        (Unit("a", 40, 100), "rather low"),
        (Unit("a", 34, 100), "low"),
        (Unit("a", 1, 1), "within"),
    ],
)
def test_a_unit_stands_where_its_interval_says(unit: Unit, expected: str) -> None:
    assert standing(unit, 0.5) == expected


def test_the_centre_is_the_share_of_all_and_nobody_differs_where_all_are_alike() -> None:
    found = funnel([Unit("large", 90, 100), Unit("small", 0, 20)])
    assert found is not None
    assert found.centre == 0.75
    all_kept = funnel([Unit("large", 1000, 1000), Unit("small", 20, 20)])
    assert all_kept is not None
    assert {standing for _, standing in all_kept.placed} == {"within"}
    assert funnel([]) is None
    assert funnel([Unit("none", 0, 0)]) is None


@given(
    st.integers(1, 3000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    st.floats(0.02, 0.98),
)
def test_a_mark_lies_outside_a_line_exactly_when_its_interval_does(
    counts: tuple[int, int], centre: float
) -> None:
    """Wilson's interval is the inversion of the test that draws the limits."""
    size, numerator = counts
    share = numerator / size
    for level in LEVELS:
        low, high = limits(centre, [size], level)[0]
        if min(abs(share - low), abs(share - high)) < 1e-9:
            continue
        ends = wilson(numerator, size, level)
        assert (share < low) == (ends[1] < centre)
        assert (share > high) == (ends[0] > centre)


@pytest.mark.parametrize(
    ("values", "centre", "signals"),
    [
        ([5], 5, []),
        ([1, 9, 1, 9, 1, 9, 1, 9], 5, []),
        # six above do nothing, seven do
        ([1] * 6 + [3] + [5] * 6, 3, []),
        ([1] * 7 + [3] + [5] * 7, 3, [("below", 0, 6), ("above", 8, 14)]),
        # a point on the median breaks the run
        ([1, 1, 1, 3, 1, 1, 1, 1, 5, 5, 5, 3, 5, 5, 5, 9], 3, []),
        # seven that rise: six steps; an equal step breaks the run
        ([1, 2, 3, 4, 5, 6, 7], 4, [("rising", 0, 6)]),
        ([1, 2, 3, 4, 5, 6, 6], 4, []),
        ([9, 7, 6, 5, 4, 3, 2, 1, 8], 5, [("falling", 0, 7)]),
    ],
)
def test_run_rules(values: list[float], centre: float, signals: list[tuple[str, int, int]]) -> None:
    chart = run_chart(values)
    assert chart is not None
    assert chart.centre == centre
    assert [(one.pattern, one.first, one.last) for one in chart.signals] == signals


def test_fewer_than_twelve_points_are_provisional() -> None:
    few, many = run_chart([1.0] * 11), run_chart([1.0] * 12)
    assert few is not None
    assert many is not None
    assert (few.provisional, many.provisional) == (True, False)
    assert run_chart([]) is None


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"a": 5, "b": 6}, set()),
        ({"a": 0, "b": 6}, set()),
        # one alone would be the rest of the whole: the next smallest goes with it
        ({"a": 4, "b": 6, "c": 9}, {"a", "b"}),
        ({"a": 4, "b": 1, "c": 9}, {"a", "b"}),
        # 2 together can only be 1 and 1
        ({"a": 1, "b": 1, "c": 9, "d": 12}, {"a", "b", "c"}),
        ({"a": 4}, {"a"}),
        ({"a": 4, "b": 0}, {"a"}),
    ],
)
def test_small_groups_are_hidden_so_that_the_whole_does_not_tell_them(
    sizes: dict[str, int], expected: set[str]
) -> None:
    assert hidden(sizes) == expected


@pytest.mark.parametrize(
    ("shares", "gone", "about"),
    [
        ({"a": (5, 10)}, set(), set()),
        ({"a": (0, 20), "b": (20, 20)}, set(), set()),
        ({"a": (2, 15)}, set(), {"a"}),
        ({"a": (118, 120)}, set(), {"a"}),
        # a bound would say next to nothing
        ({"a": (5, 6)}, {"a"}, set()),
        # the whole less the others would tell it: the next smallest is hidden
        ({"a": (118, 120), "b": (90, 100), "c": (50, 100)}, {"b"}, {"a"}),
        ({"a": (117, 120), "b": (97, 100), "c": (50, 100)}, set(), {"a", "b"}),
    ],
)
def test_a_share_does_not_tell_how_few_are_counted_or_are_not(
    shares: dict[str, tuple[int, int]], gone: set[str], about: set[str]
) -> None:
    assert tuple(set(found) for found in covered(shares)) == (gone, about)
