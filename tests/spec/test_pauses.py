"""Pauses (S18), and what they take from elapsed time (S30)."""
# ruff: noqa: E501 - a table is as wide as its story

import pytest

from naer.agreement import AgreementError
from tests.spec.tables import agreement, portfolio, spec

CLAUSE = """
after: rehabilitation_plan
deliver: rehabilitation_contact
unless: [died]
pause: {from: hold_started, until: hold_ended}
"""


@pytest.mark.statement("S18")
@spec(
    CLAUSE + "within: 24 h",
    """
    then                                                                        | now         | outcome  | due
    11:00 hold_started; 13:00 hold_ended                                        |             | missing  | 03-03 12:00
    03-03 10:00 hold_started; 12:00 hold_ended                                  |             | missing  | 03-03 10:00
    03-03 09:59:59.999999 hold_started; 12:00 hold_ended                        |             | missing  | 03-03 12:00:00.000001
    11:00 hold_started; 12:00 hold_started; 13:00 hold_ended                    |             | missing  | 03-03 12:00
    11:00 hold_ended; 12:00 hold_started; 13:00 hold_ended; 14:00 hold_ended    |             | missing  | 03-03 11:00
    11:00 hold_started; 12:00 hold_ended; 03-03 10:30 hold_started; 11:30 hold_ended |        | missing  | 03-03 12:00
    11:00 hold_started; 12:00 hold_ended; 03-03 11:00 hold_started; 11:30 hold_ended |        | missing  | 03-03 11:00
    11:00 hold_started; 12:00 hold_ended; 12:00 hold_started; 13:00 hold_ended  |             | missing  | 03-03 12:00
    11:00 hold_started; 11:00 hold_ended                                        |             | missing  | 03-03 10:00
    08:00 hold_started {id: a}; 09:00 hold_ended {id: b}                        |             | missing  | 03-03 10:00
    08:00 hold_started {id: a}; 12:00 hold_ended                                |             | missing  | 03-03 12:00
    08:00 hold_started {id: a}                                                  | 04-01 10:00 | open     | -
    11:00 hold_started                                                          |             | open     | -
    03-03 10:00 hold_started                                                    | 04-01 10:00 | missing  | 03-03 10:00
    11:00 hold_started; 03-20 10:00 rehabilitation_contact                      |             | kept     | -
    11:00 hold_started; 03-20 10:00 rehabilitation_contact; 03-21 10:00 hold_ended |          | kept     | -
    11:00 hold_started; 03-20 10:00 died                                        |             | released | -
    03-03 11:00 hold_started; 12:00 died                                        |             | missing  | 03-03 10:00
    12:00 rehabilitation_contact; 13:00 hold_started                            |             | kept     | 03-03 10:00
    03-03 09:00 rehabilitation_contact; 09:00 hold_started                      |             | kept     | 03-03 10:00
    03-03 09:00 hold_started; 09:00 rehabilitation_contact                      |             | kept     | -
    """,
    given="10:00 rehabilitation_plan",
)
def test_a_pause_moves_due_by_its_time(case):
    case.check()


@pytest.mark.statement("S18")
@spec(
    CLAUSE + "within: 24 h",
    """
    then                                                                       | outcome | due
    09:00 hold_started; 10:00 rehabilitation_plan; 12:00 hold_ended            | missing | 03-03 12:00
    10:00 hold_started; 10:00 rehabilitation_plan; 12:00 hold_ended            | missing | 03-03 12:00
    08:00 hold_started; 10:00 hold_ended; 10:00 rehabilitation_plan            | missing | 03-03 10:00
    08:00 hold_started; 10:00 rehabilitation_contact; 10:00 rehabilitation_plan | kept   | -
    """,
)
def test_only_time_after_the_trigger_counts(case):
    case.check()


@pytest.mark.statement("S18")
@spec(
    CLAUSE + "within: 2 h\nanchor: {attribute: from}",
    """
    then                                                                                    | outcome | start | due
    10:00 rehabilitation_plan {from: 2026-03-02 12:00}; 11:00 hold_started; 13:00 hold_ended | missing | 12:00 | 15:00
    10:00 rehabilitation_plan {from: 2026-03-02 12:00}; 10:30 hold_started; 11:30 hold_ended | missing | 12:00 | 14:00
    10:00 rehabilitation_plan {from: 2026-03-02 12:00}; 14:00 hold_started; 15:00 hold_ended | missing | 12:00 | 14:00
    10:00 rehabilitation_plan {from: 2026-03-02 09:00}; 10:30 hold_started; 11:30 hold_ended | missing | 09:00 | 12:00
    09:30 hold_started; 10:00 rehabilitation_plan {from: 2026-03-02 09:00}; 10:30 hold_ended | missing | 09:00 | 11:30
    """,
)
def test_only_time_after_the_start_counts(case):
    case.check()


