"""What closes an obligation, and what does not (S22 to S27)."""
# ruff: noqa: E501 - a table is as wide as its story

import pytest

from naer.agreement import AgreementError
from tests.spec.tables import agreement, portfolio, spec

CLAUSE = "after: admitted\ndeliver: care_plan\nwithin: 24 h\nunless: [discharged]"
PARTIES = "parties: {h: {is: hospital}, m: {is: municipality}}"
OWED = "\nowed_by: m\nowed_to: h"
IN = "10:00 admitted {organisation: H1, municipality: M1}"


@pytest.mark.statement("S22")
@spec(
    CLAUSE,
    """
    then                                                               | outcome    | closed
    11:00 care_plan; 12:00 discharged                                  | kept       | care_plan
    11:00 discharged; 12:00 care_plan                                  | released   | discharged
    11:00 discharged {id: 7}; 11:00 care_plan {id: 8}                  | released   | discharged
    11:00 discharged {id: 8}; 11:00 care_plan {id: 7}                  | kept       | care_plan
    11:00 care_plan; 12:00 care_plan                                   | kept       | care_plan
    11:00 admitted; 12:00 care_plan                                    | kept; kept | care_plan; care_plan
    11:00 admitted; 12:00 discharged                                   | released; released | discharged; discharged
    11:00 care_plan; 11:00 admitted                                    | kept; kept | care_plan; care_plan
    11:00 care_plan; 12:00 admitted                                    | kept; missing | care_plan; -
    03-09 10:00 care_plan                                              | late       | care_plan
    """,
    given="10:00 admitted",
)
def test_the_first_delivery_or_release_closes(case):
    case.check()


@pytest.mark.statement("S23")
@spec(
    CLAUSE,
    """
    then                                                                          | outcome       | elapsed
    10:00 care_plan {id: 1}; 10:00 admitted {id: 2}                               | kept          | 0
    10:00 admitted {id: 1}; 10:00 care_plan {id: 2}                               | kept          | 0
    09:59:59.999999 care_plan; 10:00 admitted                                     | missing       | -
    10:00 discharged {id: 1}; 10:00 admitted {id: 2}                              | missing       | -
    10:00 admitted {id: 1}; 10:00 discharged {id: 2}; 10:00 care_plan {id: 3}     | released      | -
    10:00 care_plan {id: 0}; 10:00 admitted {id: 1}; 10:00 discharged {id: 2}     | kept          | 0
    10:00 care_plan {id: 1}; 10:00 admitted {id: 2}; 10:00 admitted {id: 3}       | kept; kept    | 0; 0
    """,
)
def test_a_delivery_at_the_same_instant_counts_wherever_it_stands(case):
    """A release does not: it must stand after the trigger in the log."""
    case.check()


@pytest.mark.statement("S23")
@pytest.mark.parametrize(
    ("accept_earlier", "delivered", "counts"),
    [
        ("2 h", "03-02 08:00", True),
        ("2 h", "03-02 07:59:59.999999", False),
        ("1 day", "03-01 10:00", True),
        ("1 day", "03-01 09:59", False),
        ("24 h", "03-01 10:00", True),
        ("1 week", "02-23 10:00", True),
        ("1 working day", "02-27 00:00", True),
        ("1 working day", "02-26 23:59", False),
    ],
)
def test_the_window_of_accept_earlier(accept_earlier, delivered, counts):
    table = f"then | outcome | elapsed\n{delivered} care_plan; 03-02 10:00 admitted | " + (
        "kept | 0" if counts else "missing | -"
    )
    (row,) = spec(f"{CLAUSE}\naccept_earlier: {accept_earlier}", table).args[1]
    row.values[0].check()


@pytest.mark.statement("S22", "S23")
@spec(
    CLAUSE.replace("24 h", "by 12:00 same day")
    + "\naccept_earlier: 4 h\nunless: []".replace("\nunless: []", ""),
    """
    then                                                                   | outcome    | closed
    08:00 care_plan; 09:00 care_plan; 10:00 admitted                       | kept       | care_plan
    08:00 care_plan; 09:00 discharged; 10:00 admitted                      | kept       | care_plan
    08:00 care_plan; 10:00 admitted; 11:00 admitted                        | kept; kept | care_plan; care_plan
    12:30 care_plan; 13:00 admitted                                        | late       | care_plan
    """,
)
def test_an_earlier_delivery_closes_as_it_opens(case):
    case.check()


