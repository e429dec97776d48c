"""What costs too much, or no database can hold, is refused; what is many is done in parts."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from naer.events.instant import Instant, text
from naer.site.access import rules
from naer.site.access.models import AccessEntry
from naer.site.fhir.models import StoredObservation
from tests.integration.fhir.system import FORM, System
from tests.integration.fhir.test_observations import blood_pressure
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
    assert len(read) == 3
