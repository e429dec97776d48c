"""Bundles of resources through the intake: by files, and by $process-message for the own organisation."""

import json
from typing import Any

from django.test import override_settings

from naer.events.instant import HOUR, Instant, text
from naer.messages.content import Party
from naer.site.messaging.models import Message
from naer.site.pathways.models import Citizen, LoggedEvent
from tests.contract.fhir.test_bundle import STAY, bundle
from tests.integration.fhir.system import register
from tests.place import HOSPITAL, MUNICIPALITY, NUMBERS, OTHER_HOSPITAL, OTHER_MUNICIPALITY, Place


def _stay(now: Instant, hours: int = 3) -> bytes:
    stay = STAY | {"status": "in-progress", "period": {"start": text(now - hours * HOUR)}}
    return json.dumps(bundle(stay, timestamp=text(now))).encode()


def test_it_is_taken_in_once(here: Place, now: Instant) -> None:
    data = _stay(now)
    first, second = here.receive(data, now=now)[0], here.receive(data, now=now)[0]
    assert (first.standard, first.acknowledgement, first.stored) == ("fhir-bundle", "ok", True)
    assert json.loads(first.body)["resourceType"] == "OperationOutcome"
    assert second.duplicate
    here.citizen.refresh_from_db()
    assert here.citizen.status == "admitted"
    assert LoggedEvent.objects.filter(kind="admitted", organisation=HOSPITAL.sor).count() == 1


def test_a_system_sends_for_its_own_organisation(here: Place, now: Instant) -> None:
    own = register(now, HOSPITAL, "discharge_nurse", "system/MessageHeader.write")
    other = register(now, OTHER_HOSPITAL, "discharge_nurse", "system/MessageHeader.write")
    address, kind = "/fhir/$process-message", "application/fhir+json"
    data = _stay(now)
    answer = other.browser.post(address, data, content_type=kind, headers=other.headers())
    assert answer.status_code == 403
    answer = own.browser.post(address, data, content_type=kind, headers=own.headers())
    assert answer.status_code == 200
    assert Message.objects.get().acknowledgement == "ok"


def _told(kind: str, now: Instant, party: Party, number: str = NUMBERS[0]) -> bytes:
    """A Task of an organisation that says one event about somebody."""
    output: dict[str, Any] = {
        "type": {"coding": [{"system": "urn:naer:kind", "code": kind}]},
        "valueDateTime": text(now - HOUR),
    }
    tree = bundle({"resourceType": "Task", "status": "completed", "output": [output]}, timestamp=text(now))
    tree["entry"][0]["resource"]["identifier"][0]["value"] = number
    tree["entry"][1]["resource"]["identifier"][0]["value"] = party.sor
    return json.dumps(tree | {"id": f"{kind}-{number}"}).encode()


def test_only_whose_kind_it_is_tells_it(here: Place, now: Instant) -> None:
    for kind in ("died", "admitted", "ready_for_discharge"):
        (answer,) = here.receive(_told(kind, now, MUNICIPALITY), now=now)
        assert (answer.acknowledgement, answer.stored) == ("fatal-error", False)
        assert [one.code for one in answer.issues] == ["business-rule"]
    (answer,) = here.receive(_told("admission_report", now, MUNICIPALITY), now=now)
    assert answer.acknowledgement == "ok"
    here.citizen.refresh_from_db()
    assert here.citizen.status == "none"
    assert list(LoggedEvent.objects.values_list("kind", flat=True)) == ["admission_report"]


def test_a_sender_in_no_register_tells_nothing_where_receivers_are_checked(here: Place, now: Instant) -> None:
    data = _told("admitted", now, Party(sor="999000000000999"))
    with override_settings(CHECK_RECEIVER=True):
        assert here.receive(data, now=now)[0].acknowledgement == "fatal-error"


def test_a_stay_without_legal_basis_is_not_kept(here: Place, now: Instant) -> None:
    here.citizen.cases.all().delete()
    (known,) = here.receive(_told("admitted", now, HOSPITAL), now=now)
    (unknown,) = here.receive(_told("admitted", now, HOSPITAL, NUMBERS[2]), now=now)
    for answer in (known, unknown):
        assert (answer.acknowledgement, answer.stored, answer.citizen) == ("ok", False, None)
    assert {one.reason for one in Message.objects.all()} == {"no-legal-basis"}
    assert not LoggedEvent.objects.exists()
    assert Citizen.objects.count() == 2


def test_a_system_tells_of_those_it_may_record_about(here: Place, now: Instant) -> None:
    stranger = register(now, OTHER_MUNICIPALITY, "coordinator", "system/MessageHeader.write")
    own = register(now, MUNICIPALITY, "coordinator", "system/MessageHeader.write")
    address, kind = "/fhir/$process-message", "application/fhir+json"
    bodies = [
        _told("admission_report", now, OTHER_MUNICIPALITY, number) for number in (NUMBERS[0], NUMBERS[2])
    ]
    told = [
        stranger.browser.post(address, one, content_type=kind, headers=stranger.headers()) for one in bodies
    ]
    assert [answer.status_code for answer in told] == [403, 403]
    assert told[0].content == told[1].content
    data = _told("admission_report", now, MUNICIPALITY)
    answer = own.browser.post(address, data, content_type=kind, headers=own.headers())
    assert answer.status_code == 200
    assert LoggedEvent.objects.get().organisation == MUNICIPALITY.sor


def test_a_hospital_without_a_stay_tells_only_of_one(here: Place, now: Instant) -> None:
    system = register(now, OTHER_HOSPITAL, "discharge_nurse", "system/MessageHeader.write")
    address, kind = "/fhir/$process-message", "application/fhir+json"

    def status(name: str) -> int:
        data = _told(name, now, OTHER_HOSPITAL)
        return system.browser.post(address, data, content_type=kind, headers=system.headers()).status_code

    assert status("ready_for_discharge") == 403
    assert status("admitted") == 200
    assert status("ready_for_discharge") == 200
