"""`naer log …`: the log store, built from files or the operational database, added to, and looked at."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from naer import machine
from naer.cli import log_database, options
from naer.cli.interchange import export
from naer.cli.log_adding import add
from naer.cli.log_database import is_database
from naer.cli.log_shown import described, difference, shown
from naer.cli.progress import Bar
from naer.events.instant import ZONES
from naer.logs import LogError
from naer.logs.columns import parse as parse_columns

if TYPE_CHECKING:
    from naer.logs.store import Store

_FOLDER = click.Path(file_okay=False, path_type=Path)
_columns = click.option("--columns", metavar="MAP", help="As pathway=case_id,kind=activity,at=timestamp.")
_agreement = click.option(
    "--agreement",
    metavar="FILE",
    help="Its own kinds of event are known too: a file, or an id in the library.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else on stdout.")


@click.group()
def log() -> None:
    """Build, add to and look at a log store: a whole history, packed, ready for replay.

    A SOURCE is a CSV, Parquet, NDJSON, XES, XES.gz or OCEL file, a folder of such files, or `database`
    for the operational database.
    """


log.add_command(export)


@log.command()
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True)
@click.option("--out", required=True, metavar="DIR", type=_FOLDER, help="The folder of the store.")
@_columns
@click.option("--country", type=click.Choice(list(ZONES)), default="DK", show_default=True,
              help="Whose clock times without an offset are.")  # fmt: skip
@_agreement
@click.option(
    "--replace", is_flag=True, help="Build it anew where there is one; the old one serves until then."
)
@_json
@options.database
def build(
    sources: tuple[str, ...],
    out: Path,
    columns: str | None,
    country: str,
    agreement: str | None,
    replace: bool,
    as_json: bool,
    database: str | None,
) -> None:
    """Build a log store from SOURCE….

    A SOURCE is a CSV, Parquet, NDJSON, XES, XES.gz or OCEL file, a folder of such files, or `database`.
    Rows that are no events are counted, kept in DIR/rejected.ndjson, and stop nothing. An interrupted
    build goes on when the same command is given again; one that is done is shown.
    """
    machine.keep_freed_memory()
    own = _own_kinds(agreement)
    clock = time.time_ns() // 1000
    from naer.logs.store.sources_build import build as build_store
    from naer.logs.store.sources_build import unfinished
    from naer.logs.store.sources_files import Book, find

    try:
        if unfinished(out):
            click.echo(f"{out}: a build was interrupted here; going on with it", err=True)
        with Bar("looking") as looking:
            files = find([source for source in sources if not is_database(source)], looking)
        with Bar("reading") as reading, Bar("packing") as packing:
            streams = [
                log_database.stream(database, {}, reading) for source in sources if is_database(source)
            ]
            store = build_store(
                files,
                out,
                clock=clock,
                country=country,
                columns=parse_columns(columns or ""),
                streams=streams[:1],
                anew=replace,
                reading=reading,
                packing=packing,
            )
        if Book.of(store.manifest.provenance).takes[0]["clock"] != clock:
            click.echo(f"{out}: built of these very files before; nothing was read again", err=True)
        _say(_described(store, clock, own), as_json)
    except LogError as error:
        raise click.ClickException(str(error)) from None


@log.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True)
@_columns
@_agreement
@_json
@options.database
def append(
    folder: Path,
    sources: tuple[str, ...],
    columns: str | None,
    agreement: str | None,
    as_json: bool,
    database: str | None,
) -> None:
    """Add SOURCE… to the log store DIR, in one step.

    Files that it has already are passed over; `database` reads the citizens with something new. Columns
    are those of the build unless given.
    """
    machine.keep_freed_memory()
    own = _own_kinds(agreement)
    clock = time.time_ns() // 1000
    try:
        added = add(sources, folder, columns=columns, database=database, own=own, clock=clock)
        told = _described(added.store, clock, own)
        told["added"] = difference(told, added)
        _say(told, as_json)
    except LogError as error:
        raise click.ClickException(str(error)) from None


@log.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@_agreement
@click.option("--verify", is_flag=True, help="First compare every byte with what was written.")
@_json
def show(folder: Path, agreement: str | None, verify: bool, as_json: bool) -> None:
    """Say what is in the log store DIR: counts, span of time, kinds, sources, what was left out, quality.

    With --verify a store of which a file is missing or changed is not shown: the file is named, and the
    exit code is 1.
    """
    from naer.logs.store import Store

    own = _own_kinds(agreement)
    try:
        store = Store.open(folder)
        if verify:
            store.verify()
            click.echo(f"{folder}: every file is as it was written", err=True)
        _say(_described(store, time.time_ns() // 1000, own), as_json)
    except LogError as error:
        raise click.ClickException(str(error)) from None


def _described(store: "Store", clock: int, own: dict[str, str]) -> dict[str, Any]:
    from naer.logs.store.quality import survey

    with Bar("checking") as checking:
        report = survey(store, clock, own, checking)
    return described(store, report)


def _say(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        shown(told)


def _own_kinds(agreement: str | None) -> dict[str, str]:
    """Activity name → kind, of all versions of an agreement."""
    if agreement is None:
        return {}
    from naer.agreement import AgreementError, load

    try:
        portfolio = load(agreement)
    except AgreementError as error:
        raise click.ClickException(f"{agreement} cannot be used:\n{error}") from None
    return {
        activity: kind
        for line in portfolio.lines
        for version in line.versions
        for kind, activities in version.events.items()
        for activity in activities
    }
