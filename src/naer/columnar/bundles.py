"""Clauses that differ in how long a delivery may take, and in nothing else that is judged.

They open at the same events and are closed by the same ones, so that who only counts follows one of them,
the first, and asks at the end for each when it was due. What their deliveries took is the same, too.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from naer.agreement.language import Clause
from naer.columnar.parameters import CALENDAR, FAMILY, LIMIT, LIMIT_MINUTE, LIMIT_UNIT, PLAIN
from naer.columnar.plan import Plan
from naer.events.chunk import Ints

_COURSE = (
    "after", "where", "when", "next_opening", "since", "deliver", "anchors", "unless", "accept_earlier",
    "repeat",
)  # fmt: skip
"""What decides when an obligation of a plain clause opens, from when its time counts, and what closes it."""


UNIT, AMOUNT, MINUTE, ROW, BASE, WIDTH = range(6)
"""The columns of `Bundles.limits`: as in `Parameters.slots`; BASE is for who counts, as in `tally.Layout`."""


class Bundles(NamedTuple):
    """For S slots, F families and V versions."""

    leads: Ints
    """bool[S]: whether the slot's family is the first of its bundle."""
    starts: Ints
    """int64[F * V + 1]: by family and version where the rows of `limits` begin of those that it leads, its
    own the first; a family that another leads has none."""
    limits: Ints
    """int64[rows, WIDTH]"""
    pairs: Ints
    """int64[rows]: slot × V + version."""
    same: Ints
    """int64[clauses]: for each clause that of its bundle's first, by their places in `Plan.clause_ids`."""


class Courses:
    """Which families of a plan run alike."""

    def __init__(self, plan: Plan, slots: Ints) -> None:
        """`slots` are those of `Parameters`."""
        self._slot_of, self._slots = plan.slot_of, slots
        said = [
            _course(slot.clause, int(row[CALENDAR])) if row[PLAIN] else None
            for slot, row in zip(plan.slots, slots, strict=True)
        ]
        places = {clause: place for place, clause in enumerate(plan.clause_ids)}
        self._places = np.array([places[family.clause] for family in plan.families], np.int64)
        self._clauses = [family.clause for family in plan.families]
        self._count = max(1, len(places))
        self._said: list[tuple[object, ...] | None] = []
        for family, by_version in zip(plan.families, plan.slot_of, strict=True):
            courses = tuple("" if slot < 0 else said[slot] for slot in by_version)
            whole = self._clauses.count(family.clause) == 1 and None not in courses
            self._said.append((family.scope, *courses) if whole else None)

    def bundled(self, grouped: Sequence[Sequence[int]], named: frozenset[str]) -> Bundles:
        """Those that run alike and of which `grouped`, by slot and version, says the same.

        Not those that are `named`: a waiver closes what waits of the clause that it names, and nothing else.
        """
        leaders: dict[object, int] = {}
        led: list[list[int]] = [[] for _ in self._said]
        same = np.arange(self._count)
        for family, said in enumerate(self._said):
            leader = family
            if said is not None and self._clauses[family] not in named:
                groups = tuple(grouped[slot][v] for v, slot in enumerate(self._slot_of[family]) if slot >= 0)
                leader = leaders.setdefault((said, groups), family)
            led[leader].append(family)
            same[self._places[family]] = self._places[leader]
        versions = max(1, len(grouped[0])) if grouped else 1
        rows = [
            [
                self._slot_of[one][version] * versions + version
                for one in families
                if self._slot_of[one][version] >= 0
            ]
            for families in led
            for version in range(versions)
        ]
        pairs = np.array([pair for some in rows for pair in some], np.int64)
        limits = np.zeros((len(pairs), WIDTH), np.int64)
        limits[:, :BASE] = self._slots[pairs // versions][:, [LIMIT_UNIT, LIMIT, LIMIT_MINUTE, CALENDAR]]
        leads = np.array([bool(families) for families in led], np.bool_)
        starts = np.cumsum([0, *map(len, rows)]).astype(np.int64)
        return Bundles(leads[self._slots[:, FAMILY]], starts, limits, pairs, same)


def _course(clause: Clause, calendar: int) -> str:
    """All of `_COURSE` as text: 1 and true differ."""
    by_calendar = clause.when or clause.next_opening or clause.since or clause.accept_earlier
    said = [getattr(clause, name) for name in _COURSE]
    return repr((*said, calendar if by_calendar else None))
