"""`naer replay`: an agreement run over a log of events."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from naer import machine
from naer.agreement import AgreementError, Portfolio, Register, load
from naer.cli import options
from naer.cli.console import for_tables
from naer.cli.progress import Bar
from naer.events.instant import Instant, local, parse, text
from naer.history.log import EventLog, LeftOut, Log
from naer.history.open import open_log
from naer.history.question import Replay
from naer.history.run import DEFAULT, ENGINES
from naer.history.run import replay as run
from naer.logs.columns import parse as parse_columns
from naer.logs.error import LogError

if TYPE_CHECKING:
    from rich.console import Console

DATABASE = "database"


@click.command()
@click.argument("agreement")
@click.argument("log")
@click.option("--engine", type=click.Choice(tuple(ENGINES)), default=DEFAULT, show_default=True)
@click.option("--master", metavar="URL", help="Where Spark runs, for --engine spark; default: local[2].")
@click.option("--now", metavar="T", help="Judge at this time; default: the latest event up to the clock.")
@click.option("--by", multiple=True, metavar="NAMES",
              help="Group, as municipality,month or by any attribute; may be repeated.")  # fmt: skip
@click.option("--columns", default="", metavar="MAP", help="As pathway=case_id,kind=activity,at=timestamp.")
@click.option("--append", "added", multiple=True, metavar="SOURCE",
              help="First add this to the log store LOG, as naer log append; may be repeated.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for every obligation.")
@click.option("--keep", is_flag=True, help="Keep what is settled beside the store, and use what was kept.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else on stdout.")
@options.database
def replay(
    agreement: str,
    log: str,
    engine: str,
    master: str | None,
    now: str | None,
    by: tuple[str, ...],
    columns: str,
    added: tuple[str, ...],
    out: Path | None,
    keep: bool,
    as_json: bool,
    database: str | None,
) -> None:
    """Run an agreement over a log of events.

    How was each clause met, and what was left out?

    AGREEMENT is a file, or the id of an agreement in the library. LOG is a log store (see `naer log`), a
    CSV, Parquet, NDJSON, XES, XES.gz or OCEL file, a folder of such files, or `database` for the
    operational database. Every engine gives the same answer; `reference` is the specification, and slow.
    With --keep a replay of a store to which something was appended judges only what that touched:
    `--keep --append SOURCE` adds a day and refreshes the figures.
    """
    machine.keep_freed_memory()
    try:
        portfolio = load(agreement, keep=True)
    except AgreementError as error:
        raise click.ClickException(f"{agreement} cannot be used:\n{error}") from None
    zone = portfolio.lines[0].zone
    until = _time(now, zone)
    names = tuple(name for one in by for name in map(str.strip, one.split(",")) if name)
    if master and engine != "spark":
        raise click.ClickException("--master needs --engine spark")
    try:
        if added:
            _append(added, Path(log), columns, database)
        source, register = _read(log, zone, columns, database, engine, master)
    except LogError as error:
        raise click.ClickException(str(error)) from None
    if keep and (engine != DEFAULT or source.described.get("format") != "store"):
        raise click.ClickException("--keep needs the columnar engine and a log store (see naer log build)")
    with Bar("evaluating") as bar:
        asked = {"now": until, "by": names, "register": register, "keep": keep, "progress": bar}
        result = _run(portfolio, source, engine, asked)
    for problem in (*portfolio.loosened, *portfolio.warnings):
        click.echo(str(problem) if problem.warning else f"{problem} (run all the same, as what-if)", err=True)
    for warning in (*_elsewhere(portfolio, source), *result.warnings):
        click.echo(f"warning: {warning}", err=True)
    if out is not None:
        from naer.history import manifest

        command = _command(agreement, log, engine=engine, now=now, by=",".join(names), columns=columns)
        with Bar("writing") as bar:
            manifest.write(out, result, portfolio, source.described, command, bar)
        click.echo(f"wrote {out / 'obligations.parquet'} and {out / 'manifest.json'}", err=True)
    if as_json:
        from naer.history.contract import contract

        click.echo(json.dumps(contract(result, text(result.now)), ensure_ascii=False, indent=2))
    else:
        _show(result, portfolio)


def _run(portfolio: Portfolio, log: Log, engine: str, asked: Mapping[str, Any]) -> Replay:
    """Ask the engine.

    Raises:
        click.ClickException: for an engine that is not there, an agreement or a log that it cannot take.
    """
    from naer.columnar.compile import CannotCompile

    try:
        with _unseen("scipy"):
            return run(portfolio, log, clock=time.time_ns() // 1000, engine=engine, **asked)
    except CannotCompile as error:
        raise click.ClickException(
            f"the {engine} engine cannot run this agreement; --engine reference can:\n{error}"
        ) from None
    except LogError as error:
        raise click.ClickException(str(error)) from None
    except ImportError as error:
        raise click.ClickException(
            f"the {engine} engine needs {error.name}, which is not installed: uv sync --extra {engine}"
        ) from None


@contextmanager
def _unseen(package: str) -> Iterator[None]:
    """A package that is not installed, as far as others look: numba takes half a second to load scipy,
    when there is one, for linear algebra that no kernel of ours does."""
    hidden = package not in sys.modules
    if hidden:
        sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules[package]


def _command(agreement: str, log: str, **given: str | None) -> list[str]:
    """The command that repeats the run; without `--database`, which may hold a password."""
    asked = [word for name, value in given.items() if value for word in (f"--{name}", value)]
    return ["naer", "replay", agreement, log, *asked]


def _time(written: str | None, zone: ZoneInfo) -> Instant | None:
    try:
        return None if written is None else parse(written, zone)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--now") from None


def _append(sources: Sequence[str], folder: Path, columns: str, database: str | None) -> None:
    from naer.cli.log_adding import add

    clock = time.time_ns() // 1000
    done = add(sources, folder, columns=columns or None, database=database, own={}, clock=clock)
    click.echo(f"added {done.events:+,} events to {folder}; see naer log show {folder}", err=True)


def _read(
    log: str, zone: ZoneInfo, columns: str, database: str | None, engine: str, master: str | None
) -> tuple[Log, Register | None]:
    if engine == "spark":
        _begin_spark(master)
    if log == DATABASE and not os.path.exists(log):
        return _from_database(database)
    if engine == "spark":
        from naer.history.spark import open_log as on_spark

        return on_spark(log, zone=zone, columns=parse_columns(columns)), None
    with Bar("reading") as bar:
        small = engine == "reference"
        return open_log(log, zone=zone, columns=parse_columns(columns), as_events=small, progress=bar), None


def _elsewhere(portfolio: Portfolio, log: Log) -> Iterator[str]:
    """A warning when the log store was built as another country's than the agreement is."""
    if log.described.get("format") != "store":
        return
    from naer.history.stored import StoredLog

    assert isinstance(log, StoredLog)
    here = portfolio.lines[0].versions[0].country
    if log.country not in (None, here):
        yield (
            f"the agreement's country is {here}, but {log.store.path} was built with "
            f"--country {log.country}; is this the right agreement?"
        )


