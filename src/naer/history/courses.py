"""A log as courses: pathway, kind, time and municipality alone, in the order of time, whole pathways."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import CANCELLED, effective
from naer.history.follows import Course
from naer.logs import files, read
from naer.logs.store.batch import Batch
from naer.logs.store.tabular import of_parquet

_EVENTS = 1_000_000
"""About so many events in one course."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Courses:
    """A log, read as often as one iterates over it."""

    kinds: Sequence[str]
    municipalities: Sequence[str]
    events: int
    pathways: int
    first: Instant
    last: Instant
    """Of all events; both 0 without events."""
    parts: Sequence[Course] = field(repr=False)

    def __iter__(self) -> Iterator[Course]:
        return iter(self.parts)


def of_log(
    path: Path,
    *,
    zone: ZoneInfo,
    columns: Mapping[str, str] | None = None,
    municipality: str | None = None,
    progress: Progress | None = None,
) -> Courses:
    """The courses of a log file or folder; with a municipality, of the pathways it has a part in.

    An event that names no municipality counts with the one named before it in its pathway, else after it.

    Raises:
        LogError: as :func:`naer.logs.read`.
    """
    found = files.find(path)
    if files.form(found[0]) != "parquet":
        log = read(path, zone=zone, columns=columns, progress=progress)
        return of_events(log.events, municipality=municipality)
    frames = []
    total = sum(file.stat().st_size for file in found)
    before = 0
    number = 1
    for file in found:
        for batch, _, rows in of_parquet(file, zone=zone, columns=columns, first=number):
            frames.append(_narrow(batch))
            number += rows
        before += file.stat().st_size
        if progress is not None:
            progress(before, total)
    return of_frame(pl.concat(frames, how="diagonal_relaxed") if frames else _NOTHING, municipality)


def of_events(events: Iterable[Event], *, municipality: str | None = None) -> Courses:
    """The courses of raw events: corrected, cancelled and repeated ones count once, or not (S3, S4)."""
    log = effective(events).events
    frame = pl.DataFrame(
        {
            "pathway": [event.pathway for event in log],
            "kind": [event.kind for event in log],
            "at": [event.at for event in log],
            "municipality": [event.municipality for event in log],
        },
        schema=_NOTHING.schema,
    )
    return of_frame(frame, municipality)


def of_frame(frame: pl.DataFrame, municipality: str | None = None) -> Courses:
    """The courses of a frame with `pathway`, `kind`, `at`, and perhaps `municipality`, `id` and `changes`."""
    frame = _effective(frame)
    if "municipality" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias("municipality"))
    frame = frame.select(
        pl.col("pathway").rank("dense").cast(pl.Int64), "kind", "at", pl.col("municipality").cast(pl.String)
    ).sort("pathway", "at", maintain_order=True)
    if municipality is not None:
        frame = frame.filter((pl.col("municipality") == municipality).any().over("pathway"))
    if frame["municipality"].null_count() < frame.height:
        told = pl.col("municipality")
        frame = frame.with_columns(told.forward_fill().backward_fill().over("pathway"))
    kinds = frame["kind"].cast(pl.String).unique().sort().to_list()
    places = frame["municipality"].drop_nulls().unique().sort().to_list()
    at = frame["at"].to_numpy()
    kind = frame["kind"].cast(pl.Enum(kinds)).to_physical().cast(pl.Int64).to_numpy()
    place = frame["municipality"].cast(pl.Enum(places)).to_physical().cast(pl.Int64) + 1
    where = place.fill_null(0).to_numpy()
    pathway = frame["pathway"].to_numpy()
    changed = np.flatnonzero(pathway[1:] != pathway[:-1]) + 1
    starts = np.unique(np.concatenate(([0], changed, [len(pathway)]))).astype(np.int64)
    parts = []
    low = 0
    while low < len(starts) - 1:
        high = max(low + 1, int(np.searchsorted(starts, starts[low] + _EVENTS, side="right")) - 1)
        begin, end = starts[low], starts[high]
        parts.append(Course(at[begin:end], kind[begin:end], starts[low : high + 1] - begin, where[begin:end]))
        low = high
    first, last = (int(at.min()), int(at.max())) if len(at) else (0, 0)
    return Courses(kinds, places, len(at), len(starts) - 1, first, last, parts)


_NOTHING = pl.DataFrame(
    schema={"pathway": pl.String, "kind": pl.String, "at": pl.Int64, "municipality": pl.String}
)


def _narrow(batch: Batch) -> pl.DataFrame:
    wanted = ("pathway", "kind", "at", "municipality", "id", "changes")
    texts = [name for name in ("kind", "municipality") if name in batch.frame.columns]
    return batch.frame.select(name for name in wanted if name in batch.frame.columns).with_columns(
        pl.col(texts).cast(pl.String)
    )


def _effective(frame: pl.DataFrame) -> pl.DataFrame:
    """Without repeated ids, without what was cancelled, and with corrections in place of what they correct.

    Of several corrections of one event the last in the frame counts: enough for what follows what.
    """
    if "id" in frame.columns and frame["id"].null_count() < frame.height:
        named = frame.filter(pl.col("id").is_not_null()).unique("id", keep="first", maintain_order=True)
        frame = pl.concat([named, frame.filter(pl.col("id").is_null())])
        if "changes" in frame.columns:
            changing = frame.filter(pl.col("changes").is_not_null())
            frame = frame.join(changing.select(id="changes"), on="id", how="anti")
            frame = pl.concat(
                [
                    frame.filter(pl.col("changes").is_null()),
                    frame.filter(pl.col("changes").is_not_null()).unique(
                        "changes", keep="last", maintain_order=True
                    ),
                ]
            )
    return frame.filter(pl.col("kind") != CANCELLED)
