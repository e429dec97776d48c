"""A log as courses: pathway, kind, time and municipality alone, in the order of time, whole pathways."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from naer.events.event import Event
from naer.events.instant import Instant
from naer.events.log import CANCELLED, effective
from naer.history.follows import Course, Ints
from naer.logs import files
from naer.logs.store import manifest
from naer.logs.store.batch import Batch
from naer.logs.store.section import Section
from naer.logs.store.sources import taken
from naer.logs.store.store import Store

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
    parts: Sequence[Callable[[], Course]] = field(repr=False)

    def __iter__(self) -> Iterator[Course]:
        return (part() for part in self.parts)


def of_log(
    path: Path,
    *,
    zone: ZoneInfo,
    columns: Mapping[str, str] | None = None,
    municipality: str | None = None,
    progress: Progress | None = None,
) -> Courses:
    """The courses of a log store, or of a log file or folder; with a municipality, of its pathways alone.

    An event that names no municipality counts with the one named before it in its pathway, else after it.

    Raises:
        LogError: as :func:`naer.logs.read`.
    """
    if (path / manifest.NAME).is_file():
        return of_store(Store.open(path), municipality=municipality, progress=progress)
    found = files.find(path)
    form = files.form(found[0])
    total = sum(file.stat().st_size for file in found)
    frames, before, rows = [_NOTHING], 0, 0
    for file in found:
        for part in taken(file, form, zone=zone, columns=columns or {}, first=rows + 1):
            frames.append(_narrow(part.batch))
            rows += part.rows
            if progress is not None:
                progress(before + part.done, total)
        before += file.stat().st_size
    return of_frame(pl.concat(frames, how="diagonal_relaxed"), municipality)


def of_store(store: Store, *, municipality: str | None = None, progress: Progress | None = None) -> Courses:
    """The courses of a log store, a section at a time, so that memory is bounded by it."""
    kinds = {kind: number for number, kind in enumerate(store.kinds)}
    places = {place: number for number, place in enumerate(store.municipalities, 1)}
    parts = [partial(_course, section, kinds, places, municipality) for section in store.sections]
    events = pathways = 0
    spans = []
    for number, part in enumerate(parts, 1):
        course = part()
        events += len(course.at)
        pathways += len(course.starts) - 1
        if len(course.at):
            spans += [int(course.at.min()), int(course.at.max())]
        if progress is not None:
            progress(number, len(parts))
    first, last = (min(spans), max(spans)) if spans else (0, 0)
    return Courses(list(kinds), list(places), events, pathways, first, last, parts)


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
    course = Course(at, kind, starts, _filled(named + 1, starts))
    if municipality is not None:
        course = _only(places.index(municipality) + 1 if municipality in places else -1, course)
    first, last = (int(course.at.min()), int(course.at.max())) if len(course.at) else (0, 0)
    parts = [partial(_part, course, low, high) for low, high in _cuts(course.starts)]
    return Courses(kinds, places, len(course.at), len(course.starts) - 1, first, last, parts)


_NOTHING = pl.DataFrame(
    schema={"pathway": pl.String, "kind": pl.String, "at": pl.Int64, "municipality": pl.String}
)


def _course(
    section: Section, kinds: Mapping[str, int], places: Mapping[str, int], municipality: str | None
) -> Course:
    """One section of a store, with the codes of the whole store."""
    chunk = section.load(frozenset({"municipality"}))
    kind_of = np.array([kinds[kind] for kind in chunk.kinds], np.int64)
    where = np.zeros(len(chunk), np.int64)
    if chunk.municipality is not None:
        place_of = np.array([0, *(places[str(place)] for place in chunk.municipality.values)], np.int64)
        where = place_of[chunk.municipality.codes]
    starts = chunk.pathways.astype(np.int64)
    course = Course(chunk.at, kind_of[chunk.kind], starts, _filled(where, starts))
    return course if municipality is None else _only(places.get(municipality, -1), course)


def _cuts(starts: Ints) -> Iterator[tuple[int, int]]:
    """Pathways from … to, so that each part has about so many events as is good for it."""
    low = 0
    while low < len(starts) - 1:
        high = max(low + 1, int(np.searchsorted(starts, starts[low] + _EVENTS, side="right")) - 1)
        yield low, high
        low = high


def _part(course: Course, low: int, high: int) -> Course:
    begin, end = course.starts[low], course.starts[high]
    starts = course.starts[low : high + 1] - begin
    return Course(course.at[begin:end], course.kind[begin:end], starts, course.municipality[begin:end])


def _category(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).cast(pl.Categorical)


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
    if not len(codes):
        return codes
    places = np.arange(len(codes))
    begin = np.repeat(starts[:-1], np.diff(starts))
    end = np.repeat(starts[1:], np.diff(starts))
    before = np.maximum.accumulate(np.where(codes > 0, places, -1))
    after = np.minimum.accumulate(np.where(codes > 0, places, len(codes))[::-1])[::-1]
    from_after = np.where(after < end, codes[np.minimum(after, len(codes) - 1)], 0)
    return np.where(before >= begin, codes[before], from_after).astype(np.int64)


def _only(code: int, course: Course) -> Course:
    """The pathways that have an event of this municipality."""
    sizes = np.diff(course.starts)
    within = np.zeros(len(sizes), np.bool_)
    within[np.repeat(np.arange(len(sizes)), sizes)[course.municipality == code]] = True
    rows = np.repeat(within, sizes)
    starts = np.concatenate(([0], np.cumsum(sizes[within]))).astype(np.int64)
    return Course(course.at[rows], course.kind[rows], starts, course.municipality[rows])


def _narrow(batch: Batch) -> pl.DataFrame:
    wanted = ("pathway", "kind", "at", "municipality", "id", "changes")
    return batch.frame.select(
        pl.col(name) if name == "at" else pl.col(name).cast(pl.String)
        for name in wanted
        if name in batch.frame.columns
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
            last = frame.filter(pl.col("changes").is_not_null())
            last = last.unique("changes", keep="last", maintain_order=True)
            frame = pl.concat([frame.filter(pl.col("changes").is_null()), last])
    return frame.filter(pl.col("kind") != CANCELLED)
