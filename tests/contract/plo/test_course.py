"""What courses of Norwegian messages mean by the national agreement (handbook sections 3.2 and 5)."""

import msgspec
import pytest

from naer.agreement import evaluate, library
from naer.events.log import effective
from naer.messages.plo.link import link
from tests.contract.plo import stay_letters
from tests.contract.plo.stay_letters import (
    admitted,
    answer,
    cancel,
    discharged,
    instant,
    raw,
    ready,
    report,
    warning,
)

NOW = instant("2026-04-20T12:00:00")
IN = admitted("in", "2026-03-02T10:20:00", "2026-03-02T10:00:00")
REPORT = report("report", "2026-03-03T09:00:00")
READY = ready("ready", "2026-03-05T09:20:00", "2026-03-05T09:00:00", admitted_at="2026-03-02T10:00:00")
ANSWER = answer("answer", "2026-03-05T11:00:00", parent="ready")
OUT = discharged("out", "2026-03-06T12:00:00", "2026-03-06T11:00:00")


def owed(*letters):
    """Clause → outcome of what is owed, a list of them where it is owed several times."""
    events = effective(link(raw(*letters)), NOW).events
    found = {}
    for obligation in evaluate(library("NO"), events, NOW):
        found.setdefault(obligation.clause, []).append(obligation.outcome)
    return {clause: outcomes[0] if len(outcomes) == 1 else outcomes for clause, outcomes in found.items()}


def test_a_report_in_time_is_kept():
    assert owed(IN, REPORT)["admission-report"] == "kept"
    assert owed(IN)["admission-report"] == "missing"


def test_an_admission_that_is_withdrawn_takes_its_obligations_along():
    gone = cancel("LOG_INNLAGT", "x", "2026-03-04T10:00:00", "in")
    assert owed(IN, gone) == {}
    assert owed(gone, IN) == {}


def test_a_report_that_is_changed_late_stays_kept():
    change = report("change", "2026-03-08T10:00:00", status="change", parent="report")
    assert owed(IN, REPORT, change)["admission-report"] == "kept"


def test_a_changed_admission_moves_the_deadline():
    change = admitted("change", "2026-03-02T12:00:00", "2026-03-01T08:00:00", status="change", parent="in")
    assert owed(IN, REPORT, change)["admission-report"] == "late"


def test_never_ready_owes_no_answer_and_no_longer_ready_releases_it():
    assert owed(IN, REPORT, READY)["municipality-answer"] == "open"
    gone = cancel("LOG_UTSKRIVNINGSKLAR", "x", "2026-03-05T10:00:00", "ready")
    assert "municipality-answer" not in owed(IN, REPORT, READY, gone)
    back = stay_letters.not_ready("back", "2026-03-05T10:00:00", "2026-03-05T10:00:00", "2026-03-02T10:00:00")
    assert owed(IN, REPORT, READY, back)["municipality-answer"] == "released"


def test_an_answer_in_words_meets_the_duty_to_answer():
    assert owed(IN, REPORT, READY, ANSWER, OUT)["municipality-answer"] == "kept"


def test_a_ready_message_that_repeats_the_admission_owes_no_second_report():
    assert owed(IN, REPORT, READY)["admission-report"] == "kept"
    assert "admission-report" not in owed(READY)


def test_an_updated_warning_does_not_make_the_first_one_late():
    first = warning("w1", "2026-03-02T16:00:00")
    update = warning("w2", "2026-03-05T16:00:00", content="2", status="change", parent="w1")
    for letters in ((IN, first), (IN, first, update), (IN, update, first)):
        found = owed(*letters)
        assert "missing" not in {found.get("admission-warning"), found.get("later-warning")}
    assert owed(IN, first, update).get("new-warning") == "kept"


@pytest.mark.parametrize("status", ["addition", "history"])
def test_additions_and_history_open_nothing_new(status):
    more = admitted("more", "2026-03-04T12:00:00", "2026-03-02T10:00:00", status=status, parent="in")
    assert owed(IN, REPORT, more) == owed(IN, REPORT)


def test_the_outcome_is_the_same_in_any_order_of_arrival():
    letters = [IN, REPORT, READY, ANSWER, OUT, cancel("LOG_UTSKREVET", "x", "2026-03-06T13:00:00", "out")]
    assert owed(*letters) == owed(*reversed(letters))


def test_a_copy_of_a_message_owes_nothing_twice():
    assert owed(IN, IN, REPORT) == owed(IN, REPORT)
    late = [msgspec.structs.replace(event, received=NOW) for event in raw(IN)]
    events = effective(link([*raw(IN, REPORT), *late]), NOW).events
    assert [event.kind for event in events] == ["admitted", "admission_report"]
