"""One answer from every engine and every kind of log, whatever the agreement and whatever happened."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.history import EventLog, replay, tables
from naer.history.stored import StoredLog
from naer.logs.store import Builder, of_events
from tests.generative import cases

BY = ("municipality", "month", "n")


@pytest.mark.statement("S5", "S33", "S35")
@settings(max_examples=20)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(BY), max_size=2, unique=True))
def test_events_and_store_reference_and_columns_give_the_same(rng: Random, by):
    portfolio = cases.portfolio(cases.agreement(rng))
    log = cases.log(rng)
    clock = max(event.at for event in log) + rng.choice((-1, 0, 10**12))
    there = {name for event in EventLog(log).events() for name in event.attributes}
    by = [name for name in by if name != "n" or name in there]
    asked = {"clock": clock, "now": cases.now(rng, log), "by": by}
    expected = said(replay(portfolio, EventLog(log), engine="reference", **asked))
    assert said(replay(portfolio, EventLog(log), **asked)) == expected
    with TemporaryDirectory() as folder, Builder(Path(folder) / "store") as build:
        build.add(of_events(log))
        store = StoredLog(build.finish())
        assert said(replay(portfolio, store, **asked)) == expected
        assert said(replay(portfolio, store, engine="reference", **asked)) == expected


def said(result):
    rows = tables.obligations_of(result).rows()
    return result.now, result.tallies, result.groups, result.excluded, result.events, rows
