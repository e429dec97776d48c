"""A replay: now, the ledger, and one report from one log, whatever its format and order."""

import random
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.agreement import load
from naer.events.event import Event
from naer.events.instant import HOUR, ZONES, from_datetime, parse
from naer.history import EventLog, tables
from naer.history import replay as run
from naer.history.contract import contract as of_contract
from naer.history.reference import by_citizen
from naer.logs.error import LogError
from naer.logs.read import read
from naer.logs.row import Exclusion
from tests.logfiles import FORMATS, write

DK = ZONES["DK"]
AGREEMENT = """
agreement: stays
country: DK
unless: [died]
applies: {municipality: ["851", "860"]}
parties: {hospital: {is: hospital}, municipality: {is: municipality, of: residence}}
clauses:
  - id: report
    source: test
    verified: true
    owed_by: municipality
    owed_to: hospital
    after: admitted
    where: {asked: true, age: {">=": 65}}
    deliver: admission_report
    within: 24 h
    unless: [discharged]
  - id: visit
    source: test
    after: discharged
    deliver: home_visit
    within: 2 working days
    scope: citizen
  - id: note
    source: test
"""


@pytest.fixture(scope="module")
def stays(tmp_path_factory):
    path = tmp_path_factory.mktemp("agreement") / "stays.yaml"
    path.write_text(AGREEMENT)
    return load(path)


def event(kind, at, *, number=0, pathway="p", **fields):
    return Event(
        id=number or f"{kind} {at} {pathway}", pathway=pathway, kind=kind, at=parse(at, DK), **fields
    )


def clock(text="2030-01-01"):
    return parse(text, DK)


def admitted(at, **fields):
    attributes = {"asked": "true", "age": "80"} | fields.pop("attributes", {})
    return event("admitted", at, attributes=attributes, municipality="851", **fields)


def replay(portfolio, log, **asked):
    """The reference's replay, after the columnar engine has found exactly the same."""
    log = log if isinstance(log, EventLog) else EventLog(log)
    found, other = (run(portfolio, log, engine=engine, **asked) for engine in ("reference", "columnar"))
    assert said(other) == said(found)
    return found


def said(result):
    rows = tables.obligations_of(result)
    return (
        result.now,
        result.tallies,
        result.groups,
        result.excluded,
        result.events,
        result.warnings,
        rows.rows(),
    )


def outcomes(result):
    return [(one.clause, one.outcome) for one in result.obligations]


# Now


@pytest.mark.statement("S5")
def test_without_now_an_old_log_is_judged_at_its_latest_event(stays):
    events = [admitted("2026-03-02 10:00"), event("correspondence", "2026-03-03 09:00")]
    result = replay(stays, events, clock=clock())
    assert result.now == parse("2026-03-03 09:00", DK)
    assert outcomes(result) == [("report", "open")]


@pytest.mark.statement("S5")
def test_events_after_the_clock_are_neither_now_nor_seen(stays):
    events = [admitted("2026-03-02 10:00"), event("admission_report", "2026-03-02 12:00")]
    result = replay(stays, events, clock=clock("2026-03-02 11:00"))
    assert result.now == parse("2026-03-02 10:00", DK)
    assert outcomes(result) == [("report", "open")]
    assert result.excluded == [{"reason": "after now", "events": 1, "pathways": 1}]


@pytest.mark.statement("S5")
def test_with_now_the_clock_does_not_matter(stays):
    events = [admitted("2026-03-02 10:00")]
    late = replay(stays, events, clock=clock("2020-01-01"), now=parse("2026-03-04", DK))
    assert outcomes(late) == [("report", "missing")]
    early = replay(stays, events, clock=clock(), now=parse("2026-03-02 09:59:59.999999", DK))
    assert outcomes(early) == []


@pytest.mark.statement("S5")
def test_a_cancelled_event_is_not_the_latest(stays):
    wrong = event("correspondence", "2026-09-09")
    events = [admitted("2026-03-02 10:00"), wrong, event("cancelled", "2026-03-02 11:00", changes=wrong.id)]
    assert replay(stays, events, clock=clock()).now == parse("2026-03-02 10:00", DK)


def test_an_empty_log_is_judged_at_the_clock(stays):
    result = replay(stays, [], clock=clock())
    assert result.now == clock()
    assert [tally.triggered for tally in result.tallies] == [0, 0]


