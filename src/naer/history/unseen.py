"""What an agreement asks for and a log never has: most often a name written differently (S20)."""

from collections.abc import Iterable, Iterator, Set
from itertools import chain

from naer.agreement import Clause
from naer.agreement.conditions import Conditions
from naer.agreement.language import Pattern
from naer.agreement.portfolio import Line
from naer.agreement.report import GROUPINGS


def unseen(line: Line, kinds: Set[str], attributes: Set[str]) -> Iterator[str]:
    """One sentence for each attribute that never occurs, and one for the kinds that never do.

    `kinds` and `attributes` are those that the log has, `organisation` and `municipality` among them.
    """
    asked: dict[str, list[str]] = {}
    for agreement in line.versions:
        for condition in agreement.applies:
            asked.setdefault(condition.attribute, []).append("applies")
        for clause in agreement.clauses:
            for name in () if clause.is_text else attributes_of(clause):
                asked.setdefault(name, []).append(f"clause {clause.id}")
    for name, users in asked.items():
        if name not in attributes:
            yield f"attribute `{name}` never occurs in the log ({', '.join(dict.fromkeys(users))})"
    patterns = list(chain.from_iterable(_patterns(clause) for clause in _run(line)))
    missing = {"/".join(pattern.kinds): None for pattern in patterns if pattern.activities.isdisjoint(kinds)}
    if missing:
        yield f"kinds that never occur in the log: {', '.join(missing)}"


def no_such_group(by: Iterable[str], attributes: Set[str]) -> str | None:
    """What is wrong with the first name that is neither a grouping nor an attribute of the log, if any is."""
    known = sorted({*GROUPINGS, *attributes})
    wrong = next((name for name in by if name not in known), None)
    if wrong is None:
        return None
    from naer.agreement.reading_values import near

    return f"there is no `{wrong}` in the log{near(wrong, known)}"


def undelivered(line: Line, kinds: Set[str]) -> Iterator[str]:
    """The clauses of which no version has a delivery that occurs in the log."""
    wanted: dict[str, set[str]] = {}
    for clause in _run(line):
        if clause.deliver:
            wanted.setdefault(clause.id, set()).update(*(one.activities for one in clause.deliver))
    yield from (clause for clause, activities in wanted.items() if kinds and activities.isdisjoint(kinds))


def attributes_of(clause: Clause) -> Iterator[str]:
    """Every attribute that a clause reads."""
    yield from _names(clause.where)
    for pattern in (*_patterns(clause), *_releases(clause)):
        yield from _names(pattern.where)
    yield from (anchor.attribute for anchor in clause.anchors if anchor.attribute)
    if clause.match:
        yield clause.match


def _run(line: Line) -> Iterable[Clause]:
    return (clause for agreement in line.versions for clause in agreement.clauses if not clause.is_text)


def _names(conditions: Conditions) -> Iterator[str]:
    return (condition.attribute for condition in conditions)


def _patterns(clause: Clause) -> Iterator[Pattern]:
    """The patterns that a clause cannot do without."""
    yield from clause.after
    yield from clause.deliver
    if clause.before:
        yield clause.before
    if clause.since:
        yield from (one for one in (clause.since.last, clause.since.first) if one)
    yield from (anchor.last for anchor in clause.anchors if anchor.last)


def _releases(clause: Clause) -> Iterator[Pattern]:
    yield from clause.unless
    if clause.pause:
        yield from (clause.pause.start, clause.pause.end)
    if clause.since and clause.since.reset:
        yield clause.since.reset
