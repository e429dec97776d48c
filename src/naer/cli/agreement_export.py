"""`naer agreement export`: an agreement in a standard that other systems read."""

import datetime as dt
import json
from pathlib import Path

import click

from naer.agreement.explain import LANGUAGES


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--format", "form", type=click.Choice(["plandefinition"]), default="plandefinition",
              show_default=True, help="FHIR R4 PlanDefinition, as JSON.")  # fmt: skip
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language.")
@click.option("--on", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]),
              help="The version in force that day; without it the newest.")  # fmt: skip
@click.option("--url", "base", default="urn:naer", show_default=True, metavar="BASE",
              help="What canonical URLs begin with, as https://fhir.example.no/naer.")  # fmt: skip
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Write to a file instead of stdout.")  # fmt: skip
def export(file: str, form: str, lang: str, on: dt.datetime | None, base: str, out: Path | None) -> None:
    """Write an agreement as a FHIR R4 PlanDefinition.

    One action for each clause; a clause that says more than R4 can also carries its exact YAML in an
    extension. The status is active, draft or retired by today's date.
    """
    from naer.agreement.plan_definition import plan_definition
    from naer.cli.agreement import loaded

    del form  # there is one
    if ":" not in base or " " in base:
        raise click.BadParameter("an absolute URI, as https://fhir.example.no/naer", param_hint="--url")
    line = loaded(file).lines[0]
    found = line.versions[-1] if on is None else line.at(on.date())
    if found is None:
        assert on is not None
        raise click.ClickException(f"`{line.id}` is not in force on {on.date()}")
    made = plan_definition(found, lang, today=dt.datetime.now(line.zone).date(), base=base)
    text = json.dumps(made, ensure_ascii=False, indent=2)
    if out is None:
        click.echo(text)
        return
    if out.exists():
        raise click.ClickException(f"{out} is there already; remove it, or name another file")
    out.write_text(text + "\n", encoding="utf-8")
    click.echo(f"wrote {out}: {len(found.clauses)} clauses", err=True)