# The ledger


@pytest.mark.statement("S35", "S10", "S4", "S3")
def test_the_ledger_holds_what_the_reader_the_log_and_the_evaluator_left_out(stays):
    kept = admitted("2026-03-02 10:00")
    elsewhere = event("discharged", "2026-03-02 10:00", pathway="q", municipality="101")
    events = [
        kept, kept, elsewhere,
        event("cancelled", "2026-03-02 12:00", changes="never seen"),
        event("home_visit", "2026-03-02 12:00"),
        event("cancelled", "2026-03-02 13:00", number="c", changes="home_visit 2026-03-02 12:00 p"),
    ]  # fmt: skip
    left = [Exclusion("no time", 1, "p"), Exclusion("no time", 2, "q"), Exclusion("no time", 3, "q")]
    result = replay(stays, EventLog(events, left), clock=clock())
    assert result.excluded == [
        {"reason": "cancelled", "events": 1, "pathways": 1},
        {"reason": "duplicate", "events": 1, "pathways": 1},
        {"reason": "no time", "events": 3, "pathways": 2},
        {"reason": "original unknown", "events": 1, "pathways": 1},
        {"reason": "outside the agreement", "events": 1, "pathways": 1},
    ]


# Citizens and pathways


@pytest.mark.statement("S28")
def test_a_visit_in_another_pathway_of_the_citizen_counts_where_the_scope_is_the_citizen(stays):
    gone = event("discharged", "2026-03-02 10:00", citizen="c", municipality="851")
    visit = event("home_visit", "2026-03-03 10:00", citizen="c", pathway="q")
    assert outcomes(replay(stays, [gone, visit], clock=clock())) == [("visit", "kept")]
    stranger = event("home_visit", "2026-03-03 10:00", citizen="d", pathway="q")
    assert outcomes(replay(stays, [gone, stranger], clock=clock())) == [("visit", "open")]


@pytest.mark.statement("S28")
@given(st.lists(st.tuples(st.sampled_from("pqrs"), st.sampled_from(["a", "b", "c", None])), max_size=20))
def test_neither_a_pathway_nor_a_citizen_is_torn_apart(pairs):
    events = [
        Event(id=number, pathway=pathway, citizen=citizen, kind="k", at=number)
        for number, (pathway, citizen) in enumerate(pairs)
    ]
    groups = list(by_citizen(events))
    assert sorted(one.id for group in groups for one in group) == list(range(len(events)))
    assert all(group == sorted(group, key=lambda one: one.at) for group in groups)
    for name in ("pathway", "citizen"):
        places = {}
        for place, group in enumerate(groups):
            for one in group:
                if getattr(one, name) is not None:
                    places.setdefault(getattr(one, name), set()).add(place)
        assert all(len(found) == 1 for found in places.values())


# What is asked for and never there


@pytest.mark.statement("S20")
def test_attributes_that_never_occur_are_told(stays):
    result = replay(stays, [event("admitted", "2026-03-02", attributes={"age": 70})], clock=clock())
    assert result.warnings == (
        "attribute `municipality` never occurs in the log (applies)",
        "attribute `asked` never occurs in the log (clause report)",
        "kinds that never occur in the log: admission_report, discharged, home_visit",
    )


@pytest.mark.parametrize("engine", ["reference", "columnar"])
def test_a_group_that_never_occurs_is_refused(stays, engine):
    log = EventLog([admitted("2026-03-02", attributes={"ward": "A"})])
    with pytest.raises(LogError, match="there is no `muncipality` in the log; did you mean `municipality`"):
        run(stays, log, clock=clock(), by=["ward", "muncipality"], engine=engine)
    assert run(stays, EventLog([]), clock=clock(), by=["ward"], engine=engine).groups == []


@pytest.mark.parametrize("engine", ["reference", "columnar"])
def test_a_clause_of_which_the_log_has_no_delivery_is_known(stays, engine):
    events = [admitted("2026-03-02"), event("home_visit", "2026-03-03")]
    assert run(stays, EventLog(events), clock=clock(), engine=engine).undelivered == {"report"}


@pytest.mark.statement("S11", "S15", "S21")
@pytest.mark.parametrize("more", ["when: open", "when: closed", "start: next opening",
                                  "since: {last: transferred, over: 2 days}"])  # fmt: skip
