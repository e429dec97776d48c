"""What people write: the event, the obligation, the trace, and who may."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from naer.events.instant import DAY
from naer.site.access.models import AccessEntry
from naer.site.accounts.models import Organisation, User
from naer.site.pathways import actions
from naer.site.pathways.doctor import examine
from naer.site.pathways.models import LoggedEvent, Obligation
from tests.integration.intake.ward import LATER, Stay, at, counter, take_in, town

pytestmark = pytest.mark.django_db
NOW = at("2 12:00")
NEW = {"now": NOW, "new_id": counter("act")}


@pytest.fixture
def owed() -> Obligation:
    town()
    take_in(Stay().send("STIN", at("2 10:00"), report_requested=True), now=at("2 10:05"))
    return Obligation.objects.get(clause="admission-report")


def person(role: str, organisation: str, name: str = "eva") -> User:
    return User.objects.create(
        username=f"{name}-{role}", role=role, organisation=Organisation.objects.get(name=organisation)
    )


@pytest.fixture
def coordinator(owed: Obligation) -> User:
    return person("coordinator", "Prøveby Kommune")


def test_fulfilling_closes_the_obligation_and_leaves_a_trace(owed: Obligation, coordinator: User) -> None:
    event = actions.fulfil(coordinator, owed.pk, **NEW)
    owed.refresh_from_db()
    assert (event.kind, event.organisation) == ("admission_report", "80000000026002")
    assert (owed.outcome, owed.closed_by, owed.closed_at) == ("kept", event.id, NOW)
    assert owed.steps.count() == 0
    trace = AccessEntry.objects.order_by("id").last()
    assert (trace.user, trace.action, trace.citizen, trace.relation) == (
        "eva-coordinator",
        "fulfil",
        "citizen",
        "case",
    )


def test_what_was_recorded_can_be_taken_back_once(owed: Obligation, coordinator: User) -> None:
    event = actions.fulfil(coordinator, owed.pk, **NEW)
    actions.undo(coordinator, str(event.id), **NEW)
    owed.refresh_from_db()
    assert owed.outcome == ""
    assert owed.steps.count() > 0
    with pytest.raises(actions.ActionRefusedError):
        actions.undo(coordinator, str(event.id), **NEW)
    assert examine(NOW).sound


def test_a_closed_obligation_is_not_met_again(owed: Obligation, coordinator: User) -> None:
    actions.fulfil(coordinator, owed.pk, **NEW)
    with pytest.raises(actions.ActionRefusedError):
        actions.fulfil(coordinator, owed.pk, **NEW)


def test_the_creditor_may_waive_and_the_debtor_may_not(owed: Obligation, coordinator: User) -> None:
    actions.record_event(coordinator, "citizen", owed.pathway, "phone_call", NOW, {}, **NEW)
    with pytest.raises(PermissionDenied):
        actions.waive(coordinator, owed.pk, "we forgot", **NEW)
    assert not LoggedEvent.objects.filter(kind="waived").exists()


@pytest.mark.parametrize(
    ("role", "organisation"), [("director", "Prøveby Kommune"), ("coordinator", "Andenby Kommune")]
)
def test_without_a_care_relation_nothing_is_written(owed: Obligation, role: str, organisation: str) -> None:
    before = AccessEntry.objects.count()
    stranger = person(role, organisation)
    with pytest.raises(PermissionDenied):
        actions.record_event(stranger, "citizen", owed.pathway, "phone_call", NOW, {}, **NEW)
    with pytest.raises(PermissionDenied):
        actions.fulfil(stranger, owed.pk, **NEW)
    assert AccessEntry.objects.count() == before
    assert LoggedEvent.objects.count() == 1


def test_only_ones_own_record_can_be_taken_back(owed: Obligation, coordinator: User) -> None:
    event = actions.fulfil(coordinator, owed.pk, **NEW)
    nurse = person("discharge_nurse", "Prøvehospital")
    with pytest.raises(PermissionDenied):
        actions.undo(nurse, str(event.id), **NEW)
    with pytest.raises(actions.ActionRefusedError):
        actions.undo(coordinator, owed.trigger, **NEW)


def test_nothing_is_recorded_that_has_not_happened(owed: Obligation, coordinator: User) -> None:
    with pytest.raises(actions.ActionRefusedError):
        actions.record_event(coordinator, "citizen", owed.pathway, "home_visit", NOW + DAY, {}, **NEW)


def test_when_the_trace_cannot_be_written_nothing_is(
    owed: Obligation, coordinator: User, monkeypatch
) -> None:
    """The database itself refuses the trace, after it has taken the event and the obligation."""
    real = actions.entry
    monkeypatch.setattr(actions, "entry", lambda *given: (None, *real(*given)[1:]))
    with pytest.raises(DatabaseError):
        actions.fulfil(coordinator, owed.pk, **NEW)
    owed.refresh_from_db()
    assert owed.outcome == ""
    assert LoggedEvent.objects.count() == 1
    assert examine(LATER).sound
