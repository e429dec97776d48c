"""Pauses of logs as columns, and how they move due: `naer.agreement.pauses` on frames (S18)."""

from dataclasses import dataclass

import polars as pl

from naer.agreement.deadlines import Duration
from naer.agreement.language import Clause
from naer.columnar.oracle_deadlines import Deadlines
from naer.columnar.oracle_log import BEGIN, PLACE, Log
from naer.events.instant import HOUR

FROM, UNTIL = pl.col("from"), pl.col("until")


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses that each log makes under one version of a clause.

    `made` has a row for each: `begin` (the log), `stopped` and `resumed` (places), `from` and `until`
    (instants); the last two are empty while it runs.
    """

    made: pl.DataFrame
    calendar: Deadlines

    def seen(self, obligations: pl.DataFrame, upto: str) -> pl.DataFrame:
        """A row for each obligation and pause that events up to the place `upto` make, in order.

        Obligations have `place` (the trigger's), `begin`, and `counts` (the later of trigger and start).
        """
        pairs = obligations.join(self.made, on="begin")
        over = pl.col("resumed") <= pl.col(upto)
        return (
            pairs.filter(pl.col("stopped") <= pl.col(upto))
            .with_columns(until=pl.when(over).then(UNTIL))
            .sort("place", "stopped")
        )

    def moved(self, obligations: pl.DataFrame, limit: Duration) -> pl.DataFrame:
        """The obligations with due moved by the pauses up to the place `judged`; empty while one runs."""
        seen = self.seen(obligations, "judged").with_columns(low=pl.max_horizontal(FROM, "counts"))
        seen = self._moved(seen, limit)
        standing = pl.coalesce(pl.col("moved").shift(1).over("place"), "due")
        reached = (standing > FROM).cast(pl.Int8).cum_min().over("place") == 1
        counted = seen.filter(reached).group_by("place", maintain_order=True)
        last = counted.agg(pl.col("moved").last(), runs=UNTIL.is_null().any())
        found = obligations.join(last, on="place", how="left", maintain_order="left")
        runs = pl.col("runs").fill_null(False)
        return found.with_columns(due=pl.when(~runs).then(pl.coalesce("moved", "due")))

    def _moved(self, seen: pl.DataFrame, limit: Duration) -> pl.DataFrame:
        """With `moved`: due after this pause and those before it, as if all of them counted."""
        calendar, start, low = self.calendar, pl.col("start"), pl.col("low")
        if limit.unit == "working hours":
            seen = seen.with_columns(worked=calendar.working_time(low, UNTIL).fill_null(0))
            seen = seen.with_columns(worked=pl.col("worked").cum_sum().over("place"))
            return seen.with_columns(
                moved=calendar.add_working(start, pl.col("worked") + limit.amount * HOUR)
            )
        if limit.unit == "working days":
            seen = seen.with_columns(skipped=self._workdays_touched(seen))
            seen = seen.with_columns(skipped=pl.col("skipped").cum_sum().over("place"))
            count = pl.col("skipped") + limit.amount if limit.amount else pl.lit(0)
            return seen.with_columns(moved=calendar.end_of_working_day(start, count))
        length = pl.max_horizontal(UNTIL - low, 0)
        return seen.with_columns(moved=pl.col("due") + length.cum_sum().over("place"))

    def _workdays_touched(self, seen: pl.DataFrame) -> pl.Series:
        """Working days after the start's that each pause touches and no earlier one did."""
        calendar, low = self.calendar, pl.col("low")
        touches = low < UNTIL
        seen = seen.with_columns(
            first=pl.when(touches).then(calendar.day(low)),
            last=pl.when(touches).then(calendar.day(UNTIL - 1)),
            day=calendar.day(pl.col("start")),
        )
        passed = pl.col("last").cum_max().forward_fill().shift(1).over("place")
        seen = seen.with_columns(passed=pl.max_horizontal(pl.col("first") - 1, "day", passed))
        return seen.select(
            calendar.workdays_between(pl.col("passed"), pl.col("last")).fill_null(0)
        ).to_series()

    def lengths(self, obligations: pl.DataFrame) -> pl.DataFrame:
        """The obligations with `paused` and `paused working` time from `counts` to the instant `ended`."""
        low, high = pl.max_horizontal(FROM, "counts"), pl.min_horizontal(UNTIL, "ended")
        seen = self.seen(obligations.filter(pl.col("ended").is_not_null()), "seen")
        seen = seen.with_columns(low=low, high=high).filter(pl.col("low") < pl.col("high"))
        seen = seen.with_columns(worked=self.calendar.working_time(pl.col("low"), pl.col("high")))
        sums = seen.group_by("place").agg(
            (pl.col("high") - pl.col("low")).sum().alias("paused"),
            pl.col("worked").sum().alias("paused working"),
        )
        found = obligations.join(sums, on="place", how="left", maintain_order="left")
        return found.with_columns(pl.col("paused", "paused working").fill_null(0))


def pauses_of(clause: Clause, log: Log, calendar: Deadlines) -> Pauses:
    """The pauses of every log: a `from` inside one and an `until` outside are ignored.

    An event that is both ends the pause it stands in, else it begins one.
    """
    assert clause.pause is not None
    begins, ends = log.matches([clause.pause.start]), log.matches([clause.pause.end])
    frame = log.frame.select(PLACE, BEGIN, "at", begins=begins, ends=ends)
    frame = frame.filter(pl.col("begins") | pl.col("ends"))
    plain = pl.col("begins") ^ pl.col("ends")
    turned = (~plain).cum_sum()
    frame = frame.with_columns(
        plainly=pl.when(plain).then("begins").forward_fill().over("begin").fill_null(False),
        turns=(turned - pl.when(plain).then(turned).forward_fill().fill_null(0)).over("begin"),
    )
    frame = frame.with_columns(paused=pl.col("plainly") ^ (pl.col("turns") % 2 == 1))
    before = pl.col("paused").shift(1, fill_value=False).over("begin")
    made = frame.filter(pl.col("paused") != before).with_columns(
        resumed=pl.col("place").shift(-1).over("begin"), until=pl.col("at").shift(-1).over("begin")
    )
    return Pauses(
        made.filter("paused").select("begin", "resumed", "until", stopped="place", **{"from": "at"}), calendar
    )
