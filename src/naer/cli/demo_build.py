"""`naer demo build`: a large synthetic region in a database of its own."""

import os
import time
from pathlib import Path

import click

from naer.cli import options
from naer.cli.moment import MOMENT
from naer.cli.progress import bars
from naer.events.instant import ZONES, Instant, local_date

THERE = "{path} is there already; name another database, or delete it"
_MOST = 1_000_000


@click.command()
@click.option(
    "--citizens", default=100_000, show_default=True, type=click.IntRange(1, _MOST), help="How many."
)
@click.option("--seed", default=20_240_402, show_default=True, type=click.IntRange(0))
@click.option("--now", type=MOMENT, help="When its last day is; default the clock.")
@click.option(
    "--running",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the citizens whose course began in the last six weeks.",
)
@options.database
def build(citizens: int, seed: int, now: Instant | None, running: float, database: str | None) -> None:
    """Make a large synthetic region in a new, empty database.

    For trying Naer at the size of a country: the pages and lists are those of `naer demo`, which serves it,
    but its day stands still. Every citizen has one or two courses of a year, judged by the agreements in
    force. An SQLite file gets its name when it is whole.
    """
    mode = os.environ.setdefault("NAER_MODE", "demo")
    if mode != "demo":
        raise click.ClickException(f"a region of invented citizens is not made with NAER_MODE={mode}")
    begun = time.monotonic()
    import dj_database_url

    url = database or os.environ.get("NAER_DATABASE") or "sqlite:///var/naer.sqlite3"
    embedded = str(dj_database_url.parse(url)["NAME"]) if url.startswith("sqlite") else ""
    if embedded and Path(embedded).exists():
        raise click.ClickException(THERE.format(path=embedded))
    building = f"{embedded}.building"
    if embedded:
        _forget(building)
        url = f"sqlite:///{building}"
    os.environ["NAER_DATABASE"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naer.site.settings")
    from django.conf import settings

    from naer.demo.large.plan import Plan
    from naer.demo.large.workers import blocks
    from naer.site import boot, clock

    shown = clock.now() if now is None else now
    plan = Plan(seed, citizens, local_date(shown, ZONES["DK"]), shown, running)
    vendor = "sqlite" if embedded else "postgresql"
    with blocks(plan, vendor, settings.NUMBER_KEY) as laid, bars() as told:
        boot.setup(url)  # the first blocks are made meanwhile
        from django.db import connections

        from naer.demo.large import built
        from naer.demo.load import OtherDataError

        try:
            done = built.build(plan, laid, told)
        except OtherDataError as error:
            raise click.ClickException(str(error)) from None
        connections.close_all()
    if embedded:
        os.replace(building, embedded)
        _forget(building)
    took = time.monotonic() - begun
    click.echo(
        f"{done.citizens:,} citizens, {done.pathways:,} pathways, {done.events:,} events, "
        f"{done.obligations:,} obligations in {took:.1f} s: {done.pathways / took:,.0f} pathways a second"
    )


def _forget(path: str) -> None:
    """Remove a file that was begun, and what lies beside it."""
    for ending in ("", "-wal", "-shm", ".lock"):
        Path(path + ending).unlink(missing_ok=True)
