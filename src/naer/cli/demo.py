"""`naer demo`: make the synthetic region on first use, let its days pass, and serve it."""

import datetime as dt
import os
import webbrowser

import click

from naer.cli import options
from naer.cli.demo_build import build
from naer.cli.moment import MOMENT
from naer.cli.progress import bars
from naer.events.instant import SECOND, ZONES, Instant, from_local, local

_HAS_ITS_REGION = "this database has its region already; --seed and --citizens are for a new one"
LONELY = "the demo makes invented citizens; it does not run with NAER_MODE={mode}"


@click.group(invoke_without_command=True)
@click.pass_context
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
    context: click.Context,
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
    `naer demo build` makes a large region, up to a million citizens, which this serves as well.
    """
    if context.invoked_subcommand is not None:
        return
    mode = os.environ.setdefault("NAER_MODE", "demo")
    if mode != "demo":
        raise click.ClickException(LONELY.format(mode=mode))
    from naer.site import boot, clock, companion

    boot.setup(database)
    from django.db import connections

    from naer.cli.serve import listen, refuse_taken
    from naer.demo import deviations, emergencies, load, own, plans, talk, way_home
    from naer.demo.day import Schedule
    from naer.demo.large import built

    if not no_serve:
        refuse_taken(host, port)
    shown = _shown(clock.now(), now, date)
    opened = None if no_open else webbrowser.open
    large = built.plan()
    if large is not None:
        if (seed, citizens) != (None, None):
            raise click.ClickException(_HAS_ITS_REGION)
        connections.close_all()
        if not no_serve:
            _begin_clock(large.now if now is None and date is None else shown, speed)
            listen(host, port, then=opened)
        return
    region = load.region()
    if region is None:
        try:
            region = load.found(
                load.SEED if seed is None else seed, load.CITIZENS if citizens is None else citizens, shown
            )
        except load.OtherDataError as error:
            raise click.ClickException(str(error)) from None
    elif (seed, citizens) != (None, None):
        raise click.ClickException(_HAS_ITS_REGION)
    with bars() as told:
        load.fill(region, told)
        schedule = Schedule(region)
        if no_serve or schedule.behind(shown):
            schedule.catch_up(shown, told)
    shown = max(shown, schedule.played)
    if not no_serve:
        talk.begin(shown)
        plans.begin(shown)
        way_home.begin(shown)
        own.begin(shown)
        deviations.begin(shown)
        emergencies.begin(shown)
    connections.close_all()
    if no_serve:
        return
    _begin_clock(shown, speed)
    with companion.running(companion.DAY):
        listen(host, port, then=opened)


demo.add_command(build)


def _begin_clock(shown: Instant, speed: float) -> None:
    """Let it be `shown` from now on, unless that is what the clock says."""
    from naer.site import clock

    if speed != 1 or abs(shown - clock.now()) > SECOND * 60:
        clock.start(shown, speed)
        click.echo(f"It is {local(shown, ZONES['DK']):%A %d %B %Y %H:%M} here, at speed {speed:g}.", err=True)


def _shown(real: Instant, now: Instant | None, date: dt.datetime | None) -> Instant:
    """The time it is to be."""
    if now is not None and date is not None:
        raise click.UsageError("give --now or --date, not both")
    if date is not None:
        here = local(real, ZONES["DK"])
        return from_local(dt.datetime.combine(date, here.time().replace(tzinfo=None)), ZONES["DK"])
    return real if now is None else now
