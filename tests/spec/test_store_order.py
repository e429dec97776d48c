"""The compiled order of rows is the plain one, however few there are and however far apart their keys."""

import itertools

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from naer.logs.store import compiled, kernels

_rows = st.lists(st.tuples(st.integers(1, 2**64 - 1), st.integers(1, 3), st.integers(0, 3)), min_size=1)


@given(_rows)
@example([(5, 1, 0), (2**64 - 5, 1, 0)])
def test_rows_are_ordered_by_key_pathway_and_time(rows):
    key, path, at = (
        np.array(column, kind) for column, kind in zip(zip(*rows, strict=True), "QQq", strict=True)
    )
    places, *found = kernels.order(key, path, at, None)
    plain = np.lexsort((at, path, key))
    assert sorted(places.tolist()) == list(range(len(key)))
    for column, ordered in zip((key, path, at), found, strict=True):
        assert column[places].tolist() == column[plain].tolist() == ordered.tolist()


@given(st.lists(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 3)), min_size=1), min_size=1))
def test_pathways_of_a_component_that_overlap_are_found(components):
    spans = [span for component in components for span in component]
    first, length = np.array(spans, np.int64).T
    ends = np.cumsum([0, *map(len, components)])
    meets = [
        any(
            one[0] <= sum(other) and other[0] <= sum(one)
            for one, other in itertools.combinations(component, 2)
        )
        for component in components
    ]
    found = np.empty(len(components), bool)
    compiled.meeting(first.copy(), first + length, ends, found)
    assert found.tolist() == meets
