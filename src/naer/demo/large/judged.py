"""What the log of a block means: obligations, escalation steps and statuses, by the columnar kernel.

The same as the live driver (`naer.site.pathways.live`) stores for the same log; a test compares them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import polars as pl

from naer.agreement import Line
from naer.agreement.language import Step
from naer.columnar import rows
from naer.columnar.compile import compile_line
from naer.columnar.evaluate import Evaluator
from naer.columnar.found import MISSING, OPEN, OUTCOMES, Found
from naer.columnar.parameters import CALENDAR, DAYS_OF, length, parameters
from naer.columnar.plan import Plan
from naer.columnar.tables import DayTables, no_days
from naer.columnar.times import all_moved
from naer.columnar.units import AT_ONCE
from naer.demo.large.courses import ATTRIBUTES, KINDS, Told
from naer.demo.large.people import taken
from naer.demo.region import hospitals, municipalities, practices
from naer.events.chunk import NONE, Chunk, Coded, Ints, Naming
from naer.events.event import Event
from naer.events.instant import Instant
from naer.messages.medcom.status import status
from naer.site.pathways.register import Organisation, Register
from naer.site.pathways.stage import stage

_FOUND = {
    "status": pl.String, "status_since": pl.Int64, "stage": pl.String, "stage_since": pl.Int64,
    "stage_plan": pl.Int64, "stage_hospital": pl.Int64,
}  # fmt: skip
"""Where a citizen stands: since which of their events, and at the hospital of which."""
_MOVES = frozenset(KINDS) - {
    "admission_report", "medication_list", "need_assessed", "care_forecast", "treatment_finished",
    "rehabilitation_plan", "waived", "phone_call", "discharge_report", "epicrisis", "rehabilitation_contact",
    "rehabilitation_started", "follow_up_chosen",
}  # fmt: skip
"""The kinds that can change a status or a stage."""


@dataclass
class Judge:
    """The agreements in force, ready to judge block after block."""

    lines: Sequence[Line]
    _evaluators: list[Evaluator] = field(default_factory=list)
    _days: list[DayTables] = field(default_factory=list)
    """For the escalation steps of each line."""

    def __post_init__(self) -> None:
        for line in self.lines:
            plan = compile_line(line)
            self._evaluators.append(Evaluator(plan, working=True))
            self._days.append(_days(plan))

    def owed(
        self, events: pl.DataFrame, order: Ints, told: Told, people: pl.DataFrame, now: Instant
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(obligations, steps) of the log of a block, both less their ids.

        `order` says which row of `told` each event is. Steps name their obligation by its row.
        """
        chunk, stored = packed(events, order, told, people)
        register = _register(people)
        obligations, steps, before = [], [], 0
        for evaluator, days in zip(self._evaluators, self._days, strict=True):
            evaluator.register = register
            found = evaluator.evaluate(chunk, now)
            if not len(found):
                continue
            frame = _obligations(evaluator.plan, chunk, found, register, events, stored)
            obligations.append(frame)
            steps.append(_steps(evaluator.plan, days, chunk, found, before))
            before += len(frame)
        return pl.concat(obligations), pl.concat(steps)


def packed(events: pl.DataFrame, order: Ints, told: Told, people: pl.DataFrame) -> tuple[Chunk, Ints]:
    """The events as the kernel walks them, and for each the row of `events` that it is."""
    course, at = told.course[order], told.at[order]
    ids = events["id"]
    rank = _rank(ids)
    # Equal `sent` at an equal `at`, so that the id alone decides what comes first (S2).
    stored = np.lexsort((rank, at, course))
    course, at, rank = course[stored], at[stored], rank[stored]
    there = np.unique(course)
    begins = np.searchsorted(course, there)
    citizen = told.owner[there]
    components = np.flatnonzero(np.concatenate(([True], citizen[1:] != citizen[:-1])))
    names = events["pathway"].gather(stored[begins]).to_list()
    naming = Naming(ids.gather(stored).to_list(), names, people["key"].to_list())
    says = told.says[order][stored]
    attributes = {}
    for name in dict.fromkeys(name for one in ATTRIBUTES for name in one):
        values = list(dict.fromkeys(one[name] for one in ATTRIBUTES if name in one))
        table = [values.index(one[name]) + 1 if name in one else 0 for one in ATTRIBUTES]
        attributes[name] = Coded(np.array(table, np.uint32)[says], values)
    chunk = Chunk(
        at=at,
        kind=told.kind[order][stored].astype(np.uint16),
        kinds=KINDS,
        pathways=np.append(begins, len(course)).astype(np.int64),
        components=np.append(components, len(there)).astype(np.int64),
        citizens=citizen.astype(np.int32),
        tie=_ties(told.owner[course], at, rank),
        sent=at,
        received=told.received[order][stored],
        municipality=_coded(events["municipality"], stored),
        organisation=_coded(events["organisation"], stored),
        attributes=attributes,
        naming=lambda: naming,
    )
    return chunk, stored


