"""`naer tick` and `naer doctor`: what whoever runs Naer runs."""

import json
from dataclasses import asdict

import click

from naer.cli import options
from naer.cli.moment import MOMENT


@click.command()
@click.option("--now", type=MOMENT, help="The time it is; default the clock.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@options.database
def tick(now: int | None, as_json: bool, database: str | None) -> None:
    """Do what is due because time passed: escalations, events that are reached, anchors.

    Plans and grants of citizens who died, and plans of those who moved away, are ended as well; a death that
    was taken back gives the grants back. Safe to run late, again, and twice at once: everything happens
    exactly once.
    """
    from naer.site import boot

    boot.setup(database)
    from naer.site import clock
    from naer.site.citizen.leaving import end_left
    from naer.site.identity import new_id
    from naer.site.pathways.tick import tick as take_turn

    now = clock.now() if now is None else now
    done, ended = take_turn(now), end_left(now, new_id)
    if as_json:
        click.echo(json.dumps(asdict(done) | {"ended": asdict(ended)}))
        return
    click.echo(
        f"{done.fired} escalations fired, {done.judged} citizens judged again, "
        f"{ended.plans} plans and {ended.grants} grants ended, {ended.given_back} grants given back, "
        f"{f'{ended.failed} of these failed, ' if ended.failed else ''}"
        f"{'an anchor set' if done.anchored else 'no anchor needed'}"
    )


@click.command()
@click.option(
    "--repair", is_flag=True, help="Write obligations anew that differ from the log. Never the log."
)
@click.option(
    "--anchor",
    "anchors",
    metavar="DIGEST",
    multiple=True,
    help="An anchor printed before and kept elsewhere: it must still be there. May be given several times.",
)
@click.option("--now", type=MOMENT, help="The time it is; default the clock.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@options.database
def doctor(
    repair: bool, anchors: tuple[str, ...], now: int | None, as_json: bool, database: str | None
) -> int:
    """Verify the event log, its anchors, and that obligations are what the log says.

    Exit code 1 when something is wrong, also when it was repaired.
    """
    from naer import kept
    from naer.site import boot

    boot.setup(database)
    from naer.site import clock
    from naer.site.pathways.doctor import examine

    report = examine(
        clock.now() if now is None else now,
        repair=repair,
        noted=anchors,
        progress=lambda what, done: click.echo(f"{done} {what} verified", err=True),
    )
    slow = list(kept.hindrances())
    if as_json:
        click.echo(json.dumps(asdict(report) | {"sound": report.sound, "not_kept": slow}))
        return 0 if report.sound else 1
    click.echo(
        f"{report.events} events in {report.chains} chains, {report.anchors} anchors, "
        f"{report.citizens} citizens, {report.obligations} obligations"
    )
    if report.anchor:
        click.echo(f"newest anchor {report.anchor}")
    for finding in report.findings:
        click.echo(f"wrong: {finding}")
    if report.more:
        click.echo(f"and {report.more} more")
    if report.repaired:
        click.echo(f"{report.repaired} citizens judged again")
    for hindrance in slow:
        click.echo(f"each start takes longer, as nothing is kept for the next: {hindrance}")
    if report.sound:
        click.echo("everything is as it should be")
    return 0 if report.sound else 1
