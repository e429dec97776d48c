"""What opens an obligation: triggers, conditions, `since` (S19 to S21), and whose log is read (S28)."""
# ruff: noqa: E501 - a table is as wide as its story

import pytest

from tests.spec.tables import spec

CLAUSE = "after: admitted\ndeliver: care_plan\nwithin: 24 h\nunless: [discharged]"
OFFICE = 'calendars: {office: {days: mon-fri, hours: "08:00-16:00"}}'


@pytest.mark.statement("S19")
@spec(
    CLAUSE + "\nrepeat: each",
    """
    then                                                         | outcome          | due
    10:00 admitted; 11:00 admitted                               | missing; missing | 03-03 10:00; 03-03 11:00
    10:00 admitted {id: a}; 10:00 admitted {id: b}               | missing; missing | 03-03 10:00; 03-03 10:00
    10:00 admitted; 11:00 admitted; 12:00 care_plan              | kept; kept       | 03-03 10:00; 03-03 11:00
    10:00 acute_ambulant                                         | none             |
    """,
)
def test_every_match_opens_one(case):
    case.check()


@pytest.mark.statement("S19")
@spec(
    CLAUSE + "\nrepeat: first\nwhere: {n: 1}",
    """
    then                                                                                | outcome          | due
    10:00 admitted; 11:00 admitted                                                      | missing          | 03-03 10:00
    10:00 admitted; 11:00 care_plan; 03-20 10:00 admitted                               | kept             | 03-03 10:00
    10:00 admitted {n: 2}; 11:00 admitted {n: 1}; 12:00 admitted {n: 1}                 | missing          | 03-03 11:00
    10:00 admitted; 11:00 admitted {pathway: q, n: 1}                                   | missing; missing | 03-03 10:00; 03-03 11:00
    """,
)
def test_first_is_the_first_match_in_the_pathway_ever(case):
    case.check()


@pytest.mark.statement("S19", "S24")
@spec(
    CLAUSE + "\nrepeat: restart",
    """
    then                                                            | outcome             | due                      | ended
    10:00 admitted; 11:00 admitted                                  | superseded; missing | 03-03 10:00; 03-03 11:00 | no; no
    10:00 admitted; 11:00 admitted; 12:00 care_plan                 | superseded; kept    | 03-03 10:00; 03-03 11:00 | no; no
    10:00 admitted; 03-03 10:00 admitted                            | superseded; missing | 03-03 10:00; 03-04 10:00 | no; no
    10:00 admitted; 03-03 10:01 admitted                            | missing; missing    | 03-03 10:00; 03-04 10:01 | yes; no
    10:00 admitted; 03-03 10:01 admitted; 11:00 care_plan           | missing; kept       | 03-03 10:00; 03-04 10:01 | yes; no
    10:00 admitted; 11:00 care_plan; 12:00 admitted                 | kept; missing       | 03-03 10:00; 03-03 12:00 | no; no
    10:00 admitted; 11:00 discharged; 12:00 admitted                | released; missing   | 03-03 10:00; 03-03 12:00 | no; no
    10:00 admitted; 11:00 admitted; 12:00 admitted                  | superseded; superseded; missing | 03-03 10:00; 03-03 11:00; 03-03 12:00 | no; no; no
    10:00 admitted; 11:00 admitted {pathway: q}                     | missing; missing    | 03-03 10:00; 03-03 11:00 | no; no
    """,
)
def test_restart_supersedes_what_is_open_and_not_overdue(case):
    case.check()


@pytest.mark.statement("S19", "S24")
@spec(
    CLAUSE.replace("24 h", "at once") + "\nrepeat: restart",
    """
    then                                     | outcome          | due
    10:00 admitted; 12-31 10:00 admitted     | superseded; open | -; -
    """,
)
def test_restart_with_empty_due(case):
    case.check()


@pytest.mark.statement("S19")
@spec(
    CLAUSE + "\nwhen: closed",
    """
    then                     | outcome
    03-02 07:59 admitted     | missing
    03-02 08:00 admitted     | none
    03-02 15:59 admitted     | none
    03-02 16:00 admitted     | missing
    03-07 10:00 admitted     | missing
    04-06 10:00 admitted     | missing
    """,
    head=OFFICE,
)
def test_when_closed(case):
    case.check()