@pytest.mark.statement("S23")
@spec(
    "after: care_plan\ndeliver: care_plan\nwithin: 24 h\nrepeat: restart",
    """
    then                                                  | outcome       | due
    10:00 care_plan                                       | missing       | 03-03 10:00
    10:00 care_plan; 11:00 care_plan                      | kept; missing | 03-03 10:00; 03-03 11:00
    10:00 care_plan {id: 1}; 10:00 care_plan {id: 2}      | kept; kept    | 03-03 10:00; 03-03 10:00
    """,
)
def test_an_event_never_closes_what_it_opens_itself_but_closes_before_it_opens(case):
    """At one instant the earlier delivery closes the later trigger too."""
    case.check()


@pytest.mark.statement("S24")
@spec(
    CLAUSE,
    """
    then                                                     | now         | outcome  | ended
    03-03 10:00 discharged                                   | 03-03 10:00 | released | no
    03-03 10:00:00.000001 discharged                         | 03-04 10:00 | missing  | yes
    03-03 11:00 discharged; 12:00 care_plan                  | 03-04 10:00 | missing  | yes
    03-03 11:00 care_plan; 12:00 discharged                  | 03-04 10:00 | late     | no
                                                             | 03-03 10:00 | open     | no
                                                             | 03-03 10:00:00.000001 | missing | no
    03-03 10:00 care_plan                                    |             | kept     | no
    03-03 10:00:00.000001 care_plan                          |             | late     | no
    """,
    given="10:00 admitted",
)
def test_a_release_at_due_releases_and_after_due_ends(case):
    case.check()


@pytest.mark.statement("S24")
@spec(
    (agreement(CLAUSE, "unless: [died, leave_started]")
     + "  - {id: survivor, source: s, after: ready_for_discharge, deliver: care_plan, within: 1 h, survives: [died]}\n",),
    """
    then                                          | outcome
    10:00 admitted; 11:00 died                    | released
    10:00 admitted; 11:00 discharged              | released
    10:00 ready_for_discharge; 10:30 died         | missing
    10:00 ready_for_discharge; 10:30 leave_started | released
    10:00 ready_for_discharge; 10:30 discharged   | missing
    """,
)  # fmt: skip
def test_what_releases_every_clause_and_what_a_clause_survives(case):
    case.check()


@pytest.mark.statement("S25")
@spec(
    CLAUSE + OWED + "\nwaiver: owed_to",
    """
    then                                                                     | outcome  | due
    11:00 waived {clause: clause, organisation: H1, who: a, why: b}          | released | 03-03 10:00
    03-05 10:00 waived {clause: clause, organisation: H1}                    | released | 03-03 10:00
    11:00 waived {clause: other, organisation: H1}                           | missing  | 03-03 10:00
    11:00 waived {organisation: H1}                                          | missing  | 03-03 10:00
    11:00 waived {clause: clause, organisation: M1}                          | missing  | 03-03 10:00
    03-04 10:00 care_plan; 03-05 10:00 waived {clause: clause, organisation: H1} | late | 03-03 10:00
    03-04 10:00 discharged; 03-05 10:00 waived {clause: clause, organisation: H1} | missing | 03-03 10:00
    03-04 10:00 waived {clause: clause, organisation: H1}; 11:00 care_plan   | released | 03-03 10:00
    09:00 waived {clause: clause, organisation: H1}                          | missing  | 03-03 10:00
    """,
    given=IN,
    head=PARTIES,
)
def test_a_waiver_releases_what_is_not_yet_closed_also_after_due(case):
    case.check()


@pytest.mark.statement("S25")
@pytest.mark.parametrize(
    ("waiver", "who", "outcome"),
    [
        ("owed_to", "H1", "released"),
        ("owed_to", "M1", "missing"),
        ("owed_by", "M1", "released"),
        ("owed_by", "H1", "missing"),
        ("both", "H1", "released"),
        ("both", "M1", "released"),
        ("both", "H2", "missing"),
    ],
)
def test_whose_right_a_waiver_is(waiver, who, outcome):
    table = f"then | outcome\n11:00 waived {{clause: clause, organisation: {who}}} | {outcome}"
    (row,) = spec(f"{CLAUSE}{OWED}\nwaiver: {waiver}", table, given=IN, head=PARTIES).args[1]
    row.values[0].check()


