"""`naer demo`: make the synthetic region on first use, let its days pass, and serve it."""

import datetime as dt
import os
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from naer.cli import options
from naer.cli.moment import MOMENT
from naer.events.instant import SECOND, ZONES, Instant, from_local, local

if TYPE_CHECKING:
    from naer.demo.load import Told

LONELY = "the demo makes invented citizens; it does not run with NAER_MODE={mode}"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.option("--no-serve", is_flag=True, help="Make the region or catch up with it, and stop.")
@click.option(
    "--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 3600), help="How fast time passes."
)
@click.option("--now", type=MOMENT, help="Let it be this time; default the clock.")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Let it be this day, at the present hour.")
@click.option("--citizens", type=click.IntRange(11, 50_000), help="Of a new region; default 3000.")
@click.option("--seed", type=click.IntRange(0), help="Of a new region; another seed makes another one.")
@options.database
def demo(
    host: str,
    port: int,
    no_open: bool,
    no_serve: bool,
    speed: float,
    now: Instant | None,
    date: dt.datetime | None,
    citizens: int | None,
    seed: int | None,
    database: str | None,
) -> None:
    """Make the synthetic region and open it.

    The first start makes a region with a year of history; the next ones play the days between. Nothing in
    it is real: every person number has a day of month over 60. To begin anew, delete the database file.
    """
    mode = os.environ.setdefault("NAER_MODE", "demo")
    if mode != "demo":
        raise click.ClickException(LONELY.format(mode=mode))
    from naer.site import boot, clock

    boot.setup(database)
    from django.db import connections

    from naer.cli.serve import listen, refuse_taken
    from naer.demo import load, talk, ticker
    from naer.demo.day import Schedule

    if not no_serve:
        refuse_taken(host, port)
    shown = _shown(clock.now(), now, date)
    region = load.region()
    if region is None:
        try:
            region = load.found(
                load.SEED if seed is None else seed, load.CITIZENS if citizens is None else citizens, shown
            )
        except load.OtherDataError as error:
            raise click.ClickException(str(error)) from None
    elif (seed, citizens) != (None, None):
        raise click.ClickException(
            "this database has its region already; --seed and --citizens are for a new one"
        )
    with _progress() as told:
        load.fill(region, told)
        schedule = Schedule(region)
        schedule.catch_up(shown, told)
    shown = max(shown, schedule.played)
    if not no_serve:
        talk.begin(shown)
    connections.close_all()
    if no_serve:
        return
    if speed != 1 or abs(shown - clock.now()) > SECOND * 60:
        clock.start(shown, speed)
        click.echo(f"It is {local(shown, ZONES['DK']):%A %d %B %Y %H:%M} here, at speed {speed:g}.", err=True)
    if not no_open:
        timer = threading.Timer(1.5, webbrowser.open, [f"http://{host}:{port}/"])
        timer.daemon = True
        timer.start()
    with ticker.running():
        listen(host, port)


def _shown(real: Instant, now: Instant | None, date: dt.datetime | None) -> Instant:
    """The time it is to be."""
    if now is not None and date is not None:
        raise click.UsageError("give --now or --date, not both")
    if date is not None:
        here = local(real, ZONES["DK"])
        return from_local(dt.datetime.combine(date, here.time().replace(tzinfo=None)), ZONES["DK"])
    return real if now is None else now


@contextmanager
def _progress() -> "Iterator[Told]":
    """A bar for each kind of work, on stderr; nothing where there is no terminal but a line at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, object] = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)  # type: ignore[arg-type]

        yield told
