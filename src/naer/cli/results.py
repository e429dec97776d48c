"""`naer results`: count what the pages of results show."""

import json
import time

import click

from naer.cli import options
from naer.cli.moment import MOMENT
from naer.cli.progress import Bar


@click.command()
@click.option("--now", type=MOMENT, help="Judge at this time; default the clock.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@options.database
def results(now: int | None, as_json: bool, database: str | None) -> None:
    """Count what the pages of results show.

    The counts follow the event log into NAER_LOG_STORE. `naer serve` and `naer demo` do this by themselves
    every minute; here it is done once, now. Safe to run again, and while they run.
    """
    from naer.site import boot

    boot.setup(database)
    from django.conf import settings

    from naer.site import clock
    from naer.site.governance.count import count
    from naer.site.governance.follow import alone

    with alone(settings.LOG_STORE) as mine:
        if not mine:
            raise click.ClickException("another process is counting just now; its count will do")
        with Bar("counting") as bar:
            state = count(
                settings.LOG_STORE, clock.now() if now is None else now, time.time_ns() // 1000, told=bar
            )
    if as_json:
        click.echo(json.dumps({"seq": state.mark.seq, "now": state.now}))
        return
    click.echo(f"counted up to row {state.mark.seq} of the event log")
