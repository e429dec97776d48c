"""`naer agreement …`: check, explain and try agreements, and list those that ship with Naer."""

import datetime as dt
import json
from pathlib import Path

import click

from naer.agreement.check import check as check_files
from naer.agreement.document import AgreementError, Problem
from naer.agreement.explain import LANGUAGES, explain_agreement
from naer.agreement.language import in_language
from naer.agreement.loader import LIBRARY, library, load
from naer.agreement.portfolio import Line, Portfolio
from naer.agreement.reading_values import Notes
from naer.agreement.reading_yaml import read
from naer.agreement.schema import schema as build_schema
from naer.agreement.timeline import SHAPE, events, judge, names, split, time
from naer.cli.agreement_export import export
from naer.cli.suggest import suggest
from naer.cli.trial import Trial, table, values
from naer.columnar.compile import uncompiled
from naer.events.instant import Instant, parse
from naer.events.log import Ledger

_FILE = click.Path(path_type=Path)


@click.group()
def agreement() -> None:
    """Check, explain, try, suggest, export agreements.

    Where a FILE is asked for, the id of an agreement that ships with Naer will do (see `list`).
    """


@agreement.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=_FILE)
def check(files: tuple[Path, ...]) -> None:
    """Check agreement files, and run the clauses' own examples.

    What is wrong is printed as file:line: what is wrong, what would be right. The exit code is 1
    when an agreement cannot be put in force; warnings do not change it.
    """
    report = check_files([_shipped(path) for path in files], LIBRARY, uncompiled)
    for problem in (*report.problems, *report.warnings):
        click.echo(problem)
    for name, clauses in report.agreements.items():
        click.echo(_told(name, clauses, _about(name, report.problems), _about(name, report.warnings)))
    if report.agreements:
        click.echo(f"{_count(report.examples, 'example')} run")
    if report.problems:
        raise SystemExit(1)


@agreement.command()
@click.argument("file", metavar="FILE")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language.")
@click.option("--plan", is_flag=True, help="The role table that a replay runs.")
def explain(file: str, lang: str, plan: bool) -> None:
    """Say in plain words what every clause means.

    With --plan: what the columnar engine makes of it. For each kind of event, what it does in which
    clause, in the order in which it is done; for each clause its due as a function of time.
    """
    if plan:
        from naer.cli.plan import show

        for line in loaded(file).lines:
            show(line)
        return
    for line in loaded(file).lines:
        click.echo(explain_agreement(line, lang), nl=False)


@agreement.command("try")
@click.argument("file", metavar="FILE")
@click.argument("timeline", metavar="TIMELINE", type=_FILE)
@click.option("--now", metavar="TIME", help="Judge as at this time; without it as a finished story.")
@click.option("--json", "as_json", is_flag=True, help="Print json instead of a table.")
def try_(file: str, timeline: Path, now: str | None, as_json: bool) -> None:
    """Show the obligations that a timeline would open.

    TIMELINE is a YAML file that maps times to kinds, as "2026-03-02 10:00": admitted. Its own `now`
    holds unless --now is given. A bare kind meets every condition; write attributes to test them.
    """
    portfolio = loaded(file)
    line = portfolio.lines[0]
    trial = _tried(portfolio, line, timeline, now)
    if as_json:
        click.echo(json.dumps(values(trial), ensure_ascii=False, indent=2))
    else:
        click.echo(table(trial))


@agreement.command()
def schema() -> None:
    """Print the JSON Schema of agreement files, for editors."""
    click.echo(json.dumps(build_schema(), ensure_ascii=False, indent=2))


agreement.add_command(suggest)
agreement.add_command(export)


@agreement.command("list")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language.")
def list_(lang: str) -> None:
    """List the agreements that ship with Naer."""
    for line in library().lines:
        newest = line.versions[-1]
        unverified = sum(not clause.verified for clause in newest.clauses)
        click.echo(f"{line.id}: {in_language(newest.title, lang)}")
        click.echo(
            f"  {newest.country}, {_force(newest.starts, newest.ends)}, "
            f"{_count(len(newest.clauses), 'clause')}, {unverified} of them unverified"
        )


def _tried(portfolio: Portfolio, line: Line, path: Path, now: str | None) -> Trial:
    """Read a timeline and judge it.

    Raises:
        click.ClickException: for what is wrong in the timeline.
    """
    notes = Notes()
    try:
        story, beside = split(read(path, SHAPE), notes)
    except AgreementError as error:
        raise Failed(str(error)) from None
    told = events(story, line.zone, notes, names(line))
    moment = _moment(now, line) if now is not None else time(beside, line.zone, notes)
    if notes.problems:
        raise Failed(str(AgreementError(notes.problems)))
    excluded = Ledger()
    obligations = judge(portfolio, told, moment, excluded=excluded)
    return Trial(line, moment, obligations, excluded)


def _moment(text: str, line: Line) -> Instant:
    try:
        return parse(text, line.zone)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--now") from None


def loaded(file: str) -> Portfolio:
    """An agreement by file or id, what is doubtful about it said on stderr.

    Raises:
        click.ClickException: with every problem.
    """
    if not Path(file).exists() and not file.endswith((".yaml", ".yml")) and file not in _ids():
        raise click.ClickException(
            f"there is no file and no shipped agreement `{file}`; shipped are {', '.join(_ids())}"
        )
    try:
        portfolio = load(file)
    except AgreementError as error:
        raise Failed(str(error)) from None
    for problem in (*portfolio.loosened, *portfolio.warnings):
        click.echo(Problem(problem.file, problem.line, problem.message, warning=True), err=True)
    return portfolio


def _ids() -> list[str]:
    return sorted({path.stem.partition("@")[0] for path in LIBRARY.glob("*.yaml")})


def _shipped(path: Path) -> Path:
    """The file itself, or the newest file of a shipped agreement with that id."""
    if path.exists() or path.suffix:
        return path
    found = sorted(one for one in LIBRARY.glob("*.yaml") if one.stem.partition("@")[0] == str(path))
    return found[-1] if found else path


class Failed(click.ClickException):
    """An agreement or timeline that cannot be used: its problems, one on each line."""

    def show(self, file: object = None) -> None:
        """On stderr, without a word before it, so that editors find file and line."""
        del file
        click.echo(self.message, err=True)


def _about(name: str, problems: list[Problem]) -> int:
    """How many problems are in an agreement's own files, which are named after it."""
    return sum(Path(problem.file).stem.partition("@")[0] == name for problem in problems)


def _told(name: str, clauses: int, problems: int, warnings: int) -> str:
    state = _count(problems, "problem") if problems else "can be put in force"
    more = f", {_count(warnings, 'warning')}" if warnings else ""
    return f"{name}: {_count(clauses, 'clause')}, {state}{more}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _force(starts: dt.date | None, ends: dt.date | None) -> str:
    if starts is None and ends is None:
        return "in force without a first or last day"
    return "in force" + (f" from {starts}" if starts else "") + (f" to {ends}" if ends else "")
