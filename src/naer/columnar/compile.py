"""An agreement becomes a plan: slots, families, eras and the columns they read."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import chain

from naer.agreement.conditions import Conditions
from naer.agreement.document import Problem
from naer.agreement.language import Agreement, Clause, Pattern
from naer.agreement.portfolio import Line
from naer.columnar.plan import Era, Family, Plan, Slot
from naer.events.calendar import readings
from naer.events.instant import Instant

BEGINNING: Instant = -(2**62)
"""Before every event."""

MOST_TESTS = 20
"""Different conditions that one kind of event may be put to; beyond them the table of roles explodes."""

_SAID_ONLY = ("node", "examples", "title", "source", "escalate", "deviation")
"""What a version of a clause may change without changing any obligation."""


class CannotCompile(Exception):
    """An agreement that the columnar driver cannot run, with the lines that say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def compile_line(line: Line) -> Plan:
    """The plan of one agreement in all its versions.

    Raises:
        CannotCompile: with the clause's line.
    """
    slots: list[Slot] = []
    families: list[Family] = []
    slot_of: list[tuple[int, ...]] = []
    for clause_id in line.triggers:
        for scope in ("pathway", "citizen"):
            known: dict[str, int] = {}
            by_version = []
            for agreement in line.versions:
                clause = agreement.clause(clause_id)
                if clause is None or clause.is_text or clause.scope != scope:
                    by_version.append(-1)
                    continue
                said = _said(clause)
                if said not in known:
                    known[said] = len(slots)
                    slots.append(Slot(len(families), clause))
                by_version.append(known[said])
            if known:
                families.append(Family(clause_id, scope, tuple(known.values())))
                slot_of.append(tuple(by_version))
    plan = Plan(
        line=line,
        versions=line.versions,
        families=tuple(families),
        slots=tuple(slots),
        eras=tuple(_eras(line)),
        slot_of=tuple(slot_of),
        needs=frozenset(_needs(line, slots)),
    )
    problems = list(_too_many_tests(plan))
    if problems:
        raise CannotCompile(problems)
    return plan


def uncompiled(line: Line) -> Sequence[Problem]:
    """Why the columnar driver cannot run an agreement; empty when it can."""
    try:
        compile_line(line)
    except CannotCompile as cannot:
        return cannot.problems
    return ()


def _said(clause: Clause) -> str:
    """Everything of a clause that an obligation depends on, as text: 1 and true differ."""
    return repr(
        [(name, getattr(clause, name)) for name in Clause.__struct_fields__ if name not in _SAID_ONLY]
    )


def _eras(line: Line) -> Iterator[Era]:
    days = {
        day
        for one in (line, *line.overlays)
        for agreement in one.versions
        for day in (agreement.starts, _after(agreement))
        if day is not None
    }
    begins = [None, *sorted(days)]
    for day in begins:
        moment = BEGINNING if day is None else readings(day, 0, line.zone)[0]
        yield Era(moment, _version(line, day), tuple(_applying(line, day)))


def _after(agreement: Agreement) -> dt.date | None:
    if agreement.ends is None or agreement.ends == dt.date.max:
        return None
    return agreement.ends + dt.timedelta(days=1)


def _version(line: Line, day: dt.date | None) -> int | None:
    found = line.at(day or dt.date.min)
    return None if found is None else next(n for n, one in enumerate(line.versions) if one is found)


def _applying(line: Line, day: dt.date | None) -> Iterator[Conditions]:
    for overlay in line.overlays:
        found = overlay.at(day or dt.date.min)
        if found is not None:
            yield found.applies


def _needs(line: Line, slots: Sequence[Slot]) -> Iterator[str]:
    for one in (line, *line.overlays):
        for agreement in one.versions:
            yield from (condition.attribute for condition in agreement.applies)
    yield "clause"
    for clause in (slot.clause for slot in slots):
        yield from (condition.attribute for condition in clause.where)
        for pattern in patterns(clause):
            yield from (condition.attribute for condition in pattern.where)
        for anchor in clause.anchors:
            if anchor.attribute:
                yield anchor.attribute
            elif anchor.time in ("sent", "received"):
                yield anchor.time
        if clause.match:
            yield clause.match
        if clause.scope == "citizen":
            yield from ("citizen", "tie")
        if clause.waiver:
            yield from ("organisation", "municipality")


def patterns(clause: Clause) -> Iterator[Pattern]:
    """Every pattern that a clause looks for."""
    since, pause = clause.since, clause.pause
    yield from chain(clause.after, clause.deliver, clause.unless)
    found = (
        clause.before,
        *((since.last, since.first, since.reset) if since else ()),
        *((pause.start, pause.end) if pause else ()),
        *(anchor.last for anchor in clause.anchors),
    )
    yield from (pattern for pattern in found if pattern is not None)


def _too_many_tests(plan: Plan) -> Iterator[Problem]:
    from naer.columnar.roles import tests_by_kind

    for kind, tests in tests_by_kind(plan).items():
        if len(tests) > MOST_TESTS:
            clause = next(
                slot.clause
                for slot in reversed(plan.slots)
                for one in patterns(slot.clause)
                if kind in one.activities
            )
            yield clause.node.problem(
                f"events of kind `{kind}` are put to {len(tests)} different conditions; "
                f"more than {MOST_TESTS} cannot be run over a whole log: say some of them as a list of values"
            )
