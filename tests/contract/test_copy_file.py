"""Rows for COPY are as PostgreSQL's documentation says: read back, they are those of the frame."""

import datetime as dt
from collections.abc import Callable, Iterator

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.demo.large.copy_file import binary
from tests.contract.test_table_file import ROWS, SCHEMA

HEAD = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"


def whole(value: bytes) -> int:
    return int.from_bytes(value, "big", signed=True)


def day(value: bytes) -> dt.date:
    return dt.date(2000, 1, 1) + dt.timedelta(days=whole(value))


READ: tuple[tuple[int, Callable[[bytes], object]], ...] = (
    (0, bytes.decode), (0, bytes), (8, whole), (4, whole), (1, lambda value: bool(whole(value))), (4, day),
)  # fmt: skip
"""How many bytes a value of each column has, 0 for any, and what it means."""


def read(data: bytes) -> Iterator[tuple[object, ...]]:
    """The rows, up to the end of the file."""
    assert data.startswith(HEAD)
    at = len(HEAD)
    while (columns := whole(data[at : at + 2])) != -1:
        assert columns == len(READ)
        at += 2
        row: list[object] = []
        for size, meaning in READ:
            length = whole(data[at : at + 4])
            at += 4
            if length == -1:
                row.append(None)
                continue
            assert length == size or not size
            row.append(meaning(data[at : at + length]))
            at += length
        yield tuple(row)
    assert at + 2 == len(data)


@settings(max_examples=40)
@given(rows=st.lists(ROWS, max_size=30))
def test_every_kind_of_value(rows: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    assert list(read(binary(frame))) == rows
