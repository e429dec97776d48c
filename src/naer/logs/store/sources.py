"""A log file as batches: raw events by columns, the rows that are none, and what was wrong with those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched
from pathlib import Path
from typing import Any
from zlib import error as ZlibError
from zoneinfo import ZoneInfo

import polars as pl

from naer.logs import columns as column_names
from naer.logs.columns import TIMES, Layout
from naer.logs.csv import broken
from naer.logs.error import LogError
from naer.logs.files import Source
from naer.logs.parquet import flat
from naer.logs.read import table_of
from naer.logs.row import Content, Exclusion, Row, as_text
from naer.logs.store.batch import Batch, attribute
from naer.logs.store.sources_csv import blocks, is_utf8
from naer.logs.store.tabular import of_frame, of_parquet
from naer.logs.times import instants

ROWS = 50_000
"""Rows in a batch that is read row by row."""

NO_TIME = "is no time that can be read"
NO_UTF8 = "this is not UTF-8"
"""How :func:`fault` says it."""

_NO_TIME = "no time"


@dataclass(frozen=True, slots=True)
class Taken:
    """Some rows of a file, in order: those that are events, and those that are not."""

    batch: Batch
    excluded: list[Exclusion]
    rows: int
    done: int
    """Bytes of the file that are read so far."""
    content: Callable[[Sequence[int]], Mapping[int, Content]]
    """What stood in some excluded rows, by their numbers."""
    layout: Layout
    columns: Mapping[str, str]
    """Field → the column it is read from."""


def taken(
    path: Path, form: str, *, zone: ZoneInfo, columns: Mapping[str, str], first: int = 1, skip: int = 0
) -> Iterator[Taken]:
    """The batches of one file of format `form`; the same file always gives the same batches.

    `first` is the number of the file's first row in the log (S2). The first `skip` batches are read but
    not given, for a build that goes on. Columns and zone are those of :func:`naer.logs.read`.

    Raises:
        LogError: a column not found, a file broken as a whole.
    """
    if form == "parquet":
        yield from _of_parquet(path, zone, columns, first, skip)
        return
    source = Source(path)
    try:
        if form == "csv" and is_utf8(source):
            found = _of_csv(source, path, zone, columns, first)
        else:
            found = _of_rows(source, path, form, zone, columns, first)
        for number, part in enumerate(found):
            if number >= skip:
                yield part
    except (EOFError, OSError, ZlibError, UnicodeDecodeError) as error:
        raise LogError(f"{path}: the file is broken or cannot be opened: {error}") from None
    finally:
        source.close()


def _of_parquet(
    path: Path, zone: ZoneInfo, columns: Mapping[str, str], first: int, skip: int
) -> Iterator[Taken]:
    size = path.stat().st_size
    schema = pl.scan_parquet(path, hive_partitioning=False, glob=False)
    try:
        total = schema.select(pl.len()).collect().item()
        names = flat(schema.head(0).collect()).columns
        layout = column_names.find(names, columns, str(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise LogError(f"{path}: no Parquet file, or a broken one: {error}") from None
    number = 0

    def content(rows: Sequence[int]) -> Mapping[int, Content]:
        index = pl.Series([row - first for row in rows], dtype=pl.UInt32)
        frame = flat(schema.with_row_index("\0row").filter(pl.col("\0row").is_in(index.implode())).collect())
        return {row.pop("\0row") + first: row for row in frame.iter_rows(named=True)}

    for batch, excluded, rows in of_parquet(path, zone=zone, columns=columns, first=first, skip=skip):
        number += rows
        done = size * number // max(total, 1)
        yield Taken(batch, excluded, rows, done, content, layout, layout.used(names))


def _of_csv(
    source: Source, path: Path, zone: ZoneInfo, columns: Mapping[str, str], first: int
) -> Iterator[Taken]:
    for block in blocks(source, path):
        layout = column_names.find(block.frame.columns, columns, str(path))
        numbers = block.numbers + (first - 1)
        batch, excluded = of_frame(block.frame, layout, zone, numbers, str(path))
        broken = {number + first - 1: line for number, line in block.broken}
        excluded += [Exclusion("unreadable", number, None) for number in broken]
        excluded.sort(key=lambda one: one.row)
        frame = block.frame

        def content(
            rows: Sequence[int],
            frame: pl.DataFrame = frame,
            numbers: pl.Series = numbers,
            broken: Mapping[int, str] = broken,
        ) -> Mapping[int, Content]:
            among = numbers.is_in(pl.Series(rows, dtype=pl.Int64).implode())
            held = zip(numbers.filter(among), frame.filter(among).iter_rows(named=True), strict=True)
            return dict(held) | {row: broken[row] for row in rows if row in broken}

        used = layout.used(frame.columns)
        yield Taken(batch, excluded, block.rows, source.done, content, layout, used)


def _of_rows(
    source: Source, path: Path, form: str, zone: ZoneInfo, columns: Mapping[str, str], first: int
) -> Iterator[Taken]:
    table = table_of(form, source, zone)
    if form == "xes":
        layout = column_names.in_xes(columns)
    else:
        layout = column_names.find(table.names, columns, str(path))
    for chunk in batched(table.rows(layout), ROWS, strict=False):
        batch, excluded = _of_chunk(chunk, layout, zone, first)

        def content(
            rows: Sequence[int], start: int = first, whole: Sequence[Content] = chunk
        ) -> Mapping[int, Content]:
            return {row: whole[row - start] for row in rows}

        used = layout.used(table.names)
        yield Taken(batch, excluded, len(chunk), source.done, content, layout, used)
        first += len(chunk)
    if form == "xes" and table.names:
        wanted = {"kind", "at", *(name for name, column in columns.items() if column)}
        column_names.require(sorted(wanted), layout.names, table.names, str(path))


def _of_chunk(
    rows: Sequence[Content], layout: Layout, zone: ZoneInfo, first: int
) -> tuple[Batch, list[Exclusion]]:
    """Rows numbered from `first` as columns; the meaning is that of :mod:`naer.logs.row`."""
    sound = [(number, row) for number, row in enumerate(rows, first) if not isinstance(row, str)]
    excluded = [
        Exclusion("unreadable", number, None)
        for number, row in enumerate(rows, first)
        if isinstance(row, str)
    ]
    fields = {
        field: _field([_taken(row, names) for _, row in sound], field in TIMES)
        for field, names in layout.names.items()
        if names
    }
    numbers = pl.Series([number for number, _ in sound], dtype=pl.Int64)
    plain = Layout({field: (field,) if field in fields else () for field in column_names.FIELDS})
    batch, left_out = of_frame(pl.DataFrame(fields), plain, zone, numbers, "")
    out = {one.row for one in left_out}
    consumed = {name for names in layout.names.values() for name in names}
    kept = [row for number, row in sound if number not in out]
    names = [name for name in dict.fromkeys(name for row in kept for name in row) if name not in consumed]
    columns = {}
    for name in names:
        values = [row.get(name) for row in kept]
        columns[name] = attribute([None if value == "" else value for value in values])
    found = {name: column for name, (column, _) in columns.items() if column.null_count() < len(column)}
    mixed = frozenset(name for name in found if columns[name][1])
    return replace(batch, attributes=found, mixed=mixed), sorted(excluded + left_out, key=lambda one: one.row)


def _taken(row: Row, names: Sequence[str]) -> Any:
    """The value of the first of these columns that has one."""
    if len(names) == 1:
        return row.get(names[0])
    return next((value for name in names if (value := row.get(name)) not in (None, "")), None)


def _field(values: Sequence[Any], is_time: bool) -> pl.Series:
    """A column of text; what is no text becomes its plain text, or in a column of times what is no time."""
    if all(value is None or type(value) is str for value in values):
        return pl.Series(values, dtype=pl.String)
    texts = [
        value if value is None or isinstance(value, str) else _NO_TIME if is_time else as_text(value)
        for value in values
    ]
    return pl.Series(texts, dtype=pl.String)


def fault(content: Content | None, layout: Layout, zone: ZoneInfo) -> str:
    """What is wrong with a row, for people; without what it says, which may be somebody's."""
    if isinstance(content, str) and broken(content):
        return f"{NO_UTF8}; save the file as UTF-8"
    if content is None or isinstance(content, str):
        return "this is no row of the format: too many or too few cells, an open quote, no JSON object"
    wrong = []
    for field in ("pathway", "kind", "at"):
        if all(content.get(name) in (None, "") for name in layout.names[field]):
            wrong.append(f"{' / '.join(layout.names[field])} is empty")
    for field in TIMES:
        for name in layout.names[field]:
            value: Any = content.get(name)
            if isinstance(value, bool | int | float) or (
                isinstance(value, str) and value.strip() and not _is_time(value, zone)
            ):
                wrong.append(f"{name} {NO_TIME}")
    return "; ".join(wrong) or "a time is blank or outside the years 1 to 9999"


def _is_time(text: str, zone: ZoneInfo) -> bool:
    _, read, _ = instants(pl.Series([text]), zone)
    return bool(read[0])
