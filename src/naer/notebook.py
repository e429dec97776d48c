"""The door for notebooks: read a log, run an agreement over it, look at the result as frames."""

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from naer.agreement import Portfolio, load
from naer.events.instant import ZONES, Instant, from_datetime, from_local, parse, utc
from naer.history import tables
from naer.history.run import Replay
from naer.history.run import replay as run
from naer.logs import ReadLog, read


@dataclass(frozen=True)
class Found:
    """What a replay found, as Polars frames. `result` holds the same as Python objects."""

    result: Replay

    @property
    def now(self) -> dt.datetime:
        """When it was judged (UTC)."""
        return utc(self.result.now)

    @cached_property
    def clauses(self) -> pl.DataFrame:
        """One row for each clause, or with `by` for each clause and group; times in hours."""
        return tables.clauses(self.result)

    @cached_property
    def obligations(self) -> pl.DataFrame:
        """One row for each obligation; times are UTC."""
        return tables.obligations(self.result.obligations)

    @cached_property
    def excluded(self) -> pl.DataFrame:
        """One row for each reason: events and pathways left out."""
        return tables.excluded(self.result)


def read_log(path: str | Path, *, country: str = "DK", columns: Mapping[str, str] | None = None) -> ReadLog:
    """Read a log: CSV, Parquet, NDJSON, XES or a folder of files of one of these.

    Times without an offset are local in `country` (DK or NO). `columns` maps event fields to column
    names, as {"pathway": "case_id"}; the rest is found by common names.

    Raises:
        LogError: with what is wrong and what would be right.
    """
    return read(path, zone=ZONES[country], columns=columns)


def replay(
    agreement: str | Path | Portfolio,
    log: ReadLog | str | Path,
    *,
    now: dt.datetime | str | None = None,
    by: Sequence[str] = (),
) -> Found:
    """Run an agreement (a file, an id in the library, or loaded) over a log with the reference evaluator.

    `now` without an offset is local; by default it is the latest event that is not after the clock.
    What the log never has and the agreement asks for comes as Python warnings.

    Raises:
        AgreementError, LogError: with what is wrong and what would be right.
    """
    portfolio = agreement if isinstance(agreement, Portfolio) else load(agreement)
    zone = portfolio.lines[0].zone
    found = log if isinstance(log, ReadLog) else read(log, zone=zone)
    until: Instant | None
    if isinstance(now, dt.datetime):
        until = from_datetime(now) if now.tzinfo else from_local(now, zone)
    else:
        until = None if now is None else parse(now, zone)
    clock = from_datetime(dt.datetime.now(dt.UTC))
    result = run(portfolio, found.events, clock=clock, now=until, by=by, exclusions=found.exclusions)
    for message in (*map(str, (*portfolio.loosened, *portfolio.warnings)), *result.warnings):
        warnings.warn(message, stacklevel=2)
    return Found(result)
