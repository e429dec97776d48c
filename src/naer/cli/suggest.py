"""`naer agreement suggest`: a draft of an agreement from what a log shows is done today."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from naer.cli.console import for_tables
from naer.cli.progress import Bar
from naer.events.instant import HOUR, MINUTE, ZONES, local_date
from naer.logs.columns import parse as parse_columns
from naer.logs.error import LogError

if TYPE_CHECKING:
    from naer.history.courses import Courses
    from naer.history.suggest import Suggestion, Times

_ID = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


@click.command()
@click.argument("log", metavar="LOG", type=click.Path(path_type=Path))
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write an agreement file.")
@click.option("--country", type=click.Choice(sorted(ZONES)), help="Default: the log store's, else DK.")
@click.option("--columns", default="", metavar="MAP", help="As pathway=case_id,kind=activity,at=timestamp.")
@click.option("--municipality", metavar="CODE", help="Only pathways in which this municipality has a part.")
@click.option(
    "--by", type=click.Choice(["municipality"]), help="Also tell each municipality's own share and times."
)
@click.option(
    "--support", type=click.IntRange(1), default=30, show_default=True, help="Events that may be followed."
)
@click.option(
    "--share",
    type=click.FloatRange(0, 100, min_open=True),
    default=80,
    show_default=True,
    help="Percent of them that are.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else on stdout.")
def suggest(
    log: Path,
    out: Path | None,
    country: str | None,
    columns: str,
    municipality: str | None,
    by: str | None,
    support: int,
    share: float,
    as_json: bool,
) -> None:
    """Propose clauses from a log: what follows what, how often, and how soon.

    LOG is a log store (see `naer log`), a CSV, Parquet, NDJSON, XES or OCEL file, or a folder of such
    files. A pair is proposed when enough events were followed, a large share of them, and nothing
    between or before explains it as well. The times are exact percentiles over those that were
    followed; the limit is the 90 % time, rounded up. With --out the proposal is an agreement file, each
    clause unverified, to be read, changed and agreed.
    """
    from naer.history import courses as reading
    from naer.history.suggest import Wanted
    from naer.history.suggest import suggest as find
    from naer.logs.store.sources_files import country_at

    if out is not None:
        _may_be_written(out)
    try:
        country = country or country_at(log) or "DK"
        zone = ZONES[country]
        with Bar("reading") as bar:
            held = reading.of_log(
                log, zone=zone, columns=parse_columns(columns), municipality=municipality, progress=bar
            )
    except LogError as error:
        raise click.ClickException(str(error)) from None
    if not held.events:
        there = (
            "" if municipality is None else f" of pathways in which municipality {municipality} has a part"
        )
        raise click.ClickException(f"{log}: there are no events{there}")
    wanted = Wanted(support=support, share=Fraction(str(share)) / 100)
    with Bar("counting") as bar:
        found = find(held, wanted, by_municipality=by is not None, progress=bar)
    if as_json:
        click.echo(json.dumps(_values(log, held, found, zone), ensure_ascii=False, indent=2))
    else:
        _show(held, found, zone)
    if out is not None:
        _write(out, log, held, found, country, municipality)


def _may_be_written(out: Path) -> None:
    if out.suffix not in (".yaml", ".yml") or not _ID.match(out.stem):
        raise click.ClickException(
            f"--out {out}: name it after the agreement, as aalborg-today.yaml: a-z, 0-9 and -"
        )
    if out.exists():
        raise click.ClickException(f"{out} is there already; remove it, or name another file")
    if not out.parent.is_dir():
        raise click.ClickException(f"{out.parent}: no such folder; make it first")


def _write(
    out: Path, log: Path, held: "Courses", found: list["Suggestion"], country: str, municipality: str | None
) -> None:
    from naer.agreement.check import check
    from naer.agreement.loader import LIBRARY
    from naer.history.draft import draft

    if not found:
        raise click.ClickException(
            "nothing was found, so no file was written; try a smaller --share or --support"
        )
    text = draft(
        found,
        name=out.stem,
        country=country,
        log=log.name,
        days=_days(held, ZONES[country]),
        kinds=held.kinds,
        municipality=municipality,
    )
    out.write_text(text, encoding="utf-8")
    report = check([out], LIBRARY)
    for problem in (*report.problems, *report.warnings):
        click.echo(problem, err=True)
    if report.problems:
        raise SystemExit(1)
    click.echo(f"wrote {out}: {len(found)} clauses, {report.examples} examples run", err=True)


def _days(held: "Courses", zone: ZoneInfo) -> Any:
    return local_date(held.first, zone), local_date(held.last, zone)


def _values(log: Path, held: "Courses", found: list["Suggestion"], zone: ZoneInfo) -> dict[str, Any]:
    first, last = _days(held, zone)
    return {
        "log": str(log),
        "from": str(first),
        "to": str(last),
        "events": held.events,
        "pathways": held.pathways,
        "suggestions": [
            {
                "after": one.after,
                "deliver": one.deliver,
                **_told(one.times),
                "direct": float(one.direct),
                "within": str(one.within),
                "municipalities": {place or None: _told(times) for place, times in one.municipalities.items()}
                if one.municipalities
                else None,
            }
            for one in found
        ],
    }


def _told(times: "Times") -> dict[str, Any]:
    return {
        "support": times.support,
        "followed": times.followed,
        "share": float(times.share),
        "hours": {str(percent): float(value / HOUR) for percent, value in times.quantiles.items()} or None,
    }


def _show(held: "Courses", found: list["Suggestion"], zone: ZoneInfo) -> None:
    """A table for people, on stdout."""
    from rich.table import Table

    console = for_tables()
    first, last = _days(held, zone)
    console.print(
        f"{held.events} events in {held.pathways} pathways, {first} to {last}: "
        f"{len(found)} suggestion{'' if len(found) == 1 else 's'}",
        highlight=False,
    )
    if not found:
        console.print("Nothing follows anything often enough; try a smaller --share or --support.")
        return
    from naer.history.suggest import PERCENTS

    table = Table("after", "comes", box=None, pad_edge=False)
    for name in ("events", "followed", "directly", *(f"{percent} %" for percent in PERCENTS), "within"):
        table.add_column(name, justify="right")
    for one in found:
        direct = f"{float(one.direct):.0%}"
        table.add_row(one.after, one.deliver, *_cells(one.times, direct), str(one.within))
        for place, times in one.municipalities.items():
            table.add_row(f"  {place or '–'}", "", *_cells(times, ""), "")
    console.print(table)


def _cells(times: "Times", direct: str) -> list[str]:
    shown = [_length(value) for value in times.quantiles.values()] or [""] * 4
    return [str(times.support), f"{float(times.share):.0%}", direct, *shown]


def _length(microseconds: Fraction) -> str:
    if microseconds < 90 * MINUTE:
        return f"{float(microseconds / MINUTE):.0f} min"
    if microseconds < 72 * HOUR:
        return f"{float(microseconds / HOUR):.1f} h"
    return f"{float(microseconds / (24 * HOUR)):.1f} d"
