"""What closes an obligation, as columns: `naer.agreement.closing` on frames (S17, S22 to S26).

Every closing gets two columns: `closer`, the place of the event, and `how` it closes. Both are empty
while nothing does. At one place a delivery comes before a release, a waiver and a restart (S23).
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from naer.agreement.conditions import attribute
from naer.agreement.language import WAIVED, Clause
from naer.agreement.register import Register
from naer.columnar import parties
from naer.columnar.oracle_deadlines import Deadlines
from naer.columnar.oracle_log import BEGIN, END, PLACE, Log
from naer.columnar.plan import Plan

Direction = Literal["forward", "backward"]

DELIVERY, RELEASE, WAIVER, RESTART = range(4)
WAYS = ("delivery", "release", "waiver", "restart")
CLOSER, HOW = pl.col("closer"), pl.col("how")


@dataclass(frozen=True, slots=True)
class Closings:
    """One version of a clause, and the log in which its obligations are closed."""

    plan: Plan
    clause: Clause
    log: Log
    calendar: Deadlines
    register: Register | None

    def closed(self, opened: pl.DataFrame, restarts: pl.Series) -> pl.DataFrame:
        """The openings with `closer` and `how`; `restarts` are the places that supersede, in order."""
        found = self._firsts(opened.with_columns(since=PLACE + 1))
        following = pl.lit(restarts).search_sorted(PLACE, side="right")
        restart = pl.lit(restarts.extend_constant(None, 1)).gather(following)
        found = self._chosen(found.with_columns(restart=pl.when(restart < END).then(restart)))
        if self.clause.before and not self.clause.after:
            early = self._in_window(opened)
        else:
            early = self._already(opened)
        opening = early.select("place", pl.col("closer").alias("early"), pl.col("how").alias("early how"))
        found = found.join(opening, on="place", how="left", maintain_order="left")
        return found.with_columns(closer=pl.coalesce("early", "closer"), how=pl.coalesce("early how", "how"))

    def _in_window(self, opened: pl.DataFrame) -> pl.DataFrame:
        """What closed since the `before` event previous to the trigger; at its instant even earlier (S17)."""
        log = self.log
        previous = pl.lit(log.latest(log.matches([self.clause.before]))).gather(PLACE)
        same = pl.lit(log.first(log.matches(self.clause.deliver))).gather(pl.col("instant"))
        found = opened.with_columns(since=pl.coalesce(previous + 1, BEGIN))
        found = self._chosen(self._firsts(found).with_columns(restart=pl.lit(None, pl.Int64)))
        inside = CLOSER < PLACE
        at_once = same < previous
        return found.with_columns(
            closer=pl.when(at_once).then(same).otherwise(pl.when(inside).then(CLOSER)),
            how=pl.when(at_once).then(DELIVERY).otherwise(pl.when(inside).then(HOW)),
        )

    def _firsts(self, opened: pl.DataFrame) -> pl.DataFrame:
        """The first delivery, release and waiver from the place `since` on."""
        log, since = self.log, pl.col("since")
        found = opened.with_columns(release=log.first_from(log.matches(self.clause.unless), since))
        if self.clause.match:
            found = self._matched(found, "delivery", "since", "forward")
        else:
            found = found.with_columns(delivery=log.first_from(log.matches(self.clause.deliver), since))
        waived = log.is_kind([WAIVED]) & self._names_clause()
        if self.clause.waiver is None:
            return found.with_columns(waiver=log.first_from(waived, since))
        return self._rightly_waived(found, log.frame.filter(waived))

    def _names_clause(self) -> pl.Expr:
        named = [attribute(event, "clause") == self.clause.id for event in self.log.each("clause")]
        return self.log.coded("clause", named)

    def _already(self, found: pl.DataFrame) -> pl.DataFrame:
        """The latest delivery before the trigger, when it is at its instant or accepted earlier (S23)."""
        log, clause = self.log, self.clause
        if clause.match:
            found = self._matched(found, "delivery", "place", "backward")
        else:
            found = found.with_columns(delivery=pl.lit(log.latest(log.matches(clause.deliver))).gather(PLACE))
        earliest = pl.col("at")
        if clause.accept_earlier:
            earliest = self.calendar.window_start(pl.col("at"), clause.accept_earlier)
        delivery = pl.col("delivery")
        in_time = log.at(delivery) >= earliest
        return found.with_columns(closer=pl.when(in_time).then(delivery), how=pl.when(in_time).then(DELIVERY))

    def _matched(self, found: pl.DataFrame, name: str, since: str, direction: Direction) -> pl.DataFrame:
        """The first delivery with the trigger's value from a place on, or the latest before it (S26)."""
        log = self.log
        assert self.clause.match is not None
        value = log.match_values(self.clause.match)
        deliveries = log.frame.with_columns(value=value).filter(log.matches(self.clause.deliver))
        return found.sort(since).join_asof(
            deliveries.select("begin", "value", pl.col("place").alias(name)),
            left_on=since,
            right_on=name,
            by=["begin", "value"],
            strategy=direction,
            allow_exact_matches=direction == "forward",
            coalesce=False,
            check_sortedness=False,
        )

    def _chosen(self, found: pl.DataFrame) -> pl.DataFrame:
        """Of the first of each kind the very first."""
        ranked = pl.min_horizontal(pl.col(name) * len(WAYS) + rank for rank, name in enumerate(WAYS))
        return found.with_columns(closer=ranked // len(WAYS), how=ranked % len(WAYS))

    def _rightly_waived(self, found: pl.DataFrame, waived: pl.DataFrame) -> pl.DataFrame:
        """The first waiver by somebody who may waive: whose right it is, or anybody while unknown (S25)."""
        organisation = self.log.chunk.organisation
        by = pl.lit(0) if organisation is None else pl.col("code of organisation")
        waivers = waived.select("begin", pl.col("place").alias("waiver"), by.alias("by"))
        pairs = found.select("place", "since", "begin", "row", "version").join(waivers, on="begin")
        pairs = pairs.filter(pl.col("waiver") >= pl.col("since"))
        may = pl.col("by") == 0
        for version in pairs["version"].unique():
            may = may | ((pl.col("version") == version) & self._has_right(version))
        first = pairs.filter(may).group_by("place").agg(pl.col("waiver").min())
        return found.join(first, on="place", how="left", maintain_order="left")

    def _has_right(self, version: int) -> pl.Expr:
        """Whether it is the right of the organisation `by`, for the trigger in `row`, or of nobody known."""
        clause, agreement = self.clause, self.plan.versions[version]
        sides = {"owed_by": (clause.owed_by,), "owed_to": (clause.owed_to,)}
        organisation = self.log.chunk.organisation
        found = pl.lit(False)
        for side in sides.get(str(clause.waiver), (clause.owed_by, clause.owed_to)):
            keys = parties.resolve(self.log.chunk, agreement.parties.get(side or ""), self.register)
            codes = {name: code for code, name in enumerate(keys.names)}
            named = [codes.get(one, -1) for one in (organisation.values if organisation else ())]
            key = pl.lit(pl.Series(keys.codes.astype("int64"))).gather(pl.col("row"))
            found = found | (key == 0) | (key == pl.lit(pl.Series([-1, *named])).gather(pl.col("by")))
        return found
