"""The worked examples of the reference page, row for row."""
# ruff: noqa: E501 - a table is as wide as its story

import pytest

from tests.spec.tables import spec

REPORT = """
after: admitted
where: {report_requested: true}
deliver: admission_report
within: 24 h
unless: [discharged, died]
"""


@pytest.mark.statement("S22", "S23", "S24")
@spec(
    REPORT,
    """
    then                                                    | now   | outcome    | due   | elapsed | ended  | ledger
                                                            | 11:00 | open       | 11:00 | -       | no     |
                                                            | 11:01 | missing    | 11:00 | -       | no     |
    11:00 admission_report; 11:30 discharged                | 12:00 | kept       | 11:00 | 1440    | no     |
    11:01 admission_report                                  | 12:00 | late       | 11:00 | 1441    | no     |
    11:00 discharged; 11:30 admission_report                | 12:00 | released   | 11:00 | -       | no     |
    11:30 discharged; 12:00 admission_report                | 13:00 | missing    | 11:00 | -       | yes    |
    10:30 admitted {report_requested: true}; 11:15 admission_report | 12:00 | late; kept | 11:00; 03-30 10:30 | 1455; 45 | no; no |
    03-28 10:00 admission_report {id: 0}                    | 12:00 | kept       | 11:00 | 0       | no     |
    12:00 cancelled {changes: 1}                            | 13:00 | none       |       |         |        | cancelled 1
    """,
    given="03-28 10:00 admitted {id: 1, report_requested: true}",
    day="2026-03-29",
)
def test_example_a(case):
    case.check()


@pytest.mark.statement("S16", "S22")
@spec(
    REPORT.replace("24 h", "1 day"),
    """
    then                     | now   | outcome | due
    10:00 admission_report   | 12:00 | kept    | 10:00
    10:01 admission_report   | 12:00 | late    | 10:00
    """,
    given="03-28 10:00 admitted",
    day="2026-03-29",
)
def test_example_a_with_one_day(case):
    case.check()


@pytest.mark.statement("S13", "S14", "S18")
@spec(
    """
    after: rehabilitation_plan
    deliver: rehabilitation_contact
    within: 5 working days
    anchor: received
    pause: {from: hold_started, until: hold_ended}
    """,
    """
    then                                                                      | now         | due          | outcome | paused
    04-09 23:30 rehabilitation_contact                                        |             | end of 04-09 | kept    | 0
    04-10 00:00 rehabilitation_contact                                        |             | end of 04-09 | late    | 0
    04-07 09:00 hold_started; 04-08 12:00 hold_ended; 04-13 16:00 rehabilitation_contact | | end of 04-13 | kept | 1620
    04-10 08:00 hold_started; 04-17 08:00 hold_ended; 04-13 16:00 rehabilitation_contact | | end of 04-09 | late | 4800
    04-08 09:00 hold_started                                                  | 05-01 00:00 | -            | open    | 32580
    """,
    given="03-30 14:00 rehabilitation_plan",
    day="2026-03-30",
)
def test_example_b(case):
    case.check()


@pytest.mark.statement("S17", "S21")
@spec(
    """
    after: admitted
    deliver: care_forecast
    before: discharged
    ahead: by 24:00 day before
    since: {first: admitted, reset: discharged, over: 48 h}
    """,
    """
    then                                              | now         | due          | outcome
                                                      | 03-05 00:00 | -            | open
    03-04 15:00 care_forecast                         |             | -            | kept
    03-04 15:00 care_forecast; 03-05 11:00 discharged |             | end of 03-04 | kept
    03-05 09:00 care_forecast; 11:00 discharged       |             | end of 03-04 | late
    03-05 11:00 discharged                            |             | end of 03-04 | missing
    03-04 10:00 discharged                            |             | end of 03-03 | released
    """,
    given="03-02 10:00 admitted",
    day="2026-03-02",
)
def test_example_c(case):
    case.check()
