"""Rows of a table as a batch, by whole columns; the meaning is that of :mod:`naer.logs.row`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from naer.logs import columns as column_names
from naer.logs.columns import TEXTS, TIMES, Layout
from naer.logs.error import LogError
from naer.logs.parquet import flat, instant, value
from naer.logs.row import EARLIEST, LATEST, Exclusion
from naer.logs.store.batch import NAMES, Batch, is_whole, json_text
from naer.logs.times import instants

ROWS = 500_000
"""Rows of a Parquet file in one batch, at most."""
_TEXT = (pl.String, pl.Categorical, pl.Enum)


def of_parquet(
    path: Path, *, zone: ZoneInfo, columns: Mapping[str, str] | None = None, first: int = 1, skip: int = 0
) -> Iterator[tuple[Batch, list[Exclusion], int]]:
    """The batches of a Parquet file, what was left out of each, and how many rows of the file each took.

    `first` is the number of the file's first row in the log; the first `skip` batches are not read.

    Raises:
        LogError: no Parquet file, or a broken one; a column not found; a time column of numbers.
    """
    try:
        file = pl.scan_parquet(path, hive_partitioning=False, glob=False)
        total = int(file.select(pl.len()).collect().item())
        for begin in range(skip * ROWS, total, ROWS):
            frame = flat(file.slice(begin, ROWS).collect())
            layout = column_names.find(frame.columns, columns or {}, str(path))
            rows = pl.int_range(first + begin, first + begin + frame.height, eager=True)
            batch, excluded = of_frame(frame, layout, zone, rows, str(path))
            yield batch, excluded, frame.height
    except (pl.exceptions.PolarsError, OSError) as error:
        raise LogError(f"{path}: no Parquet file, or a broken one: {error}") from None


def of_frame(
    frame: pl.DataFrame, layout: Layout, zone: ZoneInfo, rows: pl.Series, where: str
) -> tuple[Batch, list[Exclusion]]:
    """The rows of a flat frame, by their numbers `rows`, as a batch, and the rows that cannot be events.

    Raises:
        LogError: when a time field is a column of numbers.
    """
    left = dict.fromkeys(frame.columns)
    columns: dict[str, pl.Series] = {}
    broken = pl.repeat(False, frame.height, eager=True)
    for field in ("pathway", "kind", "id", *TIMES, *TEXTS):
        found = [name for name in layout.names[field] if name in left]
        if not found:
            continue
        del left[found[0]]
        column = frame.get_column(found[0])
        if field in TIMES:
            columns[field], wrong = _times(column, zone, where)
            broken |= wrong
        else:
            columns[field] = _texts(column, field)
    kept, excluded = _sound(columns, broken, rows)
    ids = columns.get("id")
    if ids is None or ids.has_nulls():
        columns["row"] = rows
    raw = pl.DataFrame(
        {name: column for name, column in columns.items() if column.null_count() < len(column)}
    )
    attributes: dict[str, pl.Series] = {}
    mixed = set()
    for name in left:
        column, json = _attribute(frame.get_column(name))
        attributes[name] = column
        if json:
            mixed.add(name)
    if kept is not None:
        raw = raw.filter(kept)
        attributes = {name: column.filter(kept) for name, column in attributes.items()}
    attributes = {name: column for name, column in attributes.items() if column.null_count() < len(column)}
    if raw.height == 0:
        raw = _EMPTY
    return Batch(raw, attributes, frozenset(mixed & attributes.keys())), excluded


_EMPTY = pl.DataFrame(schema={"row": pl.Int64, "pathway": pl.String, "kind": pl.String, "at": pl.Int64})


def _sound(
    columns: Mapping[str, pl.Series], broken: pl.Series, rows: pl.Series
) -> tuple[pl.Series | None, list[Exclusion]]:
    """Which rows can be events (None: all), and why the others cannot."""
    pathway, kind, at = columns["pathway"], columns["kind"], columns["at"]
    if not (broken.any() or pathway.has_nulls() or kind.has_nulls() or at.has_nulls()):
        return None, []
    untimed = at.is_null() & ~broken
    unreadable = broken | kind.is_null()
    wrong = pathway.is_null() | untimed | unreadable
    excluded = []
    reasons = pl.DataFrame([rows, pathway.cast(pl.String), pathway.is_null(), untimed, unreadable], _REASONS)
    for row, name, *held in reasons.filter(wrong).iter_rows():
        for reason, holds in zip(_REASONS[2:], held, strict=True):
            if holds:
                excluded.append(Exclusion(reason, row, name))
    return ~wrong, excluded


_REASONS = ["row", "pathway", "no pathway", "no time", "unreadable"]


def _texts(column: pl.Series, field: str) -> pl.Series:
    """A column of names or ids; missing where it is empty. Pathways and citizens may stay numbers."""
    if field in ("pathway", "citizen") and is_whole(column.dtype):
        return column
    if field in NAMES and isinstance(column.dtype, pl.Categorical | pl.Enum):
        return column if (column != "").all() else _emptied(column.cast(pl.String))
    column = _values(column)
    if column.dtype == pl.String:
        return _emptied(column)
    if column.dtype.is_integer() or column.dtype == pl.Null:
        return column.cast(pl.String)
    return pl.Series(column.name, [_plain(one) for one in column], dtype=pl.String)


def _times(column: pl.Series, zone: ZoneInfo, where: str) -> tuple[pl.Series, pl.Series]:
    """A column of times as instants, and which of them cannot be read."""
    if column.dtype.is_numeric():
        raise LogError(f"{where}: column {column.name!r} holds numbers, not times; make it a timestamp")
    if column.dtype.is_temporal():
        column = column.to_frame().select(instant(pl.col(column.name), column.dtype, zone)).to_series()
    else:
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        times, read, wrong = instants(column, zone)
        column = pl.Series(column.name, times).set(~pl.Series(read), None)
        broken = pl.Series(wrong)
    else:
        broken = (column < EARLIEST) | (column > LATEST)
    return column, broken.fill_null(False)


def _attribute(column: pl.Series) -> tuple[pl.Series, bool]:
    """A column of attribute values, and whether they are JSON text."""
    if isinstance(column.dtype, pl.Categorical | pl.Enum) and (column != "").all():
        return column, False
    column = _values(column)
    if column.dtype == pl.String:
        return _emptied(column), False
    if column.dtype in (pl.Boolean, pl.Float64, pl.Null) or is_whole(column.dtype):
        return column, False
    texts = [None if one is None else json_text(one) for one in column.to_list()]
    return pl.Series(column.name, texts, dtype=pl.String), True


def _values(column: pl.Series) -> pl.Series:
    return column.to_frame().select(value(pl.col(column.name), column.dtype)).to_series()


def _emptied(column: pl.Series) -> pl.Series:
    empty = column == ""
    return column.set(empty, None) if empty.any() else column


def _plain(one: Any) -> str | None:
    if isinstance(one, bool):
        return "true" if one else "false"
    return None if one is None else str(one) or None