def test_the_last_day_of_all_calendars_is_closed(tmp_path, more):
    (tmp_path / "a.yaml").write_text(
        "agreement: a\ncountry: DK\nclauses:\n  - {id: x, source: t, after: admitted, deliver: home_visit,"
        f" within: 8 working hours, {more}}}\n"
    )
    events = [event("transferred", "9999-12-31 01:00"), event("admitted", "9999-12-31 12:00")]
    found = replay(load(tmp_path / "a.yaml"), events, clock=parse("9999-12-31 22:00", DK))
    assert found.count == ("open" not in more.split() and "since:" not in more)


# One log, one report

_kinds = st.sampled_from(["admitted", "discharged", "admission_report", "home_visit", "died", "phone_call"])
_rows = st.lists(
    st.fixed_dictionaries(
        {
            "pathway": st.sampled_from(["NA", "007", "1.0", None]),
            "kind": _kinds,
            "at": st.integers(0, 400).map(lambda hour: f"2026-03-{1 + hour // 24:02} {hour % 24:02}:30"),
            "citizen": st.sampled_from(["NULL", "2", None]),
            "municipality": st.sampled_from(["851", "0860", "860"]),
            "asked": st.sampled_from([True, False, None]),
            "age": st.one_of(st.none(), st.integers(50, 99)),
        }
    ),
    max_size=30,
)


def contract(result):
    return of_contract(result, str(result.now)), tables.obligations_of(result).rows()


@given(rows=_rows)
@settings(max_examples=40)
@pytest.mark.statement("S2", "S20", "S35")
def test_the_same_log_in_every_format_gives_the_same_report(stays, rows):
    rows.sort(key=lambda row: (row["pathway"] is not None, row["pathway"] or ""))
    reports = []
    with TemporaryDirectory() as folder:
        for name in FORMATS:
            log = read(write(rows, Path(folder) / name), zone=DK)
            by = ["month", *(["asked"] if any("asked" in one.attributes for one in log.events) else [])]
            found = replay(stays, EventLog(log.events, log.exclusions), clock=clock(), by=by)
            reports.append(contract(found))
    assert all(one == reports[0] for one in reports)


@given(rows=_rows, seed=st.integers())
@settings(max_examples=40)
@pytest.mark.statement("S2")
def test_the_order_of_events_that_have_ids_does_not_matter(stays, rows, seed):
    events = [
        Event(id=f"e{number}", kind=row["kind"], at=parse(row["at"], DK), pathway=row["pathway"] or "none",
              citizen=row["citizen"], municipality=row["municipality"],
              attributes={name: row[name] for name in ("asked", "age") if row[name] is not None})
        for number, row in enumerate(rows)
    ]  # fmt: skip
    shuffled = random.Random(seed).sample(events, len(events))
    assert contract(replay(stays, shuffled, clock=clock())) == contract(replay(stays, events, clock=clock()))


# Tables


def test_the_table_of_obligations_has_every_part(stays):
    events = [
        admitted("2026-03-02 10:00", organisation="aalborg", citizen="c"),
        event("admission_report", "2026-03-03 11:30", citizen="c"),
    ]
    (row,) = tables.obligations_of(replay(stays, events, clock=clock())).rows(named=True)
    shown = {name: from_datetime(one) if isinstance(one, datetime) else one for name, one in row.items()}
    at = parse("2026-03-02 10:00", DK)
    assert shown == {
        "agreement": "stays", "version": None, "clause": "report", "verified": True, "partial": False,
        "trigger": "admitted 2026-03-02 10:00 p", "trigger_kind": "admitted", "triggered_at": at,
        "pathway": "p", "citizen": "c", "organisation": "aalborg", "municipality": "851",
        "owed_by": "851", "owed_by_role": "municipality", "owed_to": "aalborg", "owed_to_role": "hospital",
        "start": at, "due": at + 24 * HOUR, "outcome": "late", "ended": False,
        "closed_by": "admission_report 2026-03-03 11:30 p", "closed_by_kind": "admission_report",
        "closed_at": at + 25 * HOUR + HOUR // 2,
        "elapsed_minutes": 1530.0, "paused_minutes": 0.0, "working_minutes": 1530.0,
    }  # fmt: skip
