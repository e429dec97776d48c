"""What `naer agreement explain --plan` prints: the role table and the dues of an agreement."""

import click

from naer.agreement.portfolio import Line
from naer.cli.console import for_tables
from naer.columnar.compile import CannotCompile, compile_line
from naer.columnar.plan_text import ORDER, dues, eras, roles
from naer.events.instant import local_date


def show(line: Line) -> None:
    """Three tables on stdout: what events do, when clauses are due, when versions are in force.

    Raises:
        click.ClickException: for an agreement that the columnar engine cannot run.
    """
    from rich.table import Table

    try:
        plan = compile_line(line)
    except CannotCompile as error:
        raise click.ClickException(f"only the reference engine can run this agreement:\n{error}") from None
    console = for_tables()
    console.print(f"{line.id}: {len(plan.slots)} rules", highlight=False)
    table = Table("event", "does", "clause", "if", box=None, pad_edge=False)
    before = ""
    for role in roles(plan):
        table.add_row("" if role.kind == before else role.kind, role.does, role.clause, role.given)
        before = role.kind
    console.print(table)
    console.print(f"One event acts in this order: {', '.join(ORDER)}.\n", highlight=False)
    table = Table("clause", "versions", "opens", "start", "due", "closed by", box=None, pad_edge=False)
    for due in dues(plan):
        table.add_row(*due)
    console.print(table)
    if len(plan.eras) > 1:
        table = Table("triggers from", "are judged by", box=None, pad_edge=False)
        for number, (begins, version) in enumerate(eras(plan)):
            table.add_row(str(local_date(begins, line.zone)) if number else "the beginning", version)
        console.print()
        console.print(table)
