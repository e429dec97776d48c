"""What each obligation keeps: times (S30), partial evidence (S31), escalation (S32), counts (S34, S35)."""
# ruff: noqa: E501 - a table is as wide as its story

import pytest

from naer.agreement.report import report
from naer.agreement.timeline import judge
from naer.events.instant import ZONES
from tests.spec.tables import agreement, moment, portfolio, spec, story

OFFICE = 'calendars: {office: {days: mon-fri, hours: "08:00-16:00"}}'
CLAUSE = "after: admitted\ndeliver: care_plan\nwithin: 24 h\nunless: [discharged]"
PARTIES = "parties: {h: {is: hospital}, m: {is: municipality}}"


@pytest.mark.statement("S30")
@spec(
    CLAUSE + "\nanchor: {attribute: from}",
    """
    then                                                                        | outcome  | elapsed | working
    10:00 admitted {from: 2026-03-02 10:00}; 12:30 care_plan                    | kept     | 150     | 150
    10:00 admitted {from: 2026-03-02 12:00}; 11:00 care_plan                    | kept     | 0       | 0
    10:00 admitted {from: 2026-03-02 09:00}; 11:00 care_plan                    | kept     | 120     | 120
    10:00 admitted {from: 2026-03-02 10:00}; 03-04 09:00 care_plan              | late     | 2820    | 900
    17:00 admitted {from: 2026-03-02 17:00}; 20:00 care_plan                    | kept     | 180     | 0
    10:00 admitted {from: 2026-03-02 10:00}; 11:00 discharged                   | released | -       | -
    10:00 admitted {from: 2026-03-02 10:00}; 03-04 09:00 discharged             | missing  | -       | -
    10:00 admitted {from: 2026-03-02 10:00}                                     | missing  | -       | -
    """,
    head=OFFICE,
)
def test_elapsed_is_from_start_to_delivery_and_never_below_nothing(case):
    case.check()


STEPS = "\nescalate: [{at: due - 2 h, to: owed_by}, {at: due, to: owed_by.leader}, {at: trigger + 30 h, to: owed_to}]"


@pytest.mark.statement("S32")
@spec(
    CLAUSE + STEPS,
    """
    then                                    | now         | outcome | fires
    10:00 admitted                          | 11:00       | open    | 03-03 08:00, 03-03 10:00, 03-03 16:00
    10:00 admitted                          | 03-20 11:00 | missing | 03-03 08:00, 03-03 10:00, 03-03 16:00
    10:00 admitted; 12:00 care_plan         |             | kept    |
    10:00 admitted; 03-03 12:00 care_plan   |             | late    |
    10:00 admitted; 12:00 discharged        |             | released |
    10:00 admitted; 03-03 12:00 discharged  |             | missing |
    """,
)
def test_steps_fire_at_their_times_and_not_once_it_is_closed(case):
    case.check()


@pytest.mark.statement("S32")
@spec(
    CLAUSE.replace("24 h", "1 h") + STEPS + "\npause: {from: hold_started, until: hold_ended}",
    """
    then                                                     | outcome | fires
    10:00 admitted                                           | missing | 10:00, 11:00, 03-03 16:00
    10:00 admitted; 10:30 hold_started                       | open    | -, -, 03-03 16:00
    10:00 admitted; 10:30 hold_started; 12:30 hold_ended     | missing | 11:00, 13:00, 03-03 16:00
    """,
)
def test_steps_move_with_due_and_are_never_before_the_trigger(case):
    case.check()


@pytest.mark.statement("S32")
@spec(
    CLAUSE
    + "\nescalate: [{at: due - 1 day, to: owed_by}, {at: due + 1 working day, to: owed_to}, {at: due + 4 working hours, to: owed_to}]",
    """
    then                   | outcome | fires
    03-28 10:00 admitted   | missing | 03-28 11:00, end of 03-30, 03-30 12:00
    03-05 10:00 admitted   | missing | 03-05 10:00, end of 03-09, 03-06 14:00
    """,
    head=OFFICE,
)
def test_steps_in_days_and_working_time(case):
    """24 h from 28 March 10:00 is 29 March 11:00, a Sunday; a day back is 28 March 11:00."""
    case.check()


@pytest.mark.statement("S31", "S32")
def test_partial_evidence_escalates_only_to_the_debtor():
    made = portfolio(agreement(CLAUSE + STEPS + "\nevidence: partial"))
    (found,) = judge(made, story("10:00 admitted", day="2026-03-02"), None)
    assert (found.outcome, found.partial) == ("missing", True)
    assert [(step.step, step.to) for step in found.escalations] == [(0, "owed_by"), (1, "owed_by.leader")]
    (found,) = judge(portfolio(agreement(CLAUSE + STEPS)), story("10:00 admitted", day="2026-03-02"), None)
    assert (found.partial, [step.step for step in found.escalations]) == (False, [0, 1, 2])


@pytest.mark.statement("S29", "S34")
def test_the_share_kept_counts_only_what_was_judged():
    told = story(
        "10:00 admitted {pathway: a}; 11:00 care_plan {pathway: a}; 10:00 admitted {pathway: b}",
        "03-04 10:00 care_plan {pathway: b}; 03-02 10:00 admitted {pathway: c}; 03-02 10:00 admitted {pathway: d}",
        "11:00 discharged {pathway: d}; 03-04 09:30 admitted {pathway: e}; 10:00 admitted {pathway: f, id: f}",
        "10:30 cancelled {changes: f, pathway: f}",
        day="2026-03-02",
    )
    found = judge(portfolio(agreement(CLAUSE)), told, moment("03-04 12:00", "2026-03-02"))
    (tally,) = report(found, ["clause"], ZONES["DK"])
    counts = (
        tally.triggered,
        tally.kept,
        tally.late,
        tally.missing,
        tally.open,
        tally.released,
        tally.superseded,
    )
    assert counts == (5, 1, 1, 1, 1, 1, 0)
    assert tally.share_kept == pytest.approx(1 / 3)


@pytest.mark.statement("S31")
@spec(
    CLAUSE + "\nevidence: partial",
    """
    then                                    | outcome
    10:00 admitted                          | missing
    10:00 admitted; 11:00 care_plan         | kept
    10:00 admitted; 03-04 11:00 care_plan   | late
    """,
)
def test_partial_evidence_changes_no_outcome(case):
    case.check()


@pytest.mark.statement("S35")
@spec(
    CLAUSE + "\nmatch: n\nanchor: {attribute: from}",
    """
    then                                                                                 | now   | outcome | ledger
    10:00 admitted {from: 2026-03-02}                                                    |       | none    | no match value 1
    10:00 admitted {n: 1}                                                                |       | none    | start unknown 1
    10:00 admitted {n: 1, from: 2026-03-02}; 11:00 care_plan                             | 10:30 | open    | after now 1
    10:00 admitted {n: 1, id: a}; 10:00 admitted {n: 1, id: a}                           |       | none    | duplicate 1, start unknown 1
    10:00 admitted {n: 1, id: a, from: 2026-03-02}; 11:00 admitted {n: 1, id: a}         |       | missing | id reused 1
    10:00 admitted {id: a}; 11:00 cancelled {changes: a}; 11:00 cancelled {changes: b}   |       | none    | cancelled 1, original unknown 1
    """,
)
def test_the_ledger_says_what_was_left_out_and_why(case):
    case.check()
