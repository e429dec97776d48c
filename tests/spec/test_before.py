"""Precedence: what must have been delivered before an event (S17)."""
# ruff: noqa: E501 - a table is as wide as its story

import pytest

from tests.spec.tables import spec

AFTER = "after: admitted\ndeliver: care_forecast\nbefore: discharged\nunless: [died]"
ALONE = "deliver: care_forecast\nbefore: discharged\nunless: [died]"


@pytest.mark.statement("S17")
@pytest.mark.parametrize(
    ("ahead", "event", "due"),
    [
        ("", "2026-03-05 11:00", "2026-03-05 11:00"),
        ("ahead: 2 h", "2026-03-05 11:00", "2026-03-05 09:00"),
        ("ahead: 0 h", "2026-03-05 11:00", "2026-03-05 11:00"),
        ("ahead: 1 day", "2026-03-29 11:00", "2026-03-28 11:00"),
        ("ahead: 1 day", "2026-03-30 02:30", "2026-03-29 03:30"),  # missing hour: the later reading
        ("ahead: 1 day", "2026-10-26 02:30", "2026-10-25 02:30+01:00"),
        ("ahead: 24 h", "2026-03-29 11:00", "2026-03-28 10:00"),
        ("ahead: 1 month", "2026-03-31 11:00", "2026-02-28 11:00"),
        ("ahead: 1 week", "2026-03-09 11:00", "2026-03-02 11:00"),
        ("ahead: 1 working day", "2026-03-09 11:00", "end of 2026-03-06"),
        ("ahead: 1 working day", "2026-03-08 11:00", "end of 2026-03-06"),
        ("ahead: 2 working days", "2026-04-07 11:00", "end of 2026-03-31"),
        ("ahead: by 12:00 same day", "2026-03-05 14:00", "2026-03-05 12:00"),
        ("ahead: by 12:00 same day", "2026-03-05 11:00", "2026-03-05 11:00"),  # never later than the event
        ("ahead: by 24:00 day before", "2026-03-01 11:00", "end of 2026-02-28"),
        ("ahead: by 15:00 working day before", "2026-04-07 11:00", "2026-04-01 15:00"),
    ],
)
def test_due_is_the_event_less_ahead(ahead, event, due):
    table = f"then | outcome | due | start\n{event} discharged | missing | {due} | {event}"
    (row,) = spec(f"{ALONE}\n{ahead}", table).args[1]
    row.values[0].check()


@pytest.mark.statement("S17")
@spec(
    AFTER,
    """
    then                                                                       | now   | outcome          | due          | ended
    10:00 admitted                                                             |       | open             | -            | no
    10:00 admitted; 12:00 discharged                                           | 12:00 | open             | 12:00        | no
    10:00 admitted; 12:00 discharged                                           | 12:01 | missing          | 12:00        | no
    10:00 admitted; 11:00 care_forecast                                        | 12:01 | kept             | -            | no
    10:00 admitted; 11:00 care_forecast; 12:00 discharged                      |       | kept             | 12:00        | no
    10:00 admitted; 12:00 discharged; 12:00 care_forecast                      |       | kept             | 12:00        | no
    10:00 admitted; 12:00 discharged; 12:01 care_forecast                      |       | late             | 12:00        | no
    10:00 admitted; 11:00 died; 12:00 discharged                               |       | released         | -            | no
    10:00 admitted; 12:00 discharged; 12:00 died                               |       | released         | 12:00        | no
    10:00 admitted; 12:00 discharged; 13:00 died; 14:00 care_forecast          |       | missing          | 12:00        | yes
    10:00 admitted; 11:00 admitted; 12:00 discharged                           |       | missing; missing | 12:00; 12:00 | no; no
    10:00 admitted; 12:00 discharged; 13:00 admitted; 15:00 discharged         |       | missing; missing | 12:00; 15:00 | no; no
    10:00 admitted; 12:00 discharged; 15:00 discharged                         |       | missing          | 12:00        | no
    10:00 admitted; 12:00 discharged; 13:00 admitted; 14:00 care_forecast; 15:00 discharged | | late; kept  | 12:00; 15:00 | no; no
    09:00 discharged; 10:00 admitted                                           |       | open             | -            | no
    10:00 discharged; 10:00 admitted; 12:00 discharged                         |       | missing          | 12:00        | no
    10:00 care_forecast; 10:00 admitted; 12:00 discharged                      |       | kept             | 12:00        | no
    09:59 care_forecast; 10:00 admitted; 12:00 discharged                      |       | missing          | 12:00        | no
    """,
)
def test_after_and_before(case):
    case.check()