@pytest.mark.statement("S20")
@pytest.mark.parametrize(
    ("condition", "attributes", "holds"),
    [
        ("{n: 1}", "{n: 1}", True),
        ("{n: 1}", '{n: "1"}', True),  # text in a file is read as the type the clause writes
        ("{n: 1}", '{n: "1.0"}', True),
        ("{n: 1}", "{n: 2}", False),
        ("{n: 1}", "{n: x}", False),
        ("{n: 1}", "{m: 1}", False),
        ("{n: 1}", "{n: true}", False),
        ("{n: '007'}", "{n: '007'}", True),  # the clause writes text
        ("{n: '007'}", "{n: 7}", False),
        ("{n: '007'}", "{n: '7'}", False),
        ("{flag: true}", "{flag: 'true'}", True),
        ("{flag: true}", "{flag: 'False'}", False),
        ("{flag: true}", "{flag: maybe}", False),
        ("{flag: false}", "{flag: 'false'}", True),
        ("{flag: false}", "{other: 1}", False),  # missing is not false
        ("{n: [1, 3]}", "{n: 3}", True),
        ("{n: [1, 3]}", "{n: '3'}", True),
        ("{n: [1, 3]}", "{n: 2}", False),
        ("{n: {in: [a, b]}}", "{n: b}", True),
        ("{n: {'>=': 65}}", "{n: 65}", True),
        ("{n: {'>=': 65}}", "{n: '65'}", True),
        ("{n: {'>=': 65}}", "{n: '9'}", False),  # as numbers, not as text
        ("{n: {'>=': 65}}", "{n: 64.999}", False),
        ("{n: {'>': 65}}", "{n: 65}", False),
        ("{n: {'<': 65}}", "{n: 65}", False),
        ("{n: {'<=': 65}}", "{n: 65}", True),
        ("{n: {'<=': 65}}", "{n: old}", False),
        ("{n: {'!=': 1}}", "{n: 2}", True),
        ("{n: {'!=': 1}}", "{n: '1'}", False),
        ("{n: {'!=': 1}}", "{m: 1}", False),  # missing meets nothing …
        ("{n: {'!=': 1}}", "{n: x}", False),  # … and neither does unreadable
        ("{n: {'==': 1}}", "{n: 1}", True),
        ("{n: {exists: true}}", "{n: 0}", True),
        ("{n: {exists: true}}", "{n: null}", False),
        ("{n: {exists: false}}", "{m: 0}", True),
        ("{n: {exists: false}}", "{n: 0}", False),
        ("{n: {'>': 1, '<': 3}}", "{n: 2}", True),  # all must hold
        ("{n: {'>': 1, '<': 3}}", "{n: 3}", False),
        ("{n: 1, m: 2}", "{n: 1}", False),
        ("{municipality: '851'}", "{municipality: '851'}", True),
        ("{organisation: [H1]}", "{organisation: H2}", False),
    ],
)
def test_conditions(condition, attributes, holds):
    outcome = "missing" if holds else "none"
    for clause in (
        f"{CLAUSE}\nwhere: {condition}",
        CLAUSE.replace("admitted", f"{{kind: admitted, where: {condition}}}"),
    ):
        (row,) = spec(clause, f"then | outcome\n10:00 admitted {attributes} | {outcome}").args[1]
        row.values[0].check()


@pytest.mark.statement("S20")
@spec(
    "after: [admitted, {kind: acute_ambulant, where: {n: 1}}]\nwhere: {m: 2}\ndeliver: {kind: [care_plan, care_forecast], where: {n: 1}}\nwithin: 24 h",
    """
    then                                                              | outcome
    10:00 admitted {m: 2}                                             | missing
    10:00 admitted {n: 1}                                             | none
    10:00 acute_ambulant {m: 2}                                       | none
    10:00 acute_ambulant {m: 2, n: 1}                                 | missing
    10:00 admitted; 11:00 care_plan {n: 2}                            | missing
    10:00 admitted; 11:00 care_plan {n: 1}                            | kept
    10:00 admitted; 11:00 care_forecast                               | kept
    """,
)
def test_a_condition_of_the_clause_holds_for_any_of_its_triggers(case):
    case.check()


@pytest.mark.statement("S21")
@pytest.mark.parametrize(
    ("operator", "under", "at", "over"),
    [
        ("over", False, False, True),
        ("at least", False, True, True),
        ("under", True, False, False),
        ("at most", True, True, False),
    ],
)
@pytest.mark.parametrize(
    ("length", "first", "limit", "before", "later"),
    [
        ("48 h", "03-02 10:00", "03-04 10:00", "03-04 09:59:59.999999", "03-04 10:00:00.000001"),
        ("48 h", "03-28 10:00", "03-30 11:00", "03-30 10:59", "03-30 11:01"),
        ("2 days", "03-28 10:00", "03-30 10:00", "03-30 09:59", "03-30 10:01"),
        ("1 month", "01-31 10:00", "02-28 10:00", "02-28 09:59", "02-28 10:01"),
        ("8 working hours", "03-02 10:00", "03-03 10:00", "03-03 09:59", "03-03 10:01"),
        ("6 working hours", "03-02 10:00", "03-02 22:00", "03-02 15:59", "03-03 08:01"),  # closed: still 6
    ],
)
def test_since_at_the_exact_limit(operator, under, at, over, length, first, limit, before, later):
    for time, met in ((before, under), (limit, at), (later, over)):
        clause = f"{CLAUSE}\nsince: {{last: acute_ambulant, {operator}: {length}}}"
        table = f"then | outcome\n{first} acute_ambulant; {time} admitted | {'missing' if met else 'none'}"
        (row,) = spec(clause, table, head=OFFICE).args[1]
        row.values[0].check()