def _begin_spark(master: str | None) -> None:
    try:
        from naer.history.spark import session
    except ImportError as error:
        raise click.ClickException(
            f"the spark engine needs {error.name}, which is not installed: uv sync --extra spark"
        ) from None
    session(master)


def _from_database(database: str | None) -> tuple[Log, Register]:
    from naer.site import boot

    boot.setup(database)
    from naer.site.pathways.archive import archive

    with Bar("reading") as bar:
        events, register = archive(bar)
    return EventLog(events, (), {"path": DATABASE, "format": DATABASE, "events": len(events)}), register


def _show(result: Replay, portfolio: Portfolio) -> None:
    """Tables for people, on stdout."""
    from rich.table import Table

    console = for_tables()
    moment = local(result.now, result.zone).isoformat(" ", "minutes")
    console.print(f"{result.agreement}: {result.events} events, judged at {moment}", highlight=False)
    table = Table("clause", *result.by, box=None, pad_edge=False)
    for name in (*_COUNTS, "kept of due", "median h", "90% h"):
        table.add_column(name, justify="right")
    marks: set[str] = set()
    for tally in result.groups if result.by else result.tallies:
        mark = _mark(portfolio, tally.clause) + ("‡" if tally.clause in result.undelivered else "")
        marks |= set(mark)
        share = "" if tally.share_kept is None else f"{tally.share_kept:.1%}"
        numbers = [str(getattr(tally, name)) for name in _COUNTS]
        hours = ["" if one is None else f"{one:.1f}" for one in (tally.median_hours, tally.p90_hours)]
        table.add_row(tally.clause + mark, *(one or "–" for one in tally.group), *numbers, share, *hours)
    console.print(table)
    for mark, meaning in _MARKS.items():
        if mark in marks:
            console.print(f"{mark} {meaning}", highlight=False)
    _show_excluded(console, result.excluded)


def _show_excluded(console: "Console", rows: LeftOut) -> None:
    from rich.table import Table

    if not rows:
        console.print("\nNothing was left out.")
        return
    table = Table("left out", box=None, pad_edge=False)
    table.add_column("events", justify="right")
    table.add_column("pathways", justify="right")
    for row in rows:
        table.add_row(*(str(row[name]) for name in ("reason", "events", "pathways")))
    console.print()
    console.print(table)


_COUNTS = ("triggered", "kept", "late", "missing", "open", "released", "superseded")
_MARKS = {
    "*": "not everything done is recorded for this clause: missing means not recorded, never a breach (S31)",
    "†": "the number still has to be confirmed at its source",
    "‡": "nothing that would fulfil it occurs in the log: missing may mean not recorded",
}


def _mark(portfolio: Portfolio, clause_id: str) -> str:
    """The footnote marks of a clause, by its latest version."""
    clause = portfolio.lines[0].clauses[clause_id][-1]
    return ("*" if clause.partial else "") + ("" if clause.verified else "†")
