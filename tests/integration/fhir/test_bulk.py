"""Bulk data: what may be seen leaves as NDJSON, what is written comes in with a ledger of refusals."""

import itertools
import json
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from naer.events.instant import DAY, HOUR, MINUTE, Instant, text
from naer.site.access.models import AccessEntry
from naer.site.fhir import clients, jobs, loading, work
from naer.site.fhir.models import Job, JobFile, StoredObservation
from tests.integration.fhir.system import System, register
from tests.integration.fhir.test_observations import blood_pressure
from tests.place import MUNICIPALITY, NUMBERS, OTHER_MUNICIPALITY, Place, new_id

ASYNC = {"Prefer": "respond-async"}
NDJSON = "application/fhir+ndjson"


def ask(system: System, address: str, headers: dict[str, str], **more: str) -> Any:
    """Begin an export."""
    return system.browser.get(address, headers=headers | ASYNC | more)


def fetched(system: System, answer: Any, headers: dict[str, str], now: Instant) -> dict[str, Any]:
    """Let the work be done, and give the manifest with the lines of every file."""
    assert answer.status_code == 202, answer.content
    address = answer["Content-Location"]
    waits = system.browser.get(address, headers=headers)
    assert (waits.status_code, waits.content) == (202, b"")
    assert waits["X-Progress"]
    work.run(lambda: now, new_id)
    done = system.browser.get(address, headers=headers)
    assert (done.status_code, done["Content-Type"]) == (200, "application/json"), done.content
    manifest: dict[str, Any] = done.json()
    for one in (*manifest["output"], *manifest["error"]):
        file = system.browser.get(one["url"], headers=headers)
        assert (file.status_code, file["Content-Type"]) == (200, NDJSON)
        one["lines"] = [json.loads(line) for line in file.content.splitlines()]
        assert len(one["lines"]) == one["count"]
    return manifest


def by_type(manifest: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The exported resources by type."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in manifest["output"]:
        found.setdefault(one["type"], []).extend(one["lines"])
    return found


def test_everything_that_may_be_seen_is_exported_and_valid(system: System, here: Place, now: Instant) -> None:
    here.admit(now)
    headers = system.headers()
    manifest = fetched(system, ask(system, "/fhir/$export", headers), headers, now)
    found = by_type(manifest)
    assert manifest["requiresAccessToken"] is True
    assert manifest["request"] == "http://testserver/fhir/$export"
    assert [one["id"] for one in found["Patient"]] == [here.citizen.key]
    assert {"Task", "Encounter", "Organization", "PlanDefinition"} <= found.keys()
    for kind, lines in found.items():
        for one in lines:
            assert one["resourceType"] == kind
            get_fhir_model_class(kind).model_validate(one)
    assert here.neighbour.key not in json.dumps(manifest)
    trace = AccessEntry.objects.filter(subject__startswith="export ")
    assert [(one.citizen, one.user) for one in trace] == [(here.citizen.key, f"system-{system.key}")]
    number = NUMBERS[0]
    assert number.encode() not in b"".join(bytes(one.content) for one in JobFile.objects.all())


def test_a_group_is_the_callers_own_organisation(system: System, here: Place, now: Instant) -> None:
    here.admit(now)
    headers = system.headers()
    own = ask(system, f"/fhir/Group/{MUNICIPALITY.sor}/$export", headers)
    found = by_type(fetched(system, own, headers, now))
    assert {"Patient", "Task"} <= found.keys()
    assert "Organization" not in found
    other = ask(system, f"/fhir/Group/{OTHER_MUNICIPALITY.sor}/$export", headers)
    assert other.status_code == 404


def test_type_and_since_narrow_it(system: System, here: Place, now: Instant) -> None:
    here.admit(now)
    headers = system.headers("system/Task.read system/Patient.read")
    only = ask(system, "/fhir/$export?_type=Task", headers)
    assert by_type(fetched(system, only, headers, now)).keys() == {"Task"}
    since = text(now + DAY)
    later = ask(system, f"/fhir/Patient/$export?_since={since}&_type=Task", headers)
    assert by_type(fetched(system, later, headers, now)) == {}
    every = ask(system, "/fhir/$export", headers)
    assert by_type(fetched(system, every, headers, now)).keys() == {"Task", "Patient"}
    assert ask(system, "/fhir/$export?_type=Encounter", headers).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?_type=Nothing", 400),
        ("?_since=yesterday", 400),
        ("?_since=2026-01-01", 400),
        ("?_outputFormat=text/csv", 400),
        ("?_typeFilter=Task?status=x", 400),
        ("?_outputFormat=ndjson&_type=Task", 202),
    ],
)
def test_what_is_not_understood_is_refused(system: System, query: str, status: int) -> None:
    assert ask(system, f"/fhir/$export{query}", system.headers()).status_code == status


