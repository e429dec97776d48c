"""`naer user`: who signs in. Each command leaves a trace."""

import json
import sys

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
    "citizen",
    "relative",
)
"""As in `accounts.models.User.Role`, here so that help needs no database."""


@click.group()
def user() -> None:
    """Users: who signs in, for which organisation, in which role."""


@user.command("add")
@click.option("--name", "username", required=True, metavar="USERNAME", help="What is typed at sign-in.")
@click.option("--full-name", default="", metavar="NAME", help="What colleagues and the trace show.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--organisation", default="", metavar="ID", help="Its key, SOR id or location number.")
@click.option("--language", type=click.Choice(["da", "nb", "en"]), help="Default: the browser's.")
@click.option(
    "--citizen-stdin",
    is_flag=True,
    help="For a citizen: read the person number from stdin, a line before the password.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking.")
@click.option("--no-password", is_flag=True, help="Signs in through a provider only: see `naer user link`.")
@options.database
def add_user(
    username: str,
    full_name: str,
    role: str,
    organisation: str,
    language: str | None,
    citizen_stdin: bool,
    password_stdin: bool,
    no_password: bool,
    database: str | None,
) -> None:
    """Add a user. The password is asked for twice, and only its hash is kept.

    A coordinator or municipal_nurse belongs to a municipality, a discharge_nurse to a hospital, a gp to a
    general practice: from there they see its citizens. A citizen sees their own page, a relative what a
    citizen has granted: they have no organisation.
    """
    if no_password and password_stdin:
        raise click.UsageError("give --password-stdin or --no-password, not both")
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site.accounts import enrol

    try:
        citizen = enrol.citizen(_line("Person number")) if citizen_stdin else None
        drafted = enrol.draft(username, full_name, role, organisation, language or "", citizen=citizen)
        password = None if no_password else _password(password_stdin)
        with transaction.atomic():
            made = enrol.admit(drafted, password)
            leave_trace("naer user add", "enrol", f"user {made.username} {role}", made.organisation_id)
    except enrol.UserRefusedError as error:
        raise click.ClickException(str(error)) from error
    where = f", {made.organisation}" if made.organisation else ""
    click.echo(f"added {made.username}: {made.get_full_name()}, {role}{where}")


def _line(what: str) -> str:
    """A line that is never shown: from stdin, or typed at the terminal."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else _asked()


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

    leave_trace("naer user list", "look", "users")
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
            leave_trace("naer user close", "enrol", f"user {found.username} closed", found.organisation_id)
    except enrol.UserRefusedError as error:
        raise click.ClickException(str(error)) from error
    said_closed(was_open, found.username)


@user.command("unlock")
@click.argument("username")
@options.database
def unlock_user(username: str, database: str | None) -> None:
    """Let USERNAME, locked out after failed sign-ins, try again at once."""
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site.accounts import enrol

    try:
        with transaction.atomic():
            found, failed = enrol.unlock(username)
            leave_trace("naer user unlock", "unlocked", f"user {found.username}", found.organisation_id)
    except enrol.UserRefusedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"unlocked: {found.username} ({failed} failed sign-ins forgotten)")


@user.command("password")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking.")
@options.database
def renew_password(username: str, password_stdin: bool, database: str | None) -> None:
    """Give USERNAME another password, and end the sessions."""
    from naer.site import boot

    boot.setup(database)
    from django.db import transaction

    from naer.site.accounts import enrol

    try:
        password = _password(password_stdin)
        with transaction.atomic():
            found = enrol.renew(username, password)
            leave_trace(
                "naer user password", "enrol", f"user {found.username} password", found.organisation_id
            )
    except enrol.UserRefusedError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"changed: {found.username}")


@user.command("link")
@click.argument("username")
@click.option("--provider", required=True, metavar="NAME", help="Of a file in NAER_IDENTITY.")
@click.option("--subject", default="", metavar="SUB", help="The claim `sub` that names the person there.")
@click.option("--number-stdin", is_flag=True, help="Read the person number from stdin: links whoever has it.")
@options.database
def link_user(username: str, provider: str, subject: str, number_stdin: bool, database: str | None) -> None:
    """Let USERNAME sign in through a provider of identities.

    With a person number the first sign-in of its owner links, from then on the provider's subject counts.
    """
    if bool(subject) == number_stdin:
        raise click.UsageError("give --subject SUB or --number-stdin")
    from naer.site import boot, clock

    boot.setup(database)
    from django.db import transaction

    from naer.site.accounts import enrol, identities
    from naer.site.accounts.providers import WrongProviderError, providers

    try:
        chosen = providers().get(provider)
        if chosen is None:
            raise click.ClickException(f"NAER_IDENTITY names no provider {provider}")
        number = _line("Person number") if number_stdin else ""
        with transaction.atomic():
            found = identities.link(username, chosen, subject=subject, number=number, now=clock.real())
            told = f"user {found.username} with {provider}"
            leave_trace("naer user link", "linked", told, found.organisation_id)
    except (enrol.UserRefusedError, WrongProviderError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"linked: {found.username} with {provider}")


@user.command("unlink")
@click.argument("username")
@click.option("--provider", required=True, metavar="NAME")
@options.database
def unlink_user(username: str, provider: str, database: str | None) -> None:
    """Let USERNAME sign in through a provider no more, and end the sessions."""
    from naer.site import boot, clock

    boot.setup(database)
    from django.db import transaction

    from naer.site.accounts import identities

    with transaction.atomic():
        gone = identities.unlink(username, provider, clock.real())
        leave_trace("naer user unlink", "linked", f"user {username[:60]} no more with {provider[:40]}")
    click.echo(f"unlinked: {gone} identities of {username} at {provider}")
