"""Who owes whom (S9), and triggers outside the agreement (S10)."""
# ruff: noqa: E501 - a table is as wide as its story

import pytest

from tests.spec.tables import agreement, spec

HEAD = """parties:
  hospital: {is: hospital}
  home: {is: municipality, of: residence}
  citizen: {is: citizen}"""
CLAUSE = "after: {after}\ndeliver: care_plan\nwithin: 24 h\nowed_by: home\nowed_to: hospital"
ADMITTED, READY = CLAUSE.format(after="admitted"), CLAUSE.format(after="ready_for_discharge")


class TownRegister:
    """Aalborg's hospital H1, its municipality M851; from 3 March the citizen lives in 860."""

    def roles(self, organisation):
        return {
            "H1": frozenset({"hospital"}),
            "X": frozenset({"gp"}),
            "M860": frozenset({"municipality"}),
        }.get(organisation, frozenset())

    def municipality(self, code):
        return f"M{code}"

    def resolve(self, role, of, citizen, at):
        if role == "municipality" and of == "residence":
            return "M851" if at < 1_772_492_400_000_000 else "M860"
        return None


@pytest.mark.statement("S9")
@spec(
    ADMITTED,
    """
    then                                                                             | outcome | owed_by | owed_to
    10:00 admitted {organisation: H1}                                                | missing | M851    | H1
    10:00 admitted {organisation: H1, municipality: "820"}                           | missing | M820    | H1
    10:00 admitted {organisation: H9}                                                | missing | M851    | H9
    10:00 admitted {organisation: X}                                                 | missing | M851    | unknown
    10:00 admitted                                                                   | missing | M851    | unknown
    09:00 leave_started {organisation: H1}; 10:00 admitted                           | missing | M851    | H1
    08:00 leave_started {organisation: H1}; 09:00 leave_started {organisation: H2}; 10:00 admitted | missing | M851 | H2
    08:00 leave_started {organisation: H1}; 10:00 admitted {organisation: H2}        | missing | M851    | H2
    10:00 admitted; 11:00 leave_started {organisation: H1}                           | missing | M851    | unknown
    09:00 care_plan {organisation: M860}; 10:00 admitted {organisation: H1}          | missing | M860    | H1
    09:00 leave_started {municipality: "820"}; 10:00 admitted {organisation: H1}     | missing | M820    | H1
    09:00 leave_started {organisation: H1, pathway: other}; 10:00 admitted           | missing | M851    | unknown
    2026-03-03 10:00 admitted {organisation: H1}                                     | missing | M860    | H1
    03-02 23:00 admitted {organisation: H1}; 03-03 01:00 admitted {organisation: H1} | missing; missing | M851; M860 | H1; H1
    """,
    head=HEAD,
    register=TownRegister(),
)
def test_parties_are_resolved_at_the_trigger_and_stay(case):
    """H9 is not in the register: `admitted` is a hospital's to say. X is, as a practice."""
    case.check()


@pytest.mark.statement("S9")
@spec(
    ADMITTED.replace("owed_by: home", "owed_by: citizen"),
    """
    then                          | outcome | owed_by | owed_to
    10:00 admitted                | missing | citizen | unknown
    10:00 admitted {citizen: c7}  | missing | c7      | unknown
    """,
    head=HEAD,
)
def test_without_a_register_what_is_not_said_is_unknown(case):
    case.check()


@pytest.mark.statement("S10", "S35")
@spec(
    (agreement(ADMITTED, HEAD + '\napplies: {municipality: ["851", "860"]}'),),
    """
    then                                                                      | outcome | ledger
    10:00 admitted {municipality: "851"}                                      | missing |
    10:00 admitted {municipality: "820"}                                      | none    | outside the agreement 1
    10:00 admitted {age: 80}                                                  | none    | outside the agreement 1
    10:00 admitted                                                            | missing |
    10:00 admitted {municipality: "851"}; 11:00 care_plan {municipality: "1"} | kept    |
    10:00 ready_for_discharge {municipality: "820"}                           | none    |
    """,
)
def test_a_trigger_outside_applies_opens_nothing(case):
    """A bare kind meets `applies`; a delivery does not have to."""
    case.check()


@pytest.mark.statement("S10", "S35")
@spec(
    (
        agreement(ADMITTED, HEAD + '\napplies: {municipality: "851"}')
        + "  - {id: other, source: s, after: admitted, deliver: care_plan, within: 1 h}\n",
    ),
    """
    then                                    | outcome | ledger
    10:00 admitted {municipality: "820"}    | none    | outside the agreement 1
    """,
)
def test_an_event_counts_once_for_each_reason_whatever_the_clauses(case):
    case.check()
