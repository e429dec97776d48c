"""What costs too much, or no database can hold, is refused; what is many is done in parts."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from naer.events.instant import Instant, text
from naer.site.access import rules
from naer.site.access.models import AccessEntry
from naer.site.fhir.models import StoredObservation, Subscription
from naer.site.fhir.task_output import ATTRIBUTE
from naer.site.pathways.models import LoggedEvent, Obligation
from tests.integration.fhir.system import FORM, System
from tests.integration.fhir.test_observations import blood_pressure
from tests.integration.fhir.test_tasks import done
from tests.place import Place

JSON = "application/fhir+json"


def _listed(value: str, times: int) -> str:
    return ",".join([value] * times)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"_lastUpdated": _listed("ne2026", 50)}, 200),
        ({"_lastUpdated": _listed("ne2026", 51)}, 400),
        ({"_lastUpdated": [_listed("ne2026", 50)] * 4}, 200),
        ({"_lastUpdated": [_listed("ne2026", 50)] * 5}, 400),
        ({"_id": _listed("x", 200)}, 200),
        ({"_id": _listed("x", 201)}, 400),
        ({"_id": "," * 300_000}, 400),
    ],
)
def test_a_search_has_so_many_values(system: System, query: dict[str, Any], status: int) -> None:
    address, headers = "/fhir/Communication/_search", system.headers()
    body = "&".join(
        f"{name}={value}"
        for name, given in query.items()
        for value in ([given] if isinstance(given, str) else given)
    )
    answer = system.browser.post(address, body, content_type=FORM, headers=headers)
    assert answer.status_code == status, answer.content
    if status == 400:
        assert answer.json()["issue"][0]["code"] == "too-costly"


@pytest.mark.parametrize("code", ["a\0b", "a\x1fb", "a\x0bb"])
def test_a_code_holds_no_control_character(here: Place, now: Instant, system: System, code: str) -> None:
    sent = blood_pressure(here.citizen.key, text(now))
    sent["code"] = {"coding": [{"system": "http://loinc.org", "code": code}]}
    answer = system.browser.post("/fhir/Observation", sent, content_type=JSON, headers=system.headers())
    assert answer.status_code == 422
    assert not StoredObservation.objects.exists()


def test_looks_at_many_are_written_in_parts(here: Place, now: Instant) -> None:
    keys = [here.citizen.key, *(f"nobody-{number}" for number in range(1200))]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rules.looked_at(here.users["mette"], keys, "export", now)
    assert AccessEntry.objects.count() == 1201
    assert AccessEntry.objects.get(citizen=here.citizen.key).relation == "case"
    read = [one["sql"] for one in asked if 'FROM "pathways_citizen"' in one["sql"]]
    assert len(read) == 6, "two questions for each part of 500: seen in care, and seen by a plan"


BEYOND = (
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "1899-12-31T12:00:00Z",
    "2200-01-02T00:00:00Z",
)


@pytest.mark.parametrize("at", BEYOND)
def test_a_subscription_ends_within_the_calendar(system: System, at: str) -> None:
    headers, address = system.headers(), "/fhir/Subscription"
    wanted = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "r",
        "criteria": "Task",
        "channel": {"type": "rest-hook", "endpoint": "https://localhost/x"},
    }
    answer = system.browser.post(address, wanted | {"end": at}, content_type=JSON, headers=headers)
    assert answer.status_code == 422, answer.content
    assert answer.json()["issue"][0]["expression"] == ["Subscription.end"]
    assert not Subscription.objects.exists()
    right = wanted | {"end": "2199-12-31T12:00:00Z"}
    assert system.browser.post(address, right, content_type=JSON, headers=headers).status_code == 201
    assert system.browser.get(address, headers=headers).status_code == 200


@pytest.mark.parametrize("at", BEYOND)
def test_what_was_done_lies_within_the_calendar(here: Place, now: Instant, system: System, at: str) -> None:
    here.admit(now)
    owed = Obligation.objects.filter(outcome="", clause__contains="report").order_by("pk")[0]
    headers, address = system.headers(), f"/fhir/Task/{owed.pk}"
    more = {"type": {"coding": [{"system": ATTRIBUTE, "code": "channel"}]}, "valueDateTime": at}
    for output in ([done(now) | {"valueDateTime": at}], [done(now), more]):
        body = {"resourceType": "Task", "id": str(owed.pk), "status": "completed", "output": output}
        answer = system.browser.put(address, body, content_type=JSON, headers=headers)
        assert answer.status_code == 422, answer.content
    assert not LoggedEvent.objects.filter(kind="admission_report").exists()
    seen = blood_pressure(here.citizen.key, at)
    answer = system.browser.post("/fhir/Observation", seen, content_type=JSON, headers=headers)
    assert answer.status_code == 422, answer.content
