"""Rows of a build on their way: parted by the leading bits of their keys, in memory or on disk.

Each spilled file holds the rows of some batches, in 256 parts one after the other, so that a range of
keys is read from every file without the rest of it.
"""

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


def write(parted: Parted, path: Path) -> Parted:
    """Put rows on disk; the file is there whole or not at all."""
    assert isinstance(parted.rows, pl.DataFrame)
    table = parted.rows.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    draft = path.with_suffix(".draft")
    with pa.OSFile(str(draft), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
        for begin, end in zip(parted.begins[:-1].tolist(), parted.begins[1:].tolist(), strict=True):
            piece = table.slice(begin, end - begin).combine_chunks().to_batches()
            writer.write_batch(piece[0] if piece else pa.RecordBatch.from_pylist([], table.schema))
    os.replace(draft, path)
    return Parted(parted.begins, path)
