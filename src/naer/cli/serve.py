"""`naer serve` and `naer migrate`: running an installation."""

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from naer.cli import options
from naer.machine import cores
from naer.site import boot

MOST_WORKERS = 4
"""Processes that `serve` starts by itself; a bigger installation says how many."""

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

STOPS_WITHIN_S = 5
"""A process that has not ended this long after it was asked to is killed."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes; default on PostgreSQL one for each core, at most 4; on SQLite, which has one writer, 1.",
)
@click.option("--tls-certificate", type=_FILE, help="PEM file of the server's certificate: serves https.")
@click.option("--tls-key", type=_FILE, help="PEM file of its private key.")
@click.option(
    "--tls-clients",
    type=_FILE,
    help="PEM file of authorities: nobody is let in without a certificate that one of them signed.",
)
@options.database
def serve(
    host: str,
    port: int,
    workers: int | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    tls_clients: Path | None,
    database: str | None,
) -> None:
    """Serve the pages and the message intake.

    A SQLite database is made and brought up to date first; on PostgreSQL run `naer migrate` when
    Naer was updated. In production mode (NAER_MODE=production) the settings are checked first.
    """
    tls = _tls(tls_certificate, tls_key, tls_clients)
    boot.setup(database)
    _refuse_pending_migrations()
    _refuse_wrong_agreements()
    _refuse_wrong_connections()
    _refuse_wrong_providers()
    _check_deployment()
    _tell_demo()
    listen(host, port, workers or _workers(), tls)


@click.command()
@options.database
def migrate(database: str | None) -> None:
    """Bring the database's tables up to date; safe to run again."""
    boot.setup(database)
    boot.migrate()
    click.echo("The database is up to date.")


def _workers() -> int:
    """As many processes as pay: the messages of one wait while another's transaction is written."""
    from django.db import connection

    return 1 if connection.vendor == "sqlite" else min(cores(), MOST_WORKERS)


@dataclass(frozen=True, slots=True)
class Tls:
    """The server's own TLS: certificate and key; with `clients`, callers need a certificate, too."""

    certificate: Path
    key: Path
    clients: Path | None = None


def _tls(certificate: Path | None, key: Path | None, clients: Path | None) -> Tls | None:
    if certificate is not None and key is not None:
        return Tls(certificate, key, clients)
    if certificate is not None or key is not None or clients is not None:
        raise click.UsageError("give both --tls-certificate and --tls-key; --tls-clients goes with them")
    return None


def listen(
    host: str,
    port: int,
    workers: int = 1,
    tls: Tls | None = None,
    then: Callable[[str], object] | None = None,
) -> None:
    """Serve until stopped, the site being set up already; once it answers, `then` is called with its address.

    Raises:
        click.ClickException: when the port is taken.
    """
    refuse_taken(host, port)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from naer.site.companion import OUTBOX, RESULTS, running

    address = f"http{'s' if tls else ''}://{f'[{host}]' if ':' in host else host}:{port}"
    threading.Thread(target=_tell, args=(host, port, address, then), daemon=True).start()
    # So many threads on few cores are meant: most of them wait for the database.
    logging.getLogger("_granian").addFilter(lambda said: "Python threads" not in said.getMessage())
    server = Granian(
        "naer.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=8,
        workers_kill_timeout=STOPS_WITHIN_S,
        log_level=LogLevels.warning,
        ssl_cert=tls.certificate if tls else None,
        ssl_key=tls.key if tls else None,
        ssl_ca=tls.clients if tls else None,
        ssl_client_verify=bool(tls and tls.clients),
    )
    with running(RESULTS), running(OUTBOX):
        server.serve(target_loader=_application, wrap_loader=False)


def _application() -> Callable[..., Any]:
    """The site, loaded by a process that will serve it.

    Until it does, it ends when it is asked to: granian's own answer, which it has from its parent, lets it
    load on and serve until it is killed. A Ctrl-C is its parent's to pass on.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from naer.site.wsgi import application

    return application


def _tell(host: str, port: int, address: str, then: Callable[[str], object] | None) -> None:
    """Say where Naer listens as soon as it does: what is opened before finds nobody there."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    click.echo(f"Naer listens on {address} (Ctrl-C stops it)", err=True)
    if then is not None:
        then(address)


def refuse_taken(host: str, port: int) -> None:
    """Say so now when something else listens there.

    Raises:
        click.ClickException: when the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {host}:{port}: {error.strerror}. Stop what runs there, or choose --port."
            ) from None


def _refuse_pending_migrations() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise click.ClickException("the database is of an older version of Naer; run `naer migrate` first")


def _refuse_wrong_agreements() -> None:
    from naer.agreement import AgreementError
    from naer.site.agreements.in_force import agreements

    try:
        agreements()
    except AgreementError as error:
        raise click.ClickException(f"the agreements cannot be put in force:\n{error}") from None


def _refuse_wrong_connections() -> None:
    from naer.site.messaging.connections import WrongConnectionsError, connections

    try:
        connections()
    except WrongConnectionsError as error:
        raise click.ClickException(f"no message could leave: {error}") from None


def _refuse_wrong_providers() -> None:
    from naer.site.accounts.providers import WrongProviderError, providers

    try:
        providers()
    except WrongProviderError as error:
        raise click.ClickException(f"nobody could sign in through a provider: {error}") from None


def _check_deployment() -> None:
    from django.conf import settings
    from django.core.checks import WARNING, run_checks

    if settings.MODE != "production":
        return
    found = run_checks(include_deployment_checks=True)
    wrong = [message for message in found if message.level >= WARNING and not message.is_silenced()]
    if wrong:
        lines = "\n".join(f"  {message.id}: {message.msg}" for message in wrong)
        raise click.ClickException(f"the settings are not fit for production:\n{lines}")


def _tell_demo() -> None:
    """A forgotten NAER_MODE is told: the demo lets in more than an installation should."""
    from django.conf import settings

    if settings.MODE == "demo":
        click.echo(
            "NAER_MODE is demo: people made by the demo are entered with one click, and without "
            "NAER_INTAKE_TOKEN everything on this machine may send messages, also a server in front that "
            "passes them on. A real installation needs NAER_MODE=production.",
            err=True,
        )
