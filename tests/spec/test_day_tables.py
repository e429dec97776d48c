"""Deadlines on tables of days say what `naer.agreement.deadlines` says, to the microsecond."""

import datetime as dt
from random import Random

import numpy as np
import pytest

from naer.agreement import deadlines
from naer.agreement.deadlines import ByClock, Duration
from naer.columnar import times, units
from naer.columnar.parameters import length
from naer.columnar.tables import DayTables
from naer.events.calendar import WorkCalendar
from naer.events.instant import DAY, HOUR, from_datetime, parse

OFFICE = WorkCalendar(
    "DK", dict.fromkeys(range(5), (480, 960)) | {5: (120, 180)}, closed=frozenset({(12, 24)})
)
ALL_DAY = WorkCalendar("DK")
ZONE = OFFICE.zone
FIRST, LAST = parse("2019-06-01", ZONE), parse("2027-06-01", ZONE)
LENGTHS = ("days", "weeks", "months", "working hours", "working days", "h", "min")


@pytest.fixture(scope="module")
def tables():
    return DayTables(ZONE, [OFFICE, ALL_DAY], 3, 3).covering(FIRST, LAST)


def moments(seed: int, count: int) -> list[int]:
    """Instants over eight years, half of them within hours of a clock change."""
    rng = Random(seed)
    found = []
    for number in range(count):
        if number % 2:
            found.append(rng.randrange(FIRST, LAST))
            continue
        month = rng.choice((3, 10))
        last = dt.datetime(rng.randrange(2020, 2027), month, 31, tzinfo=dt.UTC)
        sunday = last - dt.timedelta(days=(last.weekday() + 1) % 7)
        found.append(from_datetime(sunday) + rng.randrange(-8, 16) * HOUR // 2 + rng.choice((0, 0, 1, -1)))
    return found


@pytest.mark.statement("S12", "S13", "S14", "S15", "S16")
@pytest.mark.parametrize("row", [0, 1])
def test_lengths_and_clock_times_on_tables_are_those_of_the_language(tables, row):
    calendar, rng, trouble = (OFFICE, ALL_DAY)[row], Random(row), np.zeros(1, np.int64)
    for t in moments(row, 700):
        for name in LENGTHS:
            amount = Duration(rng.randrange(15), name)
            unit, number, _ = length(amount)
            found = times.moved_by(t, 1, unit, number, row, tables, trouble)
            assert found == deadlines.add(t, amount, calendar), (t, amount)
            if name != "working hours":
                back = times.moved_by(t, -1, unit, number, row, tables, trouble)
                assert back == deadlines.back(t, amount, calendar), (t, amount)
                window = times.window_start(t, unit, number, row, tables, trouble)
                assert window == deadlines.window_start(t, amount, calendar), (t, amount)
        for working in (False, True):
            limit = ByClock(rng.choice((0, 120, 150, 180, 720, 1440)), rng.randrange(-1, 4), working)
            unit, day, minute = length(limit)
            found = times.clock(times.day_of(t, tables, trouble), unit, day, minute, row, tables, trouble)
            assert found == deadlines.clock(t, limit, calendar), (t, limit)
    assert not trouble[0]


@pytest.mark.statement("S11", "S30")
@pytest.mark.parametrize("row", [0, 1])
def test_opening_hours_on_tables_are_those_of_the_calendar(tables, row):
    calendar, rng, trouble = (OFFICE, ALL_DAY)[row], Random(row), np.zeros(1, np.int64)
    for t in moments(row + 7, 700):
        assert times.is_open(t, row, tables, trouble) == calendar.is_open(t), t
        assert times.next_opening(t, row, tables, trouble) == calendar.next_opening(t), t
        end = t + rng.randrange(40 * DAY)
        assert times.working_time(t, end, row, tables, trouble) == calendar.working_time(t, end), (t, end)
    assert not trouble[0]


def test_a_day_outside_the_tables_is_trouble_and_never_a_guess(tables):
    for year in (1900, 2150):
        trouble = np.zeros(1, np.int64)
        times.moved_by(parse(f"{year}-05-05", ZONE), 1, units.WORKING_DAYS, 2, 0, tables, trouble)
        assert trouble[0]
