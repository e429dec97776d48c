"""`naer send`: deliver what waits in the outbox, once."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from naer.cli import options
from naer.cli.moment import MOMENT


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write everything that is due into this folder instead of sending it to its receivers.",
)
@click.option("--now", type=MOMENT, help="The time it is; default the clock.")
@click.option("--list", "listing", is_flag=True, help="Send nothing; list what has not got through.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout: one object, or one for each listed.")
@options.database
def send(folder: Path | None, now: int | None, listing: bool, as_json: bool, database: str | None) -> int:
    """Deliver the messages in the outbox that are due.

    They leave over the connections in NAER_CONNECTIONS, and are tried again until they get through. `naer
    serve` does this by itself, every second. The exit code is 1 when a try failed now. With --to DIR each
    message becomes a file in DIR, once.
    """
    from naer.site import boot

    boot.setup(database)
    from naer.site import clock
    from naer.site.fhir import work
    from naer.site.identity import new_id
    from naer.site.messaging.connections import WrongConnectionsError
    from naer.site.messaging.exchange import once

    if listing:
        _list(as_json)
        return 0
    at = clock.now if now is None else lambda: now
    try:
        if folder is None:
            work.run(at, new_id)
        done = once("naer send", at, str(folder or ""))
    except WrongConnectionsError as error:
        raise click.ClickException(str(error)) from None
    found = done.delivered
    if as_json:
        click.echo(json.dumps({"taken": done.taken, **asdict(found)}))
    else:
        click.echo(
            f"{found.sent} sent, {found.resent} of them again; {found.failed} tries failed; "
            f"{found.stuck} need somebody; {found.late} receipts overdue; {done.taken} files taken in"
        )
    return 1 if found.failed else 0


def _list(as_json: bool) -> None:
    """What has not got through: no citizen, no content."""
    from naer.events.instant import text
    from naer.site.messaging.models import OutgoingMessage
    from naer.site.messaging.outbox import ESCALATION

    done = (OutgoingMessage.State.ACKNOWLEDGED, OutgoingMessage.State.GIVEN_UP)
    for one in OutgoingMessage.objects.exclude(kind=ESCALATION).exclude(state__in=done).order_by("created"):
        fields = {
            "message_id": one.message_id,
            "standard": one.standard,
            "receiver": one.receiver,
            "state": one.state,
            "created": text(one.created),
            "attempts": one.attempts,
            "next_attempt": text(one.next_attempt) if one.next_attempt is not None else None,
            "due": text(one.due) if one.due is not None else None,
            "last_error": one.last_error,
        }
        click.echo(
            json.dumps(fields) if as_json else "\t".join(str(value or "-") for value in fields.values())
        )
