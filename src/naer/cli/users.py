"""`naer user`: who signs in. Each command leaves a trace."""

import json
import sys

import click

from naer.cli import options
from naer.cli.account import account

ROLES = (
    "coordinator",
    "municipal_nurse",
    "discharge_nurse",
    "gp",
    "director",
    "administrator",
    "integration",
)
"""As in `accounts.models.User.Role`, here so that help needs no database."""


@click.group()
def user() -> None:
    """Users: who signs in, for which organisation, in which role."""


@user.command("add")
@click.option("--name", "username", required=True, metavar="USERNAME", help="What is typed at sign-in.")
@click.option("--full-name", required=True, metavar="NAME", help="What colleagues and the trace show.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--organisation", required=True, metavar="ID", help="Its key, SOR id or location number.")
@click.option("--language", type=click.Choice(["da", "nb", "en"]), help="Default: the browser's.")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking.")
@options.database
def add_user(
    username: str,
    full_name: str,
    role: str,
    organisation: str,
    language: str | None,
    password_stdin: bool,
    database: str | None,
) -> None:
    """Add a user. The password is asked for twice, and only its hash is kept.

    A coordinator or municipal_nurse belongs to a municipality, a discharge_nurse to a hospital, a gp to a
    general practice: from there they see its citizens.
    """
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site.accounts import enrol

    try:
        drafted = enrol.draft(username, full_name, role, organisation, language or "")
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
        with transaction.atomic():
            made = enrol.admit(drafted, password)
            _leave_trace("add", "enrol", f"user {made.username} {role}", made.organisation_id or "")
    except enrol.UserRefusedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"added {made.username}: {made.get_full_name()}, {role}, {made.organisation}")


def _asked() -> str:
    """The password, typed twice at the terminal without being shown."""
    if not sys.stdin.isatty():
        raise click.ClickException("there is no terminal to ask at; give the password with --password-stdin")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each, on stdout.")
@options.database
def list_users(as_json: bool, database: str | None) -> None:
    """List the users: user name, full name, role, organisation, language, and whether open or closed."""
    from naer.site import boot

    boot.setup(database)
    from naer.site.accounts.models import User

    _leave_trace("list", "look", "users")
    for one in User.objects.order_by("username"):
        fields = {
            "name": one.username,
            "full_name": one.get_full_name(),
            "role": one.role,
            "organisation": one.organisation_id,
            "language": one.language,
            "open": one.is_active,
        }
        if as_json:
            click.echo(json.dumps(fields, ensure_ascii=False))
            continue
        fields["open"] = "open" if one.is_active else "closed"
        click.echo("\t".join(str(value or "-") for value in fields.values()))


@user.command("close")
@click.argument("username")
@options.database
def close_user(username: str, database: str | None) -> None:
    """Let USERNAME sign in no more, and end the sessions. What the user did stays in the trace."""
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site.accounts import enrol

    try:
        with transaction.atomic():
            found, was_open = enrol.close(username)
            _leave_trace("close", "enrol", f"user {found.username} closed", found.organisation_id or "")
    except enrol.UserRefusedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{'closed' if was_open else 'closed already'}: {found.username}")


def _leave_trace(command: str, action: str, what: str, organisation: str = "") -> None:
    """Write down, about no citizen, what the command did and from which account of the machine."""
    from naer.site import clock
    from naer.site.pathways.actor import Process, leave_trace

    process = Process(f"naer user {command}", organisation)
    leave_trace(process, "", action, f"{what[:150]}, account {account()}", clock.now())