@pytest.mark.statement("S17", "S22")
@spec(
    ALONE,
    """
    then                                                             | outcome       | due          | closed
    10:00 admitted                                                   | none          |              |
    12:00 discharged                                                 | missing       | 12:00        | -
    11:00 care_forecast; 12:00 discharged                            | kept          | 12:00        | care_forecast
    10:00 care_forecast; 11:00 died; 12:00 discharged                | kept          | 12:00        | care_forecast
    10:00 died; 11:00 care_forecast; 12:00 discharged                | released      | 12:00        | died
    12:00 discharged; 12:00 care_forecast                            | kept          | 12:00        | care_forecast
    12:00 discharged; 12:01 care_forecast                            | late          | 12:00        | care_forecast
    12:00 discharged; 12:00 died                                     | released      | 12:00        | died
    12:00 discharged; 12:01 died                                     | missing       | 12:00        | died
    11:00 care_forecast; 12:00 discharged; 13:00 discharged          | kept; missing | 12:00; 13:00 | care_forecast; -
    12:00 discharged; 12:30 care_forecast; 13:00 discharged          | late; kept    | 12:00; 13:00 | care_forecast; care_forecast
    11:00 died; 12:00 discharged; 13:00 discharged                   | released; missing | 12:00; 13:00 | died; -
    """,
)
def test_before_alone_looks_back_to_the_previous_one(case):
    case.check()


@pytest.mark.statement("S17")
@spec(
    ALONE + "\nahead: 2 h",
    """
    then                                        | outcome  | due   | elapsed
    10:00 care_forecast; 12:00 discharged       | kept     | 10:00 | 0
    10:01 care_forecast; 12:00 discharged       | late     | 10:00 | 0
    11:00 died; 12:00 discharged                | released | 10:00 | -
    12:30 care_forecast; 12:00 discharged       | late     | 10:00 | 30
    """,
)
def test_a_release_before_the_trigger_releases_also_after_due(case):
    case.check()


@pytest.mark.statement("S17", "S21")
@spec(
    ALONE + "\nsince: {first: admitted, reset: discharged, over: 48 h}",
    """
    then                                                                | outcome | due
    03-02 10:00 admitted; 03-04 10:00 discharged                        | none    |
    03-02 10:00 admitted; 03-04 10:01 discharged                        | missing | 03-04 10:01
    03-02 10:00 admitted; 03-04 09:00 admitted; 11:00 discharged        | missing | 03-04 11:00
    03-02 10:00 admitted; 03-03 10:00 discharged; 03-05 10:00 discharged | none   |
    """,
)
def test_before_alone_measures_since_to_the_event(case):
    case.check()


@pytest.mark.statement("S17", "S21")
@spec(
    AFTER + "\nsince: {first: admitted, reset: discharged, over: 48 h}\nahead: by 24:00 day before",
    """
    then                                                                        | outcome            | closed
    03-02 10:00 admitted; 03-03 10:00 admitted; 03-04 10:01 discharged          | missing; missing   | -; -
    03-02 10:00 admitted; 11:00 care_forecast; 03-04 10:00 discharged           | released           | discharged
    03-02 10:00 admitted; 03-04 10:00 discharged; 11:00 care_forecast           | released           | discharged
    03-02 10:00 admitted; 11:00 died; 03-04 10:00 discharged                    | released           | died
    """,
)
def test_since_that_turns_out_not_met_releases_delivered_or_not(case):
    case.check()
