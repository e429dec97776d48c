"""Rows of obligations in order, whatever their number: by month on disk first, then month by month."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from naer.columnar.rows import OBLIGATIONS, in_order

ROW_GROUP = 2**17


def ordered(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of all frames by trigger (at, sent, id) and clause, in frames of a month each."""
    frames = (frame for frame in frames if frame.height)
    first, second = next(frames, None), next(frames, None)
    if first is None:
        yield pl.DataFrame(schema=OBLIGATIONS)
        return
    if second is None:
        yield in_order(first)
        return
    with TemporaryDirectory(prefix="naer-") as folder:
        for number, frame in enumerate(chain((first, second), frames)):
            _spill(frame, Path(folder), number)
        for month in sorted(Path(folder).iterdir(), key=lambda path: int(path.name)):
            yield in_order(pl.concat([pl.read_ipc(path) for path in month.iterdir()]))


def _spill(frame: pl.DataFrame, folder: Path, number: int) -> None:
    month = pl.col("triggered_at").dt.year().cast(pl.Int32) * 12 + pl.col("triggered_at").dt.month()
    parts = frame.with_columns(_month=month).partition_by("_month", as_dict=True, include_key=False)
    for (name,), part in parts.items():
        place = folder / str(name)
        place.mkdir(exist_ok=True)
        part.write_ipc(place / f"{number}.arrow")


def write(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    """One Parquet file of frames in order; the same rows give the same file, however they are cut."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    empty = pl.DataFrame(schema=OBLIGATIONS)
    schema = empty.to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(frames, empty):
            table = group.to_arrow(compat_level=pl.CompatLevel.oldest())
            writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)


def _groups(frames: Iterator[pl.DataFrame], rest: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The same rows in frames of ROW_GROUP, the last one shorter."""
    for frame in frames:
        rest = pl.concat([rest, frame])
        whole = rest.height // ROW_GROUP * ROW_GROUP
        for place in range(0, whole, ROW_GROUP):
            yield rest.slice(place, ROW_GROUP)
        rest = rest.slice(whole)
    if rest.height:
        yield rest
