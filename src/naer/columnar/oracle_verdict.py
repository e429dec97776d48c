"""How obligations stand at `now`, as columns: what `naer.agreement.reference` judges, on frames.

In come openings with their closings; out go due, outcome, `closed` (the place of the event that an
obligation names as closing it) and the times.
"""

from dataclasses import dataclass

import polars as pl

from naer.agreement.deadlines import Duration
from naer.agreement.language import Clause
from naer.columnar.found import KEPT, LATE, MISSING, OPEN, RELEASED, SUPERSEDED
from naer.columnar.oracle_closing import CLOSER, DELIVERY, HOW, RELEASE, RESTART, WAIVER
from naer.columnar.oracle_deadlines import Deadlines
from naer.columnar.oracle_log import PLACE, Log
from naer.columnar.oracle_opening import long_enough
from naer.columnar.oracle_pauses import pauses_of
from naer.events.instant import Instant

AT, DUE, CLOSED = pl.col("at"), pl.col("due"), pl.col("closed")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One version of a clause, judged in one log."""

    clause: Clause
    log: Log
    calendar: Deadlines
    now: Instant | None

    def judged(self, closed: pl.DataFrame, working: bool) -> pl.DataFrame:
        """The obligations with `due`, `outcome`, `closed`, `paused`, `elapsed` and `working`."""
        clause = self.clause
        if clause.before and clause.after:
            found = self._judged_before(closed)
        elif clause.before:
            due = self.calendar.due_before(AT, clause.ahead)
            outcome = pl.when((HOW == RELEASE) & (CLOSER < PLACE)).then(RELEASED).otherwise(self._outcome())
            found = closed.with_columns(due=due).with_columns(outcome=outcome, closed=CLOSER)
        else:
            found = self._judged_within(closed)
        return self._timed(found, working)

    def _outcome(self) -> pl.Expr:
        """The closing event against due, or due against the clock (S24, S25)."""
        overdue = DUE.is_not_null() if self.now is None else self.now > DUE
        in_time = DUE.is_null() | (self.log.at(CLOSER) <= DUE)
        return (
            pl.when(CLOSER.is_null())
            .then(pl.when(overdue).then(MISSING).otherwise(OPEN))
            .when(HOW == DELIVERY)
            .then(pl.when(in_time).then(KEPT).otherwise(LATE))
            .when(HOW == WAIVER)
            .then(RELEASED)
            .when(~in_time)
            .then(MISSING)
            .when(HOW == RELEASE)
            .then(RELEASED)
            .otherwise(SUPERSEDED)
        )

    def _judged_within(self, found: pl.DataFrame) -> pl.DataFrame:
        """Due after the pauses that were seen when it closed, or until now (S11, S18)."""
        clause, nowhere = self.clause, len(self.log.frame)
        assert clause.within is not None
        found = found.with_columns(due=self.calendar.due(pl.col("start"), clause.within))
        if clause.pause and isinstance(clause.within, Duration):
            judged = pl.when(CLOSER.is_null()).then(nowhere).otherwise(pl.max_horizontal(CLOSER, PLACE))
            found = found.with_columns(counts=pl.max_horizontal(AT, "start"), judged=judged)
            found = pauses_of(clause, self.log, self.calendar).moved(found, clause.within)
        return found.with_columns(outcome=self._outcome(), closed=CLOSER)

    def _judged_before(self, found: pl.DataFrame) -> pl.DataFrame:
        """With both `after` and `before`: the next `before` event judges (S17, S21)."""
        clause, log = self.clause, self.log
        found = found.with_columns(judge=log.first_from(log.matches([clause.before]), PLACE + 1))
        judge = pl.col("judge")
        found = found.with_columns(judge_at=log.at(judge))
        met = pl.lit(True)
        if clause.since:
            met = pl.lit(long_enough(clause, log, self.calendar, found, "judge", "judge_at"))
        found = found.with_columns(due=self.calendar.due_before(pl.col("judge_at"), clause.ahead), met=met)
        excused = CLOSER.is_not_null() & (HOW != DELIVERY) & (judge.is_null() | (judge > CLOSER))
        found = found.with_columns(due=pl.when(~excused & judge.is_not_null()).then(DUE), excused=excused)
        unmet = judge.is_not_null() & ~pl.col("met")
        outcome = (
            pl.when(excused & (HOW == RESTART))
            .then(SUPERSEDED)
            .when(excused | unmet)
            .then(RELEASED)
            .when(judge.is_null())
            .then(pl.when(CLOSER.is_null()).then(OPEN).otherwise(KEPT))
            .otherwise(self._outcome())
        )
        return found.with_columns(
            outcome=outcome, closed=pl.when(~excused & unmet).then(judge).otherwise(CLOSER)
        )

    def _timed(self, found: pl.DataFrame, working: bool) -> pl.DataFrame:
        """Paused, elapsed and working time; the last two only of what was delivered (S30)."""
        start, delivered = pl.col("start"), pl.col("outcome").is_in([KEPT, LATE])
        ended = pl.when(CLOSED.is_null()).then(self.now).otherwise(self.log.at(CLOSED))
        found = found.with_columns(ended=ended)
        if self.clause.pause:
            seen = pl.coalesce(CLOSED, len(self.log.frame))
            found = found.with_columns(counts=pl.max_horizontal(AT, "start"), seen=seen)
            found = pauses_of(self.clause, self.log, self.calendar).lengths(found)
        else:
            found = found.with_columns(pl.lit(0).alias("paused"), pl.lit(0).alias("paused working"))
        ended = pl.col("ended")
        found = found.with_columns(
            elapsed=pl.when(delivered).then((ended - start - pl.col("paused")).clip(0)),
            working=pl.lit(None, pl.Int64),
        )
        if working:
            worked = self.calendar.working_time(start, pl.when(delivered).then(ended)) - pl.col(
                "paused working"
            )
            found = found.with_columns(working=worked.clip(0))
        return found
