"""`naer organisation` and `naer citizen`: the register, for operations and tests."""

import datetime as dt
import json
import uuid

import click

from naer.cli import options
from naer.cli.account import account
from naer.cli.moment import MOMENT

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def organisation() -> None:
    """Organisations in the register."""


@organisation.command("add")
@click.option("--name", required=True)
@click.option("--role", required=True, help="hospital, municipality, gp or other.")
@click.option(
    "--municipality", metavar="CODE", default="", help="Code; for a hospital or practice, where it lies."
)
@click.option("--sor", metavar="SOR", help="SOR id.")
@click.option("--gln", metavar="GLN", help="Location number, 13 digits.")
@click.option(
    "--her",
    metavar="ID[=SERVICE]",
    multiple=True,
    help="HER id in Norway; several, and with SERVICE (KD0501, KP02 …) of a service.",
)
@options.database
def add_organisation(
    name: str,
    role: str,
    municipality: str,
    sor: str | None,
    gln: str | None,
    her: tuple[str, ...],
    database: str | None,
) -> None:
    """Add an organisation, or change the one with the same SOR id (else GLN, first HER id, name)."""
    from naer.site import boot

    boot.setup(database)
    from naer.site.pathways import enrol

    addresses = [enrol.Her(*text.partition("=")[::2]) for text in her]
    try:
        found, made = enrol.organisation(
            name, role, municipality=municipality, sor=sor, gln=gln, her=addresses
        )
    except enrol.EnrolmentError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{'added' if made else 'changed'} {found.key}: {found.name}")


@organisation.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each, on stdout.")
@options.database
def list_organisations(as_json: bool, database: str | None) -> None:
    """List the organisations in the register."""
    from naer.site import boot

    boot.setup(database)
    from naer.site.accounts.models import Organisation

    for one in Organisation.objects.order_by("role", "name").prefetch_related("addresses"):
        fields = {name: getattr(one, name) for name in ("key", "name", "role", "municipality", "sor", "gln")}
        her = [{"her": found.value, "service": found.service} for found in one.addresses.all()]
        if as_json:
            click.echo(json.dumps(fields | {"addresses": her}, ensure_ascii=False))
            continue
        numbers = " ".join(f"{a['her']}={a['service']}".rstrip("=") for a in her)
        click.echo("\t".join(str(v or "-") for v in (*fields.values(), numbers)))


@click.group()
def citizen() -> None:
    """Citizens and their cases."""


@citizen.command("add")
@click.option("--id", "number", required=True, metavar="ID", help="Person number; it is stored encrypted.")
@click.option(
    "--system",
    metavar="NAME",
    default="",
    help="Register of a replacement number: FHN, HNR, DUF or a URN; default CPR, FNR or DNR.",
)
@click.option("--municipality", required=True, metavar="CODE", help="Municipality of residence.")
@click.option("--case", metavar="KIND", help="Kind of active case, as home-care: the legal basis.")
@click.option("--opened", type=_DAY, help="First day of the case; default: always been there.")
@click.option("--closed", type=_DAY, help="Last day of the case; default: still open.")
@click.option("--name", default="")
@click.option("--gp", metavar="KEY", help="Key of the general practice.")
@click.option(
    "--moved", type=MOMENT, help="From when another municipality or practice holds; default the clock."
)
@options.database
def add_citizen(
    number: str,
    system: str,
    municipality: str,
    case: str | None,
    opened: dt.datetime | None,
    closed: dt.datetime | None,
    name: str,
    gp: str | None,
    moved: int | None,
    database: str | None,
) -> None:
    """Add a citizen, or change one and add a case: a case opens the record to its municipality.

    It is written into the access trace, with the name of the account it was made from.
    """
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site import clock
    from naer.site.messaging import legal_basis
    from naer.site.pathways import enrol
    from naer.site.pathways.actor import Process, leave_trace

    what = f"municipality {municipality} {case or ''}".strip()
    try:
        with transaction.atomic():
            found, made = enrol.citizen(
                number,
                municipality,
                new_id=lambda: uuid.uuid4().hex,
                name=name,
                case=case,
                opened=opened.date() if opened else None,
                closed=closed.date() if closed else None,
                gp=gp,
                moved=clock.now() if moved is None else moved,
                system=system,
            )
            trace = f"{what}, account {account()}"
            leave_trace(Process("naer citizen add"), found.key, "enrol", trace, clock.now())
    except enrol.EnrolmentError as error:
        raise click.ClickException(str(error)) from error
    if case is not None and case not in legal_basis.KINDS:
        kinds = ", ".join(legal_basis.KINDS)
        click.echo(f"naer: a case {case!r} gives no legal basis; kinds that do: {kinds}", err=True)
    click.echo(f"{'added' if made else 'changed'} citizen {found.key}")


@citizen.command("show")
@click.argument("number", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--now", type=MOMENT, help="As it stands at this time; default the clock.")
@options.database
def show_citizen(number: str, as_json: bool, now: int | None, database: str | None) -> None:
    """Show a citizen's status now, stays, and the notifications that were shown.

    The look is written into the access trace, with the name of the account it was made from.
    """
    from naer.site import boot

    boot.setup(database)
    from naer.site import clock
    from naer.site.pathways import summary
    from naer.site.pathways.actor import Process, leave_trace

    found = summary.of_number(number, clock.now() if now is None else now)
    if found is None:
        if as_json:
            click.echo(json.dumps(summary.NOBODY))
        else:
            click.echo("status none: there is no such citizen; `naer citizen add` adds one")
        return
    leave_trace(Process("naer citizen show"), found["citizen"], "look", f"account {account()}", clock.now())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"status {found['status']} since {found['since'] or '-'}")
    for stay in found["stays"]:
        click.echo(f"stay {stay['kind']}: {stay['start'] or '?'} to {stay['end'] or 'now'}")
    for shown in found["notifications"]:
        click.echo(f"{shown['received']} {shown['code']} {shown['message_id']}")
