"""A plan as the arrays that the kernel reads: one row of numbers for each slot."""

from collections.abc import Sequence

import msgspec
import numpy as np

from naer.agreement.deadlines import ByClock, Duration
from naer.agreement.language import Anchor, Clause
from naer.columnar import units
from naer.columnar.plan import Plan
from naer.columnar.roles import cell_of, cells
from naer.events.calendar import WorkCalendar
from naer.events.chunk import Ints
from naer.events.instant import HOUR, MINUTE

(
    FAMILY, CLAUSE, MODE, CALENDAR, LIMIT_UNIT, LIMIT, LIMIT_MINUTE, AHEAD_UNIT, AHEAD, AHEAD_MINUTE,
    ACCEPT_UNIT, ACCEPT, PAUSES, MATCH, SINCE_OPERATOR, SINCE_UNIT, SINCE_LIMIT, SINCE_LAST, ANCHORS,
    ANCHORS_END, NEXT_OPENING, WHEN, REPEAT, DELIVERED, WAIVER, ASKING, PLAIN, WIDTH,
) = range(28)  # fmt: skip
"""The columns of `Parameters.slots`. ASKING: it opens not at every trigger, or not at the trigger's time.
PLAIN: due within a time; whatever closes it closes all that waits, and nothing moves its due: as most are."""

AFTER_ONLY, BOTH, BEFORE_ONLY = range(3)
"""MODE: due within a time, before an event, or demanded by that event itself (S17)."""

OPERATORS = ("over", "at least", "under", "at most")

DAYS_OF = {
    units.ELAPSED: 1 / (24 * HOUR), units.DAYS: 1, units.MONTHS: 31, units.WORKING_HOURS: 1 / HOUR,
    units.WORKING_DAYS: 3, units.CLOCK: 1, units.WORKING_CLOCK: 3,
}  # fmt: skip
"""About how many days one of a unit reaches: what tables of days must cover, not what a deadline is."""

Time = tuple[str, str]
"""A time of an event that clocks start from: ("sent", ""), ("received", "") or ("attribute", its name)."""


class Parameters(msgspec.Struct, frozen=True):
    """S slots, A anchors, F families and so on, as the kernel takes them."""

    slots: Ints
    """int64[S, WIDTH]"""
    anchors: Ints
    """int64[A, 2]: the row of the times, the cell of the event they are read from (-1: the trigger)."""
    times: tuple[Time, ...]
    """The rows of times after the first, which is `at`."""
    matches: tuple[str, ...]
    """The attribute of each row of match values."""
    calendars: tuple[WorkCalendar, ...]
    cells: int
    pauses: int
    era_begins: Ints
    """int64[eras]"""
    era_versions: Ints
    """int64[eras]: -1 in a gap."""
    slot_of: Ints
    """int64[F, versions]"""
    family_starts: Ints
    family_slots: Ints
    clause_starts: Ints
    clause_slots: Ints
    """The slots of each clause, in the order of `clauses`."""
    clauses: tuple[str, ...]
    days: bool
    """Whether anything in it is counted in days or opening hours, so that tables of days are needed."""
    reach_back: int
    reach: int
    """Years that its deadlines look back and ahead, at most."""