@pytest.mark.statement("S18")
@spec(
    CLAUSE + "within: 8 working hours",
    """
    then                                                                      | outcome | due
    03-02 17:00 hold_started; 03-03 07:00 hold_ended                          | missing | 03-03 10:00
    03-02 15:00 hold_started; 03-03 09:00 hold_ended                          | missing | 03-03 12:00
    03-03 09:00 hold_started; 03-06 09:00 hold_ended                          | missing | 03-06 10:00
    03-03 09:00 hold_started; 03-07 09:00 hold_ended                          | missing | 03-09 09:00
    03-02 12:00 hold_started; 03-02 13:00 hold_ended; 03-03 10:30 hold_started; 03-03 11:30 hold_ended | missing | 03-03 12:00
    """,
    given="10:00 rehabilitation_plan",
    head='calendars: {office: {days: mon-fri, hours: "08:00-16:00"}}',
)
def test_working_hours_move_by_paused_working_time(case):
    case.check()


@pytest.mark.statement("S18")
@spec(
    CLAUSE + "within: 2 working days",
    """
    then                                                                      | outcome | due
    03-03 23:59 hold_started; 03-04 00:00 hold_ended                          | missing | end of 03-05
    03-03 23:59 hold_started; 03-04 00:01 hold_ended                          | missing | end of 03-06
    03-07 09:00 hold_started; 03-08 09:00 hold_ended                          | missing | end of 03-04
    03-02 11:00 hold_started; 03-02 12:00 hold_ended                          | missing | end of 03-04
    03-03 09:00 hold_started; 10:00 hold_ended; 11:00 hold_started; 12:00 hold_ended | missing | end of 03-05
    03-04 09:00 hold_started; 03-05 09:00 hold_ended; 03-06 09:00 hold_started; 10:00 hold_ended | missing | end of 03-09
    03-04 09:00 hold_started; 03-05 09:00 hold_ended; 03-07 00:00 hold_started; 10:00 hold_ended | missing | end of 03-06
    03-03 09:00 hold_started; 03-03 09:00 hold_ended                          | missing | end of 03-04
    """,
    given="10:00 rehabilitation_plan",
)
def test_a_working_day_that_a_pause_touches_is_not_counted(case):
    case.check()


@pytest.mark.statement("S18")
@spec(
    CLAUSE + "within: 1 day",
    """
    then                                      | outcome | due
    11:00 hold_started; 13:00 hold_ended      | missing | 2026-03-29 12:00
    """,
    given="2026-03-28 10:00 rehabilitation_plan",
    day="2026-03-28",
)
def test_calendar_days_move_by_the_paused_time(case):
    case.check()


@pytest.mark.statement("S18", "S30")
@spec(
    CLAUSE + "within: 24 h",
    """
    then                                                                         | now         | outcome | elapsed | working | paused
    11:00 hold_started; 13:00 hold_ended; 15:00 rehabilitation_contact           |             | kept    | 180     | 180     | 120
    11:00 hold_started; 13:00 rehabilitation_contact                             |             | kept    | 60      | 60      | 120
    17:00 hold_started; 18:00 hold_ended; 03-03 09:00 rehabilitation_contact     |             | kept    | 1320    | 420     | 60
    03-03 11:00 hold_started; 12:00 hold_ended; 13:00 rehabilitation_contact     |             | late    | 1560    | 600     | 60
    11:00 hold_started; 13:00 hold_ended                                         | 15:00       | open    | -       | -       | 120
    11:00 hold_started                                                           | 15:00       | open    | -       | -       | 240
    11:00 hold_started; 13:00 died                                               | 15:00       | released | -      | -       | 120
    """,
    given="10:00 rehabilitation_plan",
    head='calendars: {office: {days: mon-fri, hours: "08:00-16:00"}}',
)
def test_elapsed_is_less_pauses(case):
    case.check()


@pytest.mark.statement("S18")
@pytest.mark.parametrize("within", ["within: by 12:00 next day", "within: at once", "before: discharged"])
def test_no_pause_with_a_clock_time_at_once_or_before(within):
    with pytest.raises(AgreementError, match="pause"):
        portfolio(agreement(f"{CLAUSE.strip()}\n{within}"))
