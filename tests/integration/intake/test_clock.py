"""The clock's turn: escalations fire once, and events that lay ahead are seen when now reaches them."""

import pytest

from naer.events.instant import DAY, HOUR, MINUTE, Instant
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways.models import Citizen, EscalationStep, Obligation
from naer.site.pathways.tick import tick
from tests.integration.intake.ward import LATER, Stay, at, take_in, town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def citizen() -> str:
    return town()


def admitted(now: Instant) -> Obligation:
    take_in(Stay().send("STIN", at("2 10:00"), report_requested=True), now=now)
    return Obligation.objects.get(clause="admission-report")


def first_step(owed: Obligation) -> EscalationStep:
    return owed.steps.order_by("at").first()


def test_a_step_fires_at_its_time_and_once() -> None:
    owed = admitted(at("2 10:05"))
    step = first_step(owed)
    assert tick(step.at - 1).fired == 0
    assert tick(step.at).fired == 1
    assert tick(step.at).fired == 0
    assert tick(step.at + MINUTE).fired == 0
    (notice,) = OutgoingMessage.objects.all()
    assert (notice.kind, notice.receiver, notice.citizen_id) == ("escalation", owed.owed_by, "citizen")
    step.refresh_from_db()
    assert step.fired_at == step.at


def test_missed_steps_fire_when_the_clock_is_run_again() -> None:
    owed = admitted(at("2 10:05"))
    steps = owed.steps.count()
    assert steps > 1
    assert tick(LATER).fired >= steps
    assert tick(LATER).fired == 0
    assert not owed.steps.filter(fired_at=None).exists()


def test_a_withdrawn_obligation_escalates_no_more() -> None:
    stay = Stay()
    take_in(stay.send("STIN", at("2 10:00"), report_requested=True))
    take_in(stay.send("AN_STIN", at("2 11:00")))
    tick(LATER)
    assert not OutgoingMessage.objects.filter(obligation__contains="admission-report").exists()


def test_a_fired_step_stays_fired_when_the_admission_is_corrected() -> None:
    stay = Stay()
    take_in(stay.send("STIN", at("2 10:00"), report_requested=True), now=at("2 10:05"))
    owed = Obligation.objects.get(clause="admission-report")
    tick(first_step(owed).at)
    take_in(stay.send("RE_STIN", at("2 14:00"), sent=at("2 15:00")), now=at("3 12:00"))
    owed.refresh_from_db()
    assert owed.triggered_at == at("2 14:00")
    assert first_step(owed).fired_at is not None
    waiting = owed.steps.filter(fired_at=None).order_by("at").first()
    assert waiting.at > first_step(owed).at


def test_an_event_that_lies_ahead_counts_when_now_reaches_it() -> None:
    stay = Stay()
    (answer,) = take_in(stay.send("STIN", at("2 10:00"), sent=at("1 10:00")), now=at("1 12:00"))
    assert answer.acknowledgement == "ok"
    assert answer.citizen_status == "none"
    assert not Obligation.objects.exists()
    assert tick(at("2 09:59")).judged == 0
    assert tick(at("2 10:00")).judged == 1
    assert Citizen.objects.get().status == "admitted"
    assert Obligation.objects.exists()
    assert tick(at("2 10:00") + DAY).judged == 0


def test_a_delivery_that_lay_ahead_stops_the_steps_after_it() -> None:
    stay = Stay()
    take_in(stay.send("STIN", at("2 10:00"), report_requested=True), now=at("2 10:05"))
    take_in(stay.send("MORS", at("2 10:30"), sent=at("2 10:06")), now=at("2 10:07"))
    tick(at("2 10:00") + 30 * HOUR)
    assert Citizen.objects.get().status == "deceased"
    assert not OutgoingMessage.objects.filter(obligation__contains="admission-report").exists()
