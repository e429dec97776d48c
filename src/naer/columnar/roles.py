"""The role table: what an event of each class opens, closes, releases, pauses and marks.

Events that meet the same conditions of the plan are one class. What a class does is worked out once,
here; the kernel then only looks it up, so a clause more or less compiles nothing anew.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np

from naer.agreement.conditions import Condition
from naer.agreement.language import Clause, Pattern
from naer.columnar.plan import Plan
from naer.events.chunk import Ints

# What an event of a class does in a slot, as bits.
PAUSE, RESUME, DELIVER, RELEASE, JUDGE, FIRST, RESET, TRIGGER = (1 << bit for bit in range(8))
WINDOW = 1 << 8
"""With RELEASE: the slot has `before` without `after`, so a release may come ahead of its trigger (S17)."""
LAST = 1 << 9
"""The "slot" is then a cell: the class is the latest event that `since`, an anchor or S23 looks back to."""

PHASES = OPENING, CLOSING, JUDGING, MARKING = range(4)
"""What an event does one after the other."""

# Whether an era's version judges a trigger of a class.
JUDGES, NO_VERSION, OUTSIDE, COVERED = range(4)

Test = tuple[str, str, str]
"""What tells one condition from another: attribute, operator, value as text (1, "1" and true differ)."""


def test_of(condition: Condition) -> Test:
    """The condition's identity."""
    return (condition.attribute, condition.operator, repr(condition.value))


def tests_by_kind(plan: Plan) -> dict[str, dict[Test, Condition]]:
    """For each kind that has a role, the different conditions that its events are put to."""
    found: dict[str, dict[Test, Condition]] = {}

    def put(kinds: Iterable[str], conditions: Iterable[Condition]) -> None:
        for kind in kinds:
            found.setdefault(kind, {}).update((test_of(one), one) for one in conditions)

    applying = [one.applies for one in plan.versions] + [one for era in plan.eras for one in era.overlays]
    for slot in plan.slots:
        for _, pattern in _roles(slot.clause):
            put(pattern.activities, pattern.where)
        for pattern in slot.clause.triggers:
            put(pattern.activities, slot.clause.where)
            for conditions in applying:
                put(pattern.activities, conditions)
    return found


def _roles(clause: Clause) -> Iterator[tuple[int, Pattern]]:
    """The patterns of a clause and what an event that matches does in its slot."""
    for role, patterns in ((TRIGGER, clause.triggers), (DELIVER, clause.deliver), (RELEASE, clause.unless)):
        yield from ((role, pattern) for pattern in patterns)
    if clause.before:
        yield JUDGE, clause.before
    if clause.pause:
        yield PAUSE, clause.pause.start
        yield RESUME, clause.pause.end
    if clause.since and clause.since.first:
        yield FIRST, clause.since.first
    if clause.since and clause.since.reset:
        yield RESET, clause.since.reset
    yield from ((LAST, pattern) for pattern in _looked_back(clause))


def _looked_back(clause: Clause) -> Iterator[Pattern]:
    if clause.since and clause.since.last:
        yield clause.since.last
    yield from (anchor.last for anchor in clause.anchors if anchor.last)


def cell_of(patterns: Iterable[Pattern]) -> str:
    """What tells the cell of the latest event of some patterns from another."""
    return repr([(sorted(pattern.activities), pattern.where) for pattern in patterns])


def cells(plan: Plan) -> dict[str, int]:
    """The cells of a plan: the number of each "latest event of these patterns"."""
    found: dict[str, int] = {}
    for slot in plan.slots:
        found.setdefault(cell_of(slot.clause.deliver), len(found))
        for pattern in _looked_back(slot.clause):
            found.setdefault(cell_of([pattern]), len(found))
    return found


class Table(msgspec.Struct, frozen=True):
    """The role table as arrays: the rows of each class, once for each phase of an event they take part in."""

    starts: Ints
    """int64[classes, 5]: where its rows of each of PHASES begin, and where the last end."""
    slots: Ints
    """int32[rows]: slot or cell."""
    roles: Ints
    """int32[rows]: bits."""
    phases: Ints
    """uint8[classes]: whether it has rows at all."""
    judges: Ints
    """uint8[classes, eras]"""

    def of(self, some: Ints) -> "Table":
        """The table of those slots alone that bool[S] says; what later events look back to stays."""
        stays = (self.roles & LAST > 0) | some[np.where(self.roles & LAST, 0, self.slots)]
        starts = np.concatenate(([0], np.cumsum(stays)))[self.starts]
        phases = (starts[:, -1] > starts[:, 0]).astype(np.uint8)
        return Table(starts, self.slots[stays], self.roles[stays], phases, self.judges)


