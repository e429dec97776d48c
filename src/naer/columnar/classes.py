"""A chunk's events as classes of the role table: each condition is asked once for each different value."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from naer.agreement.conditions import Condition
from naer.agreement.indexed import match_value
from naer.columnar.roles import Roles, Table
from naer.events.chunk import Chunk, Coded, Ints
from naer.events.event import Event

Assign = Callable[[Ints, Ints, Ints, Ints, Ints, Ints, Ints, Ints, Ints, Ints], None]
"""(kind, base of each kind, where its tests start, column of each test, where its answers start, answers,
codes [columns, n], class of each place or -1, out: classes int32[n], out: met uint8[places])."""


def asking(name: str, value: object) -> Event:
    """An event that says nothing but one attribute (or its organisation or municipality)."""
    if name in ("organisation", "municipality"):
        return Event(id=0, pathway="", kind="", at=0, **{name: value})  # type: ignore[arg-type]
    return Event(id=0, pathway="", kind="", at=0, attributes={name: value})


def answers(condition: Condition, column: Coded | None) -> Ints:
    """uint8[values + 1]: whether the condition holds for a missing value, then for each value."""
    values = [None, *(column.values if column else ())]
    found = (condition.holds(asking(condition.attribute, value)) for value in values)
    return np.fromiter(found, np.uint8, len(values))


class _Layout(msgspec.Struct, frozen=True):
    """Where the classes of each kind stand among all that its tests could make."""

    bases: Ints
    """int64[kinds]"""
    starts: Ints
    """int64[kinds + 1]: its tests."""
    conditions: Sequence[Condition]
    places: int


class Classifier(msgspec.Struct):
    """Gives each event of a chunk its class; learns new classes as they are met."""

    roles: Roles
    _layouts: dict[tuple[str, ...], tuple[_Layout, Ints]] = msgspec.field(default_factory=dict)

    def classify(self, chunk: Chunk, assign: Assign) -> tuple[Ints, Table]:
        """int32[n] classes, and the role table that has them all."""
        layout, class_of = self._layout(tuple(chunk.kinds))
        used = list(dict.fromkeys(one.attribute for one in layout.conditions if chunk.coded(one.attribute)))
        codes = np.zeros((len(used) + 1, len(chunk) if layout.conditions else 1), np.int32)
        for row, name in enumerate(used):
            column = chunk.coded(name)
            if column is not None:
                codes[row] = column.codes
        columns, begins, said = [], [], []
        total = 0
        for condition in layout.conditions:
            found = answers(condition, chunk.coded(condition.attribute))
            columns.append(used.index(condition.attribute) if condition.attribute in used else len(used))
            begins.append(total)
            said.append(found)
            total += len(found)
        classes = np.empty(len(chunk), np.int32)
        while True:
            met = np.zeros(layout.places, np.uint8)
            known = class_of.copy()  # another thread may learn a class while this one looks them up
            assign(
                chunk.kind, layout.bases, layout.starts, np.array(columns, np.int64),
                np.array(begins, np.int64), np.concatenate(said) if said else np.zeros(1, np.uint8), codes,
                known, classes, met,
            )  # fmt: skip
            unknown = np.flatnonzero(met & (known < 0))
            if not len(unknown):
                return classes, self.roles.table()
            for place in unknown:
                kind = int(np.searchsorted(layout.bases, place, side="right")) - 1
                class_of[place] = self.roles.class_of(chunk.kinds[kind], int(place - layout.bases[kind]))

    def _layout(self, kinds: tuple[str, ...]) -> tuple[_Layout, Ints]:
        known = self._layouts.get(kinds)
        if known is None:
            tests = [list(self.roles.tests.get(kind, {}).values()) for kind in kinds]
            sizes = [1 << len(one) for one in tests]
            layout = _Layout(
                bases=np.cumsum([0, *sizes[:-1]]).astype(np.int64) if kinds else np.zeros(0, np.int64),
                starts=np.cumsum([0, *map(len, tests)]).astype(np.int64),
                conditions=[condition for one in tests for condition in one],
                places=sum(sizes),
            )
            known = self._layouts[kinds] = (layout, np.full(sum(sizes), -1, np.int32))
        return known


def match_codes(column: Coded | None, size: int, name: str) -> Ints:
    """int32[n]: equal numbers where events have the same value to match (S26), -1 where they have none."""
    if column is None:
        return np.full(size, -1, np.int32)
    known: dict[object, int] = {}
    numbers = [-1]
    for value in column.values:
        text = match_value(asking(name, value), name)
        numbers.append(-1 if text is None else known.setdefault(text, len(known)))
    return np.array(numbers, np.int32)[column.codes]


def naming_clauses(chunk: Chunk, clauses: Sequence[str]) -> Ints:
    """int32[n]: for a waiver the place in `clauses` that it names, -1 for every other event."""
    column = chunk.attributes.get("clause")
    if column is None or "waived" not in chunk.kinds:
        return np.zeros(0, np.int32)
    numbers = [-1, *(clauses.index(value) if value in clauses else -1 for value in column.values)]
    named = np.array(numbers, np.int32)[column.codes]
    named[chunk.kind != list(chunk.kinds).index("waived")] = -1
    return named
