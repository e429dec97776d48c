"""Local time and opening hours as sorted tables that whole columns are looked up in.

A table covers the years that most events lie in. An answer that is not in it is empty, and `told`
then asks the calendar itself, one value at a time: the year 9999 costs nothing until somebody writes it.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from naer.events.calendar import WorkCalendar, readings
from naer.events.instant import DAY, HOUR, ZONES, Instant, local

CLOCKS = (1981, 2200)
"""The years whose clock changes are in a table; before them clocks changed in other ways."""

Spelled = tuple[str, tuple[tuple[int, tuple[int, int]], ...], bool, frozenset[object], frozenset[object]]
"""All that a calendar says, to be known again by."""


def asof(keys: pl.Series, values: pl.Series, wanted: pl.Expr) -> pl.Expr:
    """The value beside the latest key not after what is wanted.

    `values` begin with one more, for what is before the first key; an empty wish counts as such.
    """
    return pl.lit(values).gather(pl.lit(keys).search_sorted(wanted, side="right"))


def told(table: pl.Expr, ask: Callable[..., int | None], *asked: pl.Expr) -> pl.Expr:
    """What a table says; where it is silent, what `ask` says of the same values."""
    named = [one.alias(f"asked {number}") for number, one in enumerate(asked)]

    def complete(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest()
        values = frame.select(pl.exclude("told"))
        known = values.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
        silent = (frame["told"].is_null() & known).arg_true()
        if not len(silent):
            return frame["told"]
        answers = [ask(*row) for row in values[silent].iter_rows()]
        return frame["told"].clone().scatter(silent, pl.Series(answers, dtype=pl.Int64))

    return pl.struct(table.cast(pl.Int64).alias("told"), *named).map_batches(complete, return_dtype=pl.Int64)


@dataclass(frozen=True, slots=True)
class Clock:
    """How the clocks of a country were changed. A local time is microseconds as if it were UTC."""

    changes: pl.Series
    """The instants from which an offset holds; the last ends the table."""
    turns: pl.Series
    """The local times from which each offset gives the later reading (S16)."""
    offsets: pl.Series
    """Microseconds ahead of UTC; empty before the first change and after the last."""

    def local(self, instant: pl.Expr) -> pl.Expr:
        """The local time of an instant."""
        return instant + asof(self.changes, self.offsets, instant)

    def later(self, time: pl.Expr) -> pl.Expr:
        """The instant of a local time; the later one in a missing or doubled hour (S16)."""
        return time - asof(self.turns, self.offsets, time)


@lru_cache
def clock_of(country: str) -> Clock:
    """The clock changes of a country in the years of `CLOCKS`."""
    first, last = (int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000 for year in CLOCKS)
    changes, offsets = [first], [_offset(first, country)]
    for day in range(first, last, DAY):
        after = _offset(day + DAY, country)
        if after != offsets[-1]:
            changes.append(next(hour for hour in range(day, last, HOUR) if _offset(hour, country) == after))
            offsets.append(after)
    turns = [change + offset for change, offset in zip(changes, offsets, strict=True)]
    return Clock(
        changes=pl.Series([*changes, last], dtype=pl.Int64),
        turns=pl.Series([*turns, last + offsets[-1]], dtype=pl.Int64),
        offsets=pl.Series([None, *offsets, None], dtype=pl.Int64),
    )


def _offset(instant: Instant, country: str) -> int:
    shift = local(instant, ZONES[country]).utcoffset()
    assert shift is not None
    return shift // dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of some years in one calendar. A day is a number, counted from 1970-01-01."""

    first: int
    midnights: pl.Series
    """Where each day begins, and where the last one ends."""
    table: pl.DataFrame
    """For each day, between two empty rows: `day`, when it `begins` and `ends` (its last microsecond), how
    many working days have `passed` with it and how many `earlier`, when it `opens`, how long it is `open`,
    and the open time `before` it."""
    workdays: pl.Series
    """The working days alone, between two empty ones."""
    spans: pl.DataFrame
    """`opens` of the days with opening hours, in order, and open time `before` each."""
    gained: pl.Series
    """Of each of them `opens` less `before`, between two empty ones."""

    def day(self, instant: pl.Expr) -> pl.Expr:
        """The day an instant falls on."""
        return asof(self.midnights, self.table["day"], instant)

    def of(self, column: str, day: pl.Expr) -> pl.Expr:
        """What a column of the table says of a day."""
        return taken(self.table[column], day - self.first)

    def working_day(self, day: pl.Expr, count: int | pl.Expr) -> pl.Expr:
        """The `count`-th working day after a day, before it when negative; the day itself at 0 (S14)."""
        count = pl.lit(count) if isinstance(count, int) else count
        rank = count + pl.when(count > 0).then(self.of("passed", day) - 1).otherwise(self.of("earlier", day))
        return pl.when(count == 0).then(day).otherwise(taken(self.workdays, rank))

    def worked(self, instant: pl.Expr) -> pl.Expr:
        """W: opening hours from the table's beginning to an instant."""
        day = self.day(instant)
        return self.of("before", day) + (instant - self.of("opens", day)).clip(0, self.of("open", day))

    def worked_off(self, amount: pl.Expr) -> pl.Expr:
        """The inverse of W: the earliest instant at which W is `amount`; empty past the table."""
        place = pl.lit(self.spans["before"]).search_sorted(amount, side="left").cast(pl.Int64)
        return pl.when(amount <= self.table["open"].sum()).then(taken(self.gained, place - 1) + amount)

    def is_open(self, instant: pl.Expr) -> pl.Expr:
        """Whether an instant lies inside opening hours."""
        day = self.day(instant)
        return (instant - self.of("opens", day)).is_between(0, self.of("open", day), closed="left")

    def opening(self, instant: pl.Expr) -> pl.Expr:
        """The first opening not before an instant."""
        opens = self.spans["opens"]
        place = pl.lit(opens).search_sorted(instant, side="left") + 1
        return pl.when(instant >= self.midnights[0]).then(pl.lit(_framed(opens)).gather(place))


