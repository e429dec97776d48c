"""Rows of a build on their way: parted by the leading bits of their keys, in memory or on disk.

Each spilled file holds the rows of some batches, in 256 parts one after the other, so that a range of
keys is read from every file without the rest of it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray

from naer.logs.error import LogError
from naer.logs.store.batch import NAMES
from naer.logs.store.rows import keys

PARTS = 256
_SHIFT = np.uint64(56)


@dataclass(frozen=True, slots=True)
class Parted:
    """Rows in the order of their parts: in memory, or in a file with one record batch for each part."""

    begins: NDArray[np.int64]
    """int64[PARTS + 1]."""
    rows: pl.DataFrame | Path

    def read(self, low: int, high: int, columns: Sequence[str] | None = None) -> list[pl.DataFrame]:
        """The rows of the parts from `low` up to, not including, `high`; of `columns` those it has."""
        if self.begins[low] == self.begins[high]:
            return []
        if isinstance(self.rows, pl.DataFrame):
            part = self.rows.slice(int(self.begins[low]), int(self.begins[high] - self.begins[low]))
            return [part if columns is None else part.select([n for n in columns if n in part.columns])]
        options = None
        try:
            with pa.OSFile(str(self.rows)) as data:
                schema = pa.ipc.open_file(data).schema
                if columns is not None:
                    wanted = [place for place, name in enumerate(schema.names) if name in columns]
                    options = pa.ipc.IpcReadOptions(included_fields=wanted)
                reader = pa.ipc.open_file(data, options=options)
                table = pa.Table.from_batches([reader.get_batch(part) for part in range(low, high)])
        except (OSError, pa.ArrowException) as error:
            raise LogError(f"{self.rows}: the unfinished build is damaged; delete it: {error}") from None
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return [frame]


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows of several batches together; what one of them has not is missing there."""
    together = pl.concat(frames, how="diagonal", rechunk=True)
    coded = [name for name in NAMES if name in together.columns and together[name].has_nulls()]
    return together.with_columns(pl.col(coded).fill_null(0)) if coded else together


def part(rows: pl.DataFrame, key: NDArray[np.uint64] | None = None) -> Parted:
    """Rows in the order of the parts of their keys."""
    parts = ((keys(rows) if key is None else key) >> _SHIFT).astype(np.uint8)
    begins = np.zeros(PARTS + 1, np.int64)
    np.cumsum(np.bincount(parts, minlength=PARTS), out=begins[1:])
    return Parted(begins, rows[np.argsort(parts, kind="stable")])


def write(several: Sequence[Parted], path: Path) -> Parted:
    """Put rows of some batches on disk together; the file is there whole or not at all."""
    tables = _alike([one.rows for one in several if isinstance(one.rows, pl.DataFrame)])
    schema = tables[0].schema
    begins = [one.begins.tolist() for one in several]
    draft = path.with_suffix(".draft")
    with pa.OSFile(str(draft), "wb") as out, pa.ipc.new_file(out, schema) as writer:
        for number in range(PARTS):
            slices = [
                table.slice(begin[number], begin[number + 1] - begin[number])
                for table, begin in zip(tables, begins, strict=True)
            ]
            found = pa.concat_tables(slices).combine_chunks().to_batches()
            writer.write_batch(found[0] if found else pa.RecordBatch.from_pylist([], schema))
    os.replace(draft, path)
    return Parted(np.sum([one.begins for one in several], axis=0), path)


def _alike(frames: Sequence[pl.DataFrame]) -> list[pa.Table]:
    """Frames as Arrow tables with all columns that any of them has."""
    empty = joined([frame.clear() for frame in frames])
    coded = [name for name in NAMES if name in empty.columns]
    tables = []
    for frame in frames:
        whole = pl.concat([empty, frame], how="diagonal", rechunk=True).select(empty.columns)
        tables.append(whole.with_columns(pl.col(coded).fill_null(0)).to_arrow())
    return tables
