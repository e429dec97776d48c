"""Every driver says the same of every agreement and every log: reference, kernel, Polars oracle.

`NAER_CASES=100000 ./run test tests/generative/test_drivers.py` judges that many logs instead of the few
thousand that fit into a minute.
"""

import os
from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.columnar.compile import compile_line
from naer.columnar.found import OUTCOMES
from naer.events.event import Event
from naer.events.instant import ZONES, parse
from tests.generative import cases, drivers, variety

FAMILIES = 20
"""Logs judged at once: they cannot touch each other, so each is a case of its own."""

SHARDS = 6
CASES = int(os.environ.get("NAER_CASES", "1200"))
"""Logs in all."""

DRIVERS = (
    (drivers.columnar, drivers.whole),
    (drivers.briefly, drivers.without_working),
    (drivers.polars, drivers.whole),
)
"""The drivers that are held against the reference, and what of their answer."""

STATEMENTS = (
    "S2", "S5", "S6", "S9", "S10", "S11", "S13", "S14", "S15", "S16", "S17", "S18", "S19", "S20",
    "S21", "S22", "S23", "S24", "S25", "S26", "S27", "S28", "S30", "S35",
)  # fmt: skip


def agree(case: variety.Case) -> None:
    """Fails with the smallest case on which a driver and the reference differ."""
    expected = drivers.reference(case)
    for driver, shown in DRIVERS:
        if shown(driver(case)) != shown(expected):
            small = drivers.smallest(case, partial(drivers.differ, drivers.reference, driver, shown))
            pytest.fail(drivers.told(small, drivers.reference, driver))


@pytest.mark.statement(*STATEMENTS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=25)
def test_reference_kernel_and_oracle_agree(seed):
    agree(variety.case(Random(seed)))


@pytest.mark.statement(*STATEMENTS)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_reference_kernel_and_oracle_agree_on_many_logs(shard):
    for number in range(-(-CASES // (SHARDS * FAMILIES))):
        agree(variety.case(Random(f"{shard}/{number}"), FAMILIES))


PLAIN = {"id": "c0", "source": "s", "after": "start", "deliver": "report", "within": "24 h"}
DAYS = ("2026-03-28T10:00", "2026-04-02T10:00", "2026-04-03T10:00")


@pytest.mark.statement("S6", "S19", "S21", "S28")
@pytest.mark.parametrize(
    ("earlier", "later", "opened"),
    [
        ({}, {"repeat": "first"}, 1),
        ({"repeat": "first"}, {}, 3),
        ({}, {"repeat": "restart"}, 3),
        ({"within": "at once"}, {"repeat": "restart"}, 3),
        ({"within": None, "before": "exit"}, {"repeat": "restart"}, 3),
        ({"scope": "citizen"}, {"repeat": "first"}, 2),
    ],
)
def test_versions_of_a_clause_share_what_was_first_and_what_restarts(earlier, later, opened):
    head = {"agreement": "generated", "country": "DK", "events": cases.EVENTS}
    versions = [
        head | {"valid": {"from": None, "to": "2026-03-31"}, "clauses": [PLAIN | earlier]},
        head | {"valid": {"from": "2026-04-01", "to": None}, "clauses": [PLAIN | later]},
    ]
    documents = {"generated": versions}
    starts = [
        Event(id=day, pathway="p", citizen="c", kind="START", at=parse(day, ZONES["DK"])) for day in DAYS
    ]
    case = variety.Case(variety.portfolio(documents), starts, None, documents=documents)
    assert len(drivers.reference(case).obligations) == opened
    agree(case)


@pytest.mark.statement("S18")
def test_a_working_day_that_two_pauses_touch_is_skipped_once():
    clause = PLAIN | {"within": "5 working days", "pause": {"from": "hold", "until": "go_on"}}
    head = {"agreement": "generated", "country": "DK", "events": cases.EVENTS, "clauses": [clause]}
    story = (
        ("START", "03-30T14:00"), ("HOLD", "04-07T09:00"), ("GO_ON", "04-07T10:00"), ("HOLD", "04-07T14:00"),
        ("GO_ON", "04-08T09:00"), ("HOLD", "04-08T10:00"), ("GO_ON", "04-08T11:00"),
    )  # fmt: skip
    events = [
        Event(id=time, pathway="p", kind=kind, at=parse(f"2026-{time}", ZONES["DK"])) for kind, time in story
    ]
    case = variety.Case(variety.portfolio({"generated": [head]}), events, None)
    (row,) = drivers.reference(case).obligations
    assert row[7] == parse("2026-04-14", ZONES["DK"]) - 1
    agree(case)


@pytest.mark.statement("S12", "S14")
def test_hours_of_work_that_last_for_years_pass_where_the_tables_of_days_end():
    """A calendar that is open for a minute a day; tables cover the years around the log."""
    office = {"office": {"days": "mon-thu", "hours": "12:00-12:01"}}
    clause = PLAIN | {"within": "24 working hours"}
    head = {"agreement": "generated", "country": "DK", "events": cases.EVENTS, "calendars": office}
    start = Event(id="a", pathway="p", kind="START", at=parse("2026-03-29T10:00", ZONES["DK"]))
    case = variety.Case(variety.portfolio({"generated": [head | {"clauses": [clause]}]}), [start], None)
    (row,) = drivers.reference(case).obligations
    assert row[7] > parse("2032-06-01", ZONES["DK"])
    agree(case)


def test_the_cases_have_everything_in_them():
    """What the language can say, and what can become of it, is there; else agreement would be cheap."""
    keys, outcomes, reasons, lines, slots = set(), set(), set(), 0, 0
    for seed in range(150):
        case = variety.case(Random(seed), 3)
        said = drivers.reference(case)
        outcomes |= {(row[8], row[9]) for row in said.obligations}
        reasons |= said.left_out.keys()
        lines += len(case.portfolio.lines) - 1
        slots += len(compile_line(case.portfolio.lines[0]).slots)
        keys |= {key for versions in case.documents.values() for one in versions for key in one}
        keys |= {
            key
            for versions in case.documents.values()
            for one in versions
            for clause in one["clauses"]
            for key, value in clause.items()
            if value is not None
        }
    assert {outcome for outcome, _ in outcomes} == set(OUTCOMES)
    assert ("missing", True) in outcomes
    assert reasons == {
        "no version in force", "outside the agreement", "no match value", "start unknown", "after now"
    }  # fmt: skip
    assert keys >= {
        "after", "where", "when", "start", "since", "deliver", "within", "before", "ahead", "anchor",
        "unless", "survives", "waiver", "accept_earlier", "pause", "repeat", "scope", "match", "evidence",
        "valid", "applies", "extends", "parties", "calendar", "owed_by", "owed_to",
    }  # fmt: skip
    assert lines > 20
    assert slots > 450
