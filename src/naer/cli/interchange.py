"""`naer log export`: a log for the tools of process mining."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import click

from naer.cli.progress import Bar
from naer.events.event import Event
from naer.events.instant import ZONES
from naer.logs import LogError
from naer.logs.columns import parse as parse_columns

if TYPE_CHECKING:
    from naer.logs.store.store import Store

FORMATS = ("xes", "xes.gz")


@click.command()
@click.argument("log", metavar="LOG", type=click.Path(path_type=Path))
@click.option("--out", required=True, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "form", type=click.Choice(FORMATS), help="The format; without it by FILE's ending.")
@click.option("--columns", default="", metavar="MAP", help="As pathway=case_id,kind=activity,at=timestamp.")
@click.option("--country", type=click.Choice(sorted(ZONES)), default="DK", show_default=True,
              help="Whose clock times without an offset are.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else on stdout.")
def export(log: Path, out: Path, form: str | None, columns: str, country: str, as_json: bool) -> None:
    """Write a log as XES, for process mining.

    LOG is a log store, or a CSV, Parquet, NDJSON, XES or OCEL file or a folder of such files. A store
    gives its effective events; a file all its events, corrections and cancellations too. Rows that are no
    events are counted, and not written.
    """
    form = form or next((one for one in reversed(FORMATS) if out.name.lower().endswith(f".{one}")), None)
    if form is None:
        raise click.ClickException(f"{out}: say the format with --to, or end the name in .xes or .xes.gz")
    if out.exists():
        raise click.ClickException(f"{out} is there already; remove it, or name another file")
    from naer.logs.xes_writing import write

    try:
        with Bar("reading") as bar:
            events, left_out = _read(log, columns, country, bar)
        part = out.with_name(f".{out.name}.part")
        try:
            with _opened(part, packed=form == "xes.gz") as file:
                done = write(events, file)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    except LogError as error:
        raise click.ClickException(str(error)) from None
    told = {
        "file": str(out),
        "format": form,
        "events": done.events,
        "pathways": done.pathways,
        "left_out": left_out,
        "replaced": done.replaced,
        "renamed": done.renamed,
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(f"wrote {out}: {done.events} events in {done.pathways} pathways")
    if left_out:
        click.echo(f"{left_out} rows are no events and were not written", err=True)
    if done.replaced:
        click.echo(f"{done.replaced} texts had letters that XML does not have; they are U+FFFD now", err=True)
    if done.renamed:
        click.echo(
            f"{done.renamed} attributes are called as a part of an event is; they are original:… now",
            err=True,
        )


def _read(log: Path, columns: str, country: str, bar: Bar) -> tuple[Iterator[Event], int]:
    """The events pathway by pathway, and how many rows are none."""
    from naer.logs.store import manifest

    if (log / manifest.NAME).is_file():
        from naer.logs.store.store import Store

        return _told(Store.open(log), bar), 0
    from naer.logs.read import read
    from naer.logs.xes_writing import by_pathway

    found = read(log, zone=ZONES[country], columns=parse_columns(columns), progress=bar)
    rows = {exclusion.row for exclusion in found.exclusions}
    return by_pathway(found.events), len(rows)


def _opened(path: Path, *, packed: bool) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "wb")) if packed else path.open("wb")


def _told(store: "Store", bar: Bar) -> Iterator[Event]:
    for number, event in enumerate(store.read_events()):
        if number % 10_000 == 0:
            bar(number, store.events)
        yield event
