"""A synthetic national history of hospital stays, as a feed and sorted: the same for the same size and seed.

Citizens have several stays over ten years, a fifth of them back within a month; each stay has a chain of
messages, some twice, some before what asks for them. Made by numpy in blocks of citizens, so that memory
is bounded by a block, whatever the size. The *feed* holds the events in the order in which they would
have arrived (a delay of hours after they happened), the *sorted* log by citizen, pathway and time.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Reals = NDArray[np.floating]
Marks = NDArray[np.bool_]

BEGIN = 1_420_070_400  # 2015-01-01T00:00Z, seconds
TEN_YEARS = 3_653 * 86_400
END = BEGIN + TEN_YEARS
"""What had not happened by then is not in the log."""
MUNICIPALITIES = [str(number) for number in range(101, 199)]
KINDS = (
    "admitted", "admission_report", "care_forecast", "ready_for_discharge", "municipality_answer",
    "discharged", "discharge_report", "epicrisis", "rehabilitation_plan", "rehabilitation_contact",
    "home_visit", "leave_started", "leave_ended", "died",
)  # fmt: skip
_CITIZENS = 100_000
"""In one block; about three million events."""
_PART = 3_000_000
"""Events in one file, about."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class National:
    """Where a history lies, and what it holds."""

    feed: Path
    """Folder of Parquet files in order of arrival."""
    sorted: Path
    """The same events by citizen, pathway, time."""
    day: Path
    """One more Parquet file: events of a day that follows, of citizens known and new."""
    events: int
    stays: int
    citizens: int


def write(
    events: int, folder: Path, seed: int = 2026, progress: Callable[[int, int], None] | None = None
) -> National:
    """Write about `events` events (whole citizens, never fewer) into `folder`, unless they are there."""
    described = folder / "history.json"
    if not described.exists():
        shutil.rmtree(folder, ignore_errors=True)
        counts = _write(events, folder, seed, progress)
        described.write_text(json.dumps(counts))
    return National(
        folder / "feed", folder / "sorted", folder / "day.parquet", **json.loads(described.read_text())
    )