@pytest.mark.statement("S26")
@spec(
    CLAUSE + "\nmatch: plan",
    """
    then                                                                                    | outcome            | ledger
    10:00 admitted {plan: 1}; 11:00 admitted {plan: 2}; 12:00 care_plan {plan: 2}           | missing; kept      |
    10:00 admitted {plan: 1}; 11:00 admitted {plan: 1}; 12:00 care_plan {plan: 1}           | kept; kept         |
    10:00 admitted {plan: 1}; 12:00 care_plan {plan: "1"}                                   | kept               |
    10:00 admitted {plan: "007"}; 12:00 care_plan {plan: 7}                                 | missing            |
    10:00 admitted {plan: 1}; 12:00 care_plan {other: 1}                                    | missing            |
    10:00 admitted {other: 1}; 12:00 care_plan {other: 1}                                   | none               | no match value 1
    10:00 admitted {plan: 1}; 11:00 admitted {plan: 2}; 12:00 discharged {plan: 2}          | released; released |
    10:00 care_plan {plan: 2}; 10:00 admitted {plan: 1}                                     | missing            |
    10:00 care_plan {plan: 1}; 10:00 admitted {plan: 1}                                     | kept               |
    10:00 admitted {plan: 1}; 11:00 care_plan                                               | kept               |
    """,
)
def test_match(case):
    case.check()


@pytest.mark.statement("S18", "S26")
@spec(
    CLAUSE + "\nmatch: plan\npause: {from: hold_started, until: hold_ended}",
    """
    then                                                                                  | outcome | due
    10:00 admitted {plan: 1}; 11:00 hold_started {plan: 2}; 12:00 hold_ended {plan: 3}    | missing | 03-03 11:00
    """,
)
def test_pauses_ignore_match(case):
    case.check()


@pytest.mark.statement("S26")
@pytest.mark.parametrize(
    "also", ["within: 24 h\nrepeat: first", "within: 24 h\nrepeat: restart", "within: 24 h\naccept_earlier: 1 h",
             "before: discharged"]
)  # fmt: skip
def test_match_stands_only_with_each_and_without_earlier_and_before(also):
    with pytest.raises(AgreementError, match="match"):
        portfolio(agreement(f"after: admitted\ndeliver: care_plan\nmatch: n\n{also}"))


@pytest.mark.statement("S27")
@spec(
    "after: admitted\ndeliver: care_plan\nwithin: 24 h",
    """
    then                                             | now         | outcome
    11:00 discharged                                 | 12:00       | open
    11:00 died                                       | 03-04 00:00 | missing
    11:00 discharged; 03-09 10:00 care_plan          | 03-10 00:00 | late
    """,
    given="10:00 admitted",
)
def test_no_hidden_end(case):
    case.check()


REFUSED = {
    "within: 1 h\nbefore: discharged": "both `within` and `before`",
    "": "needs `within` or `before`",
    "within: 1 h\nahead: 1 day": "`ahead` goes with `before`",
    "before: discharged\nrepeat: restart": "`repeat: restart` cannot stand",
    "before: discharged\naccept_earlier: 1 h": "`accept_earlier` cannot stand",
    "before: discharged\nanchor: sent": "`anchor` cannot stand",
    "before: discharged\nstart: next opening": "`start` cannot stand",
    "before: discharged\npause: {from: hold_started, until: hold_ended}": "`pause` cannot stand",
    "within: 1 h\nunless: [care_plan]": "`care_plan` stands in both",
    "before: care_plan": "`care_plan` stands in both",
    "before: discharged\nunless: discharged": "`discharged` stands in both",
    "within: 1 h\nunless: dischraged": "unknown kind `dischraged`",
    "before: discharged\nahead: 4 working hours": "not in hours of work",
    "within: 1 h\nsince: {last: admitted}": "one of over, at least, under, at most",
    "within: 1 h\nwithn: 2 h": "withn",
}


@pytest.mark.statement("S17", "S18", "S26")
@pytest.mark.parametrize("keys", REFUSED)
def test_contradictions_are_refused_with_their_line(keys):
    with pytest.raises(AgreementError) as caught:
        portfolio(agreement(f"after: admitted\ndeliver: care_plan\n{keys}"))
    said = [problem for problem in caught.value.problems if REFUSED[keys] in problem.message]
    assert said, caught.value
    assert all(problem.file == "spec.yaml" and 5 <= problem.line <= 11 for problem in said)
