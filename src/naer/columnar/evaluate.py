"""A plan carried out on a chunk: what `naer.agreement.evaluate` says of its events, as columns."""

from collections import deque
from dataclasses import fields, replace
from typing import Any

import msgspec
import numpy as np

from naer.agreement.register import Register
from naer.columnar import kernel
from naer.columnar.bundles import Bundles, Courses
from naer.columnar.classes import Classifier, match_codes, naming_clauses
from naer.columnar.escape import by_reference
from naer.columnar.found import Found, joined
from naer.columnar.logs import alone, by_citizen, by_pathway
from naer.columnar.opening import starting_times
from naer.columnar.parameters import parameters
from naer.columnar.parties import resolve
from naer.columnar.plan import Plan
from naer.columnar.records import Records
from naer.columnar.roles import Roles, Table
from naer.columnar.room import room
from naer.columnar.sink import Sink, counted, no_sink, sink
from naer.columnar.tables import DayTables, no_days
from naer.columnar.tally import Cells, Layout
from naer.events.chunk import Chunk, Ints
from naer.events.instant import Instant

CITIZEN: frozenset[str] = frozenset({"citizen"})


def evaluate(
    plan: Plan,
    chunk: Chunk,
    now: Instant | None,
    *,
    working: bool = False,
    register: Register | None = None,
) -> Found:
    """What the events of one chunk owe at `now` (None judges after every due).

    `working` also works out the minutes inside opening hours. For many chunks make one `Evaluator`.
    """
    return Evaluator(plan, working=working, register=register).evaluate(chunk, now)


class _Pass(msgspec.Struct, frozen=True):
    """A chunk as the clauses of some scopes read it."""

    order: Ints
    logs: Ints
    classes: Ints
    table: Table
    waived: Ints
    most: int
    """Obligations that can be opened at most."""
    most_in_one: int
    """In one log."""


