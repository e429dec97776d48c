"""The effective log: order, duplicates, changes, now (S2 to S5), and what changed history means (S29)."""
# ruff: noqa: E501 - a table is as wide as its story

import itertools

import pytest

from naer.events.event import Event
from naer.events.log import effective
from tests.spec.tables import spec

CLAUSE = "after: admitted\ndeliver: care_plan\nwithin: 24 h\nunless: [discharged]"


def event(id, at=10, **fields):
    return Event(**{"pathway": "p", "kind": "admitted"} | fields, id=id, at=at)


def log_of(*events, now=None):
    log = effective(events, now)
    return [one.id for one in log.events], {row["reason"]: row["events"] for row in log.excluded.rows()}


@pytest.mark.statement("S2")
@pytest.mark.parametrize(
    ("events", "order"),
    [
        ([event("b", 2), event("a", 3)], ["b", "a"]),
        ([event("b", 2, sent=5), event("a", 2, sent=9)], ["b", "a"]),
        ([event("b", 2), event("a", 2, sent=3)], ["b", "a"]),  # a missing sent counts as at
        ([event("b", 2, sent=1), event("a", 2)], ["b", "a"]),
        ([event("b", 2), event("a", 2)], ["a", "b"]),
        ([event("10", 2), event("9", 2)], ["10", "9"]),  # ids are text …
        ([event(10, 2), event(9, 2)], [9, 10]),  # … but row numbers are numbers
        ([event("b", 2, received=1), event("a", 2, received=9)], ["a", "b"]),  # received never orders
    ],
)
def test_order_is_at_then_sent_then_id(events, order):
    for arrival in itertools.permutations(events):
        assert log_of(*arrival)[0] == order


@pytest.mark.statement("S3")
def test_the_same_event_twice_is_one_with_the_earliest_received():
    copies = [event("a", received=30), event("a", received=20), event("a", received=None)]
    for arrival in itertools.permutations(copies):
        log = effective(arrival)
        assert [(one.id, one.received) for one in log.events] == [("a", 20)]
        assert log.excluded.count("duplicate") == 2
        assert log.excluded.count("id reused") == 0


@pytest.mark.statement("S3")
@pytest.mark.parametrize(
    ("stays", "goes"),
    [
        ({"at": 10}, {"at": 11}),
        ({"at": 10, "sent": 11}, {"at": 10, "sent": 12}),
        ({"at": 10, "sent": None}, {"at": 10, "sent": 11}),
        ({"at": 10, "attributes": {"n": 1}}, {"at": 10, "attributes": {"n": 2}}),  # content as text
    ],
)
def test_an_id_with_other_content_the_first_stays(stays, goes):
    for arrival in itertools.permutations([event("a", **stays), event("a", **goes), event("a", **stays)]):
        log = effective(arrival)
        assert [{name: getattr(one, name) for name in stays} for one in log.events] == [stays]
        assert (log.excluded.count("id reused"), log.excluded.count("duplicate")) == (1, 1)


