"""What was counted last: tables on disk, which every page of results reads.

A folder holds two tables and `state.json`, which names them and says what they were counted from. A new
count writes new tables, then replaces `state.json` in one step, so that a reader sees one count or the
other. The tables hold keys of citizens, no names and no person numbers; the folder is the owner's alone.
"""

import json
import os
import uuid
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import polars as pl

from naer.columnar.rows import OBLIGATIONS
from naer.events.instant import Instant
from naer.site.pathways.archive import Mark

FORMAT = 2
_TIME = pl.Datetime("us", "UTC")
STAYS: dict[str, pl.DataType | type[pl.DataType]] = {
    "citizen": pl.String, "pathway": pl.String, "municipality": pl.String, "hospital": pl.String,
    "start": _TIME, "end": _TIME, "died": pl.Boolean, "inpatient": pl.Boolean,
    "ready": _TIME, "ready_days": pl.Int64, "again": _TIME,
}  # fmt: skip
"""Columns of the table of stays; see `naer.indicators.stays.Counted`."""


@dataclass(frozen=True, slots=True)
class State:
    """What was counted: up to where in the log, by which agreements, judged at which instant."""

    mark: Mark
    """How far the operational log was read."""
    agreements: str
    """Digest of the agreements that judged."""
    now: Instant
    """The instant it was judged at."""
    counted: Instant
    """When it was counted, by the clock of the machine."""
    waits: dict[str, Instant] = field(default_factory=dict)
    """Citizens with an event that lies after `now`, and when it is reached."""
    obligations: str = ""
    stays: str = ""
    """Names of the files."""


@dataclass(frozen=True, slots=True)
class Count:
    """One whole count."""

    state: State
    obligations: pl.DataFrame
    stays: pl.DataFrame


def empty() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The two tables of nothing."""
    return pl.DataFrame(schema=OBLIGATIONS), pl.DataFrame(schema=STAYS)


def read_state(folder: Path) -> State | None:
    """What `folder` holds; None when there is nothing, or nothing that this version reads."""
    try:
        given = json.loads((folder / "state.json").read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(given, dict) or given.pop("format", None) != FORMAT:
        return None
    mark = given.pop("mark")
    return State(mark=Mark(**{**mark, "gaps": tuple(mark["gaps"])}), **given)


def read(folder: Path) -> Count | None:
    """The last count; None when there is none. Kept in memory until there is a newer one."""
    for _ in range(3):
        state = read_state(folder)
        if state is None:
            return None
        try:
            return Count(state, *_tables(folder, state.obligations, state.stays))
        except (OSError, pl.exceptions.PolarsError):
            continue  # a newer count took the files away between the two steps; or one was cut off
    return None


@lru_cache(maxsize=2)
def _tables(folder: Path, obligations: str, stays: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    return pl.read_parquet(folder / obligations), pl.read_parquet(folder / stays)


def write(folder: Path, state: State, obligations: pl.DataFrame, stays: pl.DataFrame) -> State:
    """Make a count the last one; the tables before it go."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark = uuid.uuid4().hex[:12]
    names = {"obligations": f"obligations-{mark}.parquet", "stays": f"stays-{mark}.parquet"}
    obligations.write_parquet(folder / names["obligations"])
    stays.write_parquet(folder / names["stays"])
    whole = replace(state, obligations=names["obligations"], stays=names["stays"])
    touch(folder, whole)
    for path in folder.glob("*.parquet"):
        if path.name not in names.values():
            path.unlink(missing_ok=True)
    return whole


def touch(folder: Path, state: State) -> None:
    """Make `state` the one in force, in one step; the tables it names are there."""
    beside = folder / "state.new"
    beside.write_text(json.dumps({"format": FORMAT} | asdict(state)))
    os.replace(beside, folder / "state.json")
