"""An SQLite file whose pages we lay down is one that SQLite finds whole, with the rows of the frames."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.demo.large import table_file

SCHEMA = {
    "text": pl.String, "bytes": pl.Binary, "whole": pl.Int64, "small": pl.Int32, "yes": pl.Boolean,
    "day": pl.Date,
}  # fmt: skip
ROWS = st.tuples(
    st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=90),
    st.none() | st.binary(max_size=40),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.booleans(),
    st.none() | st.dates(),
)


@contextmanager
def opened(path: Path, frames: dict[str, pl.DataFrame]) -> Iterator[sqlite3.Connection]:
    path.unlink(missing_ok=True)
    table_file.write(path, frames)
    connection = sqlite3.connect(path)
    yield connection
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@settings(max_examples=40)
@given(rows=st.lists(ROWS, max_size=30))
def test_every_kind_of_value(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]
) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    stored = [(*row[:5], row[5].isoformat() if isinstance(row[5], dt.date) else None) for row in rows]
    path = tmp_path_factory.getbasetemp() / "values.sqlite3"
    with opened(path, {"a": frame, "none": frame[:0], "b": frame.select("whole")}) as connection:
        assert connection.execute("SELECT * FROM a ORDER BY rowid").fetchall() == stored
        assert connection.execute("SELECT * FROM none").fetchall() == []
        assert connection.execute("SELECT whole FROM b").fetchall() == [row[2:3] for row in stored]


def test_many_pages(tmp_path: Path) -> None:
    """Rows that end exactly at the end of a page, and lengths that take one byte or two to say."""
    frame = pl.DataFrame({"text": ["æ" * (number % 151) for number in range(70_000)]})
    with opened(tmp_path / "a", {"a": frame, "b": frame[:5]}) as connection:
        found = connection.execute("SELECT rowid, text FROM a ORDER BY rowid").fetchall()
        assert found == list(enumerate(frame["text"].to_list(), 1))
        assert connection.execute("SELECT text FROM a WHERE rowid = 69999").fetchone() == found[69_998][1:]
        assert connection.execute("SELECT count(*) FROM b").fetchone() == (5,)
