"""Observations: stored whole, found by whom the rules let see, refused with what is wrong and where."""

from typing import Any

import pytest
from fhir.resources.R4B.observation import Observation
from hypothesis import given, settings
from hypothesis import strategies as st

from naer.events.instant import HOUR, Instant, text
from naer.messages.fhir.observation import wrong
from naer.site.access.models import AccessEntry
from naer.site.fhir.models import StoredObservation
from tests.integration.fhir.system import System, register
from tests.place import OTHER_MUNICIPALITY, Place

JSON = "application/fhir+json"


def blood_pressure(patient: str, at: str, **more: Any) -> dict[str, Any]:
    """An observation with components, as home monitoring sends one."""
    mmhg = {"unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
    loinc = "http://loinc.org"
    return {
        "resourceType": "Observation",
        "status": "final",
        "identifier": [{"system": "urn:oid:1.2.3", "value": "m-1"}],
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"coding": [{"system": loinc, "code": "85354-9"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": at,
        "component": [
            {
                "code": {"coding": [{"system": loinc, "code": "8480-6"}]},
                "valueQuantity": {"value": 121.50, **mmhg},
            },
            {
                "code": {"coding": [{"system": loinc, "code": "8462-4"}]},
                "valueQuantity": {"value": 80, **mmhg},
            },
        ],
    } | more


def _post(system: System, body: Any, headers: dict[str, str]) -> Any:
    return system.browser.post("/fhir/Observation", body, content_type=JSON, headers=headers)


def test_it_is_stored_and_read_again(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    sent = blood_pressure(here.citizen.key, text(now - HOUR))
    answer = _post(system, sent, headers)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    Observation.model_validate(made)
    assert answer["Location"].endswith(f"/fhir/Observation/{made['id']}")
    assert answer["ETag"] == f'W/"{made["meta"]["versionId"]}"'
    read = system.browser.get(f"/fhir/Observation/{made['id']}", headers=headers).json()
    assert read == made
    assert {name: value for name, value in read.items() if name not in ("id", "meta")} == sent
    assert b"121.5" not in bytes(StoredObservation.objects.get().content)  # sealed
    assert AccessEntry.objects.filter(action="record", citizen=here.citizen.key).count() == 1


def test_numbers_stay_as_exact_as_they_were_written(system: System, here: Place, now: Instant) -> None:
    sent = (
        '{"resourceType":"Observation","status":"final","code":{"text":"weight"},'
        f'"subject":{{"reference":"Patient/{here.citizen.key}"}},"valueQuantity":{{"value":6.30}}}}'
    )
    headers = system.headers()
    made = _post(system, sent, headers)
    assert b'"value":6.30' in made.content
    read = system.browser.get(f"/fhir/Observation/{made.json()['id']}", headers=headers)
    assert b'"value":6.30' in read.content


def test_the_same_one_again_is_stored_once(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    sent = blood_pressure(here.citizen.key, text(now - HOUR))
    first, second = _post(system, sent, headers), _post(system, sent, headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    other = _post(system, sent | {"status": "amended"}, headers)
    assert other.status_code == 409
    assert StoredObservation.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 1),
        ("patient={citizen}", 1),
        ("subject=Patient/{citizen}", 1),
        ("patient=somebody", 0),
        ("code=85354-9", 1),
        ("code=http://loinc.org|85354-9", 1),
        ("code=http://loinc.org|1", 0),
        ("category=vital-signs", 1),
        ("status=amended", 0),
        ("date=ge2020", 1),
        ("date=lt2020", 0),
        ("_lastUpdated=ge2020", 1),
        ("_lastUpdated=lt2020", 0),
    ],
)
def test_it_is_found(system: System, here: Place, now: Instant, query: str, found: int) -> None:
    headers = system.headers()
    _post(system, blood_pressure(here.citizen.key, text(now - HOUR)), headers)
    bundle = system.browser.get(
        f"/fhir/Observation?{query.format(citizen=here.citizen.key)}", headers=headers
    ).json()
    assert len(bundle.get("entry", [])) == found


def test_only_about_those_the_rules_let_it(system: System, here: Place, now: Instant) -> None:
    answer = _post(system, blood_pressure(here.neighbour.key, text(now - HOUR)), system.headers())
    assert answer.status_code == 422
    unknown = _post(system, blood_pressure("nobody", text(now - HOUR)), system.headers())
    assert answer.json() == unknown.json()  # whether there is such a citizen is not told


def test_the_neighbour_sees_nothing_of_it(system: System, here: Place, now: Instant) -> None:
    made = _post(system, blood_pressure(here.citizen.key, text(now - HOUR)), system.headers()).json()
    other = register(now, OTHER_MUNICIPALITY)
    headers = other.headers()
    assert other.browser.get(f"/fhir/Observation/{made['id']}", headers=headers).status_code == 404
    assert "entry" not in other.browser.get("/fhir/Observation", headers=headers).json()


def test_a_token_without_the_scope_writes_nothing(system: System, here: Place, now: Instant) -> None:
    headers = system.headers("system/Observation.read")
    answer = _post(system, blood_pressure(here.citizen.key, text(now)), headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"status": "done"}, "Observation.status"),
        ({"status": None}, "Observation.status"),
        ({"code": {}}, "Observation.code"),
        ({"subject": "Patient/1"}, "Observation.subject"),
        ({"subject": {"reference": "Device/1"}}, "Observation.subject"),
        ({"effectiveDateTime": "yesterday"}, "Observation.effectiveDateTime"),
        ({"effectiveDateTime": "2026-02-31"}, "Observation.effective"),
        ({"effectiveDateTime": "2999-01-01"}, "Observation.effective"),
        ({"effectiveInstant": "2026-01-01T00:00:00Z"}, "Observation"),
        ({"valueQuantity": {"value": "12"}}, "Observation.valueQuantity.value"),
        ({"valueQuantity": {"value": True}}, "Observation.valueQuantity.value"),
        ({"valueString": "a", "valueBoolean": True}, "Observation"),
        ({"valueString": "a", "dataAbsentReason": {"text": "b"}}, "Observation"),
        ({"valueString": ""}, "Observation.valueString"),
        ({"component": []}, "Observation.component"),
        ({"component": [{"valueString": "a"}]}, "Observation.component[0].code"),
        ({"modifierExtension": []}, "Observation"),
        ({"contained": [{"resourceType": "Patient"}]}, "Observation"),
        ({"referenceRange": [{"appliesTo": [{"text": "a"}]}]}, "Observation.referenceRange[0]"),
    ],
)
def test_what_is_no_observation_is_refused_where(
    system: System, here: Place, now: Instant, changed: dict[str, Any], path: str
) -> None:
    sent = blood_pressure(here.citizen.key, text(now - HOUR), **changed)
    body = {name: value for name, value in sent.items() if value is not None}
    answer = _post(system, body, system.headers())
    assert answer.status_code == 422, answer.content
    assert [path] in [one.get("expression") for one in answer.json()["issue"]]
    assert not StoredObservation.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"resourceType":"Patient"}', b"[" * 100_000])
def test_what_is_no_resource_is_refused(system: System, body: bytes) -> None:
    answer = _post(system, body, system.headers())
    assert answer.status_code in (400, 415)
    assert answer.json()["resourceType"] == "OperationOutcome"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PLACES = st.sampled_from(
    [*blood_pressure("1", "2026-01-01"), "valueQuantity", "note", "referenceRange", "meta", "id", "performer"]
)


@settings(max_examples=200)
@given(_PLACES, _ANY)
def test_what_passes_is_an_observation_to_others_too(place: str, value: Any) -> None:
    sent = blood_pressure("1", "2026-01-01T10:00:00Z") | {place: value}
    if not wrong(sent):
        Observation.model_validate(sent)


def test_pages_follow_each_other_to_the_end(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    for place in range(5):
        sent = blood_pressure(here.citizen.key, text(now), identifier=[{"value": str(place)}])
        assert _post(system, sent, headers).status_code == 201
    address, found = "/fhir/Observation?_count=2", []
    while address:
        bundle = system.browser.get(address, headers=headers).json()
        found += [one["resource"]["identifier"][0]["value"] for one in bundle["entry"]]
        address = next((one["url"] for one in bundle["link"] if one["relation"] == "next"), "")
    assert sorted(found) == list("01234")