def parameters(plan: Plan) -> Parameters:
    """The arrays of a plan."""
    builder = _Builder(plan)
    for number, slot in enumerate(plan.slots):
        builder.slot(number, slot.family, slot.clause)
    clauses = tuple(dict.fromkeys(family.clause for family in plan.families))
    by_clause = [
        [slot for family in plan.families if family.clause == clause for slot in family.slots]
        for clause in clauses
    ]
    family_starts, family_slots = _ragged([list(family.slots) for family in plan.families])
    clause_starts, clause_slots = _ragged(by_clause)
    versions = max(1, len(plan.versions))
    return Parameters(
        slots=builder.rows,
        anchors=np.array(builder.anchors or [(0, -1)], np.int64),
        times=tuple(builder.times),
        matches=tuple(builder.matches),
        calendars=tuple(builder.calendars),
        cells=len(builder.cells),
        pauses=builder.pauses,
        era_begins=np.array([era.begins for era in plan.eras], np.int64),
        era_versions=np.array([-1 if e.version is None else e.version for e in plan.eras], np.int64),
        slot_of=np.array(plan.slot_of, np.int64).reshape(len(plan.families), versions),
        family_starts=family_starts,
        family_slots=family_slots,
        clause_starts=clause_starts,
        clause_slots=clause_slots,
        clauses=clauses,
        days=_counts_days(builder.rows),
        reach_back=int(builder.reach_back // 365) + 1,
        reach=int(builder.reach // 365) + 1,
    )


def _counts_days(rows: Ints) -> bool:
    counted = rows[:, [LIMIT_UNIT, AHEAD_UNIT, ACCEPT_UNIT, SINCE_UNIT]]
    return bool((counted > units.ELAPSED).any() or rows[:, [NEXT_OPENING, WHEN]].any())


def length(one: Duration | ByClock) -> tuple[int, int, int]:
    """(unit, amount, minute) of a length or clock time; an amount of time is in microseconds."""
    if isinstance(one, ByClock):
        return (units.WORKING_CLOCK if one.working else units.CLOCK), one.days, one.minute
    amounts = {
        "min": (units.ELAPSED, MINUTE), "h": (units.ELAPSED, HOUR), "days": (units.DAYS, 1),
        "weeks": (units.DAYS, 7), "months": (units.MONTHS, 1), "working hours": (units.WORKING_HOURS, HOUR),
        "working days": (units.WORKING_DAYS, 1),
    }  # fmt: skip
    unit, times = amounts[one.unit]
    return unit, one.amount * times, 0


class _Builder:
    """Fills the rows, numbering calendars, cells, anchors, pauses and attributes as it meets them."""

    def __init__(self, plan: Plan) -> None:
        self.rows = np.zeros((len(plan.slots), WIDTH), np.int64)
        self.cells = cells(plan)
        self.clauses = {one: n for n, one in enumerate(dict.fromkeys(f.clause for f in plan.families))}
        self.families = plan.families
        self.calendars: list[WorkCalendar] = []
        self.anchors: list[tuple[int, int]] = []
        self.times: list[Time] = []
        self.matches: list[str] = []
        self.pauses = 0
        self.reach_back = self.reach = 1.0

    def slot(self, number: int, family: int, clause: Clause) -> None:
        """Fill one row."""
        row = self.rows[number]
        row[[PAUSES, MATCH, SINCE_LAST]] = -1
        row[FAMILY], row[CLAUSE] = family, self.clauses[self.families[family].clause]
        row[MODE] = (BOTH if clause.before else AFTER_ONLY) if clause.after else BEFORE_ONLY
        row[CALENDAR] = self._calendar(clause.calendar)
        if isinstance(clause.within, Duration | ByClock):
            row[[LIMIT_UNIT, LIMIT, LIMIT_MINUTE]] = self._length(clause.within)
        if clause.ahead:
            row[[AHEAD_UNIT, AHEAD, AHEAD_MINUTE]] = self._length(clause.ahead)
        if clause.accept_earlier:
            row[[ACCEPT_UNIT, ACCEPT]] = self._length(clause.accept_earlier)[:2]
        if clause.pause:
            row[PAUSES] = self.pauses
            self.pauses += 1
        if clause.match:
            row[MATCH] = _place(self.matches, clause.match)
        if clause.since:
            row[SINCE_OPERATOR] = OPERATORS.index(clause.since.operator) + 1
            row[[SINCE_UNIT, SINCE_LIMIT]] = self._length(clause.since.length)[:2]
            if clause.since.last:
                row[SINCE_LAST] = self.cells[cell_of([clause.since.last])]
        row[ANCHORS] = len(self.anchors)
        if clause.anchors != (Anchor(),):
            self.anchors += [self._anchor(anchor) for anchor in clause.anchors]
        row[ANCHORS_END] = len(self.anchors)
        row[NEXT_OPENING] = clause.next_opening
        row[WHEN] = 0 if clause.when is None else 1 if clause.when == "open" else 2
        row[REPEAT] = ("each", "first", "restart").index(clause.repeat)
        row[DELIVERED] = self.cells[cell_of(clause.deliver)]
        row[WAIVER] = clause.waiver is not None
        row[ASKING] = (
            row[[SINCE_OPERATOR, NEXT_OPENING, WHEN]].any()
            or row[ANCHORS] < row[ANCHORS_END]
            or row[MATCH] >= 0
        )
        row[PLAIN] = row[MODE] == AFTER_ONLY and row[PAUSES] == row[MATCH] == -1 and not row[WAIVER]

    def _calendar(self, calendar: WorkCalendar) -> int:
        for number, known in enumerate(self.calendars):
            if known == calendar:
                return number
        self.calendars.append(calendar)
        return len(self.calendars) - 1

    def _length(self, one: Duration | ByClock) -> tuple[int, int, int]:
        unit, amount, minute = length(one)
        days = abs(amount) * DAYS_OF[unit]
        self.reach, self.reach_back = max(self.reach, days), max(self.reach_back, days)
        return unit, amount, minute

    def _anchor(self, anchor: Anchor) -> tuple[int, int]:
        cell = -1 if anchor.last is None else self.cells[cell_of([anchor.last])]
        if anchor.attribute is not None:
            return _place(self.times, ("attribute", anchor.attribute)) + 1, cell
        if anchor.time in ("sent", "received"):
            return _place(self.times, (anchor.time, "")) + 1, cell
        return 0, cell


def _place[Value](known: list[Value], wanted: Value) -> int:
    if wanted not in known:
        known.append(wanted)
    return known.index(wanted)


def _ragged(lists: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    starts = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    return starts, np.array([one for inner in lists for one in inner], np.int64)
