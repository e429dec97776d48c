"""Working calendars: which days and hours count, in one country's local time.

Working time is a difference of a cumulative table, W(t2) - W(t1), exact and without loops over
days. Public holidays come from the `holidays` library, never from a typed list.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import msgspec

from naer import kept
from naer.events.instant import EPOCH, SECOND, ZONES, Instant, local_date

DayMark = tuple[int, int] | tuple[int, int, int]
"""(month, day) of every year, or (year, month, day)."""

_ONE_DAY = dt.timedelta(days=1)
_MICROSECOND = dt.timedelta(microseconds=1)
_said = msgspec.json.Decoder(dict[int, frozenset[dt.date]])


def public_holidays(country: str, year: int) -> frozenset[dt.date]:
    """The public holidays of "DK" or "NO" in one year."""
    return _of_century(country, year // 100)[year]


@lru_cache(maxsize=32)
def _of_century(country: str, century: int) -> Mapping[int, frozenset[dt.date]]:
    """Year → its public holidays. To load the library takes a fifth of a second, so what it says is kept."""
    years = range(century * 100, century * 100 + 100)
    place = None
    if (folder := kept.folder("holidays")) is not None:
        from importlib.metadata import version  # an email parser comes with it

        place = folder / f"{version('holidays')}-{country}-{century}.json"
        with suppress(OSError, ValueError):
            if (found := _said.decode(kept.own(place))).keys() == set(years):
                return found
    found = {year: frozenset(holidays.country_holidays(country, years=year)) for year in years}
    if place is not None:
        with suppress(OSError):
            kept.keep(place, msgspec.json.encode(found))
    return found


def readings(day: dt.date, minute: int, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """The (earlier, later) instant of a local clock time, `minute` counted from midnight, 0 to 1440.

    They differ only in a missing or doubled hour (S16).
    """
    naive = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minute)
    return clock_readings(naive, zone)


def clock_readings(naive: dt.datetime, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """The (earlier, later) instant of a local clock time (S16)."""
    hour = naive.replace(minute=0, second=0, microsecond=0, fold=0)
    first, second = _hour_readings(hour, zone)
    rest = (naive.minute * 60 + naive.second) * SECOND + naive.microsecond
    return first + rest, second + rest


@lru_cache(maxsize=65536)
def _hour_readings(hour: dt.datetime, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """The readings of a full hour; clocks change at full hours, so its minutes follow (S16)."""
    first = (hour.replace(tzinfo=zone, fold=0) - EPOCH) // _MICROSECOND
    second = (hour.replace(tzinfo=zone, fold=1) - EPOCH) // _MICROSECOND
    return (first, second) if first <= second else (second, first)


def end_of_day(day: dt.date, zone: ZoneInfo) -> Instant:
    """The last microsecond of a local day (S13)."""
    return readings(day + _ONE_DAY, 0, zone)[0] - 1


@dataclass(frozen=True, slots=True)
class _Year:
    """One year of opening hours: for each day its opening, closing and the open time before it."""

    opens: list[Instant]
    closes: list[Instant]
    before: list[int]
    total: int
    before_first: int
    """The ordinal of the day before the year's first."""


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and opening hours.

    `hours` maps a weekday (Monday 0) to its (opening, closing) in minutes from midnight; a weekday
    that is not there is closed. `closed` adds days off, `open` takes days off back. The last day that a
    date can name, 31 December 9999, is always closed: it has no midnight after it.
    """

    country: str = "DK"
    hours: Mapping[int, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(range(5), (0, 1440)))
    public: bool = True
    closed: frozenset[DayMark] = frozenset()
    open: frozenset[DayMark] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, compare=False, repr=False)
    _working: dict[dt.date, bool] = field(default_factory=dict, compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Without what was worked out: public holidays are those of the library where it is read back."""
        return WorkCalendar, (self.country, self.hours, self.public, self.closed, self.open)

    @property
    def zone(self) -> ZoneInfo:
        """The country's time zone."""
        return ZONES[self.country]

    def is_working_day(self, day: dt.date) -> bool:
        """Whether the day counts as a working day."""
        known = self._working.get(day)
        if known is None:
            known = self._working[day] = self._is_working_day(day)
        return known

    def _is_working_day(self, day: dt.date) -> bool:
        if day.weekday() not in self.hours or day == dt.date.max:
            return False
        marks = {(day.month, day.day), (day.year, day.month, day.day)}
        if marks & self.closed:
            return False
        return (
            not self.public or bool(marks & self.open) or day not in public_holidays(self.country, day.year)
        )

    def working_day(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day`, or before it when negative; `day` is day 0 (S14)."""
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def is_open(self, instant: Instant) -> bool:
        """Whether the instant lies inside opening hours; the closing time itself is outside."""
        year, index = self._at(local_date(instant, self.zone))
        return year.opens[index] <= instant < year.closes[index]

    def next_opening(self, instant: Instant) -> Instant:
        """The instant itself when open, else the next opening; itself, too, when no calendar has one left."""
        if self.is_open(instant):
            return instant
        day = local_date(instant, self.zone)
        while True:
            year, index = self._at(day)
            if year.opens[index] >= instant and year.closes[index] > year.opens[index]:
                return year.opens[index]
            if day == dt.date.max:
                return instant
            day += _ONE_DAY

    def working_time(self, start: Instant, end: Instant) -> int:
        """Microseconds of opening hours between two instants; 0 when end is not after start."""
        if end <= start:
            return 0
        first, last = local_date(start, self.zone), local_date(end, self.zone)
        passed = self._passed(last, end) - self._passed(first, start)
        return passed + sum(self._year(year).total for year in range(first.year, last.year))

    def add_working(self, start: Instant, amount: int) -> Instant:
        """The earliest instant at which `amount` microseconds of opening hours have passed."""
        if amount <= 0:
            return start
        day = local_date(start, self.zone)
        number, wanted = day.year, amount + self._passed(day, start)
        while wanted > self._year(number).total:
            wanted -= self._year(number).total
            number += 1
        year = self._year(number)
        index = bisect_left(year.before, wanted) - 1
        return year.opens[index] + wanted - year.before[index]

    def days(self, first: int, last: int) -> Iterator[tuple[Instant, Instant, bool]]:
        """Opening, closing and whether it is a working day, for every day of the years first to last.

        A day off opens and closes at its midnight.
        """
        for number in range(first, last + 1):
            year = self._year(number)
            for index, opens in enumerate(year.opens):
                day = dt.date.fromordinal(year.before_first + 1 + index)
                yield opens, year.closes[index], self.is_working_day(day)

    def _passed(self, day: dt.date, instant: Instant) -> int:
        """Opening hours passed from the start of the local year to the instant, which is on `day`."""
        year, index = self._at(day)
        today = min(max(instant - year.opens[index], 0), year.closes[index] - year.opens[index])
        return year.before[index] + today

    def _at(self, day: dt.date) -> tuple[_Year, int]:
        """The year a day is in, and its place there."""
        year = self._year(day.year)
        return year, day.toordinal() - year.before_first - 1

    def _year(self, number: int) -> _Year:
        known = self._years.get(number)
        if known is None:
            known = self._years[number] = self._build(number)
        return known

    def _build(self, number: int) -> _Year:
        opens, closes, before, total = [], [], [], 0
        first, last = dt.date(number, 1, 1).toordinal(), dt.date(number, 12, 31).toordinal()
        for day in map(dt.date.fromordinal, range(first, last + 1)):
            if self.is_working_day(day):
                opening, closing = self.hours[day.weekday()]
                start = readings(day, opening, self.zone)[0]
                end = readings(day, closing, self.zone)[1]
            else:
                start = end = readings(day, 0, self.zone)[0]
            opens.append(start)
            closes.append(end)
            before.append(total)
            total += end - start
        return _Year(opens, closes, before, total, first - 1)


def days_touched(start: Instant, end: Instant, zone: ZoneInfo) -> set[dt.date]:
    """The local days that the time from `start` up to, not including, `end` touches."""
    touched: set[dt.date] = set()
    if end <= start:
        return touched
    day, last = local_date(start, zone), local_date(end - 1, zone)
    while day <= last:
        touched.add(day)
        day += _ONE_DAY
    return touched


__all__ = [
    "DayMark",
    "WorkCalendar",
    "clock_readings",
    "days_touched",
    "end_of_day",
    "public_holidays",
    "readings",
]
