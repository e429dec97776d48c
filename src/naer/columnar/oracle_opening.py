"""What opens an obligation: `naer.agreement.opening` as columns (S6, S10, S11, S19 to S21, S26)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from naer.agreement.conditions import attribute
from naer.agreement.language import Anchor, Clause
from naer.agreement.opening import NO_MATCH, NO_VERSION, OUTSIDE, START_UNKNOWN, written_time
from naer.columnar.found import REASONS
from naer.columnar.oracle_calendar import asof
from naer.columnar.oracle_deadlines import Deadlines
from naer.columnar.oracle_log import BEGIN, PLACE, Log
from naer.columnar.plan import Family, Plan
from naer.events.chunk import Ints
from naer.events.instant import HOUR

AT, VERSION = pl.col("at"), pl.col("version")

OPENING = ("row", "at", "version", "place", "begin", "instant", "end", "start")
"""What is kept of a trigger; with `value` where the clause has `match`."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why events opened nothing: for each event of the chunk the bits of REASONS."""

    bits: Ints = field(repr=False)

    def add(self, reason: str, rows: pl.Series) -> None:
        """Count some events under a reason."""
        self.bits[rows.to_numpy()] |= np.uint8(1 << REASONS.index(reason))


def with_jurisdiction(plan: Plan, log: Log) -> pl.DataFrame:
    """The events with `version` (empty in a gap), whether it `applies`, and whether an overlay `covers`."""
    begins = pl.Series([era.begins for era in plan.eras], dtype=pl.Int64)
    versions = pl.Series([None, *(era.version for era in plan.eras)], dtype=pl.Int64)
    eras = pl.Series([None, *range(len(plan.eras))], dtype=pl.Int64)
    applies, covered = pl.lit(False), pl.lit(False)
    for number, agreement in enumerate(plan.versions):
        applies = applies | ((number == VERSION) & log.all_hold(agreement.applies))
    for number, era in enumerate(plan.eras):
        for conditions in era.overlays:
            covered = covered | ((pl.col("era") == number) & log.all_hold(conditions))
    placed = log.frame.with_columns(
        asof(begins, versions, AT).alias("version"), asof(begins, eras, AT).alias("era")
    )
    return placed.with_columns(applies=applies.fill_null(False), covered=covered)