class Evaluator:
    """A plan with the tables it has made so far; chunks may be given from several threads."""

    def __init__(self, plan: Plan, *, working: bool = False, register: Register | None = None) -> None:
        self.plan, self.working, self.register = plan, working, register
        self._classifiers: dict[frozenset[str], Classifier] = {}
        self._bundles: dict[tuple[frozenset[str], bytes], Bundles] = {}
        self._used: deque[tuple[Ints, Ints]] = deque()
        """Cells and times of sinks that were counted, one for each thread: the system clears every page of
        new memory, which took a twentieth of the time."""
        self._parameters = parameters(self.plan)
        self._courses = Courses(self.plan, self._parameters.slots)
        self._scopes: frozenset[str] = frozenset(family.scope for family in self.plan.families)
        self._tables = DayTables(
            self.plan.line.zone,
            self._parameters.calendars,
            self._parameters.reach_back,
            self._parameters.reach,
        )

    def evaluate(self, chunk: Chunk, now: Instant | None) -> Found:
        """What the events of one chunk owe at `now`."""
        passes = self._passes(chunk, now)
        rows = Records(sum(one.most for one in passes), self.working)
        left_out, escaped = self._walked(chunk, now, passes, rows, no_sink())
        found = rows.found(left_out)
        if escaped.any():
            found = self._escape(chunk, now, found, escaped)
        return found

    def within(self, chunk: Chunk, now: Instant | None, some: Ints) -> Found | None:
        """The same, but of the clauses of a pathway only what they owe in some pathways, bool[p].

        None where that needs `evaluate`.
        """
        passes = [self._pass(chunk, now, frozenset({scope}), some=some) for scope in sorted(self._scopes)]
        rows = Records(sum(one.most for one in passes), self.working)
        left_out, escaped = self._walked(chunk, now, passes, rows, no_sink())
        return None if escaped.any() else rows.found(left_out)

    def count(self, chunk: Chunk, now: Instant | None, layout: Layout) -> tuple[Cells, Ints] | None:
        """What they owe counted in cells, and `Found.left_out`; None where that needs `evaluate`."""
        bundles = self._bundled(chunk, layout)
        passes = self._passes(chunk, now, bundles.leads)
        rows = Records(kernel.BATCH + max((one.most_in_one for one in passes), default=0), self.working)
        most = sum(one.most for one in passes)
        try:
            used = self._used.pop()
        except IndexError:
            used = np.empty(0, np.int32), np.empty(0, np.int64)
        if len(used[0]) < most:
            used = np.empty(most, np.int32), np.empty(most, np.int64)
        into = sink(layout, bundles, len(self.plan.versions), used)
        left_out, escaped = self._walked(chunk, now, passes, rows, into)
        found = None if escaped.any() else (counted(into, layout, bundles.same), left_out)
        self._used.append(used)
        return found

    def _bundled(self, chunk: Chunk, layout: Layout) -> Bundles:
        """What is followed together in a chunk and counted in the same groups."""
        given = self._parameters
        waived = naming_clauses(chunk, given.clauses)
        named = frozenset(given.clauses[n] for n in np.flatnonzero(np.bincount(waived[waived >= 0])))
        key = (named, layout.column_of.tobytes())
        found = self._bundles.get(key)
        if found is None:
            grouped = layout.column_of.reshape(len(self.plan.slots), -1).tolist()
            found = self._bundles[key] = self._courses.bundled(grouped, named)
        return found

    def _passes(self, chunk: Chunk, now: Instant | None, leads: Ints | None = None) -> list[_Pass]:
        """With `leads`, bool[slots], of those slots alone."""
        scopes = [self._scopes] if alone(chunk) else [frozenset({one}) for one in sorted(self._scopes)]
        return [self._pass(chunk, now, one, leads) for one in scopes]

    def _walked(
        self, chunk: Chunk, now: Instant | None, passes: list[_Pass], rows: Records, sink: Sink
    ) -> tuple[Ints, Ints]:
        """`Found.left_out`, and which components the tables could not judge."""
        left_out = np.zeros(len(chunk), np.uint8)
        escaped = np.zeros(len(chunk.components) - 1, np.bool_)
        for one in passes:
            self._walk(chunk, now, one, rows, left_out, escaped, sink)
        if now is not None:
            left_out[chunk.at > now] |= kernel.LEFT_LATER
        return left_out, escaped

    def _pass(
        self,
        chunk: Chunk,
        now: Instant | None,
        scopes: frozenset[str],
        leads: Ints | None = None,
        some: Ints | None = None,
    ) -> _Pass:
        classifier = self._classifiers.get(scopes)
        if classifier is None:
            classifier = self._classifiers.setdefault(scopes, Classifier(Roles(self.plan, scopes)))
        classes, table = classifier.classify(chunk, kernel.assign)
        if leads is not None:
            table = table.of(leads)
        waived = naming_clauses(chunk, self._parameters.clauses)
        if now is not None:
            later = chunk.at > now
            if later.any():
                classes[later] = 0
                waived[later[: len(waived)]] = -1
        if scopes == CITIZEN and not alone(chunk):
            order, logs = by_citizen(chunk, classes, waived)
        else:
            order, logs = by_pathway(chunk, None if scopes == CITIZEN else some)
        most, most_in_one = kernel.most(order, logs, classes, table.starts)
        return _Pass(order, logs, classes, table, waived, int(most), int(most_in_one))

    def _walk(
        self,
        chunk: Chunk,
        now: Instant | None,
        one: _Pass,
        rows: Records,
        left_out: Ints,
        escaped: Ints,
        sink: Sink,
    ) -> None:
        given, table = self._parameters, one.table
        at = np.require(chunk.at, np.int64, ["C", "A", "W"])
        waiver_rows, party_keys, waiver_keys = self._waivers(chunk, one.waived)
        clock = int(at.max()) if now is None and len(at) else now or 0
        first, last = (int(at.min()), min(clock, int(at.max()))) if len(at) else (clock, clock)
        logs_escaped = np.zeros(max(0, len(one.logs) - 1), np.uint8)
        needed = self._parameters.days or self.working
        tables = self._tables.covering(first, last) if needed else no_days()
        longest = int(np.diff(one.logs).max(initial=0)) if given.pauses else 0
        notes = room(given.cells, len(given.slots), len(given.slot_of), given.pauses, longest)
        rows.count = kernel.walk(
            one.order, one.logs, at, one.classes, clock, now is None,
            table.starts, table.slots, table.roles, table.phases, table.judges, given.era_begins,
            given.era_versions, given.slot_of, given.family_starts, given.family_slots,
            given.slots, given.anchors, starting_times(chunk, given.times, self.plan.line.zone),
            self._matches(chunk), given.cells, given.pauses,
            one.waived, given.clause_starts, given.clause_slots, waiver_rows, party_keys, waiver_keys,
            tables, np.zeros(1, np.int64), self.working, left_out, logs_escaped, rows.count,
            rows.numbers, rows.instants, rows.outcomes, sink, notes,
        )  # fmt: skip
        for log in np.flatnonzero(logs_escaped):
            pathway = int(np.searchsorted(chunk.pathways, one.order[one.logs[log]], side="right")) - 1
            escaped[int(np.searchsorted(chunk.components, pathway, side="right")) - 1] = True

    def _matches(self, chunk: Chunk) -> Ints:
        codes = [match_codes(chunk.coded(name), len(chunk), name) for name in self._parameters.matches]
        return np.stack(codes) if codes else np.zeros((1, 1), np.int32)

    def _waivers(self, chunk: Chunk, waived: Ints) -> tuple[Ints, Ints, Ints]:
        """Whose waiver counts: for each slot, version and side a row of party keys, and who waived (S25).

        Row -1 has no say; row -2 is a party that nobody knows, so that any waiver counts.
        """
        plan = self.plan
        rows = np.full((len(plan.slots), max(1, len(plan.versions)), 2), -1, np.int32)
        keys: list[Ints] = []
        names: dict[str, int] = {"unknown": 0}
        if not len(waived) or not any(slot.clause.waiver for slot in plan.slots):
            return rows, np.zeros((1, 1), np.int32), np.full(1, -1, np.int32)
        known: dict[str, int] = {}
        for number, slot in enumerate(plan.slots):
            right = slot.clause.waiver
            sides = ("owed_by", "owed_to") if right == "both" else (right,) if right else ()
            for version, agreement in enumerate(plan.versions):
                for side, which in enumerate(sides):
                    name = slot.clause.owed_by if which == "owed_by" else slot.clause.owed_to
                    party = agreement.parties.get(name) if name else None
                    if party is None:
                        rows[number, version, side] = -2
                        continue
                    if repr(party) not in known:
                        known[repr(party)] = len(keys)
                        found = resolve(chunk, party, self.register)
                        table = [names.setdefault(text, len(names)) for text in found.names]
                        keys.append(np.array(table, np.int32)[found.codes])
                    rows[number, version, side] = known[repr(party)]
        waiver_keys = np.full(len(chunk), -1, np.int32)
        if chunk.organisation is not None:
            table = [-1, *(names.setdefault(str(text), len(names)) for text in chunk.organisation.values)]
            waiver_keys = np.array(table, np.int32)[chunk.organisation.codes]
        return rows, np.stack(keys) if keys else np.zeros((1, 1), np.int32), waiver_keys

    def _escape(self, chunk: Chunk, now: Instant | None, found: Found, escaped: Ints) -> Found:
        """The same with the escaped components judged by the reference."""
        pathway_component = np.repeat(np.arange(len(escaped)), np.diff(chunk.components))
        event_component = np.repeat(pathway_component, np.diff(chunk.pathways))
        later = found.left_out & kernel.LEFT_LATER
        found.left_out[escaped[event_component]] = later[escaped[event_component]]
        stays = ~escaped[event_component[found.trigger]]
        columns: dict[str, Any] = {
            one.name: getattr(found, one.name)[stays] for one in fields(Found) if one.name != "left_out"
        }
        kept = replace(found, **columns)
        judged = by_reference(self.plan, chunk, np.flatnonzero(escaped), now, self.register)
        return joined([kept, judged])