def standing(events: pl.DataFrame, order: Ints, told: Told, count: int) -> pl.DataFrame:
    """Status and stage of each of `count` citizens, as columns of `pathways_citizen`.

    Both depend on what happened in which order and pathway, not on when or where: of the citizens to whom
    the same happened one is asked, with the place of each event for its time and its hospital.
    """
    owner = told.owner[told.course[order]]
    # In the order of the log (S2): all say `sent` when it happened, so that the id decides at one instant.
    log = np.lexsort((_rank(events["id"]), told.at[order], owner))
    log = log[np.array([kind in _MOVES for kind in KINDS])[told.kind[order][log]]]
    course, kind, says = told.course[order][log], told.kind[order][log], told.says[order][log]
    begins = np.searchsorted(owner[log], np.arange(count + 1))
    same = course - np.append(course, 0)[begins[owner[log]]]  # a citizen's courses stand one after the other
    happened = np.stack((kind, says, same), axis=1).astype(np.int16)
    known: dict[bytes, tuple[object, ...]] = {}
    rows = []
    for begin, end in pairwise(begins.tolist()):
        what = happened[begin:end].tobytes()
        if what not in known:
            known[what] = _standing_of(happened[begin:end].tolist())
        rows.append(known[what])
    at, key = told.at[order][log], events["organisation"].gather(log)
    found = pl.DataFrame(rows, schema=_FOUND, orient="row")

    def event(name: str) -> pl.Series:
        return found[name] + pl.Series(begins[:-1])

    return pl.DataFrame(
        {
            "status": found["status"],
            "status_since": pl.Series(at).gather(event("status_since")),
            "stage": found["stage"],
            "stage_since": pl.Series(at).gather(event("stage_since")),
            "stage_plan": found["stage_plan"],
            "stage_hospital": key.gather(event("stage_hospital")).fill_null(""),
        }
    )


def _standing_of(happened: list[list[int]]) -> tuple[object, ...]:
    """A row of `_FOUND` for (kind, says, pathway) in the order of the log."""
    events = [
        Event(
            id=0,
            pathway=str(pathway),
            kind=KINDS[kind],
            at=place,
            organisation=str(place),
            attributes=ATTRIBUTES[says],
        )
        for place, (kind, says, pathway) in enumerate(happened)
    ]
    named, since = status(events)
    now = stage(events)
    assert now.plan is None  # none of ATTRIBUTES names a time
    return named, since, now.name, now.since, None, int(now.hospital) if now.hospital else None


def _register(people: pl.DataFrame) -> Register:
    """The organisations of the region, and where the citizens of a block belong."""
    register = Register()
    for party in (*municipalities(), *hospitals(), *practices()):
        one = Organisation(party.key, party.role, party.municipality)
        register.by_key[party.key] = one
        if party.role == "municipality":
            register.by_code[party.municipality] = one
    keys = people["key"].to_list()
    register.gp_of = dict(zip(keys, people["practice"].to_list(), strict=True))
    register.residence_of = dict(zip(keys, people["municipality"].to_list(), strict=True))
    return register


def _rank(ids: pl.Series) -> Ints:
    """int64[n]: the place of each id among all."""
    rank = np.empty(len(ids), np.int64)
    rank[ids.arg_sort().to_numpy()] = np.arange(len(ids))
    return rank


def _coded(column: pl.Series, places: Ints) -> Coded:
    values = column.unique().sort()
    codes = column.cast(pl.Enum(values)).to_physical().gather(places).to_numpy()
    return Coded(codes.astype(np.uint32) + 1, values.to_list())


def _ties(citizen: Ints, at: Ints, rank: Ints) -> Ints | None:
    """The order among events of one citizen at one instant."""
    order = np.lexsort((rank, at, citizen))
    same = (citizen[order][1:] == citizen[order][:-1]) & (at[order][1:] == at[order][:-1])
    if not same.any():
        return None
    ties = np.zeros(len(at), np.uint32)
    for place in np.flatnonzero(same).tolist():
        ties[order[place + 1]] = ties[order[place]] + 1
    return ties


