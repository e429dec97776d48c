"""Columns of times mean what single times mean."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.instant import EPOCH, ZONES, from_local, parse
from naer.logs.row import EARLIEST, LATEST
from naer.logs.times import instants, local_instants

DK = ZONES["DK"]

_naive = st.datetimes()
_near_changes = st.builds(
    lambda year, month, minutes: (
        dt.datetime.fromisoformat(f"{year}-{month:02}-24") + dt.timedelta(minutes=minutes)
    ),
    st.integers(1955, 2105),
    st.sampled_from([3, 4, 9, 10]),
    st.integers(0, 8 * 24 * 60),
)
_moments = st.one_of(_naive, _near_changes)
_offsets = st.sampled_from(["", "Z", "z", "+01:00", "-0530", "+02", " +02:00", "+99:99"])
_forms = st.sampled_from(
    ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S,%f987"]
)
_well = st.builds(
    lambda moment, form, offset: (
        moment.strftime(form).rjust(len(moment.strftime(form)), "0") + (offset if "%H" in form else "")
    ),
    _moments,
    _forms,
    _offsets,
)
_digits = st.text("0123456789-:T Z+.,", max_size=33)
_near = st.builds(
    lambda text, place, letter: text[:place] + letter + text[place + 1 :],
    _well,
    st.integers(0, 30),
    st.text("0123456789:- TZ٣é", max_size=2),
)
_texts = st.lists(st.one_of(st.none(), st.just(""), st.just("  "), _well, _near, _digits), max_size=30)


@given(_texts)
@settings(max_examples=300)
@pytest.mark.statement("S1")
def test_a_column_of_times_reads_as_its_times_one_by_one(texts):
    found, read, bad = instants(pl.Series(texts, dtype=pl.String), DK)
    for place, text in enumerate(texts):
        try:
            expected = None if text is None or not text.strip() else parse(text, DK)
            wrong = expected is not None and not EARLIEST <= expected <= LATEST
        except ValueError:
            expected, wrong = None, True
        assert bool(bad[place]) == wrong, text
        assert bool(read[place]) == (expected is not None and not wrong), text
        if read[place]:
            assert int(found[place]) == expected, text


@given(st.lists(_moments, max_size=20), st.sampled_from(["Europe/Copenhagen", "Europe/Oslo"]))
@settings(max_examples=200)
@pytest.mark.statement("S1")
def test_local_clock_times_are_told_alike_also_where_the_clock_changes(moments, name):
    zone = next(zone for zone in ZONES.values() if zone.key == name)
    clock = np.array([(m.replace(tzinfo=dt.UTC) - EPOCH) // dt.timedelta(microseconds=1) for m in moments])
    found, there = local_instants(clock.astype(np.int64), zone)
    for place, moment in enumerate(moments):
        try:
            expected = from_local(moment, zone)
        except OverflowError:
            assert not there[place]
            continue
        assert int(found[place]) == expected, moment
