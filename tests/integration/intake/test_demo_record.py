"""In demo mode a municipal record answers the request for an admission report; elsewhere nobody does."""

import pytest

from naer.demo.record import AFTER, answer
from naer.site.messaging import delivery
from naer.site.messaging.models import OutgoingMessage
from naer.site.pathways.actor import Process
from naer.site.pathways.models import LoggedEvent, Obligation
from tests.integration.intake.ward import Stay, at, counter, take_in, town

pytestmark = pytest.mark.django_db
RECEIVED = at("2 10:05")


@pytest.fixture
def owed() -> Obligation:
    town()
    take_in(Stay().send("STIN", at("2 10:00"), report_requested=True), now=RECEIVED, channel="http")
    return Obligation.objects.get(clause="admission-report")


def test_the_report_comes_a_moment_later_and_closes_the_obligation(owed: Obligation, settings) -> None:
    settings.MODE = "demo"
    assert answer(RECEIVED + AFTER - 1, counter("report")) == 0
    assert answer(RECEIVED + AFTER, counter("report")) == 1
    owed.refresh_from_db()
    assert owed.outcome == "kept"
    report = LoggedEvent.objects.get(kind="admission_report")
    assert (report.organisation, report.pathway) == (owed.owed_by, owed.pathway)
    assert answer(RECEIVED + 2 * AFTER, counter("more")) == 0


def test_outside_the_demo_nothing_is_answered(owed: Obligation) -> None:
    assert answer(RECEIVED + AFTER, counter("report")) == 0


def test_the_report_is_a_message_that_reaches_the_hospital(owed: Obligation, settings) -> None:
    settings.MODE = "demo"
    answer(RECEIVED + AFTER, counter("report"))
    delivery.deliver(lambda: RECEIVED + AFTER, new_id=counter("out"), actor=Process("outbox"))
    sent = OutgoingMessage.objects.get(kind="letter")
    assert (sent.type, sent.state, sent.receiver) == ("XDIS16", "acknowledged", owed.owed_to)
    assert LoggedEvent.objects.filter(kind="admission_report").count() == 1