def _write(
    events: int, folder: Path, seed: int, progress: Callable[[int, int], None] | None
) -> dict[str, int]:
    for name in ("feed", "sorted", "arriving"):
        (folder / name).mkdir(parents=True)
    parts = max(1, events // _PART)
    edges = np.linspace(BEGIN, END, parts + 1)[1:-1].astype(np.int64)
    written, stays, citizens = 0, 0, 0
    for number, block in enumerate(_blocks(seed, events)):
        frame = block.frame
        _save(frame.drop("arrived"), folder / "sorted" / f"{number:05}.parquet")
        place = np.searchsorted(edges, frame["arrived"].to_numpy(), side="right")
        for (part,), piece in frame.with_columns(part=place).partition_by("part", as_dict=True).items():
            piece.drop("part").write_ipc(folder / "arriving" / f"{part:05}-{number:05}.arrow")
        written, stays, citizens = written + len(frame), stays + block.stays, citizens + block.citizens
        if progress is not None:
            progress(min(written, events), 2 * events)
    done = 0
    for part in range(parts):
        pieces = sorted((folder / "arriving").glob(f"{part:05}-*.arrow"))
        if pieces:
            arrived = pl.concat([pl.read_ipc(piece) for piece in pieces])
            arrived = arrived.sort("arrived", "pathway", "at").drop("arrived")
            _save(arrived, folder / "feed" / f"{part:05}.parquet")
            done += len(arrived)
        if progress is not None:
            progress(events + min(done, events), 2 * events)
    shutil.rmtree(folder / "arriving")
    _save(_next_day(seed, citizens, max(100, min(100_000, written // 1000))), folder / "day.parquet")
    return {"events": written, "stays": stays, "citizens": citizens}


def _save(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=500_000)


@dataclass(frozen=True, slots=True)
class _Block:
    frame: pl.DataFrame
    """pathway, citizen, kind, at, municipality, arrived (seconds); by citizen, pathway, time."""
    stays: int
    citizens: int


def _blocks(seed: int, events: int) -> Iterator[_Block]:
    """Blocks of citizens, the last one cut after the citizen with whom there are enough events."""
    made = stays = citizens = number = 0
    while made < events:
        block = _block(np.random.default_rng([seed, number]), citizens, stays, _CITIZENS)
        if made + len(block.frame) > events:
            last = block.frame["citizen"][events - made - 1]
            kept = block.frame.filter(pl.col("citizen") <= last)
            block = _Block(kept, kept["pathway"].n_unique(), last - citizens)
        yield block
        made, stays = made + len(block.frame), stays + block.stays
        citizens, number = citizens + block.citizens, number + 1


def _block(rng: np.random.Generator, before: int, stays_before: int, count: int) -> _Block:
    """The stays of `count` citizens; citizens and stays are numbered on from what was before."""
    owner, admitted, length, last = _stays(rng, count)
    discharged = admitted + length
    home = _weighted(np.random.default_rng(7), len(MUNICIPALITIES))
    lives = rng.choice(len(MUNICIPALITIES), count, p=home)[owner]
    moved = rng.random(len(owner)) < 0.02
    municipality = np.where(moved, rng.integers(0, len(MUNICIPALITIES), len(owner)), lives)
    stay, kind, at = _events(rng, admitted, discharged, length, last)
    # Two events of a stay never share an instant; peers need not settle that (S23).
    order = np.lexsort((at, stay))
    stay, kind, at = stay[order], kind[order], at[order]
    delay = (rng.exponential(6 * _HOUR, len(at))).astype(np.int64)
    frame = pl.DataFrame(
        {
            "pathway": stay + (stays_before + 1),
            "citizen": owner[stay] + (before + 1),
            "kind": _named(kind, KINDS),
            "at": pl.Series(at * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "municipality": _named(municipality[stay], MUNICIPALITIES),
            "arrived": at + delay,
        }
    )
    return _Block(frame, len(owner), count)


def _stays(rng: np.random.Generator, count: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Owner, admission and length in seconds (whole minutes), and how it ended: 1 died there, 2 after it."""
    several = rng.geometric(0.3, count).clip(1, 20)
    owner = np.repeat(np.arange(count), several)
    total = len(owner)
    length = _minutes(rng.lognormal(1.0, 0.9, total) * _DAY) + _HOUR
    soon = rng.random(total) < 0.2
    gap = _HOUR + _minutes(np.where(soon, rng.random(total) * 30, rng.exponential(500, total)) * _DAY)
    first = np.cumsum(several) - several
    through = np.cumsum(length + gap) - (length + gap)
    admitted = _minutes(rng.random(count) * TEN_YEARS)[owner] + through - through[first][owner] + BEGIN
    chance = rng.random(total)
    last = np.where(chance < 0.02, 1, np.where(chance < 0.04, 2, 0))
    died = np.cumsum(last > 0) - (last > 0)
    alive = died == died[first][owner]
    kept = alive & (admitted < END)
    return owner[kept], admitted[kept], length[kept], last[kept]


def _events(
    rng: np.random.Generator, admitted: Ints, discharged: Ints, length: Ints, last: Ints
) -> tuple[Ints, Ints, Ints]:
    """Stay, kind, seconds. Each row below is a whole minute plus its own second."""
    total = len(admitted)
    stays, kinds, times = [], [], []
    ended = np.where(last == 1, discharged, discharged + _minutes(rng.random(total) * 40 * _DAY))
    ended = np.where(last > 0, ended, 2**62)

    def some(
        kind: str, chance: float, around: Ints, within: Ints | Reals | float, also: Marks | bool = True
    ) -> None:
        there = (rng.random(total) < chance) & also & (around <= ended)
        at = around + _minutes(rng.random(total) * within)
        there &= (at < ended) & (at < END)
        stays.append(np.flatnonzero(there))
        kinds.append(np.full(len(stays[-1]), KINDS.index(kind)))
        times.append(at[there] + len(stays))

    left = last != 1
    ready = discharged - np.minimum(_minutes(rng.exponential(18 * _HOUR, total)), length - _HOUR)
    declared = rng.random(total) < 0.7
    leave = (rng.random(total) < 0.1) & (length > _DAY)
    planned = left & (rng.random(total) < 0.4)
    some("admitted", 1, admitted, 0)
    some("admission_report", 0.05, admitted - 2 * _DAY, 2 * _DAY)
    some("admission_report", 0.85, admitted, 36 * _HOUR)
    some("admission_report", 0.15, admitted, 5 * _DAY)
    some("care_forecast", 0.65, admitted, 0.6 * length)
    some("ready_for_discharge", 1, ready, 0, declared)
    some("municipality_answer", 0.1, admitted, 0.5 * length)
    some("municipality_answer", 0.75, ready, 8 * _HOUR, declared)
    some("discharged", 1, discharged, 0, left)
    some("discharge_report", 0.1, discharged - 5 * _HOUR, 4 * _HOUR, left)
    some("discharge_report", 0.8, discharged, 16 * _HOUR, left)
    some("epicrisis", 0.9, discharged, 5 * _DAY, left)
    some("rehabilitation_plan", 1, discharged - _HOUR, 0, planned)
    some("rehabilitation_contact", 0.85, discharged, 12 * _DAY, planned)
    some("rehabilitation_contact", 0.4, discharged, 20 * _DAY, planned)
    some("home_visit", 0.05, admitted, 0.9 * length)
    some("home_visit", 0.5, discharged, 14 * _DAY, left)
    some("home_visit", 0.3, discharged, 28 * _DAY, left)
    some("leave_started", 1, admitted + length // 180 * 60, 0, leave)
    some("leave_ended", 1, admitted + length // 120 * 60, 0, leave)
    dead = np.flatnonzero((last > 0) & (ended < END))
    stays.append(dead)
    kinds.append(np.full(len(dead), KINDS.index("died")))
    times.append(ended[dead] + len(stays))
    return np.concatenate(stays), np.concatenate(kinds), np.concatenate(times)


def _next_day(seed: int, citizens: int, count: int) -> pl.DataFrame:
    """`count` admissions and home visits on the first day after the ten years, of citizens known and new."""
    rng = np.random.default_rng([seed, 2**32 - 1])
    citizen = rng.integers(1, citizens + citizens // 10 + 2, count)
    at = END + rng.integers(0, 86_400, count)
    return pl.DataFrame(
        {
            "pathway": 10**12 + np.arange(count),
            "citizen": citizen,
            "kind": _named(np.where(rng.random(count) < 0.5, 0, KINDS.index("home_visit")), KINDS),
            "at": pl.Series(at * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "municipality": _named(rng.integers(0, len(MUNICIPALITIES), count), MUNICIPALITIES),
        }
    ).sort("at", "pathway")


def _minutes(seconds: NDArray[np.float64]) -> Ints:
    return seconds.astype(np.int64) // _MINUTE * _MINUTE


def _named(codes: Ints, names: tuple[str, ...] | list[str]) -> pl.Series:
    return pl.Series(codes.astype(np.uint8)).cat.to(pl.Enum(names))


def _weighted(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Shares of the population: a few large municipalities, many small."""
    size = rng.lognormal(0, 0.8, count)
    return size / size.sum()
