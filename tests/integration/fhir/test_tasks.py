"""Obligations are met and waived by systems of the parties: PUT /fhir/Task/id."""

from typing import Any

import pytest

from naer.events.instant import MINUTE, Instant, text
from naer.site.access.models import AccessEntry
from naer.site.fhir.task_output import ATTRIBUTE, EVENT
from naer.site.pathways import actions
from naer.site.pathways.models import LoggedEvent, Obligation
from tests.integration.fhir.system import System, register
from tests.place import HOSPITAL, OTHER_MUNICIPALITY, Place, new_id

JSON = "application/fhir+json"


@pytest.fixture
def owed(here: Place, now: Instant) -> Obligation:
    """The municipality owes the hospital an admission report."""
    here.admit(now)
    return next(
        one
        for one in Obligation.objects.filter(outcome="", owed_by__contains="860").order_by("pk")
        if "report" in one.clause
    )


def done(at: Instant, kind: str = "admission_report") -> dict[str, Any]:
    """An output that says what was done."""
    return {
        "type": {"coding": [{"system": EVENT, "code": kind}]},
        "valueDateTime": text(at),
    }


def _put(system: System, owed: Obligation, **said: Any) -> Any:
    headers = said.pop("headers", None) or system.headers()
    body = {"resourceType": "Task", "id": str(owed.pk), **said}
    return system.browser.put(f"/fhir/Task/{owed.pk}", body, content_type=JSON, headers=headers)


def test_completed_with_an_output_meets_it(system: System, owed: Obligation, now: Instant) -> None:
    note = {"text": "Sendt fra omsorgssystemet"}
    channel = {
        "type": {"coding": [{"system": ATTRIBUTE, "code": "channel"}]},
        "valueString": "message",
    }
    at = now - MINUTE
    answer = _put(system, owed, status="completed", output=[done(at), channel], note=[note])
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["status"] == "completed"
    assert told["output"][0]["type"]["coding"][0]["code"] == "admission_report"
    owed.refresh_from_db()
    assert owed.outcome in ("kept", "late")
    event = LoggedEvent.objects.get(id=owed.closed_by)
    assert (event.kind, event.at, event.organisation) == ("admission_report", at, owed.owed_by)
    assert '"note":"Sendt fra omsorgssystemet"' in event.attributes.replace('": "', '":"')
    trace = AccessEntry.objects.get(action="fulfil")
    assert trace.user == f"system-{system.key}"


def test_what_was_read_can_be_sent_back_with_the_answer(
    system: System, owed: Obligation, now: Instant
) -> None:
    headers = system.headers()
    read = system.browser.get(f"/fhir/Task/{owed.pk}", headers=headers)
    assert read.status_code == 200
    body = read.json() | {"status": "completed", "output": [done(now)]}
    match = headers | {"If-Match": read["ETag"]}
    answer = system.browser.put(f"/fhir/Task/{owed.pk}", body, content_type=JSON, headers=match)
    assert answer.status_code == 200, answer.content
    again = system.browser.put(f"/fhir/Task/{owed.pk}", body, content_type=JSON, headers=match)
    assert again.status_code == 412
    again = system.browser.put(f"/fhir/Task/{owed.pk}", body, content_type=JSON, headers=headers)
    assert again.status_code == 409


def test_a_waiver_is_the_right_of_the_party_it_is_owed_to(
    system: System, owed: Obligation, here: Place, now: Instant
) -> None:
    why = {"status": "cancelled", "statusReason": {"text": "Ikke nødvendig"}}
    assert _put(system, owed, **why).status_code == 403  # its clause lets nobody waive it
    assessed = {"services_needed": True}
    actions.record_event(
        here.users["doris"],
        here.citizen.key,
        owed.pathway,
        "need_assessed",
        now - MINUTE,
        assessed,
        now=now,
        new_id=new_id,
    )
    forecast = Obligation.objects.get(clause="care-forecast", outcome="")
    assert _put(system, forecast, status="cancelled").status_code == 422  # without a reason
    answer = _put(system, forecast, **why)
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] != "requested"
    forecast.refresh_from_db()
    assert forecast.outcome == "released"
    assert _put(system, forecast, **why).status_code == 409


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"status": "in-progress"}, "Task.status"),
        ({}, "Task.status"),
        ({"status": "completed"}, "Task.output"),
        ({"status": "completed", "output": [done(0), done(0)]}, "Task.output"),
        ({"status": "completed", "output": [done(0, "no_such_kind")]}, "Task.output.type"),
        ({"status": "completed", "output": [done(2**52)]}, "Task.output.valueDateTime"),
        ({"status": "completed", "output": [done(0, "home_visit")]}, "Task"),
        ({"status": "completed", "output": [done(0)], "extension": []}, "Task"),
        (
            {"status": "completed", "output": [done(0)], "note": [{"text": "se 710190-1234"}]},
            "Task.note",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_where(
    system: System, owed: Obligation, said: dict[str, Any], path: str
) -> None:
    answer = _put(system, owed, **said)
    assert answer.status_code == 422, answer.content
    assert [path] in [one.get("expression") for one in answer.json()["issue"]]
    assert "710190" not in answer.content.decode()
    owed.refresh_from_db()
    assert owed.outcome == ""


def test_others_do_not_see_it(owed: Obligation, now: Instant) -> None:
    other = register(now, OTHER_MUNICIPALITY)
    assert _put(other, owed, status="completed", output=[done(now)]).status_code == 404


def test_who_is_no_party_may_not(owed: Obligation, now: Instant) -> None:
    hospital = register(now, HOSPITAL, "discharge_nurse", "system/Task.read")
    headers = hospital.headers()
    answer = _put(hospital, owed, status="completed", output=[done(now)], headers=headers)
    assert answer.status_code == 403
    assert "insufficient_scope" in answer["WWW-Authenticate"]


def test_ids_that_are_none(system: System) -> None:
    for key in ("x", "999999999", "9" * 40, "-1"):
        body = {"resourceType": "Task", "id": key, "status": "completed"}
        answer = system.browser.put(f"/fhir/Task/{key}", body, content_type=JSON, headers=system.headers())
        assert answer.status_code == 404
