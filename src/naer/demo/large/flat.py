"""Texts and bytes of a column as one array, for what lays rows down itself."""

import numpy as np
import polars as pl

from naer.events.chunk import Ints


def flat(column: pl.Series) -> tuple[np.ndarray, Ints]:
    """uint8: the values (UTF-8) one after the other; int64[n]: the length of each, 0 where there is none."""
    if column.dtype == pl.String:
        data, lengths = column.str.join("").item().encode(), column.str.len_bytes()
    else:
        data, lengths = b"".join(column.drop_nulls().to_list()), column.bin.size()
    return np.frombuffer(data, np.uint8), lengths.fill_null(0).to_numpy().astype(np.int64)
