"""When something is due: time, calendars and clocks (S1, S11 to S16)."""
# ruff: noqa: E501 - a table is as wide as its story

import datetime as dt

import pytest

from naer.agreement import AgreementError, deadlines
from naer.events.calendar import WorkCalendar
from naer.events.instant import ZONES, from_local, parse
from tests.spec.tables import agreement, portfolio, spec

DK = ZONES["DK"]
OFFICE = 'calendars: {office: {days: mon-fri, hours: "08:00-16:00"}}'
WITHIN = "after: admitted\ndeliver: care_plan\nwithin: "


@pytest.mark.statement("S1")
@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-03-02", "2026-03-02T00:00+01:00"),  # a date alone
        ("2026-03-02 10:00", "2026-03-02T09:00Z"),
        ("2026-07-02T10:00", "2026-07-02T08:00Z"),
        ("2026-03-02T10:00:00.123456789Z", "2026-03-02T10:00:00.123456Z"),  # cut off, not rounded
        ("2026-03-02T10:00:00.9999999", "2026-03-02T10:00:00.999999+01:00"),
        ("2026-03-02T10:00:00.5Z", "2026-03-02T10:00:00.500000Z"),
        ("2026-10-25T02:30", "2026-10-25T00:30Z"),  # doubled: the first
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30Z"),  # an offset names the second
        ("2026-03-29T02:30", "2026-03-29T03:30"),  # missing: as if the clock had not changed
        ("2026-03-29T02:00", "2026-03-29T01:00Z"),
        ("2026-03-29T03:00", "2026-03-29T01:00Z"),
        ("2026-03-02T10:00:00-0530", "2026-03-02T15:30Z"),
        ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),  # cut off, also before 1970
    ],
)
def test_text_becomes_whole_microseconds(text, same):
    assert parse(text, DK) == parse(same, DK)


