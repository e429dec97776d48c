"""Whatever is written to the FHIR interface: no 5xx, no undocumented status, an outcome for each error."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naer.events.instant import Instant, text
from naer.site.fhir import work
from naer.site.fhir.models import Job
from naer.site.pathways.models import Obligation
from tests.integration.fhir.system import FORM, System, register
from tests.integration.fhir.test_observations import blood_pressure
from tests.integration.fhir.test_sending import written
from tests.integration.fhir.test_tasks import done
from tests.place import Place, new_id

JSON = "application/fhir+json"
DOCUMENTED = frozenset({200, 201, 202, 204, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429})
_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["\x00", "\ud800", "Patient/", "2026-02-30", "9" * 400, "Patient/\x00", "-", "1e999"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["coding", "code", "value", "system", "reference", "text", "url", "type", "\x00"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
_quick = settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def token(system: System) -> dict[str, str]:
    """A token for the whole test."""
    return system.headers()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a resource."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in steps for place in places(one, (*path, key)))]


def changed(resource: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The resource with another value in one place."""
    whole: Any = copy.deepcopy(resource)
    if not path:
        return {"resourceType": whole["resourceType"], "value": value}
    place = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    found: dict[str, Any] = whole
    return found


def answered(answer: Any) -> None:
    """Check an answer."""
    assert answer.status_code in DOCUMENTED, (answer.status_code, answer.content)
    if answer.status_code >= 400:
        assert json.loads(answer.content)["resourceType"] == "OperationOutcome"


def _body(resource: Any) -> bytes:
    return json.dumps(resource).encode()


@_quick
@given(data=st.data())
def test_resources_with_anything_in_them(
    data: st.DataObject, system: System, token: dict[str, str], here: Place, now: Instant
) -> None:
    wanted = {
        "resourceType": "Subscription",
        "status": "off",
        "reason": "r",
        "criteria": "Task?status=requested",
        "channel": {"type": "rest-hook", "endpoint": "https://localhost/x", "header": ["A: b"]},
    }
    valid = data.draw(st.sampled_from([blood_pressure(here.citizen.key, text(now)), written(here), wanted]))
    path = data.draw(st.sampled_from(places(valid)))
    sent = changed(valid, path, data.draw(_ANY))
    address = f"/fhir/{valid['resourceType']}"
    answered(system.browser.post(address, _body(sent), content_type=JSON, headers=token))


@_quick
@given(data=st.data())
def test_tasks_with_anything_in_them(
    data: st.DataObject, system: System, token: dict[str, str], here: Place, now: Instant
) -> None:
    owed = Obligation.objects.order_by("pk").first()
    if owed is None:
        here.admit(now)
        owed = Obligation.objects.order_by("pk")[0]
    valid = {"resourceType": "Task", "id": str(owed.pk), "status": "completed", "output": [done(now)]}
    valid |= {"note": [{"text": "n"}], "statusReason": {"text": "w"}}
    path = data.draw(st.sampled_from(places(valid)))
    sent = changed(valid, path, data.draw(_ANY))
    address = f"/fhir/Task/{data.draw(st.sampled_from([str(owed.pk), '0', 'x', '9' * 30]))}"
    answered(system.browser.put(address, _body(sent), content_type=JSON, headers=token))


@_quick
@given(
    level=st.sampled_from(["$export", "Patient/$export", "Group/x/$export"]),
    name=st.sampled_from(["_type", "_since", "_outputFormat", "_typeFilter", "\x00"]),
    value=st.text(max_size=12) | st.sampled_from(["Task", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]),
    prefer=st.sampled_from(["respond-async", "respond-async, handling=lenient", ""]),
)
def test_exports_of_anything(
    level: str, name: str, value: str, prefer: str, system: System, token: dict[str, str], now: Instant
) -> None:
    Job.objects.all().delete()
    answer = system.browser.get(f"/fhir/{level}", {name: value}, headers=token | {"Prefer": prefer})
    answered(answer)
    if answer.status_code == 202:
        work.run(lambda: now, new_id)
        answered(system.browser.get(answer["Content-Location"], headers=token))
        assert set(Job.objects.values_list("state", flat=True)) == {"done"}


@_quick
@given(data=st.data())
def test_imports_of_anything(
    data: st.DataObject, system: System, token: dict[str, str], here: Place, now: Instant
) -> None:
    Job.objects.all().delete()
    valid = blood_pressure(here.citizen.key, text(now))
    message = json.loads(here.notification("STIN", now, fresh=True))
    task = {"resourceType": "Task", "id": "1", "status": "completed", "output": [done(now)]}
    lines = []
    for _ in range(3):
        resource = data.draw(st.sampled_from([valid, message, task]))
        path = data.draw(st.sampled_from(places(resource)))
        lines.append(_body(changed(resource, path, data.draw(_ANY))))
    lines.append(data.draw(st.binary(max_size=20).filter(bytes.strip)))
    sent = b"\n".join(lines)
    headers = token | {"Prefer": "respond-async"}
    answer = system.browser.post(
        "/fhir/$import", sent, content_type="application/fhir+ndjson", headers=headers
    )
    answered(answer)
    work.run(lambda: now, new_id)
    manifest = system.browser.get(answer["Content-Location"], headers=token)
    assert manifest.status_code == 200
    counted = manifest.json()["extension"]["urn:naer:import"]
    assert sum(number for name, number in counted.items() if name != "lines") == counted["lines"]


@_quick
@given(
    fields=st.dictionaries(
        st.sampled_from(
            ["grant_type", "scope", "client_assertion_type", "client_assertion", "client_id", "\x00"]
        ),
        st.sampled_from(
            [
                "client_credentials",
                "system/*.*",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "a.b.c",
                "eyJhbGciOiJFUzM4NCJ9.eyJpc3MiOiJ4In0.AAAA",
                "eyJhbGciOjF9.W10.AAAA",
            ]
        )
        | st.text(max_size=10).filter(lambda one: one.isascii()),
    )
)
def test_signing_in_with_anything(fields: dict[str, str], system: System) -> None:
    from urllib.parse import urlencode

    answer = system.browser.post("/fhir/oauth/token", urlencode(fields), content_type=FORM)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"]


@_quick
@given(body=st.binary(max_size=40), kind=st.sampled_from([JSON, "application/fhir+xml", "text/plain", ""]))
def test_messages_of_any_bytes(body: bytes, kind: str, system: System, token: dict[str, str]) -> None:
    answer = system.browser.generic("POST", "/fhir/$process-message", body, content_type=kind, headers=token)
    assert answer.status_code in DOCUMENTED


def test_every_method_of_every_address(here: Place, now: Instant, system: System) -> None:
    headers = register(now).headers()
    for address in (
        "$process-message",
        "$export",
        "$import",
        "Patient/$export",
        "Group/x/$export",
        "jobs/x",
        "jobs/x/1.ndjson",
        "oauth/token",
        ".well-known/smart-configuration",
        "Task/1",
        "Observation",
        "Observation/x",
        "Communication",
        "Subscription/x",
    ):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            answer = system.browser.generic(
                method, f"/fhir/{address}", b"{}", content_type=JSON, headers=headers
            )
            assert answer.status_code in DOCUMENTED, (method, address, answer.status_code)
