"""Linting an agreement: everything wrong with it, and its clauses' own examples run."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from naer.agreement.document import AgreementError, Problem
from naer.agreement.language import Clause, Example
from naer.agreement.obligation import Obligation
from naer.agreement.portfolio import Line, Portfolio, both_apply
from naer.agreement.reading_values import Notes
from naer.agreement.shelf import Shelf
from naer.agreement.timeline import events, judge, names, time
from naer.events.instant import local
from naer.events.log import Ledger

_NAMED = 3
"""So many clauses are named in a warning."""


@dataclass
class Report:
    """What a check found. `problems` forbid putting the agreement in force; `warnings` do not."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    agreements: dict[str, int] = field(default_factory=dict)
    """Agreement id to its number of clauses."""
    examples: int = 0


Further = Callable[[Line], Iterable[Problem]]
"""What a driver that is not of this package says about an agreement."""


def check(paths: Sequence[Path], library: Path, further: Further | None = None) -> Report:
    """Check agreement files together: structure, versions, overlays, every example, and `further`."""
    report = Report()
    made: dict[str, Line] = {}
    for path in paths:
        shelf = Shelf([path.parent, library])
        try:
            portfolio = shelf.portfolio([shelf.add(path)])
        except AgreementError as error:
            report.problems.extend(error.problems)
            continue
        report.problems.extend(portfolio.loosened)
        report.warnings.extend(portfolio.warnings)
        for line in portfolio.lines:
            made[line.id] = line
    _together(made, report)
    for line in made.values():
        report.agreements[line.id] = len(line.versions[-1].clauses)
        portfolio = Portfolio((line,))
        for clause, example in _examples(line):
            report.examples += 1
            report.problems.extend(_run(portfolio, line, clause, example))
        report.warnings.extend(_untested(line))
        report.problems.extend(further(line) if further else ())
    report.problems = list(dict.fromkeys(report.problems))
    report.warnings = list(dict.fromkeys(report.warnings))
    return report


def _together(lines: dict[str, Line], report: Report) -> None:
    """Overlays given together must not both apply (S8)."""
    for one, other in both_apply(lines.values()):
        report.problems.append(
            one.node.problem(
                f"`{one.id}` and `{other.id}` both extend `{one.extends}` and can both apply; "
                "narrow `applies` or `valid` in one of them (S8)"
            )
        )


def _examples(line: Line) -> Iterator[tuple[Clause, Example]]:
    """The agreement's own examples (not its base's), each once."""
    own = {agreement.node.file for agreement in line.versions}
    seen: set[tuple[str, int]] = set()
    for versions in line.clauses.values():
        for clause in versions:
            for example in clause.examples:
                place = (example.node.file, example.node.line)
                if place[0] in own and place not in seen:
                    seen.add(place)
                    yield clause, example


def _untested(line: Line) -> Iterator[Problem]:
    """A warning when clauses of the newest version's own file have no example."""
    newest = line.versions[-1]
    bare = [
        f"`{clause.id}`"
        for clause in newest.clauses
        if clause.node.file == newest.node.file and (clause.after or clause.before) and not clause.examples
    ]
    if bare:
        more = f" and {len(bare) - _NAMED} more" if len(bare) > _NAMED else ""
        yield newest.node.problem(
            f"without an example: {', '.join(bare[:_NAMED])}{more}; nothing shows here that such a clause "
            "means what was agreed. Give it `examples`, each a timeline and what to expect of it",
            warning=True,
        )


def _run(portfolio: Portfolio, line: Line, clause: Clause, example: Example) -> Iterator[Problem]:
    notes = Notes()
    story = events(example.timeline, line.zone, notes, names(line))
    now = time(example.now, line.zone, notes)
    if notes.problems:
        yield from notes.problems
        return
    excluded = Ledger()
    found = [one for one in judge(portfolio, story, now, excluded=excluded) if one.clause == clause.id]
    outcomes = tuple(one.outcome for one in found)
    if outcomes != example.expect:
        left_out = "".join(f"; left out: {row['reason']}" for row in excluded.rows())
        yield example.node.problem(
            f"example of clause `{clause.id}` expects {_words(example.expect)}, "
            f"but the clause gives {_words(outcomes)}{_details(found, line.zone)}{left_out}"
        )


def _words(outcomes: tuple[str, ...]) -> str:
    return ", ".join(outcomes) or "no obligation"


def _details(found: list[Obligation], zone: ZoneInfo) -> str:
    dues = ", ".join(
        "empty" if one.due is None else f"{local(one.due, zone):%Y-%m-%d %H:%M}" for one in found
    )
    return f" (due {dues})" if dues else ""