@pytest.mark.statement("S1")
@pytest.mark.parametrize(
    "text", ["", "soon", "0001-01-01", "2026-02-30", "2026-03-02T24:30", "02-03-2026", "2026-03-02T10"]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        parse(text, DK)


@pytest.mark.statement("S11", "S14")
@spec(
    WITHIN + "24 h\nanchor: [at, received]",
    """
    then                                                          | outcome | start | due
    10:00 admitted                                                | missing | 10:00 | 03-03 10:00
    10:00 admitted {received: 2026-03-02 12:00}                   | missing | 12:00 | 03-03 12:00
    10:00 admitted {received: 2026-03-02 09:00}                   | missing | 10:00 | 03-03 10:00
    """,
)
def test_the_latest_of_several_anchors(case):
    case.check()


@pytest.mark.statement("S11")
@spec(
    WITHIN + "24 h\nanchor: [{last: ready_for_discharge}, {attribute: notified}]",
    """
    then                                                                    | outcome | start | ledger
    10:00 admitted                                                          | none    |       | start unknown 1
    10:00 admitted {notified: soon}                                         | none    |       | start unknown 1
    10:00 admitted {notified: 2026-03-02 08:00}                             | missing | 08:00 |
    10:00 admitted {notified: 2026-03-02T08:00Z}                            | missing | 09:00 |
    09:00 ready_for_discharge; 10:00 admitted {notified: 2026-03-02 08:00}  | missing | 09:00 |
    09:00 ready_for_discharge; 10:00 admitted {notified: 2026-03-02 11:00}  | missing | 11:00 |
    07:00 ready_for_discharge; 08:00 ready_for_discharge; 10:00 admitted {a: 1} | missing | 08:00 |
    10:00 admitted {a: 1}; 10:00 ready_for_discharge                        | none    |       | start unknown 1
    10:00 ready_for_discharge; 10:00 admitted {a: 1}                        | missing | 10:00 |
    """,
)
def test_an_anchor_not_known_at_the_trigger_is_skipped(case):
    case.check()


@pytest.mark.statement("S11")
@spec(
    WITHIN + "1 h\nanchor: sent",
    """
    then                                                                            | outcome       | start
    10:00 admitted {id: a, sent: 2026-03-02 15:00}; 11:00 admitted {id: b, sent: 2026-03-02 11:00} | missing; missing | 15:00; 11:00
    """,
)
def test_anchors_never_reorder_the_log(case):
    case.check()


@pytest.mark.statement("S11")
@spec(
    WITHIN + "2 working hours\nstart: next opening",
    """
    then                    | outcome | start       | due
    03-02 07:59 admitted    | missing | 03-02 08:00 | 03-02 10:00
    03-02 08:00 admitted    | missing | 03-02 08:00 | 03-02 10:00
    03-02 15:30 admitted    | missing | 03-02 15:30 | 03-03 09:30
    03-02 15:59:59.999999 admitted | missing | 03-02 15:59:59.999999 | 03-03 09:59:59.999999
    03-02 16:00 admitted    | missing | 03-03 08:00 | 03-03 10:00
    03-06 17:00 admitted    | missing | 03-09 08:00 | 03-09 10:00
    04-02 09:00 admitted    | missing | 04-07 08:00 | 04-07 10:00
    """,
    head=OFFICE,
)
def test_start_at_the_next_opening(case):
    case.check()


@pytest.mark.statement("S12")
@pytest.mark.parametrize(
    ("calendars", "named", "due"),
    [
        ("", "", "2026-04-07 16:00"),  # none: Monday to Friday, all day, Easter off
        ('calendars: {c: {days: mon-sun, hours: "00:00-24:00", holidays: none}}', "", "2026-04-02 16:00"),
        ("calendars: {c: {days: mon-sun, holidays: none}, d: {days: wed}}", "", "2026-04-07 16:00"),
        (
            "calendars: {c: {days: mon-sun, holidays: none}, d: {days: wed}}",
            "calendar: c",
            "2026-04-02 16:00",
        ),
    ],
)
def test_the_calendar_of_a_clause(calendars, named, due):
    clause = f"{WITHIN}26 working hours\n{named}"
    table = f"then | outcome | due\n04-01 14:00 admitted | missing | {due}"
    (row,) = spec(clause, table, head=calendars).args[1]
    row.values[0].check()


@pytest.mark.statement("S13")
@spec(
    WITHIN + "by 24:00 same day",
    """
    then                                                    | outcome | due
    10:00 admitted; 23:59:59.999999 care_plan               | kept    | end of 03-02
    10:00 admitted; 03-03 00:00 care_plan                   | late    | end of 03-02
    00:00 admitted; 23:59 care_plan                         | kept    | end of 03-02
    """,
)
def test_the_end_of_a_day_is_its_last_microsecond(case):
    case.check()


@pytest.mark.statement("S13", "S14")
@spec(
    WITHIN + "2 working days",
    """
    then                        | outcome | due
    2026-03-02 00:00 admitted   | missing | end of 2026-03-04
    2026-03-02 23:59 admitted   | missing | end of 2026-03-04
    2026-03-05 10:00 admitted   | missing | end of 2026-03-09
    2026-03-06 10:00 admitted   | missing | end of 2026-03-10
    2026-03-07 10:00 admitted   | missing | end of 2026-03-10
    2026-03-08 10:00 admitted   | missing | end of 2026-03-10
    2026-04-01 10:00 admitted   | missing | end of 2026-04-08
    2023-05-03 10:00 admitted   | missing | end of 2023-05-08
    2024-04-24 10:00 admitted   | missing | end of 2024-04-26
    2026-12-23 10:00 admitted   | missing | end of 2026-12-28
    2026-06-04 10:00 admitted   | missing | end of 2026-06-08
    2026-10-23 10:00 admitted   | missing | end of 2026-10-27
    """,
)
def test_working_days_and_public_holidays(case):
    """Store Bededag was Friday 5 May 2023, and would have been 26 April 2024."""
    case.check()


@pytest.mark.statement("S14")
@spec(
    WITHIN + "1 working day",
    """
    then                        | outcome | due
    2026-12-23 10:00 admitted   | missing | end of 2026-12-28
    2026-06-04 10:00 admitted   | missing | end of 2026-06-05
    2027-06-04 10:00 admitted   | missing | end of 2027-06-08
    2026-04-01 10:00 admitted   | missing | end of 2026-04-02
    2025-04-16 10:00 admitted   | missing | end of 2025-04-22
    """,
    head='calendars: {office: {days: mon-fri, add: ["12-24", "2027-06-07"], remove: ["2026-04-02"]}}',
)
def test_a_calendar_adds_and_removes_dates_by_year(case):
    case.check()


@pytest.mark.statement("S14")
@spec(
    WITHIN + "1 working day",
    """
    then                        | outcome | due
    2026-05-13 10:00 admitted   | missing | end of 2026-05-15
    2026-05-15 10:00 admitted   | missing | end of 2026-05-18
    2026-05-16 10:00 admitted   | missing | end of 2026-05-18
    2024-04-25 10:00 admitted   | missing | end of 2024-04-26
    2023-05-04 10:00 admitted   | missing | end of 2023-05-05
    """,
    country="NO",
)
def test_holidays_follow_the_country(case):
    """14 May 2026 is Ascension Day in both; Norway never had Store Bededag."""
    case.check()


@pytest.mark.statement("S16")
@spec(
    WITHIN + "1 day",
    """
    then                         | outcome | due
    2026-03-28 10:00 admitted    | missing | 2026-03-29 10:00
    2026-03-28 02:30 admitted    | missing | 2026-03-29 03:30
    2026-10-24 02:30 admitted    | missing | 2026-10-25 02:30+01:00
    2026-10-24 10:00 admitted    | missing | 2026-10-25 10:00
    2026-10-25 02:30 admitted    | missing | 2026-10-26 02:30
    2024-02-28 10:00 admitted    | missing | 2024-02-29 10:00
    2026-02-28 10:00 admitted    | missing | 2026-03-01 10:00
    """,
)
def test_days_keep_the_local_clock(case):
    case.check()


@pytest.mark.statement("S16")
@spec(
    WITHIN + "24 h",
    """
    then                         | outcome | due
    2026-03-28 10:00 admitted    | missing | 2026-03-29 11:00
    2026-03-28 02:30 admitted    | missing | 2026-03-29 03:30
    2026-10-24 02:30 admitted    | missing | 2026-10-25 02:30+02:00
    2026-10-24 10:00 admitted    | missing | 2026-10-25 09:00
    """,
)
def test_hours_are_elapsed_time(case):
    case.check()


@pytest.mark.statement("S16")
@pytest.mark.parametrize(
    ("within", "start", "due"),
    [
        ("1 month", "2026-01-31 10:00", "2026-02-28 10:00"),
        ("1 month", "2024-01-31 10:00", "2024-02-29 10:00"),
        ("1 month", "2026-03-31 10:00", "2026-04-30 10:00"),
        ("1 month", "2026-02-28 10:00", "2026-03-28 10:00"),
        ("1 month", "2026-02-28 02:30", "2026-03-28 02:30"),
        ("1 month", "2026-12-31 10:00", "2027-01-31 10:00"),
        ("12 months", "2024-02-29 10:00", "2025-02-28 10:00"),
        ("1 month", "2026-09-25 02:30", "2026-10-25 02:30+01:00"),
        ("2 weeks", "2026-03-15 02:30", "2026-03-29 03:30"),
        ("2 weeks", "2026-10-11 02:00", "2026-10-25 02:00+01:00"),
        ("3 days", "2026-03-27 10:00", "2026-03-30 10:00"),
        ("30 min", "2026-03-29 01:45", "2026-03-29 03:15"),
    ],
)
def test_months_weeks_and_days_by_hand(within, start, due):
    _due(within, start, due)


@pytest.mark.statement("S13", "S15", "S16")
@pytest.mark.parametrize(
    ("within", "start", "due"),
    [
        ("by 12:00 same day", "2026-03-02 11:00", "2026-03-02 12:00"),
        ("by 12:00 same day", "2026-03-02 12:00", "2026-03-02 12:00"),
        ("by 12:00 same day", "2026-03-02 13:00", "2026-03-02 12:00"),  # overdue from the start
        ("by 12:00 next day", "2026-03-06 13:00", "2026-03-07 12:00"),
        ("by 12:00 next working day", "2026-03-06 13:00", "2026-03-09 12:00"),
        ("by 12:00 next working day", "2026-03-07 09:00", "2026-03-09 12:00"),
        ("by 12:00 next working day", "2026-03-09 09:00", "2026-03-10 12:00"),
        ("by 12:00 3 days later", "2026-03-06 09:00", "2026-03-09 12:00"),
        ("by 12:00 3 working days later", "2026-03-06 09:00", "2026-03-11 12:00"),
        ("by 02:30 next day", "2026-03-28 09:00", "2026-03-29 03:30"),  # missing: the later reading
        ("by 02:30 next day", "2026-10-24 09:00", "2026-10-25 02:30+01:00"),  # doubled: the later
        ("by 24:00 next day", "2026-03-28 09:00", "end of 2026-03-29"),
        ("by 00:00 next day", "2026-03-28 09:00", "2026-03-29 00:00"),
        ("by 24:00 same day", "2026-12-31 23:59", "end of 2026-12-31"),
    ],
)
def test_clock_times(within, start, due):
    _due(within, start, due)


@pytest.mark.statement("S14", "S16")
@pytest.mark.parametrize(
    ("within", "start", "due"),
    [
        (
            "8 working hours",
            "2026-03-02 08:00",
            "2026-03-02 16:00",
        ),  # the earliest instant, not Tuesday 08:00
        ("8 working hours", "2026-03-02 09:00", "2026-03-03 09:00"),
        ("8 working hours", "2026-03-06 12:00", "2026-03-09 12:00"),  # across a weekend
        ("8 working hours", "2026-03-07 12:00", "2026-03-09 16:00"),
        ("8 working hours", "2026-03-02 16:00", "2026-03-03 16:00"),
        ("9 working hours", "2026-04-01 15:00", "2026-04-07 16:00"),  # across Easter
        ("1 working hour", "2026-12-31 15:30", "2027-01-04 08:30"),
        ("40 working hours", "2026-03-27 12:00", "2026-04-08 12:00"),
    ],
)
def test_working_hours(within, start, due):
    _due(within, start, due, OFFICE)


@pytest.mark.statement("S16")
@pytest.mark.parametrize(
    ("within", "start", "due"),
    [
        ("2 working hours", "2026-10-25 00:30", "2026-10-25 03:00"),  # opens at the first 02:00
        (
            "2 working hours",
            "2026-03-29 00:30",
            "2026-03-29 04:00",
        ),  # 02:00 is missing: 02:00 is read as 01:00
    ],
)
def test_an_opening_in_a_changed_hour_is_the_earlier_reading(within, start, due):
    head = 'calendars: {night: {days: mon-sun, hours: "02:00-24:00", holidays: none}}'
    _due(within, start, due, head)


@pytest.mark.statement("S15", "S16")
@spec(
    WITHIN + "at once",
    """
    then                                        | now         | outcome | due | elapsed
    10:00 admitted                              | 12-31 00:00 | open    | -   | -
    10:00 admitted; 12-01 10:00 care_plan       |             | kept    | -   | 394560
    10:00 admitted                              |             | open    | -   | -
    """,
)
def test_at_once_is_never_overdue(case):
    case.check()


@pytest.mark.statement("S15")
def test_check_warns_of_a_clock_time_on_the_same_day():
    warnings = portfolio(agreement(WITHIN + "by 12:00 same day")).warnings
    assert [(warning.line, "S15" in warning.message) for warning in warnings] == [(9, True)]
    assert not portfolio(agreement(WITHIN + "by 12:00 same day\nstart: next opening")).warnings
    assert not portfolio(agreement(WITHIN + "by 12:00 next day")).warnings


@pytest.mark.statement("S15")
@spec(
    WITHIN + "by 12:00 same day\nstart: next opening",
    """
    then             | outcome | start       | due
    11:00 admitted   | missing | 11:00       | 12:00
    13:00 admitted   | missing | 13:00       | 12:00
    17:00 admitted   | missing | 03-03 08:00 | 03-03 12:00
    """,
    head=OFFICE,
)
def test_same_day_from_the_next_opening(case):
    case.check()


@pytest.mark.statement("S14")
def test_a_duration_that_is_none_is_refused_with_its_line():
    for text in (
        "24",
        "h",
        "1.5 h",
        "-1 h",
        "24 hours",
        "2 fortnights",
        "by noon same day",
        "by 25:00 next day",
    ):
        with pytest.raises(AgreementError) as caught:
            portfolio(agreement(f"{WITHIN}{text}"))
        assert caught.value.problems[0].line == 9, text


@pytest.mark.statement("S12", "S14")
def test_holidays_come_from_the_library_for_any_year():
    calendar = WorkCalendar("DK")
    for year in range(1980, 2060):
        easter = _easter(year)
        for days in (-3, -2, 1, 39, 50):
            assert not calendar.is_working_day(easter + dt.timedelta(days=days))
        bededag = easter + dt.timedelta(days=26)
        assert calendar.is_working_day(bededag) is (year >= 2024), year


def _easter(year):
    """Gauss's rule, as corrected by Butcher."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def _due(within, start, due, head=""):
    table = f"then | outcome | due\n{start} admitted | missing | {due}"
    (row,) = spec(WITHIN + within, table, head=head).args[1]
    row.values[0].check()


@pytest.mark.statement("S1", "S16")
def test_readings_of_a_local_time():
    assert from_local(dt.datetime(2026, 10, 25, 2, 30), DK) == parse("2026-10-25T00:30Z", DK)  # noqa: DTZ001
    assert from_local(dt.datetime(2026, 3, 29, 2, 30), DK) == parse("2026-03-29T01:30Z", DK)  # noqa: DTZ001


@pytest.mark.statement("S11")
@pytest.mark.parametrize("never", ["9999-12-31", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize(
    "limit", ["24 h", "7 days", "6 months", "2 working days", "8 working hours", "by 24:00 same day"]
)
def test_what_starts_where_calendars_end_is_due_there(never, limit):
    assert deadlines.due(parse(never, DK), deadlines.within(limit), WorkCalendar("DK")) == deadlines.FAR
