"""`naer keys`: replacing the key that person numbers and messages are sealed with."""

import json
from dataclasses import asdict

import click

from naer.cli import options


@click.group()
def keys() -> None:
    """The keys that person numbers and messages are sealed with."""


@keys.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@options.database
def rotate_keys(as_json: bool, database: str | None) -> int:
    """Seal everything anew with the first key of NAER_NUMBER_KEY.

    Put the new key in front of the old one (`new,old`), restart everything, run this, then leave the old one
    out. Safe to stop and to run again, and while people work. Exit code 1 when something is sealed with a key
    that the setting does not hold.
    """
    from naer.site import boot

    boot.setup(database)
    from naer.cli.account import account
    from naer.cli.progress import bars
    from naer.site import clock, rotation, vault
    from naer.site.pathways.actor import Process, leave_trace

    with bars() as told:
        done = rotation.rotate(told)
    changed = sum(done.sealed.values())
    process, what = Process("naer keys rotate"), f"{changed} sealed anew, account {account()}"
    leave_trace(process, "", "enrol", what, clock.now())
    if as_json:
        click.echo(json.dumps({"key": vault.first_id().hex()} | asdict(done)))
        return 1 if done.lost else 0
    click.echo(
        f"{changed} sealed anew with key {vault.first_id().hex()}, {done.indexed} numbers indexed anew"
    )
    for name, rows in done.lost.items():
        click.echo(f"lost: {rows} of {name} are sealed with a key that NAER_NUMBER_KEY does not hold")
    if not done.lost:
        click.echo("only this key is needed now: leave the others out of NAER_NUMBER_KEY, and restart")
    return 1 if done.lost else 0


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@options.database
def list_keys(as_json: bool, database: str | None) -> None:
    """Say how many rows each key seals: table and column, key (the start of its hash), rows.

    It reads the whole database. No key is shown.
    """
    from naer.site import boot

    boot.setup(database)
    from naer.site import rotation, vault

    found = rotation.keys_in_use()
    if as_json:
        click.echo(json.dumps({"first": vault.first_id().hex(), "rows": found}))
        return
    for name, rows in found.items():
        for key, count in rows.items():
            first = "\tfirst" if key == vault.first_id().hex() else ""
            click.echo(f"{name}\t{key}\t{count}{first}")
