"""Parquet: typed columns; times are read in whole numbers, never through floats.

Times in nanoseconds are cut off to microseconds (S1), milliseconds and dates lose nothing; a column
without a zone is local time. Times, dates and durations that are attributes become ISO text, decimals
text, bytes the text they are (else hexadecimal), and structs are flattened (`a.b`).
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import polars as pl

from naer.logs.columns import TIMES, Layout
from naer.logs.error import LogError
from naer.logs.files import Source
from naer.logs.row import EARLIEST, Row
from naer.logs.times import local_instants

_BATCH = 50_000
_HOUR = 3_600_000_000


class ParquetTable:
    """One Parquet file."""

    instants = True

    def __init__(self, source: Source, zone: ZoneInfo) -> None:
        try:
            frame = pl.read_parquet(source.path, hive_partitioning=False, glob=False)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise LogError(f"{source.path}: no Parquet file, or a broken one: {error}") from None
        self._frame = frame = flat(frame)
        self._zone = zone
        self._path = source.path
        self.names = frame.columns

    def rows(self, layout: Layout, /) -> Iterator[Row]:
        """Each row as column → value; time fields as instants.

        Raises:
            LogError: when a time field is a column of numbers.
        """
        times = {name for field in TIMES for name in layout.names[field]}
        wanted = []
        for name, kind in self._frame.schema.items():
            column = pl.col(name)
            if name in times:
                if kind.is_numeric():
                    raise LogError(
                        f"{self._path}: column {name!r} holds numbers, not times; make it a timestamp"
                    )
                wanted.append(
                    instant(column, kind, self._zone) if kind.is_temporal() else column.cast(pl.String)
                )
            else:
                wanted.append(value(column, kind))
        for part in self._frame.iter_slices(_BATCH):
            yield from part.select(wanted).iter_rows(named=True)


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without structs: their fields are columns, `a.b`; those of `attributes` by their own name."""
    while structs := [name for name, kind in frame.schema.items() if isinstance(kind, pl.Struct)]:
        for name in structs:
            frame = _unnested(frame, name)
    return frame


def _unnested(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    prefix = "" if name == "attributes" else f"{name}."
    inner = frame.get_column(name).struct.unnest()
    taken = set(frame.columns) - {name}
    inner = inner.rename({key: prefix + key for key in inner.columns})
    return frame.drop(name).hstack(inner.select([key for key in inner.columns if key not in taken]))


def _microseconds(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Whole microseconds since the epoch of a date or datetime column, on its own clock."""
    if isinstance(kind, pl.Date):
        return column.cast(pl.Int32).cast(pl.Int64) * (24 * _HOUR)
    assert isinstance(kind, pl.Datetime)
    number = column.cast(pl.Int64)
    if kind.time_unit == "ns":
        return number // 1000
    return number * 1000 if kind.time_unit == "ms" else number


def instant(column: pl.Expr, kind: pl.DataType, zone: ZoneInfo) -> pl.Expr:
    """A time column as instants (Int64); text stays text, null is no time (S1)."""
    if not isinstance(kind, pl.Date | pl.Datetime):
        return column.cast(pl.String)
    number = _microseconds(column, kind)
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        return number
    return number.map_batches(lambda clock: _local(clock, zone), return_dtype=pl.Int64)


def _local(clock: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Local clock times as instants; one that has none is given one that no log may have."""
    found, there = local_instants(clock.fill_null(0).to_numpy(), zone)
    found[~there] = EARLIEST - 1
    return pl.Series(clock.name, found).set(clock.is_null(), None)


def value(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Any other column as texts, numbers, truth values or lists of these."""
    if isinstance(kind, pl.Datetime):
        shown = _microseconds(column, kind).cast(pl.Datetime("us")).dt.to_string("%Y-%m-%dT%H:%M:%S%.6f")
        return shown + pl.lit("Z" if kind.time_zone is not None else "")
    if isinstance(kind, pl.Date):
        return column.dt.to_string("%Y-%m-%d")
    if isinstance(kind, pl.Duration):
        return column.dt.to_string("iso")
    if isinstance(kind, pl.Binary):
        return column.map_batches(_text_of_bytes, return_dtype=pl.String)
    if kind.is_float():
        return column.cast(pl.Float64).fill_nan(None)
    if isinstance(kind, (pl.String, pl.Boolean, pl.Null, pl.List, pl.Array)) or kind.is_integer():
        return column
    return column.cast(pl.String)


def _text_of_bytes(column: pl.Series) -> pl.Series:
    return pl.Series(column.name, [None if one is None else _decoded(one) for one in column], dtype=pl.String)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
