"""When a breach is proposed as a deviation (S36)."""

import pytest

from naer.agreement import Clause, deviation
from naer.agreement.document import AgreementError
from tests.spec.tables import agreement, moment, portfolio

DAY = "2026-03-02"
"""A Monday."""
OFFICE = 'calendars: {office: {days: mon-fri, hours: "08:00-16:00"}}'


def clause(written: str, more: str = "") -> Clause:
    told = f"after: admitted\ndeliver: care_plan\nwithin: 24 h\ncalendar: office\n{more}\n"
    key = f"deviation: {written}" if written else ""
    (line,) = portfolio(agreement(told + key, OFFICE)).lines
    return line.versions[0].clauses[0]


@pytest.mark.statement("S36")
@pytest.mark.parametrize(
    ("written", "due", "proposed"),
    [
        ("{times: 1}", "10:00", "10:00"),
        ("{over: 4 h}", "10:00", "14:00"),
        ("{over: 1 days}", "10:00", "03-03 10:00"),
        ("{over: 8 working hours}", "10:00", "03-03 10:00"),
        ("{over: 1 working days}", "03-06 10:00", "end of 03-09"),
        ("{over: 2 h, times: 3, within: 30 days}", "10:00", "12:00"),
    ],
)
def test_it_is_proposed_when_it_is_that_late(written: str, due: str, proposed: str) -> None:
    at = moment(due, DAY)
    assert at is not None
    assert deviation.since(clause(written), at) == moment(proposed, DAY)


@pytest.mark.statement("S36")
@pytest.mark.parametrize("one", [clause(""), clause("{over: 4 h}", "evidence: partial")], ids=["", "partial"])
def test_without_the_key_or_with_partial_evidence_none_is_proposed(one: Clause) -> None:
    assert deviation.since(one, 0) is None


@pytest.mark.statement("S36")
@pytest.mark.parametrize(
    ("written", "dues", "together"),
    [
        ("{times: 1}", "", 0),
        ("{times: 1}", "02-02 10:00, 03-02 10:00", 2),
        ("{times: 3, within: 7 days}", "02-24 10:00, 03-02 10:00", 0),
        ("{times: 3, within: 7 days}", "02-23 10:00, 02-25 10:00, 03-02 10:00", 3),
        ("{times: 3, within: 7 days}", "02-23 09:59, 02-25 10:00, 03-02 10:00", 0),
        ("{times: 2, within: 1 working days}", "02-27 00:00, 03-02 10:00", 2),
        ("{times: 2, within: 1 working days}", "02-26 23:59, 03-02 10:00", 0),
    ],
)
def test_so_many_within_so_long_the_latest_included(written: str, dues: str, together: int) -> None:
    found = [at for text in dues.split(",") if text and (at := moment(text, DAY)) is not None]
    one = clause(written)
    assert one.deviation is not None
    assert len(deviation.enough(one.deviation, found, one.calendar)) == together


@pytest.mark.statement("S36")
@pytest.mark.parametrize(
    "wrong",
    [
        "4 h",
        "{}",
        "{over: soon}",
        "{times: 0}",
        "{times: true}",
        "{times: 3}",
        "{within: 30 days}",
        "{over: 1 h, within: 30 days}",
        "{times: 3, within: 8 working hours}",
        "{often: 3}",
    ],
)
def test_what_says_nothing_is_refused_with_its_line(wrong: str) -> None:
    with pytest.raises(AgreementError, match=r"spec\.yaml:\d+"):
        clause(wrong)
