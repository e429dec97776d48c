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
from naer.history.follows import Course, Ints
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
        _category("pathway").to_physical(), _category("kind"), "at", _category("municipality")
    ).sort("pathway", "at", maintain_order=True)
    at = frame["at"].to_numpy()
    kind, kinds = _codes(frame["kind"])
    named, places = _codes(frame["municipality"])
    pathway = frame["pathway"].to_numpy()
    changed = np.flatnonzero(pathway[1:] != pathway[:-1]) + 1
    starts = np.unique(np.concatenate(([0], changed, [len(pathway)]))).astype(np.int64)
    where = _filled(named + 1, starts)
    if municipality is not None:
        code = places.index(municipality) + 1 if municipality in places else -1
        at, kind, where, starts = _only(code, at, kind, where, starts)
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


def _category(name: str) -> pl.Expr:
    column = pl.col(name)
    return column.cast(pl.String).cast(pl.Categorical)


def _codes(column: pl.Series) -> tuple[Ints, list[str]]:
    """The places of a categorical column's values in their sorted list, -1 where there is none."""
    different = column.drop_nulls().unique()
    values = different.cast(pl.String).sort().to_list()
    if not values:
        return np.full(len(column), -1, np.int64), values
    held = different.to_physical().to_numpy()
    place = np.full(int(held.max()) + 2, -1, np.int64)
    place[held] = [values.index(value) for value in different.cast(pl.String).to_list()]
    codes = column.to_physical().cast(pl.Int64).fill_null(len(place) - 1).to_numpy()
    return place[codes], values


def _filled(codes: Ints, starts: Ints) -> Ints:
    """Codes of sorted events, a missing one (0) taken from before it in its pathway, else from after it."""
    places = np.arange(len(codes))
    begin = np.repeat(starts[:-1], np.diff(starts))
    end = np.repeat(starts[1:], np.diff(starts))
    before = np.maximum.accumulate(np.where(codes > 0, places, -1))
    after = np.minimum.accumulate(np.where(codes > 0, places, len(codes))[::-1])[::-1]
    from_after = np.where(after < end, codes[np.minimum(after, len(codes) - 1)], 0) if len(codes) else codes
    return np.where(before >= begin, codes[before], from_after).astype(np.int64)


def _only(code: int, at: Ints, kind: Ints, where: Ints, starts: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The pathways that have an event of this municipality."""
    sizes = np.diff(starts)
    within = np.zeros(len(sizes), np.bool_)
    within[np.repeat(np.arange(len(sizes)), sizes)[where == code]] = True
    rows = np.repeat(within, sizes)
    return at[rows], kind[rows], where[rows], np.concatenate(([0], np.cumsum(sizes[within])))


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