@dataclass(frozen=True, slots=True)
class Triggers:
    """One clause in all its versions, and the log whose events may open it."""

    plan: Plan
    number: int
    """The family's place in the plan."""
    log: Log
    calendars: dict[int, Deadlines]
    """By slot."""

    @property
    def family(self) -> Family:
        """The clause and its slots."""
        return self.plan.families[self.number]

    def openings(self, left_out: LeftOut) -> Iterator[tuple[int, pl.DataFrame]]:
        """For each slot the triggers that open an obligation, with `version` and `start`."""
        self._gaps(left_out)
        found = pl.concat([self._candidates(slot) for slot in self.family.slots]).sort("place")
        left_out.add(OUTSIDE, found.filter(~pl.col("applies"))["row"])
        found = found.filter("applies").filter((pl.col("repeat") != "first") | BEGIN.is_first_distinct())
        for slot in self.family.slots:
            yield slot, self._started(slot, found.filter(pl.col("slot") == slot), left_out)

    def _gaps(self, left_out: LeftOut) -> None:
        """Triggers of any version of the clause while none was in force (S6)."""
        if all(era.version is not None for era in self.plan.eras):
            return
        for slot in self.family.slots:
            clause, among = self.plan.slots[slot].clause, VERSION.is_null() & ~pl.col("covered")
            left_out.add(NO_VERSION, self._triggers(clause, self.calendars[slot], among)["row"])

    def _candidates(self, slot: int) -> pl.DataFrame:
        """The triggers of one slot in the versions it judges, applying or not."""
        by_version = self.plan.slot_of[self.number]
        versions = [version for version, judging in enumerate(by_version) if judging == slot]
        clause = self.plan.slots[slot].clause
        found = self._triggers(clause, self.calendars[slot], VERSION.is_in(versions) & ~pl.col("covered"))
        return found.with_columns(slot=pl.lit(slot), repeat=pl.lit(clause.repeat))

    def _triggers(self, clause: Clause, calendar: Deadlines, among: pl.Expr) -> pl.DataFrame:
        """The events that match `after`, `where`, `when`, and `since` unless judged later (S19)."""
        log = self.log
        wanted = among & log.matches(clause.triggers) & log.all_hold(clause.where)
        found = log.frame.filter(wanted)
        if clause.when:
            is_open = calendar.is_open(AT)
            found = found.filter(is_open if clause.when == "open" else ~is_open)
        if clause.since and not (clause.after and clause.before):
            found = found.filter(long_enough(clause, log, calendar, found, "place", "at"))
        return found

    def _started(self, slot: int, found: pl.DataFrame, left_out: LeftOut) -> pl.DataFrame:
        """The triggers whose match value and start are known; the others are left out (S11, S26)."""
        clause, log = self.plan.slots[slot].clause, self.log
        if clause.match:
            found = found.with_columns(value=log.match_values(clause.match))
            left_out.add(NO_MATCH, found.filter(pl.col("value").is_null())["row"])
            found = found.filter(pl.col("value").is_not_null())
        known = [anchored(one, clause, log) for one in clause.anchors]
        found = found.with_columns(start=pl.max_horizontal(known))
        left_out.add(START_UNKNOWN, found.filter(pl.col("start").is_null())["row"])
        found = found.filter(pl.col("start").is_not_null())
        if clause.next_opening:
            found = found.with_columns(start=self.calendars[slot].next_opening(pl.col("start")))
        return found.select(*OPENING, *(["value"] if clause.match else []))


def long_enough(
    clause: Clause, log: Log, calendar: Deadlines, found: pl.DataFrame, place: str, at: str
) -> pl.Series:
    """Whether the time from the earlier event to the one in the columns `place` and `at` meets `since`."""
    since = clause.since
    assert since is not None
    if since.last:
        origin = pl.lit(log.latest(log.matches([since.last]))).gather(pl.col(place))
    else:
        reset = pl.lit(log.latest(log.matches([since.reset]))).gather(pl.col(place))
        first = pl.lit(log.first(log.matches([since.first]))).gather(pl.coalesce(reset + 1, BEGIN))
        origin = pl.when(first < pl.col(place)).then(first)
    spans = found.select(log.at(origin).alias("from"), pl.col(at).alias("to"))
    if since.length.unit == "working hours":
        measured = calendar.working_time(pl.col("from"), pl.col("to"))
        spans = spans.select(measured=measured, limit=since.length.amount * HOUR, known=pl.col("from"))
    else:
        limit = calendar.after(pl.col("from"), since.length)
        spans = spans.select(measured="to", limit=limit, known="from")
    measured, limit = pl.col("measured"), pl.col("limit")
    met = {
        "over": measured > limit,
        "at least": measured >= limit,
        "under": measured < limit,
        "at most": measured <= limit,
    }[since.operator]
    return spans.select(met=(pl.col("known").is_not_null() & met).fill_null(False))["met"]


def anchored(anchor: Anchor, clause: Clause, log: Log) -> pl.Expr:
    """The time one anchor gives for each trigger; empty when it is not known (S11)."""
    place = pl.lit(log.latest(log.matches([anchor.last]))).gather(PLACE) if anchor.last else PLACE
    if anchor.attribute:
        name = anchor.attribute
        times = [written_time(attribute(event, name), clause.calendar.zone) for event in log.each(name)]
        return pl.lit(log.column(log.coded(name, times))).gather(place)
    if anchor.time == "received":
        return pl.lit(log.frame["received"]).gather(place)
    if anchor.time == "sent":
        return pl.lit(log.frame["sent"].fill_null(log.frame["at"])).gather(place)
    return log.at(place)
