"""The compiled order of rows is the plain one, however few there are and however far apart their keys."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from naer.logs.store import compiled

_rows = st.lists(st.tuples(st.integers(1, 2**64 - 1), st.integers(1, 3), st.integers(0, 3)), min_size=1)


@given(_rows)
@example([(5, 1, 0), (2**64 - 5, 1, 0)])
@settings(deadline=None)
def test_rows_are_ordered_by_key_pathway_and_time(rows):
    key, path, at = (
        np.array(column, kind) for column, kind in zip(zip(*rows, strict=True), "QQq", strict=True)
    )
    found = compiled.order(key, path, at, at)
    plain = np.lexsort((at, path, key))
    for column in (key, path, at):
        assert column[found].tolist() == column[plain].tolist()