def taken(framed: pl.Series, place: pl.Expr) -> pl.Expr:
    """The values at some places, counted between the two empty ones of `framed`; empty elsewhere."""
    return pl.lit(framed).gather((place + 1).clip(0, len(framed) - 1))


def _framed(values: pl.Series) -> pl.Series:
    """The values between two empty ones."""
    empty = pl.Series([None], dtype=values.dtype)
    return pl.concat([empty, values, empty])


def days_of(calendar: WorkCalendar, first: int, last: int) -> Days:
    """The days of a calendar from one year to another, both included."""
    return _days(_spelled(calendar), first, last)


def _spelled(calendar: WorkCalendar) -> Spelled:
    hours = tuple(sorted(calendar.hours.items()))
    return calendar.country, hours, calendar.public, frozenset(calendar.closed), frozenset(calendar.open)


@lru_cache(maxsize=64)
def _days(spelled: Spelled, first: int, last: int) -> Days:
    country, hours, public, closed, open_again = spelled
    calendar = WorkCalendar(country, dict(hours), public, closed, open_again)  # type: ignore[arg-type]
    begin, end = dt.date(first, 1, 1), dt.date(last + 1, 1, 1)
    days = [begin + dt.timedelta(number) for number in range((end - begin).days)]
    number = (begin - dt.date(1970, 1, 1)).days
    opens, closes = zip(*(_hours(calendar, day) for day in days), strict=True)
    working = pl.Series([calendar.is_working_day(day) for day in days])
    midnights = pl.Series([readings(day, 0, calendar.zone)[0] for day in [*days, end]], dtype=pl.Int64)
    table = pl.DataFrame({"opens": opens, "closes": closes}).select(
        pl.lit(pl.Series(range(number, number + len(days)))).alias("day"),
        pl.lit(midnights[1:] - 1).alias("ends"),
        pl.lit(midnights[:-1]).alias("begins"),
        pl.lit(working.cast(pl.Int64).cum_sum()).alias("passed"),
        pl.lit(working.cast(pl.Int64).cum_sum() - working.cast(pl.Int64)).alias("earlier"),
        "opens",
        open=pl.col("closes") - pl.col("opens"),
    )
    table = table.with_columns(before=pl.col("open").cum_sum().shift(1, fill_value=0))
    spans = table.filter(pl.col("open") > 0)
    return Days(
        first=number,
        midnights=midnights,
        table=pl.DataFrame([_framed(column).alias(column.name) for column in table]),
        workdays=_framed(table["day"].filter(working)),
        spans=spans.select("opens", "before"),
        gained=_framed(spans["opens"] - spans["before"]),
    )


def _hours(calendar: WorkCalendar, day: dt.date) -> Sequence[Instant]:
    """Opening and closing of a day, the same instant twice when it is closed all day."""
    if not calendar.is_working_day(day):
        return readings(day, 0, calendar.zone)[:1] * 2
    opening, closing = calendar.hours[day.weekday()]
    return readings(day, opening, calendar.zone)[0], readings(day, closing, calendar.zone)[1]


__all__ = ["CLOCKS", "Clock", "Days", "asof", "clock_of", "days_of", "taken", "told"]
