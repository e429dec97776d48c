"""`naer client`: systems that use the FHIR interface. Each command leaves a trace."""

import json
from pathlib import Path

import click

from naer.cli import options
from naer.cli.account import leave_trace, said_closed

ROLES = (
    "coordinator",
    "municipal_nurse",
    "discharge_nurse",
    "gp",
    "director",
    "analyst",
    "administrator",
    "integration",
)
"""As in `accounts.models.User.Role`, here so that help needs no database."""
_KEYS = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def client() -> None:
    """Systems that use the FHIR interface with keys of their own (SMART backend services)."""


@client.command("add")
@click.option("--name", required=True, help="What colleagues and the trace call the system.")
@click.option("--organisation", required=True, metavar="ID", help="Its key, SOR id or location number.")
@click.option(
    "--role", required=True, type=click.Choice(ROLES), help="As whom it acts: who it sees follows from it."
)
@click.option(
    "--scope",
    "scopes",
    required=True,
    multiple=True,
    metavar="SCOPE",
    help="What it may ask for, as system/Task.read or system/*.write; several times for several.",
)
@click.option("--keys", required=True, type=_KEYS, help="File with its JWK Set: public keys only.")
@options.database
def add_client(
    name: str, organisation: str, role: str, scopes: tuple[str, ...], keys: Path, database: str | None
) -> None:
    """Register a system, and print its client_id.

    It acts as an account of its organisation without a password: a coordinator of a municipality sees those
    with an active case there, a discharge_nurse a hospital's patients, a gp a practice's. An integration
    sees no citizen, and takes in messages from everybody.
    """
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site import clock
    from naer.site.fhir import clients
    from naer.site.identity import new_id

    try:
        with transaction.atomic():
            made = clients.add(
                name, organisation, role, scopes, keys.read_bytes(), now=clock.now(), new_id=new_id
            )
            leave_trace("naer client add", "enrol", f"client {made.key} {role}", made.user.organisation_id)
    except clients.ClientRefusedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(made.key)
    click.echo(f"added {made.name}: {role}, {made.user.organisation}, {made.scopes}", err=True)


@client.command("change")
@click.argument("client_id")
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="Instead of those it has.")
@click.option("--keys", type=_KEYS, help="File with a JWK Set, instead of the keys it has.")
@options.database
def change_client(client_id: str, scopes: tuple[str, ...], keys: Path | None, database: str | None) -> None:
    """Give a system other scopes or keys; tokens it holds end."""
    if not scopes and keys is None:
        raise click.UsageError("say what changes: --scope, --keys or both")
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site.fhir import clients

    try:
        with transaction.atomic():
            found = clients.change(client_id, scopes, keys.read_bytes() if keys else None)
            leave_trace(
                "naer client change", "enrol", f"client {found.key} changed", found.user.organisation_id
            )
    except clients.ClientRefusedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"changed {found.name}: {found.scopes}")


@client.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each, on stdout.")
@options.database
def list_clients(as_json: bool, database: str | None) -> None:
    """List the systems: client_id, name, role, organisation, scopes, keys, and whether open or closed."""
    from naer.site import boot

    boot.setup(database)
    from naer.site.fhir.models import Client

    leave_trace("naer client list", "look", "clients")
    for one in Client.objects.select_related("user").order_by("created", "pk"):
        fields = {
            "client_id": one.key,
            "name": one.name,
            "role": one.user.role,
            "organisation": one.user.organisation_id,
            "scopes": one.scopes,
            "keys": len(one.keys.get("keys", [])),
            "open": one.user.is_active,
        }
        if as_json:
            click.echo(json.dumps(fields, ensure_ascii=False))
            continue
        fields["open"] = "open" if one.user.is_active else "closed"
        click.echo("\t".join(str(value or "-") for value in fields.values()))


@client.command("close")
@click.argument("client_id")
@options.database
def close_client(client_id: str, database: str | None) -> None:
    """Let a system in no more, and end its tokens. What it did stays in the trace."""
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site.fhir import clients

    try:
        with transaction.atomic():
            found, was_open = clients.close(client_id)
            leave_trace(
                "naer client close", "enrol", f"client {found.key} closed", found.user.organisation_id
            )
    except clients.ClientRefusedError as error:
        raise click.ClickException(str(error)) from error
    said_closed(was_open, found.name)