def test_it_is_asked_for_later_and_by_systems_only(system: System, here: Place) -> None:
    assert system.browser.get("/fhir/$export", headers=system.headers()).status_code == 400
    system.browser.force_login(here.users["mette"])
    assert system.browser.get("/fhir/$export", headers=ASYNC).status_code == 403
    lenient = {"Prefer": "respond-async, handling=lenient"}
    answer = system.browser.get("/fhir/$export?_typeFilter=x", headers=system.headers() | lenient)
    assert answer.status_code == 202


def test_parameters_may_be_posted(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    body = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Patient"}]}
    answer = system.browser.post(
        "/fhir/$export", body, content_type="application/fhir+json", headers=headers | ASYNC
    )
    assert by_type(fetched(system, answer, headers, now)).keys() == {"Patient"}


def test_a_job_is_its_askers_alone_and_can_be_put_away(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    answer = ask(system, "/fhir/$export?_type=Patient", headers)
    manifest = fetched(system, answer, headers, now)
    address, file = answer["Content-Location"], manifest["output"][0]["url"]
    other = register(now)
    for url in (address, file):
        assert other.browser.get(url, headers=other.headers()).status_code == 404
    narrow = system.headers("system/Task.read")
    assert system.browser.get(file, headers=narrow).status_code == 403
    assert system.browser.delete(address, headers=headers).status_code == 202
    assert system.browser.get(address, headers=headers).status_code == 404
    assert not Job.objects.exists()


def test_no_more_than_three_at_once(system: System) -> None:
    headers = system.headers()
    states = [ask(system, "/fhir/$export", headers).status_code for _ in range(4)]
    assert states == [202, 202, 202, 429]


def test_who_lost_access_meanwhile_gets_nothing(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    answer = ask(system, "/fhir/$export?_type=Patient", headers)
    here.citizen.cases.all().delete()
    assert by_type(fetched(system, answer, headers, now)) == {}


def test_scopes_taken_away_meanwhile_end_what_waits(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    answer = ask(system, "/fhir/$export?_type=Patient,Task", headers)
    seen = json.dumps(blood_pressure(here.citizen.key, text(now - HOUR))).encode()
    loaded = load(system, [seen], headers)
    clients.change(system.key, ["system/Patient.read"])
    manifest = fetched(system, answer, system.headers(), now)
    assert by_type(manifest).keys() == {"Patient"}
    counted = system.browser.get(loaded["Content-Location"], headers=system.headers()).json()
    assert counted["extension"]["urn:naer:import"] == {"lines": 1, "refused": 1}
    assert not StoredObservation.objects.exists()


def load(system: System, lines: list[Any], headers: dict[str, str]) -> Any:
    """Begin an import."""
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return system.browser.post("/fhir/$import", body, content_type=NDJSON, headers=headers | ASYNC)


def test_lines_are_taken_in_and_refusals_told(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    at = text(now - HOUR)
    lines = [
        blood_pressure(here.citizen.key, at),
        blood_pressure(here.citizen.key, at),
        blood_pressure(here.neighbour.key, at),
        b"{broken",
        {"resourceType": "Device"},
        json.loads(here.notification("STIN", now - HOUR)),
    ]
    manifest = fetched(system, load(system, lines, headers), headers, now)
    counted = manifest["extension"]["urn:naer:import"]
    assert counted == {"lines": 6, "Observation": 1, "Observation known or changed": 1, "refused": 4}
    (ledger,) = manifest["error"]
    told = [one["issue"][0]["details"]["text"] for one in ledger["lines"]]
    assert told == ["line 3", "line 4", "line 5", "line 6"]  # the municipality has no hospital's voice
    assert StoredObservation.objects.count() == 1


def test_messages_are_loaded_by_an_office(here: Place, now: Instant) -> None:
    system = register(now, role="integration")
    headers = system.headers()
    line = json.loads(here.notification("STIN", now - HOUR))
    manifest = fetched(system, load(system, [line, line], headers), headers, now)
    assert manifest["extension"]["urn:naer:import"] == {"lines": 2, "Bundle": 1, "Bundle known": 1}
    here.citizen.refresh_from_db()
    assert here.citizen.status == "admitted"


def test_an_import_needs_a_scope_and_lines(system: System, here: Place) -> None:
    assert load(system, [{}], system.headers("system/*.read")).status_code == 403
    assert load(system, [b"", b""], system.headers()).status_code == 400
    answer = system.browser.post(
        "/fhir/$import", b"{}", content_type="application/json", headers=system.headers() | ASYNC
    )
    assert answer.status_code == 415


def test_the_group_to_export_is_found(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    (found,) = system.browser.get("/fhir/Group", headers=headers).json()["entry"]
    group = found["resource"]
    get_fhir_model_class("Group").model_validate(group)
    assert group["quantity"] == 1
    answer = ask(system, f"/fhir/Group/{group['id']}/$export?_type=Patient", headers)
    assert [one["id"] for one in by_type(fetched(system, answer, headers, now))["Patient"]] == [
        here.citizen.key
    ]
    office = register(now, role="integration")
    assert "entry" not in office.browser.get("/fhir/Group", headers=office.headers()).json()


def test_an_import_has_so_many_lines(system: System, here: Place) -> None:
    headers = system.headers()
    many = [b"{}"] * 2 + [b""] * loading.MOST_LINES
    assert load(system, many, headers).status_code == 413
    assert load(system, many[:-1], headers).status_code == 202


def test_the_ledger_is_written_in_parts_and_no_line_ends_it(
    system: System, here: Place, now: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "IN_A_FILE", 100)

    def fails(*_: object) -> None:
        raise RecursionError

    monkeypatch.setitem(loading.TAKERS, "Broken", fails)
    headers = system.headers()
    lines = [{"resourceType": "Broken"}, *[{"resourceType": "Device"}] * 219]
    lines.append(blood_pressure(here.citizen.key, text(now - HOUR)))
    manifest = fetched(system, load(system, lines, headers), headers, now)
    assert [one["count"] for one in manifest["error"]] == [100, 100, 20]
    assert manifest["error"][0]["lines"][0]["issue"][0]["code"] == "exception"
    assert manifest["extension"]["urn:naer:import"] == {"lines": 221, "Observation": 1, "refused": 220}


def test_a_job_that_tells_of_itself_is_not_begun_anew(system: System, here: Place, now: Instant) -> None:
    ask(system, "/fhir/$export?_type=Patient", system.headers())
    first = jobs.claimed(now)
    assert first is not None
    jobs.progress(first, "half", now + HOUR)
    assert jobs.claimed(now + HOUR + MINUTE) is None
    second = jobs.claimed(now + 3 * HOUR)  # it told nothing for two hours: somebody else begins it
    assert second is not None
    jobs.store(second, "output", "Patient", [b"{}"])
    with pytest.raises(jobs.GoneError):
        jobs.store(first, "output", "Patient", [b"{}"])
    with pytest.raises(jobs.GoneError):
        jobs.progress(first, "whole", now + 3 * HOUR)
    assert JobFile.objects.count() == 1


def test_work_goes_by_the_clock_and_not_by_its_beginning(system: System, here: Place, now: Instant) -> None:
    headers = system.headers()
    seen = [blood_pressure(here.citizen.key, text(now - HOUR))] * (2 * loading.TOGETHER)
    load(system, seen, headers)
    ask(system, "/fhir/$export?_type=Patient", headers)
    told = []
    ticks = itertools.count(now, HOUR)

    def tick() -> Instant:
        told.append(Job.objects.filter(state="running").values_list("started", flat=True).first())
        return next(ticks)

    work.run(tick, new_id)
    running = [one for one in told if one is not None]
    assert len(set(running)) > 3
    assert running == sorted(running)
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