def _obligations(
    plan: Plan, chunk: Chunk, found: Found, register: Register, events: pl.DataFrame, stored: Ints
) -> pl.DataFrame:
    """The columns of `pathways_obligation` (`live.stored`)."""
    trigger, closed = stored[found.trigger], found.closer >= 0
    closer = pl.Series(np.where(closed, stored[found.closer], 0)).set(pl.Series(~closed), None)
    running = _running(found)
    words = [one if one not in ("open",) else "" for one in OUTCOMES]
    outcome = np.where(running, OPEN, found.outcome)
    return pl.DataFrame(
        {
            "citizen_id": events["citizen"].gather(trigger),
            "agreement": pl.repeat(plan.line.id, len(found), dtype=pl.String, eager=True),
            "clause": taken([slot.clause.id for slot in plan.slots], found.slot),
            "trigger": events["id"].gather(trigger),
            "pathway": events["pathway"].gather(trigger),
            "version": pl.Series([one.version for one in plan.versions], dtype=pl.Date).gather(
                found.version.astype(np.int64)
            ),
            "triggered_at": chunk.at[found.trigger],
            **rows.party_columns(plan, chunk, found, register, "owed_by"),
            **rows.party_columns(plan, chunk, found, register, "owed_to"),
            "start": found.start,
            "due": _given(found.due),
            "outcome": taken(words, outcome),
            "closed_by": events["id"].gather(closer),
            "closed_at": events["at"].gather(closer),
            "elapsed": _given(found.elapsed),
            "paused": np.where(closed, found.paused, 0),
            "working": _given(found.working),
        }
    ).with_columns(withdrawn=pl.lit(False))


def _given(column: Ints) -> pl.Series:
    return pl.Series(column).set(pl.Series(column == NONE), None)


def _running(found: Found) -> Ints:
    """Which obligations a delivery could still close."""
    return np.asarray((found.outcome == OPEN) | ((found.outcome == MISSING) & (found.closer < 0)))


# ------------------------------------------------------------------ escalation


def _steps(plan: Plan, days: DayTables, chunk: Chunk, found: Found, before: int) -> pl.DataFrame:
    """`row` of the obligation, step, at, to: as `naer.agreement.reference` says (S31, S32)."""
    running = _running(found)
    parts = [_none()]
    slots = parameters(plan).slots
    for number, slot in enumerate(plan.slots):
        if not slot.clause.escalate:
            continue
        mine = np.flatnonzero(running & (found.slot == number))
        for place, step in enumerate(slot.clause.escalate):
            if slot.clause.partial and not step.to.startswith("owed_by"):
                continue
            triggered = chunk.at[found.trigger[mine]]
            base = triggered if step.base == "trigger" else found.due[mine]
            there = base != NONE
            moments = _moments(step, base[there], int(slots[number, CALENDAR]), days)
            parts.append(
                pl.DataFrame(
                    {
                        "row": (mine[there] + before).astype(np.int64),
                        "step": np.full(int(there.sum()), place, np.int64),
                        "at": np.maximum(moments, triggered[there]),
                        "to": pl.repeat(step.to, int(there.sum()), dtype=pl.String, eager=True),
                    }
                )
            )
    return pl.concat(parts)


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={"row": pl.Int64, "step": pl.Int64, "at": pl.Int64, "to": pl.String})


def _days(plan: Plan) -> DayTables:
    """Tables that reach as far as a step of the line can."""
    steps = [step for slot in plan.slots for step in slot.clause.escalate]
    reach = max((_reach(step) for step in steps), default=1)
    return DayTables(plan.line.zone, parameters(plan).calendars, reach, reach)


def _reach(step: Step) -> int:
    """Years that a step can be from what it counts from, at most."""
    if step.length is None:
        return 1
    unit, amount, _ = length(step.length)
    return 1 if unit == AT_ONCE else int(amount * DAYS_OF[unit] // 365) + 1


def _moments(step: Step, base: Ints, row: int, days: DayTables) -> Ints:
    """When a step fires; `row` is the calendar's."""
    if step.length is None or not len(base):
        return base
    unit, amount, _ = length(step.length)
    if unit == AT_ONCE:
        return base
    tables = days.covering(int(base.min()), int(base.max())) if days.calendars else no_days()
    trouble = np.zeros(1, np.int64)
    moved = all_moved(base, step.sign, unit, amount, row, tables, trouble)
    assert not trouble[0]  # the days of a demo are within the tables
    return np.asarray(moved)