@pytest.mark.statement("S21")
@spec(
    CLAUSE + "\nsince: {last: acute_ambulant, under: 24 h}",
    """
    then                                                                          | outcome
    03-02 10:00 admitted                                                          | none
    03-01 10:00 acute_ambulant; 03-02 09:00 acute_ambulant; 10:00 admitted        | missing
    03-02 10:00 acute_ambulant; 10:00 admitted                                    | missing
    03-02 10:00 admitted; 10:00 acute_ambulant                                    | none
    03-02 10:00 admitted; 11:00 acute_ambulant                                    | none
    """,
)
def test_since_the_latest_event_earlier_in_the_log(case):
    case.check()


@pytest.mark.statement("S21")
@spec(
    "after: leave_started\ndeliver: care_plan\nwithin: 24 h\nsince: {first: [admitted, acute_ambulant], reset: discharged, over: 48 h}",
    """
    then                                                                                          | outcome
    03-02 10:00 acute_ambulant; 03-03 10:00 admitted; 03-04 11:00 leave_started                   | missing
    03-02 10:00 acute_ambulant; 03-03 10:00 discharged; 03-04 11:00 leave_started                 | none
    03-02 10:00 admitted; 03-03 10:00 discharged; 03-03 10:00 admitted; 03-04 11:00 leave_started | none
    03-02 10:00 admitted; 03-02 10:00 discharged; 03-05 11:00 leave_started                       | none
    03-02 10:00 discharged; 03-02 10:00 admitted; 03-05 11:00 leave_started                       | missing
    03-02 10:00 admitted; 03-05 11:00 discharged; 03-05 12:00 leave_started                       | none
    """,
)
def test_since_the_first_after_the_latest_reset(case):
    case.check()


@pytest.mark.statement("S21")
@spec(
    "after: leave_started\ndeliver: care_plan\nwithin: 24 h\nsince: {first: [admitted, leave_ended], reset: leave_ended, at least: 1 h}",
    """
    then                                                                      | outcome
    08:00 admitted; 09:00 leave_ended; 10:00 leave_started                    | none
    08:00 leave_ended; 09:00 admitted; 10:00 leave_started                    | missing
    """,
)
def test_a_reset_is_not_itself_after_the_reset(case):
    case.check()


@pytest.mark.statement("S11")
@spec(
    CLAUSE + "\nanchor: {attribute: notified}",
    """
    then                                                     | outcome | start            | ledger
    10:00 admitted {notified: 2026-03-02 08:00}              | missing | 08:00            |
    10:00 admitted {notified: "0001-01-01T00:00+14:00"}      | none    |                  | start unknown 1
    10:00 admitted {notified: "9999-12-31T23:59-12:00"}      | none    |                  | start unknown 1
    10:00 admitted {notified: "1799-12-31T23:59:59.999999Z"} | none    |                  | start unknown 1
    10:00 admitted {notified: 1800-01-02 10:00}              | missing | 1800-01-02 10:00 |
    10:00 admitted {notified: "2300-12-31T11:00Z"}           | missing | 2300-12-31 12:00 |
    10:00 admitted {notified: "2301-01-01T00:00Z"}           | none    |                  | start unknown 1
    """,
)
def test_a_time_far_out_of_any_life_is_unknown(case):
    case.check()


@pytest.mark.statement("S11")
@spec(
    CLAUSE + "\nanchor: [at, {attribute: notified}]",
    """
    then                                               | outcome | start
    10:00 admitted {notified: "9999-12-31T00:00Z"}     | missing | 10:00
    """,
)
def test_a_slip_of_the_pen_does_not_move_the_clock_of_a_known_time(case):
    case.check()


@pytest.mark.statement("S28")
@spec(
    CLAUSE + "\nscope: citizen\naccept_earlier: 2 h",
    """
    then                                                                              | outcome          | ended
    10:00 admitted {pathway: p}; 11:00 care_plan {pathway: q}                         | kept             | no
    09:00 care_plan {pathway: q}; 10:00 admitted {pathway: p}                         | kept             | no
    10:00 admitted {pathway: p}; 11:00 discharged {pathway: q}                        | released         | no
    10:00 admitted {pathway: p}; 11:00 care_plan {pathway: q, citizen: other}         | missing          | no
    10:00 admitted {pathway: p}; 10:30 admitted {pathway: q}; 11:00 care_plan         | kept; kept       | no; no
    """,
)
def test_scope_citizen_reads_all_pathways_as_one_log(case):
    case.check()


@pytest.mark.statement("S28")
@spec(
    CLAUSE + "\nscope: citizen\nrepeat: restart",
    """
    then                                                                              | outcome
    10:00 admitted {pathway: p}; 11:00 admitted {pathway: q}                          | superseded; missing
    10:00 admitted {pathway: p, citizen: a}; 11:00 admitted {pathway: q, citizen: b}  | missing; missing
    """,
)
def test_scope_citizen_restarts_across_pathways(case):
    case.check()


@pytest.mark.statement("S28")
@spec(
    CLAUSE,
    """
    then                                                                   | outcome
    10:00 admitted {pathway: p}; 11:00 care_plan {pathway: q}              | missing
    10:00 admitted {pathway: p}; 11:00 discharged {pathway: q}             | missing
    """,
)
def test_scope_pathway_reads_each_alone(case):
    case.check()
