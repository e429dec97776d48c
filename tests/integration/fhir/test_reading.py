"""Reading and searching through FHIR: every type, valid, filtered by access, traced."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from fhir.resources.R4B import get_fhir_model_class

from naer.events.instant import DAY, Instant, local_date, parse
from naer.site.fhir.registry import TYPES
from naer.site.messaging import correspondence, drafts, letters, thread_marks
from naer.site.messaging.correspondence import Subject
from naer.site.ui.times import ZONE
from tests import place
from tests.integration.fhir.full import counted, fill, letter, traced
from tests.integration.fhir.system import System
from tests.place import Place

HERE_TYPES = sorted(TYPES)
PEOPLE = ("mette", "nora", "ole", "doris", "dennis", "gunnar", "grete", "dina", "anna", "adam", "inge")
CARE = {"mette", "nora", "doris", "gunnar"}
"""Those with a care relation to the citizen."""
ABOUT = {
    "AuditEvent", "CarePlan", "CareTeam", "Communication", "Encounter", "EpisodeOfCare", "Patient",
    "Provenance", "ServiceRequest", "Task",
}  # fmt: skip
"""Types about citizens, of which there is something here."""
FREE = {"Organization", "Location", "HealthcareService", "PlanDefinition"}
EMPTY = {"Goal", "MedicationStatement"}


@pytest.fixture
def full(here: Place, now: Instant) -> Place:
    """A place with something of every kind."""
    fill(here, now)
    return here


def client(here: Place, name: str) -> Client:
    """Somebody signed in."""
    made = Client()
    made.force_login(here.users[name])
    return made


def search(browser: Client, address: str, **more: Any) -> dict[str, Any]:
    """A searchset, valid as FHIR has it, and each resource in it too."""
    answer = browser.get(f"/fhir/{address}", **more)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/fhir+json; charset=utf-8"
    found: dict[str, Any] = answer.json()
    valid(found)
    return found


def posted(browser: Client, kind: str = "Patient", **given: str) -> Any:
    """A search, posted."""
    form = "application/x-www-form-urlencoded"
    return browser.post(f"/fhir/{kind}/_search", urlencode(given), content_type=form)


def valid(resource: dict[str, Any]) -> None:
    """Raises when fhir.resources (R4B) finds a fault."""
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def matches(bundle: dict[str, Any], mode: str = "match") -> list[dict[str, Any]]:
    return [one["resource"] for one in bundle.get("entry", []) if one["search"]["mode"] == mode]


def test_every_type_has_something_and_each_can_be_read(full: Place) -> None:
    mette = client(full, "mette")
    for name in sorted(ABOUT | FREE):
        found = matches(search(mette, name))
        assert found, name
        for one in found[:3]:
            answer = mette.get(f"/fhir/{name}/{one['id']}")
            assert answer.status_code == 200, one["id"]
            again = answer.json()
            assert again["id"] == one["id"]
            assert answer["ETag"] == f'W/"{again["meta"]["versionId"]}"'
            same = mette.get(f"/fhir/{name}/{one['id']}", headers={"If-None-Match": answer["ETag"]})
            assert same.status_code == 304
        by_id = search(mette, f"{name}?_id={found[0]['id']},nothing")
        assert [one["id"] for one in matches(by_id)] == [found[0]["id"]]


def test_what_naer_has_nothing_of_is_truthfully_empty(full: Place) -> None:
    mette = client(full, "mette")
    for name in EMPTY:
        assert matches(search(mette, f"{name}?_total=accurate&patient={full.citizen.key}")) == []
        assert mette.get(f"/fhir/{name}/1").status_code == 404


def test_only_what_access_rules_allow_is_returned(full: Place) -> None:
    for who in PEOPLE:
        browser = client(full, who)
        for name in sorted(ABOUT):
            told = browser.get(f"/fhir/{name}?_count=500").content.decode()
            allowed = {"mette", "nora", "doris"} if name == "Communication" else CARE
            assert (full.citizen.key in told) == (who in allowed), (who, name)
            if name in {"Patient", "CareTeam"}:
                assert (full.neighbour.key in told) == (who in {"ole", "grete"}), (who, name)
        answer = browser.get(f"/fhir/Patient/{full.citizen.key}")
        assert answer.status_code == (200 if who in CARE else 404), who
        assert bool(matches(search(browser, "Measure"))) == (who in {"mette", "ole", "dina", "anna"})


def test_nobody_gets_anything_but_the_capabilities(full: Place) -> None:
    nobody = Client()
    statement = nobody.get("/fhir/metadata")
    assert statement.status_code == 200
    valid(statement.json())
    listed = {one["type"]: one for one in statement.json()["rest"][0]["resource"]}
    assert set(HERE_TYPES) <= set(listed)
    for name in HERE_TYPES:
        for address in (f"/fhir/{name}", f"/fhir/{name}/1"):
            answer = nobody.get(address)
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"] == "Bearer"
            valid(answer.json())


def test_every_citizen_in_an_answer_is_traced(full: Place, now: Instant) -> None:
    doris = client(full, "doris")
    search(doris, "Task")
    search(doris, f"Encounter?patient={full.citizen.key}")
    doris.get(f"/fhir/Patient/{full.citizen.key}")
    entries = traced()
    assert [entry.subject for entry in entries] == [
        "Task search",
        "Encounter search",
        f"Patient/{full.citizen.key}",
    ]
    assert {(entry.user, entry.citizen, entry.relation) for entry in entries} == {
        ("doris", full.citizen.key, "stay")
    }
    client(full, "ole").get(f"/fhir/Patient/{full.citizen.key}")
    search(client(full, "dina"), "Task")
    assert len(traced()) == 3


def test_a_patient_is_found_by_a_number_that_stands_in_no_address(full: Place) -> None:
    mette = client(full, "mette")
    refused = mette.get("/fhir/Patient?identifier=7101901234")
    assert refused.status_code == 400
    assert "7101901234" not in refused.content.decode()
    valid(refused.json())
    assert mette.post("/fhir/Patient/_search", {"identifier": "1"}).status_code == 415  # multipart
    for text in ("7101901234", "710190-1234", "urn:oid:1.2.208.176.1.2|7101901234"):
        answer = posted(mette, identifier=text)
        bundle = answer.json()
        valid(bundle)
        (found,) = matches(bundle)
        assert found["id"] == full.citizen.key
        assert found["identifier"][0]["value"] == "7101901234"
        assert all("7101901234" not in link["url"] for link in bundle["link"])
    (found,) = matches(posted(mette, name="test").json())
    assert found["name"][0] == {"text": "Karen Testgaard", "family": "Testgaard", "given": ["Karen"]}
    assert matches(posted(mette, identifier="7202411235").json()) == []


def test_what_is_about_a_patient_is_found_by_their_number_too(full: Place) -> None:
    mette = client(full, "mette")
    assert mette.get("/fhir/Task?patient:identifier=7101901234").status_code == 400
    for name in sorted(ABOUT - {"Patient"}):
        mine = posted(mette, name, **{"patient:identifier": "7101901234", "_count": "500"}).json()
        valid(mine)
        again = matches(search(mette, f"{name}?patient={full.citizen.key}&_count=500"))
        found = [one["id"] for one in matches(mine)]
        assert found, name
        assert found == [one["id"] for one in again][: len(found)], "later looks are in the trace too"
        assert "7101901234" not in json.dumps(mine["link"]), name
        hidden = posted(mette, name, **{"patient:identifier": "7202411235"}).json()
        assert matches(hidden) == [], name


def test_a_posted_search_goes_on_without_naming_anybody(full: Place, now: Instant) -> None:
    for number in range(3):
        from naer.site.pathways.models import Case, Citizen

        made = Citizen.objects.create(
            key=f"extra-{number}", number_index=f"x{number}", number_cipher=full.citizen.number_cipher,
            name=f"Karen Nummer{number}", municipality="860",
        )  # fmt: skip
        Case.objects.create(citizen=made, municipality="860", kind="home-nursing", opened="2020-01-01")
    mette = client(full, "mette")
    bundle = posted(mette, name="karen", _count="3").json()
    assert len(matches(bundle)) == 3
    (on,) = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
    assert "aren" not in on
    rest = mette.get(on).json()
    assert len(matches(rest)) == 1
    assert {one["id"] for one in matches(bundle)}.isdisjoint(one["id"] for one in matches(rest))
    assert mette.get("/fhir/Patient?_sealed=abc").status_code == 400


def test_pages_hold_everything_once(full: Place) -> None:
    mette = client(full, "mette")
    for name in ("Task", "Provenance", "PlanDefinition", "Organization", "Encounter", "AuditEvent"):
        whole = [one["id"] for one in matches(search(mette, f"{name}?_count=500"))]
        if name == "AuditEvent":
            whole = whole[:]
        seen: list[str] = []
        address = f"/fhir/{name}?_count=1"
        for _ in range(200):
            bundle = mette.get(address).json()
            valid(bundle)
            seen += [one["id"] for one in matches(bundle)]
            on = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
            if not on or (name == "AuditEvent" and len(seen) >= len(whole)):
                break
            address = on[0]
        assert seen[: len(whole)] == whole
        assert len(seen) == len(set(seen))
    total = search(mette, "Task?_summary=count")
    assert total["total"] == len(matches(search(mette, "Task?_count=500")))
    assert "entry" not in total


def test_a_task_says_who_owes_what_by_when(full: Place) -> None:
    mette = client(full, "mette")
    task = next(
        one
        for one in matches(search(mette, f"Task?patient=Patient/{full.citizen.key}&status=requested"))
        if one["code"]["coding"][0]["code"].endswith("/admission-report")
    )
    assert task["owner"]["reference"] == f"Organization/{full.users['mette'].organisation_id}"
    assert task["requester"]["reference"] == f"Organization/{full.users['doris'].organisation_id}"
    assert task["for"]["reference"] == f"Patient/{full.citizen.key}"
    assert task["restriction"]["period"]["end"] > task["authoredOn"]
    assert task["input"][0]["type"]["coding"][0]["code"] == "admitted"
    everything = search(mette, f"Task?_id={task['id']}&_include=*")
    included = {f"{one['resourceType']}/{one['id']}" for one in matches(everything, "include")}
    assert included == {
        task["owner"]["reference"],
        task["requester"]["reference"],
        task["for"]["reference"],
    }
    for given in (
        "owner=Organization/999000000000860",
        "owner:Organization=999000000000860",
        "status=http://hl7.org/fhir/task-status|requested",
        "status:not=completed,failed",
        f"code={task['code']['coding'][0]['code']}",
        f"business-status={task['businessStatus']['coding'][0]['code']}",
        "authored-on=ge2020-01-01&authored-on=lt2100",
        f"_lastUpdated={local_date(parse(task['meta']['lastUpdated'], ZONE), ZONE)}",
        f"group-identifier=urn:naer:pathway|{task['groupIdentifier']['value']}",
    ):
        assert task["id"] in [one["id"] for one in matches(search(mette, f"Task?{given}&_count=500"))], given
    for given in (
        "owner=999000000000851",
        "status=completed",
        "status=http://example.org|requested",
        "authored-on=lt2020",
        "_lastUpdated=gt2100-01-01",
        "patient=nobody",
        "owner=Practitioner/999000000000860",
    ):
        assert task["id"] not in [one["id"] for one in matches(search(mette, f"Task?{given}"))], given


def test_what_is_not_known_is_left_out_and_said_or_refused(full: Place) -> None:
    mette = client(full, "mette")
    bundle = search(mette, "Task?colour=red&_count=1")
    (told,) = matches(bundle, "outcome")
    assert "colour" in told["issue"][0]["diagnostics"]
    assert "colour" not in bundle["link"][0]["url"]
    strict = mette.get("/fhir/Task?colour=red", headers={"Prefer": "handling=strict"})
    assert strict.status_code == 400
    for wrong in (
        "authored-on=yesterday", "authored-on=2026-13-01", "status=|", "patient:above=1", "_count=-1",
        "_include=Task:nothing", "_include=Patient:x", "_summary=text", "_after=%00", "_after=x",
        "_count:x=1", "patient=%00",
    ):  # fmt: skip
        answer = mette.get(f"/fhir/Task?{wrong}")
        assert answer.status_code == 400, wrong
        valid(answer.json())


def test_other_formats_methods_and_addresses_are_refused_as_outcomes(full: Place) -> None:
    mette = client(full, "mette")
    assert mette.get("/fhir/Task", headers={"Accept": "application/fhir+xml"}).status_code == 406
    assert mette.get("/fhir/Task?_format=xml").status_code == 406
    assert b'\n  "type": "searchset"' in mette.get("/fhir/Task?_pretty=true&_count=1").content
    assert b"\n" not in mette.get("/fhir/Task?_count=1").content
    assert mette.get("/fhir/Task?_format=application/fhir%2Bjson").status_code == 200
    assert mette.get("/fhir/Task?_format=json", headers={"Accept": "application/xml"}).status_code == 200
    for method, address, status in (
        ("get", "/fhir/Nothing", 404),
        ("get", "/fhir/Task/1/2/3", 404),
        ("get", "/fhir/Task/%00", 404),
        ("get", f"/fhir/Task/{'9' * 40}", 404),
        ("get", "/fhir", 404),
        ("patch", "/fhir/Task/1", 405),
        ("delete", "/fhir/Task/1", 405),
        ("put", "/fhir/Patient/1", 405),
        ("post", "/fhir/Patient", 405),
    ):
        answer = getattr(mette, method)(address)
        assert answer.status_code == status, address
        valid(answer.json())


def test_requests_that_cannot_be_read_are_refused(full: Place) -> None:
    mette = client(full, "mette")
    form = "application/x-www-form-urlencoded"
    for answer in (
        mette.get("/fhir/Task?" + "&".join(f"a{number}=1" for number in range(1001))),
        mette.get("/fhir/Task?" + "&".join(f"a{number}=1" for number in range(201))),
        mette.get("/fhir/Task?patient=" + ",".join("x" * 201)),
        mette.post("/fhir/Task/_search", b"status=open", content_type=f"{form}; charset=utf-16"),
        mette.post("/fhir/Task/_search", "&".join(["a=1"] * 1001), content_type=form),
        mette.post("/fhir/Task/_search", b"%ff=\xff&status=%00", content_type=form),
    ):
        assert answer.status_code == 400
        valid(answer.json())
    large = mette.post("/fhir/Task/_search", b"a=" + b"x" * 6_000_000, content_type=form)
    assert large.status_code == 413
    valid(large.json())


def test_a_stay_is_an_encounter_in_its_episode(full: Place, now: Instant) -> None:
    mette = client(full, "mette")
    (stay,) = matches(search(mette, f"Encounter?patient={full.citizen.key}"))
    assert (stay["status"], stay["class"]["code"]) == ("in-progress", "IMP")
    (episode,) = matches(search(mette, f"EpisodeOfCare?patient={full.citizen.key}"))
    assert stay["episodeOfCare"] == [{"reference": f"EpisodeOfCare/{episode['id']}"}]
    assert (episode["status"], "end" in episode["period"]) == ("active", False)
    assert matches(search(mette, "Encounter?status=in-progress&class=IMP&date=ge2020"))
    assert not matches(search(mette, "Encounter?status=finished"))
    full.receive(full.notification("SLHJ", now - 1), now=now)
    (left,) = matches(search(mette, "Encounter?status=finished"))
    assert (left["id"], "end" in left["period"]) == (stay["id"], True)
    assert not matches(search(mette, "Encounter?status=in-progress"))


def test_a_cancelled_stay_is_entered_in_error(here: Place, now: Instant) -> None:
    here.admit(now)
    here.receive(here.notification("AN_STIN", now), now=now)
    mette = client(here, "mette")
    (stay,) = matches(search(mette, "Encounter"))
    assert stay["status"] == "entered-in-error"
    (episode,) = matches(search(mette, "EpisodeOfCare"))
    assert episode["status"] == "entered-in-error"
    assert matches(search(mette, "Task")) == []
    withdrawn = matches(search(mette, "Task?status=entered-in-error"))
    assert withdrawn
    assert {one["status"] for one in withdrawn} == {"entered-in-error"}
    assert matches(search(mette, "Task?_lastUpdated=ge2020"))


def test_a_letter_is_a_communication_to_its_parties(full: Place) -> None:
    for who in ("mette", "doris"):
        (told,) = matches(search(client(full, who), "Communication"))
        assert [one["contentString"] for one in told["payload"]] == [
            "Kan I tage imod Karen i morgen?",
            "Funktionsevne: Går med rollator",
        ]
        assert told["sender"]["reference"] == "Organization/999000000000011"
    assert matches(search(client(full, "gunnar"), "Communication")) == []


def test_who_takes_part_in_a_conversation_reads_it_and_no_more(full: Place, now: Instant) -> None:
    dennis = client(full, "dennis")
    assert matches(search(dennis, "Communication")) == []
    letter(full, now, place.OTHER_HOSPITAL, thread=2)
    bundle = search(dennis, "Communication?_include=*")
    assert len(matches(bundle)) == 1
    assert {one["resourceType"] for one in matches(bundle, "include")} == {"Organization"}
    assert dennis.get(f"/fhir/Patient/{full.citizen.key}").status_code == 404
    assert [(entry.user, entry.relation) for entry in traced()] == [("dennis", "conversation")]


def test_what_was_taken_back_is_its_senders_alone(full: Place, now: Instant) -> None:
    seen = {who: len(matches(search(client(full, who), "Communication"))) for who in ("mette", "doris")}
    written = drafts.Written("Forkert borger!", phone="12345678")
    kept = correspondence.begin(
        full.users["doris"], full.citizen, place.MUNICIPALITY.sor, written, Subject("discharge"),
        now=now, new_id=place.new_id,
    )  # fmt: skip
    came = letters.unpack(bytes(kept.content))
    before = msgspec.structs.replace(came, message_id=place.new_id(), sent=now - 1)
    letters.keep(
        before, standard=kept.standard, citizen=full.citizen, sender=kept.sender,
        receiver=kept.receiver, outgoing=None, now=now,
    )  # fmt: skip
    for _ in ("waiting", "taken back"):
        assert len(matches(search(client(full, "mette"), "Communication"))) == seen["mette"] + 1
        assert client(full, "mette").get(f"/fhir/Communication/{kept.pk}").status_code == 404
        assert len(matches(search(client(full, "doris"), "Communication"))) == seen["doris"] + 2
        thread_marks.take_back(full.users["doris"], kept, now=now, new_id=place.new_id)


def test_plans_and_requests_follow_the_log(full: Place) -> None:
    mette = client(full, "mette")
    plans = {one["category"][0]["coding"][0]["code"]: one for one in matches(search(mette, "CarePlan"))}
    assert set(plans) == {"treatment_plan", "care_plan", "rehabilitation_plan"}
    assert plans["care_plan"]["description"] == "Besøg morgen og aften"
    asked = {one["code"]["coding"][0]["code"]: one for one in matches(search(mette, "ServiceRequest"))}
    assert {code: one["status"] for code, one in asked.items()} == {
        "rehabilitation_plan": "active",
        "request": "active",
    }


def test_organisations_are_found_by_every_id(full: Place) -> None:
    mette = client(full, "mette")
    for given in (
        "identifier=8094000",
        "identifier=urn:oid:2.16.578.1.12.4.1.2|8094001",
        "identifier=https://www.gs1.org/gln|5790000000860",
        "name=Hj",
        "name:contains=ring",
        "name:exact=Hj%C3%B8rring Pr%C3%B8vekommune",
        "type=municipality&address=860",
    ):
        (found,) = matches(search(mette, f"Organization?{given}"))
        assert found["id"] == "999000000000860", given
    (service,) = matches(search(mette, "HealthcareService?organization=999000000000860"))
    assert service["type"][0]["coding"][0]["code"] == "KP02"


def test_agreements_are_plan_definitions(full: Place) -> None:
    mette = client(full, "mette")
    found = matches(search(mette, "PlanDefinition?_count=500"))
    assert {one["id"] for one in found} >= {"nordjylland-example"}
    (one,) = matches(search(mette, "PlanDefinition?url=urn:naer:PlanDefinition:nordjylland-example&_count=1"))
    assert one["action"]


def test_results_are_measure_reports_to_those_who_see_results(
    full: Place, now: Instant, settings: Any, tmp_path: Path
) -> None:
    assert matches(search(client(full, "dina"), "MeasureReport")) == []
    counted(tmp_path / "store", now + 40 * DAY)
    reports = matches(search(client(full, "dina"), "MeasureReport?_count=500&_include=*"))
    assert {one["identifier"][0]["value"] for one in reports} == {"860"}
    assert {one["measure"] for one in reports} <= {
        one["url"] for one in matches(search(client(full, "anna"), "Measure?_count=500"))
    }
    assert all("measureScore" not in one["group"][0] for one in reports), "all are of too few"
    (first, *_) = reports
    again = search(client(full, "dina"), f"MeasureReport?measure={first['measure'].rpartition(':')[2]}")
    assert first["id"] in [one["id"] for one in matches(again)]
    assert matches(search(client(full, "nora"), "MeasureReport")) == []


def test_the_queries_of_a_page_do_not_grow_with_it(full: Place) -> None:
    mette = client(full, "mette")
    for name in ("Task", "Provenance", "AuditEvent", "CarePlan", "Organization"):
        asked = []
        for count in (1, 500):
            with CaptureQueriesContext(connection) as queries:
                found = matches(search(mette, f"{name}?_count={count}&_include=*"))
            asked.append((len(found), len(queries)))
        (few, fewer), (many, more) = asked
        assert few < many, name
        assert more <= fewer + 4, "what the first row names nothing of is included too"


def test_scopes_narrow_what_a_system_is_given(full: Place, system: System) -> None:
    headers = system.headers("system/Task.read")
    bundle = search(system.browser, "Task?_include=*", headers=headers)
    assert matches(bundle)
    assert matches(bundle, "include") == []
    refused = system.browser.get("/fhir/Patient", headers=headers)
    assert refused.status_code == 403
    assert 'scope="system/Patient.read"' in refused["WWW-Authenticate"]
    both = system.headers("system/Task.read system/Patient.read")
    included = matches(search(system.browser, "Task?_include=*", headers=both), "include")
    assert {one["resourceType"] for one in included} == {"Patient"}
    assert {entry.organisation for entry in traced()} == {full.users["mette"].organisation_id}
    assert not {entry.user for entry in traced()} & set(full.users)