@pytest.mark.statement("S4")
@pytest.mark.parametrize(
    ("changes", "stands", "ledger"),
    [
        ([event("c", 20, changes="a", kind="discharged")], ("a", 20, "discharged"), {}),
        ([event("c", 20, changes="a", kind="cancelled")], None, {"cancelled": 1}),
        # of several the latest (sent, id) wins, whatever they name in the chain
        ([event("c", 20, changes="a", sent=1), event("d", 30, changes="a", sent=2)], ("a", 30, "admitted"), {}),
        ([event("c", 20, changes="a", sent=2), event("d", 30, changes="a", sent=1)], ("a", 20, "admitted"), {}),
        ([event("c", 20, changes="a", sent=2), event("d", 30, changes="a", sent=2)], ("a", 30, "admitted"), {}),
        ([event("c", 20, changes="a", sent=2), event("d", 30, changes="c", sent=3)], ("a", 30, "admitted"), {}),
        ([event("c", 20, changes="a", sent=3), event("d", 30, changes="c", sent=2)], ("a", 20, "admitted"), {}),
        # a cancelled correction takes the event with it; a later correction brings it back
        ([event("c", 20, changes="a", sent=2), event("d", 30, changes="c", sent=3, kind="cancelled")], None,
         {"cancelled": 1}),
        ([event("c", 20, changes="a", sent=4), event("d", 30, changes="a", sent=3, kind="cancelled")],
         ("a", 20, "admitted"), {}),
        # an original that is not known waits
        ([event("c", 20, changes="x")], ("a", 10, "admitted"), {"original unknown": 1}),
        ([event("c", 20, kind="cancelled")], ("a", 10, "admitted"), {"original unknown": 1}),
        ([event("c", 20, changes="d"), event("d", 20, changes="c")], ("a", 10, "admitted"),
         {"original unknown": 2}),
        ([event("c", 20, changes="c")], ("a", 10, "admitted"), {"original unknown": 1}),
    ],
)  # fmt: skip
def test_corrections_replace_and_cancellations_remove(changes, stands, ledger):
    for arrival in itertools.permutations([event("a"), *changes]):
        log = effective(arrival)
        found = [(one.id, one.at, one.kind) for one in log.events]
        assert found == ([stands] if stands else [])
        assert {row["reason"]: row["events"] for row in log.excluded.rows()} == ledger
        assert all(one.changes is None for one in log.events)


@pytest.mark.statement("S4")
def test_a_correction_replaces_the_whole_event():
    first = event("a", municipality="851", attributes={"n": 1}, sent=5)
    (found,) = effective([first, event("c", 12, changes="a", pathway="q", sent=7)]).events
    assert (found.pathway, found.municipality, found.attributes, found.sent) == ("q", None, {}, 7)


@pytest.mark.statement("S5")
def test_what_comes_after_now_is_not_seen_until_now_reaches_it():
    events = event("a", 10), event("b", 11), event("c", 12)
    assert log_of(*events, now=11) == (["a", "b"], {"after now": 1})
    assert log_of(*events, now=9) == ([], {"after now": 3})
    assert log_of(*events) == (["a", "b", "c"], {})


@pytest.mark.statement("S5")
def test_a_change_counts_whenever_it_was_made():
    moved = event("c", 10, sent=99, received=99, changes="b")
    assert log_of(event("b", 30), moved, now=15) == (["b"], {})
    assert log_of(event("b", 10), event("c", 99, sent=99, changes="b", kind="cancelled"), now=15) == (
        [],
        {"cancelled": 1},
    )


@pytest.mark.statement("S29")
@spec(
    CLAUSE,
    """
    then                                                                                           | now         | outcome  | due         | ledger
    11:00 care_plan {id: plan}; 13:00 cancelled {changes: plan}                                    | 03-04 00:00 | missing  | 03-03 10:00 | cancelled 1
    11:00 care_plan {id: plan}; 13:00 cancelled {changes: plan}                                    | 03-03 10:00 | open     | 03-03 10:00 | cancelled 1
    11:00 care_plan {id: plan}; 12:00 care_plan; 13:00 cancelled {changes: plan}                   | 03-04 00:00 | kept     | 03-03 10:00 | cancelled 1
    11:00 discharged {id: out}; 12:00 care_plan; 13:00 cancelled {changes: out}                    | 03-04 00:00 | kept     | 03-03 10:00 | cancelled 1
    13:00 cancelled {changes: in}                                                                  | 03-04 00:00 | none     |             | cancelled 1
    08:00 admitted {id: in2, changes: in, sent: 2026-03-02 14:00}; 03-03 09:00 care_plan           | 03-04 00:00 | late     | 03-03 08:00 |
    11:00 care_plan {id: plan}; 03-03 10:01 care_plan {id: plan2, changes: plan}                   | 03-04 00:00 | late     | 03-03 10:00 |
    """,
    given="10:00 admitted {id: in}",
)
def test_history_that_changes_is_judged_again(case):
    case.check()
