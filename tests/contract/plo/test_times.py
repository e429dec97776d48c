"""kith:TS: what instant a text names, how exactly, and what the two clock changes do to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naer.events.instant import ZONES, parse
from naer.messages.plo.elements import moment
from naer.messages.plo.times import Point, is_vague, is_valid, point, unclear


def utc(text):
    return parse(text + "Z", ZONES["NO"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-03-02T10:00:00", Point(utc("2026-03-02T09:00"), "instant", False)),
        ("2026-07-02T10:00:00", Point(utc("2026-07-02T08:00"), "instant", False)),
        ("2026-03-02T10:00:00Z", Point(utc("2026-03-02T10:00"), "instant", True)),
        ("2026-03-02T10:00:00.25+02:00", Point(utc("2026-03-02T08:00:00.25"), "instant", True)),
        ("2026-03-02", Point(utc("2026-03-01T23:00"), "day", False)),
        ("2026-07-02", Point(utc("2026-07-01T22:00"), "day", False)),
        ("2026-10-25T02:30:00", Point(utc("2026-10-25T00:30"), "instant", False)),
        ("2026-03-29T02:30:00", Point(utc("2026-03-29T01:30"), "instant", False)),
    ],
)
def test_a_point_in_time(text, said):
    assert point(text) == said
    assert is_valid(text)


@pytest.mark.parametrize("text", ["2026", "2026-03", "10:00:00", "10:00:00.5+01:00", "2026Z"])
def test_vague_texts_are_valid_but_no_point(text):
    assert point(text) is None
    assert is_vague(text)
    assert is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "i går",
        "2026-02-30",
        "2026-13-01",
        "2026-03-02T10:00",
        "2026-03-02 10:00:00",
        "02.03.2026",
        "20260302",
        "2026-03-02T25:00:00",
        "2026-03-02T10:00:00+15:00",
        "1899-12-31",
        "2200-01-02",
        "２０２６-03-02",
    ],
)
def test_what_is_no_time(text):
    assert point(text) is None
    assert not is_valid(text)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("2026-10-25T02:30:00", "twice"),
        ("2026-10-25T02:30:00+01:00", ""),
        ("2026-10-25T03:00:00", ""),
        ("2026-03-29T02:30:00", "never"),
        ("2026-03-29T03:00:00", ""),
        ("2026-10-25", ""),
    ],
)
def test_the_hours_of_the_clock_changes(text, how):
    assert unclear(text) == how


@given(at=st.integers(utc("1980-01-01T00:00"), utc("2199-12-31T00:00")))
def test_what_naer_writes_is_read_as_the_same_instant(at):
    """Also in the doubled hour: the offset tells the two readings apart."""
    assert point(moment(at)) == Point(at, "instant", True)
