"""A log as one sorted frame, in which "the first after" and "the latest before" are fills.

A place is a row of the frame. The events of one log (a pathway's, or a citizen's) stand together in the
order of S2, from `begin` up to, not including, `end`; what a fill brings from another log is thereby seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from naer.agreement.conditions import Condition
from naer.agreement.indexed import match_value
from naer.agreement.language import Pattern
from naer.events.chunk import NONE, Chunk, Coded, Ints, pathway_of
from naer.events.event import Event
from naer.events.instant import Instant

PLACE, BEGIN, END = pl.col("place"), pl.col("begin"), pl.col("end")


def events_frame(chunk: Chunk, now: Instant | None, needs: Iterable[str]) -> pl.DataFrame:
    """A chunk's events up to `now`: `row` (place in the chunk), `pathway`, `at`, `kind`, times, codes."""
    columns: dict[str, Ints] = {
        "row": np.arange(len(chunk)),
        "pathway": pathway_of(chunk),
        "at": chunk.at.astype(np.int64),
        "kind": chunk.kind.astype(np.int64),
    }
    if chunk.tie is not None:
        columns["tie"] = chunk.tie.astype(np.int64)
    for name, times in (("sent", chunk.sent), ("received", chunk.received)):
        columns[name] = np.full(len(chunk), NONE) if times is None else times
    for name in needs:
        coded = chunk.coded(name)
        if coded is not None:
            columns[f"code of {name}"] = coded.codes.astype(np.int64)
    frame = pl.DataFrame(columns).with_columns(
        pl.when(pl.col(name) != NONE).then(pl.col(name)).alias(name) for name in ("sent", "received")
    )
    return frame if now is None else frame.filter(pl.col("at") <= now)


@dataclass(frozen=True)
class Log:
    """The events that are judged together, and look-ups in them."""

    chunk: Chunk
    frame: pl.DataFrame
    """What `events_frame` and the jurisdiction say, with `place`, `begin` and `end`."""

    def matches(self, patterns: Iterable[Pattern | None]) -> pl.Expr:
        """Whether an event matches any of the patterns."""
        found = pl.lit(False)
        for pattern in patterns:
            if pattern is not None:
                found = found | (self.is_kind(pattern.activities) & self.all_hold(pattern.where))
        return found

    def is_kind(self, activities: Iterable[str]) -> pl.Expr:
        """Whether an event is of one of some kinds."""
        wanted = set(activities)
        return pl.col("kind").is_in([code for code, kind in enumerate(self.chunk.kinds) if kind in wanted])

    def all_hold(self, conditions: Iterable[Condition]) -> pl.Expr:
        """Whether an event meets every condition (S20)."""
        found = pl.lit(True)
        for one in conditions:
            found = found & self.coded(
                one.attribute, [one.holds(event) for event in self.each(one.attribute)]
            )
        return found

    def each(self, attribute: str) -> Sequence[Event]:
        """One event for every value of a column, first one without it: what a question is asked of once."""
        values = (self.chunk.coded(attribute) or Coded(np.zeros(0), ())).values
        return [_event(attribute, value) for value in (None, *values)]

    def coded(self, attribute: str, answers: Sequence[Any]) -> pl.Expr:
        """The answer for each event's value of a column, when `answers` are those of `each`."""
        if self.chunk.coded(attribute) is None:
            return pl.lit(answers[0])
        return pl.lit(pl.Series(answers)).gather(pl.col(f"code of {attribute}"))

    def match_values(self, attribute: str) -> pl.Expr:
        """A number that two events share when they have the same value (S26); empty without a value."""
        numbers: dict[object, int] = {}
        found = [
            None
            if (value := match_value(event, attribute)) is None
            else numbers.setdefault(value, len(numbers))
            for event in self.each(attribute)
        ]
        return self.coded(attribute, found).cast(pl.Int64)

    def first(self, wanted: pl.Expr) -> pl.Series:
        """At each place, and at the one after the last: the first event there or later, in any log."""
        return self.column(pl.when(wanted).then(PLACE).backward_fill()).extend_constant(None, 1)

    def latest(self, wanted: pl.Expr) -> pl.Series:
        """At each place the latest event before it in the same log."""
        before = pl.when(wanted).then(PLACE).forward_fill().shift(1)
        return self.column(pl.when(before >= BEGIN).then(before))

    def column(self, found: pl.Expr) -> pl.Series:
        """Whole numbers, one for each event."""
        return self.frame.select(PLACE, found.cast(pl.Int64).alias("found"))["found"]

    def first_from(self, wanted: pl.Expr, place: pl.Expr) -> pl.Expr:
        """For rows that know their log's `end`: the first event at `place` or later in that log."""
        found = pl.lit(self.first(wanted)).gather(place)
        return pl.when(found < END).then(found)

    def at(self, place: pl.Expr) -> pl.Expr:
        """When the event at a place happened."""
        return pl.lit(self.frame["at"]).gather(place)


def _event(attribute: str, value: Any) -> Event:
    """An event of which one thing is known."""
    if attribute in ("organisation", "municipality"):
        return Event(id=0, pathway="", kind="", at=0, **{attribute: value})
    return Event(id=0, pathway="", kind="", at=0, attributes={} if value is None else {attribute: value})


def by_pathway(chunk: Chunk, events: pl.DataFrame) -> Log:
    """Each pathway a log."""
    return Log(chunk, _placed(events.with_columns(log=pl.col("pathway"))))


def by_citizen(chunk: Chunk, events: pl.DataFrame) -> Log:
    """Each citizen a log; an event without citizen is alone in its pathway (S28)."""
    of_event = chunk.citizen_of_event
    if of_event is None:
        of_event = chunk.citizens[pathway_of(chunk)]
    citizen = pl.lit(pl.Series(of_event.astype(np.int64))).gather(pl.col("row"))
    alone = -1 - pl.col("pathway")
    logged = events.with_columns(log=pl.when(citizen >= 0).then(citizen).otherwise(alone))
    order = ["log", "at", "tie", "row"] if chunk.tie is not None else ["log", "at", "row"]
    return Log(chunk, _placed(logged.sort(order)))


def _placed(events: pl.DataFrame) -> pl.DataFrame:
    """The places of the events, and of the beginning and end of each log and each instant in it."""
    place = pl.int_range(pl.len(), dtype=pl.Int64)
    new_log = pl.col("log").ne_missing(pl.col("log").shift(1))
    new_instant = new_log | pl.col("at").ne_missing(pl.col("at").shift(1))
    return events.with_columns(
        place=place,
        begin=pl.when(new_log).then(place).forward_fill(),
        instant=pl.when(new_instant).then(place).forward_fill(),
        end=pl.when(new_log).then(place).shift(-1).backward_fill().fill_null(pl.len().cast(pl.Int64)),
    )