class Roles:
    """Classes of events as they are met, and their rows, for the families of some scopes."""

    def __init__(self, plan: Plan, scopes: frozenset[str]) -> None:
        self.plan, self.scopes = plan, scopes
        self._classes: dict[tuple[str, int], int] = {}
        self._rows: list[list[tuple[int, int]]] = [[]]
        self._judges: list[list[int]] = []
        self._table: Table | None = None
        self._lock = threading.Lock()
        self.tests = tests_by_kind(self.plan)
        self._cells = cells(self.plan)
        self._judges.append([JUDGES] * len(self.plan.eras))
        self._slots = [
            (number, slot.clause, list(_roles(slot.clause)))
            for number, slot in enumerate(self.plan.slots)
            if self.plan.families[slot.family].scope in self.scopes
        ]

    def class_of(self, kind: str, bits: int) -> int:
        """The class of events of a kind that meet the conditions in `bits`, in the order of `tests`.

        Class 0 has no role at all.
        """
        with self._lock:
            known = self._classes.get((kind, bits))
            if known is None:
                known = self._classes[kind, bits] = self._new(kind, bits)
            return known

    def _new(self, kind: str, bits: int) -> int:
        met = {test for place, test in enumerate(self.tests.get(kind, ())) if bits >> place & 1}
        rows = list(self._row(kind, met))
        if not rows:
            return 0
        self._rows.append(rows)
        self._judges.append([self._judged(number, met) for number in range(len(self.plan.eras))])
        self._table = None
        return len(self._rows) - 1

    def _row(self, kind: str, met: set[Test]) -> Iterator[tuple[int, int]]:
        marks: dict[int, int] = {}
        for number, clause, patterns in self._slots:
            roles = 0
            for role, pattern in patterns:
                if kind not in pattern.activities or not _all(pattern.where, met):
                    continue
                if role == TRIGGER and not _all(clause.where, met):
                    continue
                if role == LAST:
                    marks[self._cells[cell_of([pattern])]] = LAST
                else:
                    roles |= role
            if roles & DELIVER:
                marks[self._cells[cell_of(clause.deliver)]] = LAST
            if roles & RELEASE and clause.before and not clause.after:
                roles |= WINDOW
            if roles:
                yield number, roles
        yield from sorted(marks.items())

    def _judged(self, era: int, met: set[Test]) -> int:
        one = self.plan.eras[era]
        if one.version is None:
            return NO_VERSION
        if not _all(self.plan.versions[one.version].applies, met):
            return OUTSIDE
        return COVERED if any(_all(conditions, met) for conditions in one.overlays) else JUDGES

    def rows(self) -> Sequence[tuple[str, int, Sequence[tuple[int, int]]]]:
        """(kind, bits, rows) of every class met so far that has a role."""
        return [(kind, bits, self._rows[one]) for (kind, bits), one in self._classes.items() if one]

    def table(self) -> Table:
        """All classes met so far, as arrays."""
        with self._lock:
            if self._table is None:
                self._table = self._arrays()
            return self._table

    def _arrays(self) -> Table:
        flat: list[tuple[int, int]] = []
        starts = []
        for rows in self._rows:
            begins = []
            for phase in PHASES:
                begins.append(len(flat))
                flat += [row for row in rows if phase in self._phases(*row)]
            starts.append([*begins, len(flat)])
        return Table(
            starts=np.array(starts, np.int64),
            slots=np.array([slot for slot, _ in flat], np.int32),
            roles=np.array([roles for _, roles in flat], np.int32),
            phases=np.array([len(rows) > 0 for rows in self._rows], np.uint8),
            judges=np.array(self._judges, np.uint8),
        )

    def _phases(self, slot: int, roles: int) -> Iterator[int]:
        """The phases that a row takes part in."""
        if roles & LAST:
            yield MARKING
            return
        clause = self.plan.slots[slot].clause
        before_only = clause.before is not None and not clause.after
        if roles & TRIGGER:
            yield OPENING
        if roles & (PAUSE | RESUME | DELIVER | RELEASE):
            yield CLOSING
        if roles & JUDGE and not before_only:
            yield JUDGING
        if roles & (FIRST | RESET) or (before_only and roles & (DELIVER | WINDOW | JUDGE)):
            yield MARKING


def _all(conditions: Iterable[Condition], met: set[Test]) -> bool:
    return all(test_of(one) in met for one in conditions)


def waived_clauses(plan: Plan) -> dict[str, int]:
    """The number by which a waiver names a clause: the place of the clause's id in the plan."""
    return {
        clause_id: number for number, clause_id in enumerate(dict.fromkeys(f.clause for f in plan.families))
    }
