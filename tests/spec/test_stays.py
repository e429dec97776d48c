"""Stays as they are counted: days ready, readmission, and why a stay is left out."""

import datetime as dt
from dataclasses import astuple, fields
from typing import Any

import polars as pl
import pytest

from naer.events.event import Event
from naer.events.instant import ZONES, Instant, from_local
from naer.indicators import stays
from naer.indicators.stays import Counted, Rules

ZONE = ZONES["DK"]


def at(text: str) -> Instant:
    """An instant in May 2026: "3 10:00"; "40 10:00" is the 40th day from 1 May."""
    day, clock = text.split()
    hour, minute = map(int, clock.split(":"))
    date = dt.date(2026, 5, 1) + dt.timedelta(days=int(day) - 1)
    return from_local(dt.datetime.combine(date, dt.time(hour, minute)), ZONE)


def log(story: str, municipality: str = "860") -> list[Event]:
    """Events from "3 10:00 admitted; 5 12:00 discharged"; every stay is a pathway of its own."""
    events, pathway = [], 0
    for number, part in enumerate(story.split(";")):
        day, clock, kind = part.split()
        ended = bool(events) and events[-1].kind in ("discharged", "died")
        pathway += ended and kind in ("admitted", "acute_ambulant")
        events.append(
            Event(
                id=f"{number:03}",
                pathway=f"stay {pathway}",
                citizen="c",
                kind=kind,
                at=at(f"{day} {clock}"),
                organisation="hospital",
                municipality=municipality,
            )
        )
    return events


def counted(story: str, rules: Rules = stays.DENMARK) -> list[Counted]:
    return stays.count("c", log(story), ZONE, rules)


def table(found: list[Counted]) -> pl.DataFrame:
    time = pl.Datetime("us", "UTC")
    kinds: dict[str, Any] = dict.fromkeys(("start", "end", "ready", "again"), time)
    kinds |= {"died": pl.Boolean, "inpatient": pl.Boolean, "ready_days": pl.Int64}
    schema = {field.name: kinds.get(field.name, pl.String) for field in fields(Counted)}
    return pl.DataFrame([astuple(one) for one in found], schema=schema, orient="row")


@pytest.mark.parametrize(
    ("story", "days"),
    [
        ("1 10:00 admitted; 4 14:00 discharged", None),
        ("1 10:00 admitted; 4 10:00 ready_for_discharge; 4 14:00 discharged", 0),
        ("1 10:00 admitted; 4 23:59 ready_for_discharge; 5 00:01 discharged", 1),
        ("1 10:00 admitted; 4 10:00 ready_for_discharge; 6 09:00 discharged", 2),
        ("1 10:00 admitted; 4 10:00 ready_for_discharge; 4 12:00 ready_for_discharge; 6 09:00 discharged", 2),
        # taken back: the period ends; two periods are added
        ("1 10:00 admitted; 4 10:00 ready_for_discharge; 6 09:00 ready_withdrawn; 9 09:00 discharged", 2),
        (
            "1 10:00 admitted; 2 10:00 ready_for_discharge; 3 09:00 ready_withdrawn; "
            "7 10:00 ready_for_discharge; 9 09:00 discharged",
            3,
        ),
        # no end yet, so no days yet
        ("1 10:00 admitted; 4 10:00 ready_for_discharge", None),
    ],
)
def test_days_ready(story: str, days: int | None) -> None:
    (stay,) = counted(story)
    assert stay.ready_days == days


@pytest.mark.parametrize(
    ("include_ready_day", "include_leaving_day", "days"),
    [(True, False, 2), (False, False, 1), (True, True, 3), (False, True, 2)],
)
def test_the_days_counted_are_parameters(
    include_ready_day: bool, include_leaving_day: bool, days: int
) -> None:
    rules = Rules(include_ready_day=include_ready_day, include_leaving_day=include_leaving_day)
    (stay,) = counted("1 10:00 admitted; 4 10:00 ready_for_discharge; 6 09:00 discharged", rules)
    assert stay.ready_days == days


@pytest.mark.parametrize(
    ("second", "number"),
    [("4 18:00", 1), ("4 18:01", 2), ("4 15:00", 1)],
)
def test_stays_at_most_four_hours_apart_are_one(second: str, number: int) -> None:
    found = counted(f"1 10:00 admitted; 4 14:00 discharged; {second} admitted; 9 10:00 discharged")
    assert len(found) == number
    assert found[0].start == at("1 10:00")
    assert found[-1].end == at("9 10:00")


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("1 10:00 admitted; 4 14:00 discharged", "rest"),
        ("1 10:00 admitted; 4 14:00 discharged; 20 10:00 admitted; 25 10:00 discharged", "numerator"),
        # 30 days to the minute
        ("1 10:00 admitted; 4 14:00 discharged; 34 14:00 admitted; 36 10:00 discharged", "numerator"),
        ("1 10:00 admitted; 4 14:00 discharged; 34 14:01 admitted; 36 10:00 discharged", "rest"),
        # neither a short stay nor an ambulant contact is a readmission; one that lasts is
        ("1 10:00 admitted; 4 14:00 discharged; 20 10:00 admitted; 20 21:59 discharged", "rest"),
        ("1 10:00 admitted; 4 14:00 discharged; 20 10:00 acute_ambulant; 21 10:00 discharged", "rest"),
        ("1 10:00 admitted; 4 14:00 discharged; 20 10:00 admitted", "numerator"),
        # left out
        ("1 10:00 admitted", "no end"),
        ("4 14:00 discharged", "no start"),
        ("1 10:00 admitted; 4 14:00 died", "died"),
        ("1 10:00 acute_ambulant; 2 14:00 discharged", "not admitted"),
        ("1 10:00 acute_ambulant; 1 15:00 admitted; 2 14:00 discharged", "rest"),
        ("1 10:00 admitted; 1 21:59 discharged", "too short"),
        ("80 10:00 admitted; 84 14:00 discharged", "follow-up not complete"),
    ],
)
def test_readmission(story: str, expected: str) -> None:
    found = table(counted(story)).select(stays.readmission(at("100 00:00")))
    assert found.to_series()[0] == expected


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("1 10:00 admitted; 4 10:00 ready_for_discharge; 6 09:00 discharged", "numerator"),
        ("1 10:00 admitted; 4 10:00 ready_for_discharge; 4 19:00 discharged", "rest"),
        ("1 10:00 admitted; 4 10:00 discharged", "rest"),
        ("1 10:00 admitted; 4 10:00 ready_for_discharge", "no end"),
        ("1 10:00 admitted; 4 10:00 ready_for_discharge; 6 09:00 died", "died"),
        ("1 10:00 acute_ambulant; 2 09:00 discharged", "not admitted"),
    ],
)
def test_what_a_stay_is_for_the_days_ready(story: str, expected: str) -> None:
    assert table(counted(story)).select(stays.days_ready()).to_series()[0] == expected


def test_who_a_stay_belongs_to() -> None:
    events = log("1 10:00 admitted; 4 14:00 discharged")
    (stay,) = stays.count("c", events, ZONE)
    assert (stay.municipality, stay.hospital, stay.inpatient) == ("860", "hospital", True)
