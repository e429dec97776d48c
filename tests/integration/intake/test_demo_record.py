"""In demo mode a municipal record answers the request for an admission report; elsewhere nobody does."""

import pytest

from naer.demo.record import AFTER, answer
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
