"""The door for notebooks: read a log, run an agreement over it, look at frames and a picture."""

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from naer.agreement import Portfolio, load
from naer.events.instant import ZONES, Instant, from_datetime, from_local, parse, utc
from naer.history import tables
from naer.history.log import Log
from naer.history.open import open_log
from naer.history.question import Replay
from naer.history.run import DEFAULT, ENGINES
from naer.history.run import replay as run

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True)
class Found:
    """What a replay found, as Polars frames, which pandas, PyArrow, DuckDB and others take as they are.

    `result` holds the same as Python objects. In a notebook it shows itself as a picture.
    """

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
        """One row for each obligation, by trigger; times are UTC."""
        return tables.obligations_of(self.result)

    @cached_property
    def excluded(self) -> pl.DataFrame:
        """One row for each reason: events and pathways left out."""
        return tables.excluded(self.result)

    def plot(self) -> "alt.Chart":
        """A picture: of what was due, how much was kept, late and missing; with `by` one for each clause.

        `save("kept.svg")` or `.png` writes it, without a browser or a network.
        """
        from naer.history.plot import plot

        return plot(self.result)

    def _repr_mimebundle_(self, **asked: Any) -> dict[str, str]:
        """For notebooks: the picture as SVG, the picture and the table as HTML, and a line of text."""
        del asked
        from naer.history.plot import svg

        drawn = svg(self.plot())
        return {
            "image/svg+xml": drawn,
            "text/html": f"{drawn}{self._repr_html_()}",
            "text/plain": repr(self),
        }

    def _repr_html_(self) -> str:
        """The table of clauses."""
        return self.clauses._repr_html_()

    def __repr__(self) -> str:
        found = self.result
        return (
            f"<replay: {found.agreement}, {found.events:,} events, {len(found.tallies)} clauses, "
            f"{found.count:,} obligations, judged at {self.now:%Y-%m-%d %H:%M} UTC>"
        )


def read_log(path: str | Path, *, country: str = "DK", columns: Mapping[str, str] | None = None) -> Log:
    """Open a log: a log store, CSV, Parquet, NDJSON, XES, OCEL, or a folder of files of one of these.

    Times without an offset are local in `country` (DK or NO). `columns` maps event fields to column
    names, as {"pathway": "case_id"}; the rest is found by common names.

    Raises:
        LogError: with what is wrong and what would be right.
        ValueError: for a country that is not known.
        TypeError: for what is no path.
    """
    if country not in ZONES:
        raise ValueError(f"country {country!r} is not known; use {' or '.join(map(repr, ZONES))}")
    if not isinstance(path, str | Path):
        raise TypeError(_no_log(path))
    return open_log(path, zone=ZONES[country], columns=columns)


def replay(
    agreement: str | Path | Portfolio,
    log: Log | str | Path,
    *,
    now: dt.datetime | str | None = None,
    by: Sequence[str] | str = (),
    engine: str = DEFAULT,
) -> Found:
    """Run an agreement (a file, an id in the library, or loaded) over a log.

    `now` without an offset is local; by default it is the latest event that is not after the clock.
    `by` groups, as "municipality" or ["hospital", "month"]. Every engine finds the same; `reference` is
    the specification. What the log never has and the agreement asks for comes as Python warnings.

    Raises:
        AgreementError, LogError: with what is wrong and what would be right.
        ValueError: for an engine that is not known.
        TypeError: for what is no log, as a frame.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not known; use {' or '.join(map(repr, ENGINES))}")
    if not isinstance(log, str | Path) and not hasattr(log, "pieces"):
        raise TypeError(_no_log(log))
    portfolio = agreement if isinstance(agreement, Portfolio) else load(agreement)
    zone = portfolio.lines[0].zone
    found = open_log(log, zone=zone) if isinstance(log, str | Path) else log
    until: Instant | None
    if isinstance(now, dt.datetime):
        until = from_datetime(now) if now.tzinfo else from_local(now, zone)
    else:
        until = None if now is None else parse(now, zone)
    clock = from_datetime(dt.datetime.now(dt.UTC))
    names = (by,) if isinstance(by, str) else tuple(by)
    result = run(portfolio, found, clock=clock, now=until, by=names, engine=engine)
    for message in (*map(str, (*portfolio.loosened, *portfolio.warnings)), *result.warnings):
        warnings.warn(message, stacklevel=2)
    return Found(result)


def _no_log(given: object) -> str:
    """What is wrong with what somebody took for a log, and what would be right."""
    return (
        f"a {type(given).__name__} is no log; give the path of a file, a folder or a log store, or what "
        "read_log found. A frame is written first: polars write_parquet(path), pandas to_parquet(path)"
    )
